#include "services/ticket/domain/transitions.h"

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;
using enum ActorRule;

constexpr ClockSet kNone = {};
constexpr ClockSet kDispatchClock = {v1::DISPATCH};
constexpr ClockSet kSignClock = {v1::SIGN};
constexpr ClockSet kHandleClock = {v1::HANDLE};
constexpr ClockSet kSignAndHandle = {v1::SIGN, v1::HANDLE};
constexpr ClockSet kContactClock = {v1::CONTACT};
constexpr ClockSet kHandleAndContact = {v1::HANDLE, v1::CONTACT};
constexpr ClockSet kCallbackClock = {v1::CALLBACK};
constexpr ClockSet kReviewClock = {v1::REVIEW};

constexpr v1::TicketState kNew = v1::TICKET_STATE_UNSPECIFIED;
constexpr v1::TicketState kStateBefore = v1::TICKET_STATE_UNSPECIFIED;

// clang-format off
constexpr Transition kTable[] = {
  {"T0", kNew, kFile, v1::DRAFT, kNone, kNone, kAnyone, "a request arrives"},
  {"T1", v1::DRAFT, kAccept, v1::ACCEPTED, kNone, kNone, kAnyone, "the fields of R1.3 are there"},
  {"T2", v1::ACCEPTED, kAnswer, v1::ANSWERED, kNone, kNone, kCentre,
   "answered at once; ends PRAISE and OTHER"},
  {"T2", v1::PENDING_DISPATCH, kAnswer, v1::ANSWERED, kDispatchClock, kNone, kCentre,
   "a consultation answered at once"},
  {"T3", v1::ACCEPTED, kReject, v1::REJECTED, kNone, kNone, kCentre, "not accepted: X1-X7"},
  {"T3", v1::PENDING_DISPATCH, kReject, v1::REJECTED, kDispatchClock, kNone, kCentre,
   "not accepted: X1-X7"},
  {"T4", v1::ACCEPTED, kMerge, v1::MERGED, kNone, kNone, kCentre,
   "the same matter is in another order (R1.14)"},
  {"T4", v1::PENDING_DISPATCH, kMerge, v1::MERGED, kDispatchClock, kNone, kCentre,
   "the same matter is in another order (R1.14)"},
  {"T5", v1::ACCEPTED, kQueue, v1::PENDING_DISPATCH, kNone, kDispatchClock, kAnyone,
   "waits for dispatch"},
  {"T6", v1::PENDING_DISPATCH, kDispatch, v1::DISPATCHED, kDispatchClock, kSignAndHandle, kCentre,
   "to lead and helpers, with a deadline"},
  {"T7", v1::DISPATCHED, kSign, v1::SIGNED, kSignClock, kContactClock, kLead,
   "the lead takes the order over"},
  {"T7", v1::REWORK, kSign, v1::SIGNED, kNone, kContactClock, kLead,
   "the lead takes the rework over"},
  {"T8", v1::DISPATCHED, kRequestReturn, v1::RETURN_REVIEW, kSignClock, kNone, kLead,
   "not ours: the unit has responded, the handling clock runs on"},
  {"T9", v1::RETURN_REVIEW, kApproveReturn, v1::PENDING_DISPATCH, kHandleClock, kDispatchClock, kCentre,
   "back to the centre"},
  {"T10", v1::RETURN_REVIEW, kRefuseReturn, v1::DISPATCHED, kNone, kSignClock, kCentre,
   "designated; may not be returned again"},
  {"T11", v1::SIGNED, kRequestExtension, v1::SIGNED, kNone, kNone, kLead,
   "asks for more time before expiry"},
  {"T11", v1::SIGNED, kDecideExtension, v1::SIGNED, kNone, kNone, kCentre,
   "moves the deadline, or not"},
  {"T12", v1::SIGNED, kSuspend, v1::SUSPENDED, kHandleAndContact, kReviewClock, kCentre,
   "hung up with measures and a date (§1.6)"},
  {"T13", v1::SIGNED, kReply, v1::REPLIED, kHandleAndContact, kNone, kLead,
   "the lead reports the result"},
  {"T14", v1::REPLIED, kPassAudit, v1::PENDING_CALLBACK, kNone, kCallbackClock, kCentre,
   "the reply is in order"},
  {"T15", v1::REPLIED, kSendBack, v1::REWORK, kNone, kHandleClock, kCentre,
   "should have been handled and was not"},
  {"T15", v1::PENDING_CALLBACK, kSendBack, v1::REWORK, kCallbackClock, kHandleClock, kCentre,
   "the caller is dissatisfied for the unit's own fault"},
  {"T16", v1::PENDING_CALLBACK, kRecordCallback, v1::PENDING_CALLBACK, kNone, kNone, kNotUndertaker,
   "an attempt to reach the caller (R1.12)"},
  {"T16", v1::MERGED, kRecordCallback, v1::MERGED, kNone, kNone, kNotUndertaker,
   "every caller of a merged matter is called (R1.14)"},
  {"T16", v1::PENDING_CALLBACK, kClose, v1::CLOSED, kCallbackClock, kNone, kCentre,
   "the outcome is final"},
  {"T17", v1::CLOSED, kArchive, v1::ARCHIVED, kNone, kNone, kAnyone, "immutable from now on"},
  {"T17", v1::ANSWERED, kArchive, v1::ARCHIVED, kNone, kNone, kAnyone, "immutable from now on"},
  {"T17", v1::REJECTED, kArchive, v1::ARCHIVED, kNone, kNone, kAnyone, "immutable from now on"},
  {"T17", v1::TERMINATED, kArchive, v1::ARCHIVED, kNone, kNone, kAnyone, "immutable from now on"},
  {"T17", v1::WITHDRAWN, kArchive, v1::ARCHIVED, kNone, kNone, kAnyone, "immutable from now on"},
  {"T17", v1::SELF_SOLVED, kArchive, v1::ARCHIVED, kNone, kNone, kAnyone, "immutable from now on"},
  {"T17", v1::TRANSFERRED, kArchive, v1::ARCHIVED, kNone, kNone, kAnyone, "immutable from now on"},
  {"T18", v1::SIGNED, kTerminate, v1::TERMINATED, kHandleAndContact, kNone, kCentre,
   "the caller makes handling impossible (X8)"},
  {"T19", v1::SUSPENDED, kResume, v1::SIGNED, kReviewClock, kHandleAndContact, kCentre,
   "goes on: with a new handling period"},
  {"T20", v1::CLOSED, kReopen, v1::REWORK, kNone, kHandleClock, kCentre,
   "reopened, or rated badly"},
  {"T21", v1::MERGED, kSplit, kStateBefore, kNone, kNone, kCentre,
   "was another matter after all; the time spent is kept"},
  {"T22", v1::DISPATCHED, kMerge, v1::MERGED, kSignAndHandle, kNone, kCentre,
   "the same matter is in another order"},
  {"T22", v1::SIGNED, kMerge, v1::MERGED, kHandleAndContact, kNone, kCentre,
   "the same matter is in another order"},
  {"T23", v1::ACCEPTED, kWithdraw, v1::WITHDRAWN, kNone, kNone, kCentre,
   "the caller takes it back"},
  {"T23", v1::PENDING_DISPATCH, kWithdraw, v1::WITHDRAWN, kDispatchClock, kNone, kCentre,
   "the caller takes it back"},
  {"T23", v1::DISPATCHED, kWithdraw, v1::WITHDRAWN, kSignAndHandle, kNone, kCentre,
   "the caller takes it back"},
  {"T23", v1::RETURN_REVIEW, kWithdraw, v1::WITHDRAWN, kHandleClock, kNone, kCentre,
   "the caller takes it back"},
  {"T23", v1::SIGNED, kWithdraw, v1::WITHDRAWN, kHandleAndContact, kNone, kCentre,
   "the caller takes it back"},
  {"T23", v1::SUSPENDED, kWithdraw, v1::WITHDRAWN, kReviewClock, kNone, kCentre,
   "the caller takes it back"},
  {"T23", v1::REWORK, kWithdraw, v1::WITHDRAWN, kHandleClock, kNone, kCentre,
   "the caller takes it back"},
  {"T24", v1::ACCEPTED, kSelfSolve, v1::SELF_SOLVED, kNone, kNone, kAnyone,
   "the grid worker settled it on the spot (§2.4)"},
  {"T24", v1::PENDING_DISPATCH, kSelfSolve, v1::SELF_SOLVED, kDispatchClock, kNone, kAnyone,
   "the grid worker settled it on the spot (§2.4)"},
  {"T25", v1::ACCEPTED, kTransfer, v1::TRANSFERRED, kNone, kNone, kCentre,
   "another county's matter"},
  {"T25", v1::PENDING_DISPATCH, kTransfer, v1::TRANSFERRED, kDispatchClock, kNone, kCentre,
   "another county's matter"},
  {"T25", v1::DISPATCHED, kTransfer, v1::TRANSFERRED, kSignAndHandle, kNone, kCentre,
   "another county's matter"},
  {"T25", v1::RETURN_REVIEW, kTransfer, v1::TRANSFERRED, kHandleClock, kNone, kCentre,
   "another county's matter"},
  {"T25", v1::SIGNED, kTransfer, v1::TRANSFERRED, kHandleAndContact, kNone, kCentre,
   "another county's matter"},
  {"T26", v1::MERGED, kCloseMerged, v1::CLOSED, kNone, kNone, kCentre,
   "closes with the order that it was merged into"},
  {"T27", v1::CLOSED, kRejoin, v1::MERGED, kNone, kNone, kCentre,
   "the order that it was merged into was reopened"},
};
// clang-format on

const Transition* FindRow(v1::TicketState from, Command command) {
  for (const Transition& row : kTable) {
    if (row.from == from && row.command == command) {
      return &row;
    }
  }
  return nullptr;
}

absl::Status Illegal(v1::TicketState from, Command command) {
  std::vector<std::string> want;
  std::vector<absl::string_view> want_zh;
  for (const Transition& row : kTable) {
    if (row.command == command) {
      want.push_back(row.from == kNew ? "none" : v1::TicketState_Name(row.from));
      want_zh.push_back(row.from == kNew ? "新单" : Zh(row.from));
    }
  }
  const std::string got = from == kNew ? "none" : v1::TicketState_Name(from);
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ILLEGAL_TRANSITION,
               absl::StrCat("state: got ", got, ", want ", absl::StrJoin(want, " or "), " to ",
                            Name(command)),
               absl::StrCat("工单状态为“", from == kNew ? "无" : Zh(from), "”，不能", Zh(command),
                            "；须为“", absl::StrJoin(want_zh, "”或“"), "”"))
      .With("state", got)
      .With("command", Name(command))
      .With("want", absl::StrJoin(want, ","));
}

}  // namespace

std::vector<v1::ClockKind> ClockSet::kinds() const {
  std::vector<v1::ClockKind> result;
  for (int i = v1::ClockKind_MIN; i <= v1::ClockKind_MAX; ++i) {
    const auto kind = static_cast<v1::ClockKind>(i);
    if (Contains(kind)) {
      result.push_back(kind);
    }
  }
  return result;
}

absl::Span<const Transition> Transitions() { return kTable; }

absl::StatusOr<const Transition*> Find(v1::TicketState from, Command command) {
  if (const Transition* row = FindRow(from, command)) {
    return row;
  }
  return Illegal(from, command);
}

std::vector<Command> AllowedCommands(v1::TicketState state) {
  std::vector<Command> allowed;
  for (int i = 0; i < kCommandCount; ++i) {
    if (FindRow(state, static_cast<Command>(i)) != nullptr) {
      allowed.push_back(static_cast<Command>(i));
    }
  }
  return allowed;
}

ClockSet OpenClocks(v1::TicketState state) {
  switch (state) {
    case v1::PENDING_DISPATCH:
      return kDispatchClock;
    case v1::DISPATCHED:
      return kSignAndHandle;
    case v1::SIGNED:
      return kHandleAndContact;
    case v1::RETURN_REVIEW:
    case v1::REWORK:
      return kHandleClock;
    case v1::SUSPENDED:
      return kReviewClock;
    case v1::PENDING_CALLBACK:
      return kCallbackClock;
    default:
      return kNone;
  }
}

bool IsFinal(v1::TicketState state) {
  switch (state) {
    case v1::ANSWERED:
    case v1::REJECTED:
    case v1::CLOSED:
    case v1::ARCHIVED:
    case v1::TERMINATED:
    case v1::WITHDRAWN:
    case v1::SELF_SOLVED:
    case v1::TRANSFERRED:
      return true;
    default:
      return false;
  }
}

}  // namespace baimi::ticket::domain
