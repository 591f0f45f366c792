// Units: whose the caller is, and what the registry says of those that a change needs.
#ifndef BAIMI_SERVICES_TICKET_API_UNITS_H_
#define BAIMI_SERVICES_TICKET_API_UNITS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/call.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/catalogue.h"

namespace baimi::ticket::api {

// Ids of the units that the caller acts for or may see the rows of.
std::vector<std::string> OwnUnits(const Call& call);
// One of these units (full names) is the caller's.
bool Speaks(const Call& call, absl::Span<const std::string> units);

// `names`, the unit complained of in the order `ticket`, and what the registry has at its place;
// asked before the transaction. NOT_FOUND for an order that the caller may not see.
absl::StatusOr<domain::UnitsAtHand> UnitsFor(const Parts& parts, const Call& call,
                                             absl::string_view ticket,
                                             std::vector<std::string> names);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_UNITS_H_
