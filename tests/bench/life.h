// What becomes of one order of the year, drawn at random, a call at a time.
#ifndef BAIMI_TESTS_BENCH_LIFE_H_
#define BAIMI_TESTS_BENCH_LIFE_H_

#include <cstdint>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "tests/bench/chronicle.h"
#include "tests/bench/county.h"

namespace baimi::bench {

// Used by one thread at a time.
class Life {
 public:
  // Filed at `time` as a copy of `sample`, in the mix of types of domain.md §9.
  Life(County* county, Chronicle* chronicle, const ticket::v1::Ticket& sample, int number,
       absl::Time time, uint32_t seed);

  // When the next call is due; infinite once the order is archived.
  absl::Time next() const { return next_; }
  const ticket::v1::Ticket& ticket() const { return ticket_; }

  // Makes that call. An error is one that no rule explains.
  absl::Status Step();

 private:
  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool Chance(double percent) { return Draw(100'000) < percent * 1000; }

  template <typename Stub, typename Request>
  absl::Status Take(const char* what,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                 ticket::v1::Ticket*),
                    Request request);
  // Learns what others have done to the order.
  absl::Status Refresh();
  // When the order is looked at again.
  void Wait();

  absl::Status File();
  absl::Status Intake();
  absl::Status OffTheLine();
  absl::Status Dispatch();
  absl::Status Dispatched();
  absl::Status Merge(const std::string& into);
  absl::Status Signed();
  absl::Status Reply();
  absl::Status Callback();
  // Of a bad rating that stands in the way of the next step: asked, or decided.
  bool BadRatingWaits() const;
  absl::Status BadRating();
  absl::Status Merged();
  absl::Status Closed();

  County* const county_;
  Chronicle* const chronicle_;
  const int number_;
  std::mt19937 random_;
  absl::Time next_;
  ticket::v1::Ticket ticket_;
  int calls_ = 0;
  // Of the last call, if the rules refused it.
  bool refused_ = false;
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_LIFE_H_
