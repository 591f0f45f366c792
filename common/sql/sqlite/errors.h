// SQLite result codes as the statuses that the port promises.
#ifndef BAIMI_COMMON_SQL_SQLITE_ERRORS_H_
#define BAIMI_COMMON_SQL_SQLITE_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/sql/log_sink.h"

namespace baimi::sql::sqlite {

// `code` is an extended result code that is not OK, ROW or DONE; `text` what sqlite3_errmsg said;
// `statement` the statement's name. INTERNAL and UNAVAILABLE are also logged.
absl::Status ToStatus(int code, absl::string_view text, absl::string_view statement,
                      const LogSink& log);

// The same for COMMIT: an I/O error there leaves the outcome open, because the commit record may
// have reached the log that a later start replays.
absl::Status CommitStatus(int code, absl::string_view text, const LogSink& log);

}  // namespace baimi::sql::sqlite

#endif  // BAIMI_COMMON_SQL_SQLITE_ERRORS_H_
