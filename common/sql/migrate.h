// The schema of a database as numbered steps, up only. A library brings its own list ("component"),
// so that several (journal, ticket store) share one file. What was applied stands in
//   schema_migrations(component, version, name, checksum, applied_at_us)
// with the SHA-256 of the applied text, so that a step edited after the fact is noticed.
#ifndef BAIMI_COMMON_SQL_MIGRATE_H_
#define BAIMI_COMMON_SQL_MIGRATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "common/sql/database.h"

namespace baimi::sql {

// One step. Never change a published one: add another.
struct Migration {
  // 1, 2, 3 ... without gaps.
  int version;
  const char* name;
  // The same change for both databases. Any number of commands, no BEGIN or COMMIT. SQLite tables
  // are STRICT and check what PostgreSQL's types check (lengths, enum values, booleans).
  const char* sqlite;
  const char* postgres;
};

// Applies the missing steps in order, each in a transaction of its own together with its row in
// schema_migrations: after a failure the earlier steps stand and the failed one left nothing.
// Several processes may run it at once: one applies, the others find it done. Does nothing when all
// are applied. `clock` gives applied_at_us.
// INVALID_ARGUMENT for a list that is not 1, 2, 3 ...; FAILED_PRECONDITION as for CheckSchema, but
// for an older schema; otherwise the error of the failed step.
absl::Status Migrate(Database& database, absl::string_view component,
                     absl::Span<const Migration> migrations, const Clock& clock);

// OK when exactly `migrations` are applied. Servers call it at start and when asked for readiness.
// FAILED_PRECONDITION, in English and Chinese, when the schema is older (run migrate), newer than
// this program knows (a newer one was here), or when an applied step has another checksum.
// DEADLINE_EXCEEDED as `options` say: whoever asks again and again must not wait for a server that
// hangs.
absl::Status CheckSchema(Database& database, absl::string_view component,
                         absl::Span<const Migration> migrations, const Options& options = {});

// Tells this database from others in what is shared with them, such as a cache: made of the moment
// of its first migration, the same for as long as it lives, and in its copies too. Whoever goes
// back to an older copy clears what is shared. FAILED_PRECONDITION before the first migration.
absl::StatusOr<std::string> IncarnationOf(Database& database);

}  // namespace baimi::sql

#endif  // BAIMI_COMMON_SQL_MIGRATE_H_
