// Where a Redis server is.
#ifndef BAIMI_COMMON_REDIS_URI_H_
#define BAIMI_COMMON_REDIS_URI_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::redis {

struct Uri {
  // Exactly one of `host` and `path` is set.
  std::string host;
  int port = 6379;
  std::string path;
  // SELECTed on every connection.
  int db = 0;
};

// "redis://host[:port][/db]" (an IPv6 address in brackets) or "unix:///path/of/socket[?db=N]".
// INVALID_ARGUMENT in the words "redis uri: got X, want Y" for anything else. A user or a password
// in the URI is refused, and not repeated in the message: it would end in logs and process lists.
absl::StatusOr<Uri> ParseUri(absl::string_view text);

}  // namespace baimi::redis

#endif  // BAIMI_COMMON_REDIS_URI_H_
