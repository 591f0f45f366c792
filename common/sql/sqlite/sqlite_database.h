// The SQLite adapter of the port: one file, one writer at a time, readers beside it (WAL).
#ifndef BAIMI_COMMON_SQL_SQLITE_SQLITE_DATABASE_H_
#define BAIMI_COMMON_SQL_SQLITE_SQLITE_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/sql/database.h"

namespace baimi::sql::sqlite {

// `path` is a file or ":memory:". UNAVAILABLE, naming the path, when its directory is missing, when
// it cannot be opened or is no SQLite database, or when its file system cannot do WAL.
//
// Durable: COMMIT returns after the log's fsync (synchronous=FULL). Other processes may use the
// file at the same time; a writer waits up to 5 s for theirs, then ABORTED. Tables should be
// STRICT; foreign keys are enforced.
absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const std::string& path,
                                                       const OpenOptions& options);

}  // namespace baimi::sql::sqlite

#endif  // BAIMI_COMMON_SQL_SQLITE_SQLITE_DATABASE_H_
