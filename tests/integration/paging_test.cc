// Pages and their tokens.
#include <gmock/gmock.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using ticket::v1::ListTicketsRequest;
using ticket::v1::ListTicketsResponse;
using Stub = ticket::v1::TicketService::Stub;

class PagingTest : public SuiteTest {
 protected:
  void SetUp() override {
    SuiteTest::SetUp();
    for (int i = 0; i < 12; ++i) {
      names_.insert(names_.begin(), File(LiftRequest("")).name());
      clock().Advance(absl::Seconds(1));
    }
  }

  absl::StatusOr<ListTicketsResponse> Page(const std::string& token, int size,
                                           const std::string& filter = "") {
    auto request = Text<ListTicketsRequest>(absl::StrCat("parent: \"counties/469030\" ", filter));
    request.set_page_token(token);
    request.set_page_size(size);
    return As("admin")(&Stub::ListTickets, request);
  }

  // Newest first.
  std::vector<std::string> names_;
};

TEST_F(PagingTest, Pages_WhileOrdersAreFiled_ShowEachOldOrderOnce) {
  std::vector<std::string> seen;
  std::string token;
  int size = 1;
  do {
    const auto page = Page(token, size);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->tickets_size(), size);
    for (const auto& ticket : page->tickets()) {
      seen.push_back(ticket.name());
    }
    token = page->next_page_token();
    // The size may change on the way, and others file meanwhile.
    size = size % 4 + 1;
    File(LiftRequest(""));
  } while (!token.empty());
  EXPECT_EQ(seen, names_);
}

TEST_F(PagingTest, Size_Limits_AreKept) {
  EXPECT_EQ(Page("", 0)->tickets_size(), 12);
  EXPECT_EQ(Page("", 100000)->tickets_size(), 12);
  EXPECT_EQ(Page("", 12)->next_page_token(), "");
  EXPECT_NE(Page("", 11)->next_page_token(), "");
  const auto negative = Page("", -1);
  EXPECT_TRUE(absl::IsInvalidArgument(negative.status())) << negative.status();
  EXPECT_EQ(ReasonOf(negative.status()), "INVALID_FIELD");
}

TEST_F(PagingTest, Token_ForgedChangedOrOfAnotherQuery_IsRefused) {
  const std::string good = Page("", 5)->next_page_token();
  ASSERT_TRUE(Page(good, 5).ok());
  std::vector<std::string> bad = {"x", "AAAA", std::string(1000, 'A'), good + "A",
                                  good.substr(0, good.size() - 1)};
  for (size_t i = 0; i < good.size(); i += 7) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    bad.push_back(changed);
  }
  for (const std::string& token : bad) {
    const auto answer = Page(token, 5);
    EXPECT_TRUE(absl::IsInvalidArgument(answer.status())) << token << ": " << answer.status();
    EXPECT_EQ(ReasonOf(answer.status()), "BAD_PAGE_TOKEN") << token;
    const auto violations = BadRequestOf(answer.status());
    ASSERT_TRUE(violations.has_value());
    EXPECT_EQ(violations->field_violations(0).field(), "page_token");
  }
  const auto other = Page(good, 5, "type: HELP");
  EXPECT_EQ(ReasonOf(other.status()), "BAD_PAGE_TOKEN") << other.status();
  clock().Advance(absl::Hours(25));
  EXPECT_EQ(ReasonOf(Page(good, 5).status()), "BAD_PAGE_TOKEN");
}

TEST_F(PagingTest, Http_HugePageAndForgedToken_AreAnswered) {
  const auto huge = Http("GET", "/v1/counties/469030/tickets?pageSize=2147483647");
  ASSERT_EQ(huge.status, 200) << huge.body;
  EXPECT_EQ(FromJson<ListTicketsResponse>(huge.body).tickets_size(), 12);
  const auto forged = Http("GET", "/v1/counties/469030/tickets?pageToken=Zm9yZ2Vk");
  EXPECT_EQ(forged.status, 400);
  EXPECT_THAT(forged.body, HasSubstr("BAD_PAGE_TOKEN"));
}

TEST_F(PagingTest, Events_PageByPage_AreTheWholeHistory) {
  ticket::v1::Ticket ticket = FileUpTo(ticket::v1::CLOSED);
  ticket::v1::ListTicketEventsRequest request;
  request.set_parent(ticket.name());
  const auto whole = As("admin")(&Stub::ListTicketEvents, request);
  ASSERT_TRUE(whole.ok()) << whole.status();
  std::vector<int64_t> expected;
  for (const auto& event : whole->events()) {
    expected.push_back(event.seq());
  }
  request.set_page_size(2);
  std::vector<int64_t> seen;
  do {
    const auto page = As("admin")(&Stub::ListTicketEvents, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& event : page->events()) {
      seen.push_back(event.seq());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, expected);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

}  // namespace
}  // namespace baimi::integration
