#include "common/rpc/retry.h"

#include "common/base/error.h"
#include "common/rpc/runtime.h"
#include "gtest/gtest.h"

namespace baimi::rpc {
namespace {

constexpr absl::Duration kLeft = absl::Seconds(10);

class NextTryTest : public ::testing::Test {
 protected:
  std::optional<absl::Duration> Next(const absl::Status& status, bool idempotent, int made = 1,
                                     absl::Duration left = kLeft) {
    return NextTry(budget_, status, idempotent, made, left, *rng_);
  }

  RetryOptions options_ = {.attempts = 4, .burst = 100};
  RetryBudget budget_{options_};
  const std::unique_ptr<Rng> rng_ = NewSeededRng(1);
};

TEST_F(NextTryTest, Draining_IsRepeatedWhateverTheCallDoesAndAtOnce) {
  EXPECT_EQ(Next(DrainingStatus(), false), absl::ZeroDuration());
  const auto second = Next(DrainingStatus(), false, 2);
  ASSERT_TRUE(second);
  EXPECT_GE(*second, options_.delay);
  EXPECT_LE(*second, 2 * options_.delay);
}

TEST_F(NextTryTest, Unavailable_IsRepeatedWhereNothingHappensTwice) {
  const absl::Status lost = absl::UnavailableError("Socket closed");
  EXPECT_TRUE(Next(lost, true));
  EXPECT_GT(*Next(lost, true), absl::ZeroDuration());
  EXPECT_FALSE(Next(lost, false));
  EXPECT_TRUE(Next(absl::CancelledError("the server closes"), true));
  EXPECT_FALSE(Next(absl::CancelledError("the server closes"), false));
}

TEST_F(NextTryTest, OtherErrors_AreAnswers) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kInvalidArgument, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kAborted, absl::StatusCode::kInternal, absl::StatusCode::kUnknown,
        absl::StatusCode::kPermissionDenied}) {
    EXPECT_FALSE(Next(absl::Status(code, "no"), true)) << code;
  }
  EXPECT_FALSE(Next(LaneFullStatus("interactive", absl::Milliseconds(1)), true))
      << "who is full is not helped by more calls";
}

TEST_F(NextTryTest, Attempts_AreBounded) {
  EXPECT_TRUE(Next(DrainingStatus(), true, 3));
  EXPECT_FALSE(Next(DrainingStatus(), true, 4));
}

TEST_F(NextTryTest, Delay_GrowsWithinItsBoundsAndTheDeadline) {
  options_ = {.attempts = 40, .burst = 100};
  RetryBudget budget(options_);
  for (int made = 2; made < 39; ++made) {
    const auto delay = NextTry(budget, DrainingStatus(), true, made, kLeft, *rng_);
    ASSERT_TRUE(delay) << made;
    EXPECT_LE(*delay, options_.max_delay);
    EXPECT_GE(*delay, std::min(options_.max_delay, options_.delay * made) / 2);
  }
  EXPECT_FALSE(Next(DrainingStatus(), true, 3, absl::Milliseconds(5)))
      << "the caller would be gone";
}

TEST_F(NextTryTest, RetryInfo_IsWaitedForWithinTheBound) {
  const auto asked = [](absl::Duration delay) -> absl::Status {
    return Error(absl::StatusCode::kUnavailable, type::v1::ERROR_REASON_DEPENDENCY_UNAVAILABLE,
                 "later", "稍后")
        .RetryAfter(delay);
  };
  EXPECT_EQ(Next(asked(absl::Milliseconds(200)), true), absl::Milliseconds(200));
  EXPECT_EQ(Next(asked(absl::Seconds(5)), true), options_.max_delay);
}

TEST(RetryBudget, Retries_AreEarnedBySuccesses) {
  RetryBudget budget({.burst = 2, .earned = 0.5});
  EXPECT_TRUE(budget.Take());
  EXPECT_TRUE(budget.Take());
  EXPECT_FALSE(budget.Take());
  budget.Earn();
  EXPECT_FALSE(budget.Take());
  budget.Earn();
  EXPECT_TRUE(budget.Take());
  for (int i = 0; i < 100; ++i) {
    budget.Earn();
  }
  EXPECT_TRUE(budget.Take());
  EXPECT_TRUE(budget.Take());
  EXPECT_FALSE(budget.Take()) << "no more than the burst is saved up";
}

}  // namespace
}  // namespace baimi::rpc
