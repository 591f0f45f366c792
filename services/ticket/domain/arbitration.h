// Arbitration: who is responsible for an order, decided with the record that later ones are shown
// and may follow (domain.md §1.3 T8-T10, R1.5). Pure; what it changes of the order itself goes by
// the verbs.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_ARBITRATION_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_ARBITRATION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/arbitration_service.pb.h"
#include "baimi/ticket/v1/cooperation.pb.h"
#include "baimi/ticket/v1/cooperation_events.pb.h"
#include "services/ticket/domain/catalogue.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

v1::Arbitration Apply(v1::Arbitration row, const v1::ArbitrationFact& fact);
v1::Precedent Apply(v1::Precedent row, const v1::PrecedentFact& fact);

// An arbitration as it becomes, and the one fact that makes it so.
struct ArbitrationStep {
  v1::Arbitration arbitration;
  v1::ArbitrationFact fact;
};
struct PrecedentStep {
  v1::Precedent precedent;
  v1::PrecedentFact fact;
};

// OK unless an arbitration is open about the order: ARBITRATION_STATE.
absl::Status CheckNoArbitration(const v1::Ticket& ticket);

// "20261122-000123-1"; `before`: how many there were about the order.
std::string ArbitrationId(const v1::Ticket& ticket, int before);

struct Opening {
  ArbitrationStep step;
  Decision decision;
};
// Centre only. ARBITRATION_STATE: one is open already, or the order is neither in RETURN_REVIEW nor
// in PENDING_DISPATCH. INVALID_ARGUMENT: units of another county, twice, or those that are RECUSED.
absl::StatusOr<Opening> OpenArbitration(const v1::Ticket& ticket,
                                        const v1::CreateArbitrationRequest& request,
                                        absl::string_view name,
                                        absl::Span<const v1::PastRuling> past,
                                        const Context& context);

// The record that a return leaves which is decided at once; `ticket` before that.
ArbitrationStep RecordOfReturn(const v1::Ticket& ticket, const v1::DecideReturnRequest& request,
                               absl::string_view name, absl::Span<const v1::PastRuling> past,
                               const Context& context);

// NOT_INVOLVED unless the unit was asked or returned the order; ARBITRATION_STATE when it is over;
// INVALID_ARGUMENT: no view, no unit.
absl::StatusOr<ArbitrationStep> GiveOpinion(const v1::Arbitration& arbitration,
                                            const v1::GiveOpinionRequest& request,
                                            const Context& context);

struct RulingStep {
  ArbitrationStep step;
  Decision decision;
  std::optional<PrecedentStep> precedent;
};
// Centre only. ARBITRATION_STATE when it is over; what Dispatch, DecideReturn and ChangeHelpers say
// of the order and the units; INVALID_ARGUMENT for terms that do not hold for the order itself,
// begin in the past, or would make a precedent of a REPORT.
absl::StatusOr<RulingStep> Rule(const v1::Arbitration& arbitration, const v1::Ticket& ticket,
                                const v1::RuleArbitrationRequest& request, const UnitsAtHand& units,
                                const Context& context);

struct DropStep {
  ArbitrationStep step;
  // Empty when the order is over.
  Decision decision;
};
// Centre only. ARBITRATION_STATE when it is over.
absl::StatusOr<DropStep> DropArbitration(const v1::Arbitration& arbitration,
                                         const v1::Ticket& ticket,
                                         const v1::DropArbitrationRequest& request,
                                         const Context& context);

// NOT_APPLICABLE when it was withdrawn already.
absl::StatusOr<PrecedentStep> WithdrawPrecedent(const v1::Precedent& precedent,
                                                const v1::WithdrawPrecedentRequest& request,
                                                const Context& context);

// What others are shown of a record that was ruled.
v1::PastRuling ToPastRuling(const v1::Arbitration& arbitration);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_ARBITRATION_H_
