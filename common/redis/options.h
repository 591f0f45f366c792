// How a Redis server is reached and how long anybody waits for it.
#ifndef BAIMI_COMMON_REDIS_OPTIONS_H_
#define BAIMI_COMMON_REDIS_OPTIONS_H_

#include <string>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/redis/breaker.h"

namespace baimi::redis {

struct Options {
  // For one connect, one command, and the wait for a free connection. Default: 50 ms each. A host
  // name is resolved by the system without a limit of ours: give an address, or a name that
  // resolves at once.
  absl::Duration connect_timeout = absl::Milliseconds(50);
  absl::Duration command_timeout = absl::Milliseconds(50);
  // Most connections at a time. Default: 16.
  int connections = 16;
  // A file whose text, without a line end, is the password; read at every connect, so that a
  // rotated one is taken up. "" (default): no AUTH.
  std::string password_file;
  // The ACL user; "" (default) is Redis's default user. Needs a password file.
  std::string user;
  BreakerOptions breaker = {};
  // Drives the breaker. Must outlive the client. Required.
  const Clock* clock = nullptr;
};

}  // namespace baimi::redis

#endif  // BAIMI_COMMON_REDIS_OPTIONS_H_
