// 派单目录: who handles an order, and why, in words a clerk can check (domain.md R1.5-R1.7, R1.10).
//
// 1. A request that names a lead overrides the catalogue: rule "manual". So does a ruling: rule
//    "arbitration".
// 2. Else the row or the precedent with the longest category prefix wins, then the longest area
//    prefix, then the precedent, then the newest precedent, then the first row. A row for the
//    community or township of the grid needs one to be known. A precedent (rule "precedent") names
//    lead and helpers; whether the township is skipped stays with the row. One whose lead can not
//    have the order is passed over, with an explanation.
// 3. Else the policy's fallback_unit coordinates: rule "fallback".
// 4. A township or community handles only what its duty list has (R1.6, duty_list.h): as lead, or
// as
//    a helper named by hand, it is refused with NOT_ON_DUTY_LIST; as a helper of the catalogue it
//    is left out, and the explanation says so. The explanation names the row that allows it.
// 5. Copied: the township, when the row is direct (直通联办) or its community leads; the fallback
//    unit, when a township leads (R1.5). Nobody is copied who has a task.
// 6. The order's subject_unit, complained of in a REPORT, those that answer to it by the registry,
// and
//    the order's recused_units have no part in it (§1.10, recusal.h). Named by hand, or where it is
//    the fallback unit itself, such a unit is refused with RECUSED: name another lead. As the lead
//    of a row it makes way for the fallback unit; as a helper of one it is left out, with an
//    explanation; it is never copied.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_CATALOGUE_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_CATALOGUE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "baimi/registry/v1/registry_service.pb.h"
#include "baimi/ticket/v1/cooperation.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"

namespace baimi::ticket::domain {

// What the registry said about the units that a dispatch may need, asked before the transaction.
struct UnitsAtHand {
  // Of the order's place; unset when the registry has none there.
  std::optional<registry::v1::Unit> community;
  std::optional<registry::v1::Unit> township;
  // By full name; a name without an entry is not registered.
  absl::flat_hash_map<std::string, registry::v1::Unit> named;

  // The precedent that fits best, by ChoosePrecedent; unset when none does.
  std::optional<v1::Precedent> precedent = {};

  static UnitsAtHand From(const registry::v1::ResolveUnitsResponse& response);
  // nullptr when it is none of them.
  const registry::v1::Unit* Find(absl::string_view name) const;
};

// The names to resolve before Dispatch, each once: those of the request, else those of the row and
// of `precedent` (may be null) that may decide; the fallback unit; the unit complained of. Pass
// `ticket.place().area()` as the area.
std::vector<std::string> UnitsNeeded(const v1::TicketPolicy& policy, const v1::Ticket& ticket,
                                     const v1::DispatchTicketRequest& request,
                                     const v1::Precedent* precedent = nullptr);

// Of those in force at `at` that fit the order: the longest category prefix, then the longest area
// prefix, then the latest effect, then the greatest name.
std::optional<v1::Precedent> ChoosePrecedent(absl::Span<const v1::Precedent> precedents,
                                             const v1::Ticket& ticket, absl::Time at);

// The row that decides about `ticket`, by 2. above; nullptr when none fits.
const v1::CatalogueRow* ChooseRow(const v1::TicketPolicy& policy, const v1::Ticket& ticket);

// The designation without its times: lead, helpers, copied, direct, rule, legal_basis, note and the
// explanation up to the clocks.
//
// INVALID_ARGUMENT: helpers without a lead, a lead without a note, the lead or one helper twice,
// units of another county (InvalidField); UNKNOWN_UNIT. FAILED_PRECONDITION: NOT_ON_DUTY_LIST,
// RECUSED.
// A helper of the catalogue that is not registered is left out, with an explanation.
absl::StatusOr<v1::Assignment> ChooseAssignment(const v1::TicketPolicy& policy,
                                                const v1::Ticket& ticket,
                                                const v1::DispatchTicketRequest& request,
                                                const UnitsAtHand& units);

// The same for what an arbitration (its full name) rules: rule "arbitration", no_return, the lead
// and helpers of the ruling. Errors as above, with the ruling in place of the request.
absl::StatusOr<v1::Assignment> ChooseByRuling(const v1::TicketPolicy& policy,
                                              const v1::Ticket& ticket, const v1::Ruling& ruling,
                                              absl::string_view arbitration,
                                              const UnitsAtHand& units);

// Helpers to add to the present designation: an assignment with nothing but helpers, duty_rows and
// the explanation. UNKNOWN_UNIT, RECUSED, NOT_ON_DUTY_LIST at "add[i]".
absl::StatusOr<v1::Assignment> ChooseHelpers(
    const v1::TicketPolicy& policy, const v1::Ticket& ticket,
    const google::protobuf::RepeatedPtrField<std::string>& add, const UnitsAtHand& units);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_CATALOGUE_H_
