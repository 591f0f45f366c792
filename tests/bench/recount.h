// Counts a county's figures anew from the rows and the events of its orders, and holds each order
// against the rules that must be true of it when it has ended.
#ifndef BAIMI_TESTS_BENCH_RECOUNT_H_
#define BAIMI_TESTS_BENCH_RECOUNT_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "baimi/ticket/v1/figures.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "tests/bench/county.h"

namespace baimi::bench {

class Recount {
 public:
  // Reads the order and its history through the API. An error when its events do not give its row,
  // a clock of it is open, it is not archived, or it was dispatched and has no lead. Thread-safe.
  absl::Status Take(County& county, const std::string& name);

  // An error when a figure of the service differs from what was counted. Once, after all orders.
  absl::Status Compare(County& county);

  int64_t events() const;
  int64_t compared() const { return compared_; }

 private:
  void Add(const ticket::v1::FigureShare& share) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Count(const ticket::v1::FigureShare& share) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Counts by the fact alone, past the rules that the service counts by.
  void Tally(const ticket::v1::TicketFact& fact) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status CompareTally(const ticket::v1::FigureCounts& told) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status CompareGrouping(County& county, ticket::v1::FigureGrouping grouping);

  mutable absl::Mutex mu_;
  // By grouping and key.
  std::map<ticket::v1::FigureGrouping, std::map<std::string, ticket::v1::FigureCounts>> counts_
      ABSL_GUARDED_BY(mu_);
  ticket::v1::FigureCounts tally_ ABSL_GUARDED_BY(mu_);
  int64_t events_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t compared_ = 0;
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_RECOUNT_H_
