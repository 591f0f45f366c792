#include <algorithm>
#include <tuple>

#include "services/ticket/domain/catalogue.h"
#include "services/ticket/domain/catalogue_fit.h"
#include "services/ticket/domain/proto_time.h"

namespace baimi::ticket::domain {

using registry::v1::Unit;

const registry::v1::Unit* UnitsAtHand::Find(absl::string_view name) const {
  if (const auto it = named.find(std::string(name)); it != named.end()) {
    return &it->second;
  }
  for (const std::optional<Unit>* unit : {&community, &township}) {
    if (unit->has_value() && (*unit)->name() == name) {
      return &**unit;
    }
  }
  return nullptr;
}

UnitsAtHand UnitsAtHand::From(const registry::v1::ResolveUnitsResponse& response) {
  UnitsAtHand units;
  for (const Unit& unit : response.units()) {
    units.named.emplace(unit.name(), unit);
  }
  if (response.has_community()) {
    units.community = response.community();
  }
  if (response.has_township()) {
    units.township = response.township();
  }
  return units;
}

std::vector<std::string> UnitsNeeded(const v1::TicketPolicy& policy, const v1::Ticket& ticket,
                                     const v1::DispatchTicketRequest& request,
                                     const v1::Precedent* precedent) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  };
  if (!request.lead().empty() || !request.helpers().empty()) {
    add(request.lead());
    std::for_each(request.helpers().begin(), request.helpers().end(), add);
  } else if (const v1::CatalogueRow* row = ChooseRow(policy, ticket)) {
    add(row->lead_unit());
    std::for_each(row->helper_units().begin(), row->helper_units().end(), add);
  }
  if (precedent != nullptr) {
    add(precedent->lead());
    std::for_each(precedent->helpers().begin(), precedent->helpers().end(), add);
  }
  add(policy.fallback_unit());
  add(ticket.subject_unit());
  return names;
}

const v1::CatalogueRow* ChooseRow(const v1::TicketPolicy& policy, const v1::Ticket& ticket) {
  const v1::CatalogueRow* best = nullptr;
  for (const v1::CatalogueRow& row : policy.catalogue()) {
    if (Fits(row, ticket) && (best == nullptr || FitOf(row) > FitOf(*best))) {
      best = &row;
    }
  }
  return best;
}

std::optional<v1::Precedent> ChoosePrecedent(absl::Span<const v1::Precedent> precedents,
                                             const v1::Ticket& ticket, absl::Time at) {
  const auto rank = [](const v1::Precedent& precedent) {
    return std::tuple(FitOf(precedent), FromProto(precedent.effective_time()), precedent.name());
  };
  const v1::Precedent* best = nullptr;
  for (const v1::Precedent& precedent : precedents) {
    const bool withdrawn =
        precedent.has_withdraw_time() && FromProto(precedent.withdraw_time()) <= at;
    if (!withdrawn && FromProto(precedent.effective_time()) <= at && Fits(precedent, ticket) &&
        (best == nullptr || rank(precedent) > rank(*best))) {
      best = &precedent;
    }
  }
  return best == nullptr ? std::nullopt : std::optional<v1::Precedent>(*best);
}

}  // namespace baimi::ticket::domain
