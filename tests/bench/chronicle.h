// What happened in the year, over all orders.
#ifndef BAIMI_TESTS_BENCH_CHRONICLE_H_
#define BAIMI_TESTS_BENCH_CHRONICLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::bench {

// What lives tell each other and the report. Thread-safe.
class Chronicle {
 public:
  // An order that others may be merged into, by category.
  void Open(const ticket::v1::Ticket& ticket);
  // One of the last ones opened; empty when there is none.
  std::string OpenOne(const std::string& category, uint32_t draw) const;
  void Count(const std::string& what);
  std::map<std::string, int64_t> counts() const;

 private:
  mutable absl::Mutex mu_;
  std::map<std::string, std::vector<std::string>> open_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int64_t> counts_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_CHRONICLE_H_
