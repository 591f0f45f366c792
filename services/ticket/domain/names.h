// What things are called in messages and explanations. English names are those of the contract.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_NAMES_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::ticket::domain {

// What people and timers do to an order: the columns of the transition table. Verbs of the contract
// that decide two ways (audit, decideReturn) are two commands.
enum class Command {
  kFile,
  kAccept,
  kAnswer,
  kReject,
  kMerge,
  kQueue,
  kDispatch,
  kSign,
  kRequestReturn,
  kApproveReturn,
  kRefuseReturn,
  kRequestExtension,
  kDecideExtension,
  kSuspend,
  kReply,
  kPassAudit,
  kSendBack,
  kRecordCallback,
  kClose,
  kArchive,
  kTerminate,
  kResume,
  kReopen,
  kSplit,
  kWithdraw,
  kSelfSolve,
  kTransfer,
  kCloseMerged,
  kRejoin,
};
inline constexpr int kCommandCount = static_cast<int>(Command::kRejoin) + 1;

// "requestReturn", as in paths.
absl::string_view Name(Command command);

// zh-CN; "未知" for UNSPECIFIED and for values this build does not know.
absl::string_view Zh(Command command);
absl::string_view Zh(v1::TicketState state);
absl::string_view Zh(v1::TicketType type);
absl::string_view Zh(v1::Urgency urgency);
absl::string_view Zh(v1::ClockKind kind);
absl::string_view Zh(v1::RefusalCode code);
absl::string_view Zh(v1::SupervisionLevel level);
// "5个工作日".
std::string Zh(const v1::Period& period);
// An instant before which something is due, in Shanghai time: "2025-10-10 24:00", "2025-09-26
// 17:30"; seconds are dropped.
std::string ZhDue(absl::Time due);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_NAMES_H_
