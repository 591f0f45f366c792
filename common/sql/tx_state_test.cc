#include "common/sql/tx_state.h"

#include "gtest/gtest.h"

namespace baimi::sql {
namespace {

const absl::Status kFirst = absl::AlreadyExistsError("first");
const absl::Status kSecond = absl::AbortedError("second");

TEST(TxState, Failure_IsTheFirstUntilRolledBack) {
  TxState state;
  EXPECT_EQ(state.failure(), absl::OkStatus());
  state.Saved();
  EXPECT_EQ(state.Fail(kFirst), kFirst);
  EXPECT_EQ(state.Fail(kSecond), kSecond);
  EXPECT_EQ(state.failure(), kFirst);
  EXPECT_EQ(state.MayRelease(), kFirst);
  EXPECT_EQ(state.MayRollback(), absl::OkStatus());
  state.RolledBack();
  EXPECT_EQ(state.failure(), absl::OkStatus());
  EXPECT_EQ(state.MayRollback().code(), absl::StatusCode::kInternal);
}

TEST(TxState, FailureForGood_SurvivesSavepoints) {
  TxState state;
  state.Saved();
  EXPECT_EQ(state.FailForGood(kFirst), kFirst);
  EXPECT_EQ(state.MayRollback(), kFirst);
  EXPECT_EQ(state.MayRelease(), kFirst);
}

TEST(TxState, Savepoints_AreCounted) {
  TxState state;
  EXPECT_EQ(state.MayRelease().code(), absl::StatusCode::kInternal);
  state.Saved();
  state.Saved();
  state.Released();
  EXPECT_EQ(state.MayRelease(), absl::OkStatus());
  state.RolledBack();
  EXPECT_EQ(state.MayRelease().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace baimi::sql
