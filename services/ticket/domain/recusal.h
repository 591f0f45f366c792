// Who may have no part in an order and not even see it (domain.md §1.10).
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_RECUSAL_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_RECUSAL_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/registry/v1/resources.pb.h"
#include "baimi/ticket/v1/arbitration_service.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// `unit` (its id or full name) is complained of in the order, or was set aside for it. What the
// order itself says: enough for whoever wants to see it. "" is never recused.
bool IsRecused(const v1::Ticket& ticket, absl::string_view unit);

// Of a REPORT: `unit` answers to `subject`, by the registry: a committee of a township's area to
// the township. It may have no part in the order.
bool AnswersTo(const registry::v1::Unit& unit, const registry::v1::Unit& subject);

// Whether the caller's contact data may be shown to who asks: of a confidential caller, and of a
// REPORT, only to the centre or the county platform (§1.10). PERMISSION_DENIED,
// CONTACT_CONFIDENTIAL.
absl::Status CheckMayReveal(const v1::Ticket& ticket, const Context& context);

// Why a unit may have no part.
enum class Recusal { kNone, kSubject, kAnswersToSubject, kSetAside };

// `subject` is the unit complained of as the registry has it; may be null.
Recusal RecusalOf(const v1::Ticket& ticket, const registry::v1::Unit& unit,
                  const registry::v1::Unit* subject);
// zh-CN: "是被举报单位，须回避"; not for kNone.
absl::string_view ZhWhy(Recusal recusal);
// FAILED_PRECONDITION, RECUSED.
absl::Status RecusedError(absl::string_view path, const registry::v1::Unit& unit, Recusal recusal);

// Sets a unit aside, or takes that back; a helper loses its part at once. Centre only, in every
// state but the archive. INVALID_ARGUMENT: a unit of another county; no ground; lifting what is not
// there, or setting aside twice. FAILED_PRECONDITION, RECUSED: the unit leads the order; take the
// order from it first, or let its clock end.
absl::StatusOr<Decision> Recuse(const v1::Ticket& ticket, const v1::RecuseUnitRequest& request,
                                const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_RECUSAL_H_
