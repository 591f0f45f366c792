// Which rows a caller sees (Call.scope). Outside it a row is as good as absent. Pure.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_SCOPE_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_SCOPE_H_

#include "baimi/registry/v1/resources.pb.h"
#include "common/base/call.h"

namespace baimi::registry::domain {

// Areas and grids by their code; units by their area's code or by being one of the caller's units;
// estates by the code of their grid. A prefix covers what begins with it: a township's staff see
// neither the county's row nor the county's departments.
bool Sees(const RowScope& scope, const v1::Area& row);
bool Sees(const RowScope& scope, const v1::Grid& row);
bool Sees(const RowScope& scope, const v1::Unit& row);
bool Sees(const RowScope& scope, const v1::Estate& row);

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_SCOPE_H_
