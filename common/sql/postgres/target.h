// A PostgreSQL URI, taken apart: one set of connection parameters for each server that it names.
#ifndef BAIMI_COMMON_SQL_POSTGRES_TARGET_H_
#define BAIMI_COMMON_SQL_POSTGRES_TARGET_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace baimi::sql::postgres {

// libpq keywords and values of one server. Holds the password: never print it.
using Server = std::vector<std::pair<std::string, std::string>>;

struct Target {
  // At least one, in the URI's order.
  std::vector<Server> servers;
  // Longest attempt on one server: the URI's connect_timeout, or 2 s.
  absl::Duration connect_timeout = absl::Seconds(2);
};

// "postgresql://user@host1:5432,host2:5432/database?option=value", as libpq reads it. Added are
// what a service needs and the URI does not say: only a server that takes writes is used
// (target_session_attrs=read-write, in place of what the URI says), client_encoding=UTF8, an
// application name, and keepalives that notice a vanished server in about 30 s.
// INVALID_ARGUMENT, without the URI's text, when libpq cannot read it or hosts and ports differ in
// number.
absl::StatusOr<Target> ParseTarget(const std::string& uri);

}  // namespace baimi::sql::postgres

#endif  // BAIMI_COMMON_SQL_POSTGRES_TARGET_H_
