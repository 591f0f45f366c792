#include "tests/bench/http_load.h"

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"

namespace baimi::bench {
namespace {

struct Worker {
  http::testing::Client client;
  std::vector<uint32_t> latencies_us = {};
  absl::Status error = absl::OkStatus();
};

}  // namespace

absl::StatusOr<LoadResult> RunHttp(const HttpLoad& load) {
  std::vector<Worker> workers;
  for (int i = 0; i < load.clients; ++i) {
    BAIMI_ASSIGN_OR_RETURN(http::testing::Client client, http::testing::Client::Connect(load.port));
    workers.push_back({std::move(client)});
  }
  std::atomic<int64_t> next = 0;
  std::atomic<bool> failed = false;
  const absl::Time start = absl::Now();
  const absl::Time end = start + load.duration;
  std::vector<std::thread> threads;
  for (Worker& worker : workers) {
    threads.emplace_back([&worker, &load, &next, &failed, end] {
      for (absl::Time sent = absl::Now(); sent < end && !failed; sent = absl::Now()) {
        worker.error = load.work(worker.client, next.fetch_add(1));
        if (!worker.error.ok()) {
          failed = true;
          return;
        }
        worker.latencies_us.push_back(
            static_cast<uint32_t>(absl::ToInt64Microseconds(absl::Now() - sent)));
      }
    });
  }
  LoadResult result;
  for (std::thread& thread : threads) {
    thread.join();
  }
  result.elapsed = absl::Now() - start;
  for (const Worker& worker : workers) {
    BAIMI_RETURN_IF_ERROR(worker.error);
    result.latencies_us.insert(result.latencies_us.end(), worker.latencies_us.begin(),
                               worker.latencies_us.end());
  }
  result.done = static_cast<int64_t>(result.latencies_us.size());
  return result;
}

}  // namespace baimi::bench
