// Clocks whatever their start, period and pause.
#include <gtest/gtest.h>

#include <random>

#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

TEST(Property, SplitAtTheInstantOfTheMerge_ChangesNoDueTime) {
  std::mt19937 random(7);
  const auto pick = [&](int below) {
    return std::uniform_int_distribution<int>(0, below - 1)(random);
  };
  for (int i = 0; i < 2'000; ++i) {
    v1::Clock clock;
    const absl::Time start = At("2025-01-01 00:00") + absl::Minutes(pick(300 * 24 * 60));
    *clock.mutable_period() =
        MakePeriod(static_cast<v1::PeriodUnit>(1 + pick(v1::PeriodUnit_MAX)), 1 + pick(20));
    const absl::Time due = SampleInForce().Due(start, clock.period()).due;
    const absl::Time merged = start + (due - start) * (pick(100) / 100.0);
    *clock.mutable_start_time() = ToProto(start);
    *clock.mutable_due_time() = ToProto(due);
    *clock.mutable_stop_time() = ToProto(merged);
    const absl::Time at = FromProto(clock.stop_time());
    EXPECT_EQ(FromProto(RestartClock(clock, at, SampleInForce()).due_time()), due)
        << clock.ShortDebugString();
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
