#include "services/ticket/api/units.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::api {

std::vector<std::string> OwnUnits(const Call& call) {
  std::vector<std::string> units;
  if (!call.actor.unit().empty()) {
    units.push_back(call.actor.unit());
  }
  for (const std::string& unit : call.scope.units) {
    if (!unit.empty() && std::find(units.begin(), units.end(), unit) == units.end()) {
      units.push_back(unit);
    }
  }
  return units;
}

bool Speaks(const Call& call, absl::Span<const std::string> units) {
  const std::vector<std::string> own = OwnUnits(call);
  return std::any_of(units.begin(), units.end(), [&](const std::string& unit) {
    return std::find(own.begin(), own.end(), domain::IdOf(unit)) != own.end();
  });
}

absl::StatusOr<domain::UnitsAtHand> UnitsFor(const Parts& parts, const Call& call,
                                             absl::string_view ticket,
                                             std::vector<std::string> names) {
  v1::Ticket order;
  BAIMI_RETURN_IF_ERROR(
      parts.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(store::TicketRow row, LoadVisible(parts, reader, call, ticket));
        order = std::move(row.ticket);
        return absl::OkStatus();
      }));
  if (!order.subject_unit().empty()) {
    names.push_back(order.subject_unit());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  BAIMI_ASSIGN_OR_RETURN(const auto resolved,
                         parts.registry->ResolveUnits(call, names, order.place().area()));
  return domain::UnitsAtHand::From(resolved);
}

}  // namespace baimi::ticket::api
