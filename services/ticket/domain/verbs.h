// One pure decision for each thing that can be done to an order. Each takes the row as it is and
// gives the row as it becomes with the facts that made it so; nothing is changed in place, nothing
// is read but the arguments.
//
// All of them: ILLEGAL_TRANSITION when the table has no row for the order's state; the error of the
// row's actor rule (decision.h); then what stands at each. Those with a request of the contract
// check its etag first (ABORTED). Facts carry version +1 each. Field formats and required fields
// are the pipeline's; here is what needs the order, the policy or two fields at once.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_VERBS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_VERBS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "services/ticket/domain/catalogue.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// ---- intake ----

// Where an order comes from that was not just told to us.
struct Origin {
  // When it was written down without a network.
  std::optional<absl::Time> written = {};
  // The superior platform that sent it (superior.h).
  std::optional<v1::Superior> superior = {};
};

// T0, T1, then T5, or T2 for PRAISE and OTHER. `name` is the new order's; `located` is what the
// registry found for its place (grid, area, explanation, score). Output-only fields of the request
// are ignored, an unset urgency becomes NORMAL, the phone number gets its normal form.
// INVALID_ARGUMENT: a type or channel missing, a contact missing unless anonymous (R1.3), a contact
// with an anonymous caller, occurred_time in the future; UNKNOWN_CATEGORY; BAD_ANSWERS (answers.h).
absl::StatusOr<Decision> File(const v1::CreateTicketRequest& request, absl::string_view name,
                              const v1::Place& located, const Context& context,
                              const Origin& origin = {});

// T2. NOT_APPLICABLE unless the order is a CONSULT. `source`, where not null, is what the answer
// was made of (knowledge.h).
absl::StatusOr<Decision> Answer(const v1::Ticket& ticket, const v1::AnswerTicketRequest& request,
                                const v1::AnswerSource* source, const Context& context);

// T3. INVALID_ARGUMENT, REFUSAL_INCOMPLETE with a violation each: a code of X1-X7 (X8 ends an order
// that is being handled: Terminate), a reason, for X1 the line (110, 119, 120 or 122), for X2 the
// channel, for X3 the earlier order, another one of this county.
absl::StatusOr<Decision> Reject(const v1::Ticket& ticket, const v1::RejectTicketRequest& request,
                                const Context& context);

// T23.
absl::StatusOr<Decision> Withdraw(const v1::Ticket& ticket,
                                  const v1::WithdrawTicketRequest& request, const Context& context);

// T24. NOT_APPLICABLE unless the order came from a grid worker; NOT_THE_FILER (marks.h).
absl::StatusOr<Decision> SelfSolve(const v1::Ticket& ticket,
                                   const v1::SelfSolveTicketRequest& request,
                                   const Context& context);

// T25.
absl::StatusOr<Decision> Transfer(const v1::Ticket& ticket,
                                  const v1::TransferTicketRequest& request, const Context& context);

// ---- handling ----

// T6. Errors of ChooseAssignment; ARBITRATION_STATE while an arbitration is open. Explains the
// designation down to its clocks.
absl::StatusOr<Decision> Dispatch(const v1::Ticket& ticket,
                                  const v1::DispatchTicketRequest& request,
                                  const UnitsAtHand& units, const Context& context);

// T6 with an assignment that was chosen: starts the clocks, gives the helpers their parts, and
// explains both.
absl::StatusOr<Decision> Designate(const v1::Ticket& ticket, v1::Assignment assignment,
                                   const UnitsAtHand& units, const Context& context);

// T7.
absl::StatusOr<Decision> Sign(const v1::Ticket& ticket, const v1::SignTicketRequest& request,
                              const Context& context);

// T8. RETURN_NOT_ALLOWED when this designation was returned before or may not be;
// RETURN_WINDOW_PASSED when the policy's window, counted from the dispatch, is over.
absl::StatusOr<Decision> RequestReturn(const v1::Ticket& ticket,
                                       const v1::RequestReturnRequest& request,
                                       const Context& context);

// T9 (the designation ends) or T10 (it stays and may not be returned again). ARBITRATION_STATE
// while an arbitration is open: its ruling decides.
absl::StatusOr<Decision> DecideReturn(const v1::Ticket& ticket,
                                      const v1::DecideReturnRequest& request,
                                      const Context& context);

// T13. CALLER_NOT_CONTACTED unless the caller was, is anonymous, or wants no reply. The reply says
// of each helper what it did (helping.h).
absl::StatusOr<Decision> Reply(const v1::Ticket& ticket, const v1::ReplyTicketRequest& request,
                               const Context& context);

// T11, first half. EXTENSION_NOT_ALLOWED: the policy grants none, one was asked for already, or too
// late: the notice, counted from now, must end before the handling clock is due. INVALID_ARGUMENT:
// a period longer than, or in another unit than, the policy's max_extension.
absl::StatusOr<Decision> RequestExtension(const v1::Ticket& ticket,
                                          const v1::RequestExtensionRequest& request,
                                          const Context& context);

// T11, second half. EXTENSION_NOT_ALLOWED when none waits; INVALID_ARGUMENT: a refusal without a
// note.
absl::StatusOr<Decision> DecideExtension(const v1::Ticket& ticket,
                                         const v1::DecideExtensionRequest& request,
                                         const Context& context);

// T12. SUSPENSION_NOT_ALLOWED before an extension was decided, where the policy grants any;
// INVALID_ARGUMENT: reason or measures missing, a target date that is none or not after today.
absl::StatusOr<Decision> Suspend(const v1::Ticket& ticket, const v1::SuspendTicketRequest& request,
                                 const Context& context);

// T19.
absl::StatusOr<Decision> Resume(const v1::Ticket& ticket, const v1::ResumeTicketRequest& request,
                                const Context& context);

// T18. REFUSAL_INCOMPLETE unless the code is X8 and there is a reason.
absl::StatusOr<Decision> Terminate(const v1::Ticket& ticket,
                                   const v1::TerminateTicketRequest& request,
                                   const Context& context);

// Gives open clocks that are provisional their due time by the present calendar; never one that is
// past due, or would be by its new due time. No fact, and the same row, when nothing changes.
// Allowed in every state.
Decision RecomputeDeadlines(const v1::Ticket& ticket, const Context& context);

// Puts on record every open clock whose due time has come, once each (R1.13). No fact, and the same
// row, when there is none. Allowed in every state. NextAlarm (clocks.h) says when to call it.
Decision NoteRanOut(const v1::Ticket& ticket, const Context& context);

// ---- closing ----

// T14, or T15 with a reason (INVALID_ARGUMENT without).
absl::StatusOr<Decision> Audit(const v1::Ticket& ticket, const v1::AuditTicketRequest& request,
                               const Context& context);

// T16, an attempt; not of a merged order (group.h). INVALID_ARGUMENT: no outcome; solved or rating
// without REACHED.
absl::StatusOr<Decision> RecordCallback(const v1::Ticket& ticket,
                                        const v1::RecordCallbackRequest& request,
                                        const Context& context);

// T16, the end; with the orders that were merged into it: CloseGroup (group.h). NO_FINAL_OUTCOME by
// CheckFinalOutcome for the order's rework_count.
absl::StatusOr<Decision> Close(const v1::Ticket& ticket, const v1::CloseTicketRequest& request,
                               const Context& context);

// T20; with the orders that were merged into it: ReopenGroup. NOT_APPLICABLE for a merged order.
// REOPEN_WINDOW_PASSED after the last of the policy's reopen_days; the day of closing is not
// counted, days end at 24:00. REOPEN_LIMIT after the policy's max_reopens. Neither holds for what
// is reopened to put a bad rating right (stage BAD_RATING_FIXING).
absl::StatusOr<Decision> Reopen(const v1::Ticket& ticket, const v1::ReopenTicketRequest& request,
                                const Context& context);

// OK when the caller is anonymous or wants no reply, or when among the attempts of `round` is one
// REACHED, REFUSED, NOT_WANTED or WRONG_NUMBER, or the policy's max_callback_attempts of NO_ANSWER;
// else NO_FINAL_OUTCOME (R1.12).
absl::Status CheckFinalOutcome(const v1::Ticket& ticket, int round, const v1::TicketPolicy& policy);

// What the contract cannot say of a callback: INVALID_ARGUMENT as RecordCallback says; else the
// callback as it is kept, about `unit` in its `round`.
absl::StatusOr<v1::Callback> KeptCallback(const v1::Callback& callback, absl::string_view unit,
                                          int round, const Context& context);

// The decision of a callback's fact with what follows from its rating (rating.h).
absl::StatusOr<Decision> DecideRated(const v1::Ticket& ticket, v1::TicketFact fact,
                                     const Context& context);

// T17. BAD_RATING_STAGE while a bad rating waits.
absl::StatusOr<Decision> Archive(const v1::Ticket& ticket, const v1::ArchiveTicketRequest& request,
                                 const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_VERBS_H_
