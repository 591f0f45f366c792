// The few things the rules read out of resource names. Names are well-formed when they get here.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_RESOURCE_NAME_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_RESOURCE_NAME_H_

#include "absl/strings/string_view.h"

namespace baimi::ticket::domain {

// "469030" of "counties/469030/tickets/20261122-000123"; "" when the name begins otherwise.
absl::string_view CountyOf(absl::string_view name);
// What follows the last slash: "zhujianju" of "counties/469030/units/zhujianju".
absl::string_view IdOf(absl::string_view name);
// `name` is a child of `county` in the collection: InCollection("counties/1/units/a", "1",
// "units").
bool InCollection(absl::string_view name, absl::string_view county, absl::string_view collection);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_RESOURCE_NAME_H_
