// A closed loop of clients over HTTP/1.1 keep-alive connections, a thread and a connection each.
#ifndef BAIMI_TESTS_BENCH_HTTP_LOAD_H_
#define BAIMI_TESTS_BENCH_HTTP_LOAD_H_

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/testing/client.h"
#include "tests/bench/load.h"

namespace baimi::bench {

struct HttpLoad {
  int port = 0;
  int clients = 32;
  absl::Duration duration = absl::Seconds(3);
  // The n-th unit of work, n from 0: one exchange or several. Called from all clients' threads.
  std::function<absl::Status(http::testing::Client& client, int64_t n)> work;
};

// The first error ends the run and is returned.
absl::StatusOr<LoadResult> RunHttp(const HttpLoad& load);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_HTTP_LOAD_H_
