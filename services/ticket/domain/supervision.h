// 督办 by hand: raising a level, receipt and report of who it is addressed to. What the clock does
// is in ladder.h.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_SUPERVISION_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_SUPERVISION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/supervision_service.pb.h"
#include "common/base/call.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// "counties/469030/supervisions/20261122-000123-2" for the second of that order.
std::string SupervisionName(absl::string_view ticket, int nth);
// The order's name; "" for what is no name of a supervision.
std::string TicketOfSupervision(absl::string_view name);
// NOT_FOUND.
absl::StatusOr<v1::Supervision> FindSupervision(const v1::Ticket& ticket, absl::string_view name);

// Not over, not merged, and filed.
bool MaySupervise(const v1::Ticket& ticket);

// The order's next supervision, by `step` of the policy in force: name, addressee, unit, times,
// actor. Trigger, trigger_time (that of context.now) and reason are the caller's to set.
//
// The unit is the lead for addressees in the lead unit, else the step's. Without a lead it is the
// policy's fallback unit, which coordinates (R1.5). The subject_unit of a report is passed over
// (§1.10), for the fallback unit or, where that is it, for the centre.
v1::Supervision MakeSupervision(const v1::Ticket& ticket, const v1::SupervisionStep& step,
                                const Context& context);

// Who may see a supervision: who may see the order, or acts for the unit that has to answer; but
// never anybody of the unit that a report is about, nor one whose scope is that unit.
// `sees_order`: the order is in the caller's scope.
bool SeesSupervision(const v1::Ticket& ticket, const v1::Supervision& supervision,
                     const type::v1::Actor& actor, const RowScope& scope, bool sees_order);

// ABORTED by etag. INVALID_ARGUMENT: no level; DOCUMENT_REQUIRED for S7 without a document number.
// FAILED_PRECONDITION: ILLEGAL_TRANSITION for an order that is over or merged; NO_SUPERVISION_STEP;
// SUPERVISION_NOT_FORWARD. The undertaker may not (UNDERTAKER_MAY_NOT_DECIDE).
absl::StatusOr<Decision> RaiseSupervision(const v1::Ticket& ticket,
                                          const v1::RaiseSupervisionRequest& request,
                                          const Context& context);

// NOT_FOUND; NOT_THE_ADDRESSEE; ILLEGAL_TRANSITION unless it waits for a receipt.
absl::StatusOr<Decision> AcknowledgeSupervision(const v1::Ticket& ticket,
                                                const v1::AcknowledgeSupervisionRequest& request,
                                                const Context& context);

// NOT_FOUND; NOT_THE_ADDRESSEE; ILLEGAL_TRANSITION when it was reported or has ended. A late report
// is taken.
absl::StatusOr<Decision> ReportSupervision(const v1::Ticket& ticket,
                                           const v1::ReportSupervisionRequest& request,
                                           const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_SUPERVISION_H_
