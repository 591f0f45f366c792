#include "common/sql/database.h"

#include <vector>

#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::sql {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Open, UnknownScheme_NamesTheSchemeAndNoPassword) {
  for (const char* uri : {"mysql://user:secret@host/db", "", "/var/lib/x.db", "postgres"}) {
    const absl::Status status = Open(uri, {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << uri;
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "database.uri");
    EXPECT_THAT(status.ToString(), Not(HasSubstr("secret")));
  }
  EXPECT_EQ(Open("sqlite:", {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Status, Constraint_IsReadBackAndAbsentElsewhere) {
  const absl::Status status = WithConstraint(absl::AlreadyExistsError("x"), "t.a, t.b");
  EXPECT_EQ(ConstraintOf(status), "t.a, t.b");
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ConstraintOf(absl::AlreadyExistsError("x")), "");
  EXPECT_EQ(ConstraintOf(absl::OkStatus()), "");
}

TEST(Status, CommitUnknown_IsReadBackAndAbsentElsewhere) {
  EXPECT_TRUE(IsCommitUnknown(WithCommitUnknown(absl::UnavailableError("x"))));
  EXPECT_FALSE(IsCommitUnknown(absl::UnavailableError("x")));
  EXPECT_FALSE(IsCommitUnknown(absl::OkStatus()));
}

TEST(Param, EachType_KeepsItsAlternative) {
  const std::string text = "text";
  const Param params[] = {Null{},
                          7,
                          int64_t{8},
                          true,
                          1.5,
                          text,
                          "literal",
                          Param::Bytes("b"),
                          Param::Time(absl::FromUnixMicros(9))};
  const size_t want[] = {0, 1, 1, 2, 3, 4, 4, 5, 1};
  for (size_t i = 0; i < std::size(params); ++i) {
    EXPECT_EQ(params[i].value().index(), want[i]) << i;
  }
  EXPECT_EQ(std::get<absl::string_view>(params[5].value()).data(), text.data()) << "not copied";
}

}  // namespace
}  // namespace baimi::sql
