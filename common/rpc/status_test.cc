#include "common/rpc/status.h"

#include "common/base/error.h"
#include "gtest/gtest.h"

namespace baimi::rpc {
namespace {

TEST(Status, EveryCode_GoesThereAndBack) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "what happened");
    const grpc::Status grpc = ToGrpc(status);
    EXPECT_EQ(static_cast<int>(grpc.error_code()), code);
    EXPECT_EQ(FromGrpc(grpc).code(), status.code());
  }
}

TEST(Status, Details_SurviveTheWire) {
  const absl::Status status =
      Error(absl::StatusCode::kResourceExhausted, type::v1::ERROR_REASON_LANE_FULL, "full", "已满")
          .Field("a.b", "got 1, want 2")
          .With("lane", "bulk")
          .RetryAfter(absl::Milliseconds(1500));
  const absl::Status back = FromGrpc(ToGrpc(status));
  EXPECT_EQ(ReasonOf(back), "LANE_FULL");
  EXPECT_EQ(ErrorInfoOf(back)->domain(), "baimi.type.v1");
  EXPECT_EQ(ErrorInfoOf(back)->metadata().at("lane"), "bulk");
  EXPECT_EQ(BadRequestOf(back)->field_violations(0).field(), "a.b");
  EXPECT_EQ(*RetryAfterOf(back), absl::Milliseconds(1500));
}

TEST(Status, DetailsOfAnotherKind_AreDropped) {
  const absl::Status status =
      FromGrpc(grpc::Status(grpc::StatusCode::INTERNAL, "x", std::string("\xff\xff\xff", 3)));
  EXPECT_TRUE(absl::IsInternal(status));
  EXPECT_EQ(ReasonOf(status), "");
}

}  // namespace
}  // namespace baimi::rpc
