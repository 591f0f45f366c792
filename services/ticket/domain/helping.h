// Helpers (协办, domain.md R1.7): the parts that a lead's helpers have in an order, each with a
// deadline of its own.
//
// Invariants: a part is open only while the order's handling clock runs; a unit has at most one
// open part; an open part's clock, where the policy has a rule for it, is due no later than the
// handling clock was when it began.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_HELPING_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_HELPING_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/helper_service.pb.h"
#include "services/ticket/domain/catalogue.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

bool IsOpen(const v1::HelperTask& task);
// The newest part of `unit` (full name); nullptr when it never had one.
const v1::HelperTask* HelpOf(const v1::Ticket& ticket, absl::string_view unit);

// ---- what the steps of an order do to its helpers ----

// Begins a part for each of `helpers` who did not give a result in `round` already; `handle` is the
// lead's clock.
void StartHelp(const v1::Ticket& ticket,
               const google::protobuf::RepeatedPtrField<std::string>& helpers, int round,
               const v1::Clock& handle, const Context& context, v1::TicketFact* fact);
// Ends every open part without a result.
void LapseHelp(const v1::Ticket& ticket, v1::TicketFact* fact);
// Begins again what a merge ended, with the time spent kept (R1.14).
void RestartHelp(const v1::Ticket& ticket, const Context& context, v1::TicketFact* fact);

// The part that facts have in the row.
void ApplyHelp(v1::Ticket& row, const v1::TicketFact& fact);

// When an open part is due by the present calendar, never later than the lead.
calendar::Deadline RecomputedHelp(const v1::Ticket& ticket, const v1::HelperTask& task,
                                  const PolicyInForce& in_force);

// ---- verbs ----
// Each: ABORTED by etag. `request.unit` may be left out by an actor of a unit; one without a unit
// names it (INVALID_ARGUMENT). NOT_A_HELPER unless the unit has a part; HELP_NOT_OPEN when that is
// over.

absl::StatusOr<Decision> AcknowledgeHelp(const v1::Ticket& ticket,
                                         const v1::AcknowledgeHelpRequest& request,
                                         const Context& context);
absl::StatusOr<Decision> SubmitHelp(const v1::Ticket& ticket, const v1::SubmitHelpRequest& request,
                                    const Context& context);
// Moves the clock by the policy's helper_delay when it is the part's first and in time.
absl::StatusOr<Decision> ExplainHelpDelay(const v1::Ticket& ticket,
                                          const v1::ExplainHelpDelayRequest& request,
                                          const Context& context);
// Centre only. HELP_NOT_OPEN when no handling clock runs. INVALID_ARGUMENT: nothing to do, a unit
// named twice, one added that has a part, one removed that is no helper. Of units added:
// UNKNOWN_UNIT, RECUSED, NOT_ON_DUTY_LIST.
absl::StatusOr<Decision> ChangeHelpers(const v1::Ticket& ticket,
                                       const v1::ChangeHelpersRequest& request,
                                       const UnitsAtHand& units, const Context& context);
// The fact of taking one helper out.
v1::TicketFact RemoveHelperFact(const v1::Ticket& ticket, absl::string_view unit,
                                absl::string_view reason, const Context& context);

// ---- the lead's reply ----

// What `told` says of the helpers, completed from their results: one for each helper of the
// designation. INVALID_ARGUMENT: one who is none, or twice.
absl::StatusOr<std::vector<v1::HelperPart>> PartsOfReply(const v1::Ticket& ticket,
                                                         const v1::Reply& told,
                                                         const Context& context);

// For a clerk: "协办时限：营北社区，3个工作日，2025-10-10 24:00前（规则 assist）。"
std::string ExplainHelp(const v1::HelperTask& task, absl::string_view display_name);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_HELPING_H_
