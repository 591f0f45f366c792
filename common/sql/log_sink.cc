#include "common/sql/log_sink.h"

#include <cstdio>

namespace baimi::sql {

LogSink SinkOf(const OpenOptions& options) {
  if (options.log) {
    return options.log;
  }
  return [](absl::string_view text) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
  };
}

}  // namespace baimi::sql
