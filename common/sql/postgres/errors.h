// What a PostgreSQL server says, as the statuses that the port promises.
#ifndef BAIMI_COMMON_SQL_POSTGRES_ERRORS_H_
#define BAIMI_COMMON_SQL_POSTGRES_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/sql/log_sink.h"

namespace baimi::sql::postgres {

// One error report of the server.
struct ServerError {
  // Five characters, "" when the connection broke without one.
  std::string sqlstate = {};
  std::string text = {};
  std::string constraint = {};
  std::string column = {};
};

// What the failing statement was part of.
struct Scene {
  absl::string_view statement = {};
  // Inside Read: the server refuses writes.
  bool read_only = false;
  // The transaction has a deadline, so a cancelled statement was cut by it.
  bool has_deadline = false;
};

// INTERNAL and UNAVAILABLE are also logged; the server's text of data errors is not, because it
// quotes values.
absl::Status ToStatus(const ServerError& error, const Scene& scene, const LogSink& log);

// The same for COMMIT. Whatever ended the connection, or cut the server short, leaves the outcome
// open; other errors say that nothing was committed.
absl::Status CommitStatus(const ServerError& error, const Scene& scene, const LogSink& log);

// UNAVAILABLE COMMIT_OUTCOME_UNKNOWN; `why` is logged.
absl::Status CommitUnknown(absl::string_view why, const LogSink& log);

// UNAVAILABLE; `why` is logged.
absl::Status Unavailable(absl::string_view statement, absl::string_view why, const LogSink& log);

// True when the connection is of no use after this: it is closed, serves another role now, or lost
// its prepared statements.
bool SpoilsConnection(absl::string_view sqlstate);

}  // namespace baimi::sql::postgres

#endif  // BAIMI_COMMON_SQL_POSTGRES_ERRORS_H_
