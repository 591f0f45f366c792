// Where an adapter's driver text goes, see OpenOptions::log.
#ifndef BAIMI_COMMON_SQL_LOG_SINK_H_
#define BAIMI_COMMON_SQL_LOG_SINK_H_

#include <functional>

#include "absl/strings/string_view.h"
#include "common/sql/database.h"

namespace baimi::sql {

// Never empty.
using LogSink = std::function<void(absl::string_view)>;

// The options' log, or a line on stderr.
LogSink SinkOf(const OpenOptions& options);

}  // namespace baimi::sql

#endif  // BAIMI_COMMON_SQL_LOG_SINK_H_
