// The PostgreSQL adapter of the port: a pool of connections for writes and one for reads.
#ifndef BAIMI_COMMON_SQL_POSTGRES_POSTGRES_DATABASE_H_
#define BAIMI_COMMON_SQL_POSTGRES_POSTGRES_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/sql/database.h"

namespace baimi::sql::postgres {

// `uri` as ParseTarget (target.h) reads it. INVALID_ARGUMENT when malformed, UNAVAILABLE when no
// server of it can be used now. Neither says the password.
//
// Writes run READ COMMITTED, reads in one REPEATABLE READ snapshot, both on a server that takes
// writes: a read sees what was committed before it, so standbys are not read. After a failover both
// find the new server by the URI's list; transactions that were open fail with UNAVAILABLE, a
// COMMIT under way with its outcome unknown. How durable a commit is, the server's
// synchronous_commit and synchronous_standby_names say.
//
// A query's rows are all in memory while its callback runs. Statements are prepared once on each
// connection. pgbouncer in transaction mode cannot stand between: it knows no prepared statements.
absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const std::string& uri,
                                                       const OpenOptions& options);

}  // namespace baimi::sql::postgres

#endif  // BAIMI_COMMON_SQL_POSTGRES_POSTGRES_DATABASE_H_
