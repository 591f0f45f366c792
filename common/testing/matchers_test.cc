#include "common/testing/matchers.h"

#include "baimi/type/v1/types.pb.h"

namespace baimi::test {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using type::v1::Actor;

template <typename Value, typename Matcher>
std::string Complaint(const Value& value, const Matcher& matcher) {
  ::testing::StringMatchResultListener listener;
  EXPECT_FALSE(::testing::ExplainMatchResult(matcher, value, &listener));
  return listener.str();
}

TEST(StatusMatchers, Status_IsJudgedByCodeReasonAndField) {
  const absl::Status error =
      InvalidField("ticket.title", "81 characters", "at most 80", "最多80字");
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(error, Not(IsOk()));
  EXPECT_THAT(error, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(error, Not(StatusIs(absl::StatusCode::kNotFound)));
  EXPECT_THAT(error, HasReason("INVALID_FIELD"));
  EXPECT_THAT(error, Not(HasReason("ETAG_MISMATCH")));
  EXPECT_THAT(error, HasViolation("ticket.title"));
  EXPECT_THAT(error, Not(HasViolation("title")));
  EXPECT_THAT(Complaint(error, IsOk()), HasSubstr("81 characters"));
}

TEST(StatusMatchers, StatusOr_IsJudgedLikeItsStatusAndByItsValue) {
  const absl::StatusOr<int> seven = 7;
  const absl::StatusOr<int> none = absl::NotFoundError("no number");
  EXPECT_THAT(seven, IsOk());
  EXPECT_THAT(seven, IsOkAndHolds(Eq(7)));
  EXPECT_THAT(seven, Not(IsOkAndHolds(Eq(8))));
  EXPECT_THAT(none, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Complaint(none, IsOkAndHolds(Eq(7))), HasSubstr("no number"));
}

TEST(EqualsProto, Message_MustBeTheSameInEveryField) {
  Actor actor;
  actor.set_id("clerk-03");
  EXPECT_THAT(actor, EqualsProto(R"pb(id: "clerk-03")pb"));
  EXPECT_THAT(actor, EqualsProto(actor));
  EXPECT_THAT(actor, Not(EqualsProto(R"pb(id: "clerk-03" unit: "hotline")pb")));
  EXPECT_THAT(actor, Not(EqualsProto("")));
  EXPECT_THAT(actor, Not(EqualsProto(type::v1::GeoPoint())));
  EXPECT_THAT(Complaint(actor, EqualsProto(R"pb(id: "clerk-04")pb")), HasSubstr("clerk-04"));
  EXPECT_THAT(Complaint(actor, EqualsProto("nothing of it")), HasSubstr("baimi.type.v1.Actor"));
  EXPECT_THAT(absl::StatusOr<Actor>(actor), IsOkAndHolds(EqualsProto(actor)));
}

}  // namespace
}  // namespace baimi::test
