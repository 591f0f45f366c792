// The ticket service's use cases. Each one: ask peers, open the closure, load, decide, save,
// record.
#ifndef BAIMI_SERVICES_TICKET_API_TICKET_API_H_
#define BAIMI_SERVICES_TICKET_API_TICKET_API_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "baimi/ticket/v1/search_service.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/journal/alarm_clock.h"
#include "common/journal/log.h"
#include "common/resource/page.h"
#include "common/rpc/stream.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/api/served_copies.h"
#include "services/ticket/domain/catalogue.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::api {

// Thread-safe.
class TicketApi {
 public:
  explicit TicketApi(const Parts& parts) : parts_(parts) {}

  Async<v1::Ticket> Create(const Call& call, const v1::CreateTicketRequest& request);
  struct Draft {
    // When it was written down, not later than the call.
    std::optional<absl::Time> written;
    // Set by the call to the name that it gave the order. Another one is answered where the
    // request_id was answered before.
    std::string given_name;
  };
  // As Create; `draft` is not null.
  Async<v1::Ticket> CreateFrom(const Call& call, const v1::CreateTicketRequest& request,
                               const std::shared_ptr<Draft>& draft);
  Async<v1::Ticket> Get(const Call& call, const v1::GetTicketRequest& request);
  // Answers Get from memory when it can, else null.
  std::shared_ptr<const rpc::MaskedBytes> GetCached(const Call& call,
                                                    const v1::GetTicketRequest& request);
  Async<v1::ListTicketsResponse> List(const Call& call, const v1::ListTicketsRequest& request);
  Async<v1::ListTicketsResponse> Search(const Call& call, const v1::SearchTicketsRequest& request);
  Async<v1::Ticket> Answer(const Call& call, const v1::AnswerTicketRequest& request);
  Async<v1::Ticket> Reject(const Call& call, const v1::RejectTicketRequest& request);
  Async<v1::Ticket> Dispatch(const Call& call, const v1::DispatchTicketRequest& request);
  Async<v1::PreviewDispatchResponse> PreviewDispatch(const Call& call,
                                                     const v1::PreviewDispatchRequest& request);
  Async<v1::Ticket> Sign(const Call& call, const v1::SignTicketRequest& request);
  Async<v1::Ticket> RequestReturn(const Call& call, const v1::RequestReturnRequest& request);
  Async<v1::Ticket> DecideReturn(const Call& call, const v1::DecideReturnRequest& request);
  Async<v1::Ticket> Reply(const Call& call, const v1::ReplyTicketRequest& request);
  Async<v1::Ticket> Audit(const Call& call, const v1::AuditTicketRequest& request);
  Async<v1::Ticket> RecordCallback(const Call& call, const v1::RecordCallbackRequest& request);
  Async<v1::Ticket> Close(const Call& call, const v1::CloseTicketRequest& request);
  Async<v1::Ticket> Reopen(const Call& call, const v1::ReopenTicketRequest& request);
  Async<v1::Ticket> Archive(const Call& call, const v1::ArchiveTicketRequest& request);
  Async<v1::Ticket> RequestExtension(const Call& call, const v1::RequestExtensionRequest& request);
  Async<v1::Ticket> DecideExtension(const Call& call, const v1::DecideExtensionRequest& request);
  Async<v1::Ticket> Suspend(const Call& call, const v1::SuspendTicketRequest& request);
  Async<v1::Ticket> Resume(const Call& call, const v1::ResumeTicketRequest& request);
  Async<v1::Ticket> Terminate(const Call& call, const v1::TerminateTicketRequest& request);
  Async<v1::Ticket> Merge(const Call& call, const v1::MergeTicketRequest& request);
  Async<v1::BulkTicketsResponse> Bulk(const Call& call, const v1::BulkTicketsRequest& request);
  Async<v1::Ticket> Split(const Call& call, const v1::SplitTicketRequest& request);
  Async<v1::Ticket> Withdraw(const Call& call, const v1::WithdrawTicketRequest& request);
  Async<v1::Ticket> SelfSolve(const Call& call, const v1::SelfSolveTicketRequest& request);
  Async<v1::Ticket> Transfer(const Call& call, const v1::TransferTicketRequest& request);
  Async<v1::RevealContactResponse> Reveal(const Call& call,
                                          const v1::RevealContactRequest& request);
  Async<v1::ListTicketEventsResponse> ListEvents(const Call& call,
                                                 const v1::ListTicketEventsRequest& request);
  Async<v1::ExplainClockResponse> ExplainClock(const Call& call,
                                               const v1::ExplainClockRequest& request);
  absl::Status Watch(const Call& call, const v1::WatchTicketsRequest& request,
                     const std::shared_ptr<rpc::Stream<v1::WatchTicketsResponse>>& stream);
  Async<v1::TicketCounts> Counts(const Call& call, const v1::GetTicketCountsRequest& request);

  Async<v1::GetFiguresResponse> Figures(const Call& call, const v1::GetFiguresRequest& request);

  // Gives every provisional open clock of the county its due time by the present calendar, in
  // small transactions. Returns how many orders changed.
  absl::StatusOr<int> RecomputeProvisional(const Call& call);

  // Rings the alarm of the order `number`: does what is due about it (domain::RingDue). Nothing
  // changes when somebody was faster.
  void Ring(const Call& call, const std::string& number, journal::AlarmClock::Done done);

 private:
  // What a dispatch is decided on.
  struct DispatchView {
    v1::Ticket ticket;
    std::shared_ptr<const domain::PolicyInForce> policy;
    domain::UnitsAtHand units;
  };
  absl::StatusOr<DispatchView> LookAt(const Call& call, const v1::DispatchTicketRequest& request);
  // A page of `filter`, as the token of `query` says where it begins.
  absl::StatusOr<v1::ListTicketsResponse> Page(const Call& call, const resource::PageQuery& query,
                                               const v1::ListTicketsRequest& filter,
                                               absl::string_view caller_phone);
  // One verb of one order. `decide` sees the row and the context; it may run more than once.
  template <typename Request>
  Async<v1::Ticket> Verb(const Call& call, const Request& request,
                         absl::StatusOr<domain::Decision> (*decide)(const v1::Ticket&,
                                                                    const Request&,
                                                                    const domain::Context&));
  // One item of a bulk call. What comes before the first change of a row is refused without any.
  absl::StatusOr<v1::Ticket> BulkOne(Orders::Work& work, const v1::BulkTicketsRequest& request,
                                     const v1::BulkItem& item,
                                     const absl::StatusOr<DispatchView>& view) const;

  const Parts parts_;
  const Orders orders_{parts_};
  ServedCopies copies_{4096};
};

// Policies of a county.
class PolicyApi {
 public:
  explicit PolicyApi(const Parts& parts) : parts_(parts) {}

  Async<v1::TicketPolicy> Create(const Call& call, const v1::CreateTicketPolicyRequest& request);
  Async<v1::TicketPolicy> Get(const Call& call, const v1::GetTicketPolicyRequest& request);
  Async<v1::ListTicketPoliciesResponse> List(const Call& call,
                                             const v1::ListTicketPoliciesRequest& request);

 private:
  const Parts parts_;
};

// A journal record of an order as the API shows it.
absl::StatusOr<v1::TicketEvent> ToTicketEvent(const privacy::Vault& vault,
                                              const type::v1::JournalRecord& record);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_TICKET_API_H_
