#include "common/redis/breaker.h"

#include <gtest/gtest.h>

namespace baimi::redis {
namespace {

class BreakerTest : public ::testing::Test {
 protected:
  void Fail(int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(breaker_.Allow());
      breaker_.Failure();
    }
  }
  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  Breaker breaker_{{.failures = 3, .open_for = absl::Milliseconds(500)}, &clock_};
};

TEST_F(BreakerTest, Failures_FewerThanTheLimit_StayClosed) {
  Fail(2);
  EXPECT_TRUE(breaker_.closed());
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(BreakerTest, Failures_InterruptedByASuccess_CountAnew) {
  Fail(2);
  breaker_.Success();
  Fail(2);
  EXPECT_TRUE(breaker_.closed());
}

TEST_F(BreakerTest, Failures_AtTheLimit_OpenItForItsTime) {
  Fail(3);
  EXPECT_FALSE(breaker_.closed());
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(absl::Milliseconds(499));
  EXPECT_FALSE(breaker_.Allow());
  EXPECT_EQ(breaker_.opened(), 1);
}

TEST_F(BreakerTest, Open_ClockSetBack_LetsOneTry) {
  Fail(3);
  clock_.Advance(-absl::Hours(1));
  EXPECT_TRUE(breaker_.Allow());
  EXPECT_FALSE(breaker_.Allow());
}

TEST_F(BreakerTest, HalfOpen_LetsOneTry) {
  Fail(3);
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(breaker_.Allow());
  EXPECT_FALSE(breaker_.Allow());
}

TEST_F(BreakerTest, HalfOpen_ProbeSucceeds_Closes) {
  Fail(3);
  clock_.Advance(absl::Milliseconds(500));
  ASSERT_TRUE(breaker_.Allow());
  breaker_.Success();
  EXPECT_TRUE(breaker_.closed());
  Fail(2);
  EXPECT_TRUE(breaker_.closed());
}

TEST_F(BreakerTest, HalfOpen_ProbeFails_OpensAgain) {
  Fail(3);
  clock_.Advance(absl::Milliseconds(500));
  ASSERT_TRUE(breaker_.Allow());
  breaker_.Failure();
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(breaker_.Allow());
  EXPECT_EQ(breaker_.opened(), 1);
}

}  // namespace
}  // namespace baimi::redis
