// `--healthcheck`: the question a container engine asks its own container.
#ifndef BAIMI_COMMON_PROCESS_HEALTHCHECK_H_
#define BAIMI_COMMON_PROCESS_HEALTHCHECK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace baimi::process {

// OK when GET /readyz of the admin port answers 200 within `timeout`. `address` is the one that the
// process listens on, an IPv4 or IPv6 literal; "0.0.0.0" and "::" are asked on the loopback.
// UNAVAILABLE otherwise, saying why.
absl::Status CheckHealth(const std::string& address, int admin_port, absl::Duration timeout);

}  // namespace baimi::process

#endif  // BAIMI_COMMON_PROCESS_HEALTHCHECK_H_
