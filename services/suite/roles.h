// The roles that a new data directory starts with, and what each may (roles.json), compiled in.
#ifndef BAIMI_SERVICES_SUITE_ROLES_H_
#define BAIMI_SERVICES_SUITE_ROLES_H_

namespace baimi::suite {

extern const char kRolesJson[];

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_ROLES_H_
