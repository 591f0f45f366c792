// A key that makes too many calls is told when to come back; nobody else notices.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using Stub = ticket::v1::TicketService::Stub;

constexpr char kList[] = "/v1/counties/469030/tickets";

class QuotaTest : public SuiteTest {
 protected:
  void SetUp() override {
    options().node.quota.read = {.per_second = 1, .burst = 3};
    SuiteTest::SetUp();
  }
};

TEST_F(QuotaTest, Reads_MoreThanTheLimit_Are429WithRetryAfterForThatKeyOnly) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Http("GET", kList, "", "clerk").status, 200);
  }
  const auto refused = Http("GET", kList, "", "clerk");
  EXPECT_EQ(refused.status, 429) << refused.body;
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_THAT(refused.body, HasSubstr("QUOTA_EXCEEDED"));
  EXPECT_THAT(refused.body, HasSubstr("RetryInfo"));
  EXPECT_THAT(refused.body, HasSubstr("调用过于频繁"));
  EXPECT_EQ(Http("GET", kList, "", "unit-zhujianju").status, 200);
  clock().Advance(absl::Seconds(1));
  EXPECT_EQ(Http("GET", kList, "", "clerk").status, 200);
  EXPECT_EQ(Http("GET", kList, "", "clerk").status, 429);
}

TEST_F(QuotaTest, Reads_FromTheCache_CountToo) {
  const ticket::v1::Ticket ticket = File(LiftRequest(""));
  ticket::v1::GetTicketRequest request;
  request.set_name(ticket.name());
  const Caller clerk = As("clerk");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(clerk(&Stub::GetTicket, request).ok());
  }
  EXPECT_EQ(ReasonOf(clerk(&Stub::GetTicket, request).status()), "QUOTA_EXCEEDED");
}

TEST_F(QuotaTest, Writes_OwnLimitOfTheKey_RefusesBeforeAnythingIsDone) {
  const Caller hasty = As("hasty");
  for (int i = 0; i < 2; ++i) {
    const auto filed = hasty(&Stub::CreateTicket, LiftRequest(absl::StrCat("hasty-", i)));
    ASSERT_TRUE(filed.ok()) << filed.status();
  }
  const int64_t head = Head();
  const auto refused = hasty(&Stub::CreateTicket, LiftRequest("hasty-2"));
  EXPECT_TRUE(absl::IsResourceExhausted(refused.status())) << refused.status();
  EXPECT_EQ(ReasonOf(refused.status()), "QUOTA_EXCEEDED");
  EXPECT_EQ(RetryAfterOf(refused.status()), absl::Seconds(1));
  EXPECT_EQ(Head(), head);
  EXPECT_THAT(Admin("/metrics").body,
              HasSubstr(R"(baimi_rpc_quota_refused_total{class="write",key="hasty"} 1)"));
  clock().Advance(*RetryAfterOf(refused.status()));
  EXPECT_TRUE(hasty(&Stub::CreateTicket, LiftRequest("hasty-2")).ok());
}

}  // namespace
}  // namespace baimi::integration
