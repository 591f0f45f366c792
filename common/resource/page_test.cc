#include "common/resource/page.h"

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "common/resource/sample.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::resource {
namespace {

constexpr char kMethod[] = "/baimi.ticket.v1.TicketService/ListTickets";

class PageTokensTest : public testing::Test {
 protected:
  PageTokensTest() {
    request_.set_parent("counties/469030");
    request_.set_category("0102");
  }
  PageQuery Query() const { return PageQueryOf(kMethod, request_); }
  std::string Reason(const PageQuery& query, absl::string_view token) const {
    return ReasonOf(tokens_.Read(query, token).status());
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::unique_ptr<Rng> rng_ = NewSystemRng();
  PageTokens tokens_{std::string(32, 'k'), &clock_, rng_.get()};
  sample::ListTicketsRequest request_;
};

TEST(PageSize, Rules_OfAip158) {
  EXPECT_EQ(*PageSize(0), 50);
  EXPECT_EQ(*PageSize(1), 1);
  EXPECT_EQ(*PageSize(1000), 1000);
  EXPECT_EQ(*PageSize(1001), 1000);
  EXPECT_EQ(*PageSize(INT32_MAX), 1000);
  EXPECT_EQ(PageSize(-1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BadRequestOf(PageSize(-1).status())->field_violations(0).field(), "page_size");
}

TEST_F(PageTokensTest, Cursor_ComesBackForTheSameQuery) {
  const std::vector<std::vector<std::string>> keys = {
      {}, {""}, {"", ""}, {"20261122-000123"}, {"1795000000000000", std::string("\0x", 2), "王"}};
  for (const auto& key : keys) {
    const auto cursor = tokens_.Read(Query(), tokens_.Make(Query(), {key}));
    ASSERT_TRUE(cursor.ok()) << cursor.status();
    EXPECT_EQ(cursor->last_key, key);
  }
  EXPECT_TRUE(tokens_.Read(Query(), "")->last_key.empty());
}

TEST_F(PageTokensTest, Token_SurvivesAnotherPageSizeOnly) {
  const std::string token = tokens_.Make(Query(), {{"a"}});
  request_.set_page_size(7);
  request_.set_page_token(token);
  EXPECT_TRUE(tokens_.Read(Query(), token).ok());
  sample::ListTicketsRequest other = request_;
  other.set_category("0103");
  EXPECT_EQ(Reason(PageQueryOf(kMethod, other), token), "BAD_PAGE_TOKEN");
  other = request_;
  other.set_parent("counties/469031");
  EXPECT_EQ(Reason(PageQueryOf(kMethod, other), token), "BAD_PAGE_TOKEN");
  EXPECT_EQ(Reason(PageQueryOf("/other/Method", request_), token), "BAD_PAGE_TOKEN");
}

TEST_F(PageTokensTest, AnyChangedCharacter_IsRefused) {
  const std::string token = tokens_.Make(Query(), {{"20261122-000123"}});
  EXPECT_FALSE(absl::StrContains(token, "20261122"));
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'b', '7', '-', '=', '\n', '\xe7'}) {
      std::string changed = token;
      changed[i] = c;
      if (changed != token) {
        EXPECT_EQ(Reason(Query(), changed), "BAD_PAGE_TOKEN") << i << c;
      }
    }
    EXPECT_EQ(Reason(Query(), token.substr(i + 1)).empty(), i + 1 == token.size());
  }
  EXPECT_EQ(Reason(Query(), token + "A"), "BAD_PAGE_TOKEN");
  EXPECT_EQ(Reason(Query(), "1"), "BAD_PAGE_TOKEN");
  EXPECT_EQ(Reason(Query(), std::string(5000, 'A')), "BAD_PAGE_TOKEN");
}

TEST_F(PageTokensTest, Token_OfAnotherKeyOrReplica) {
  const PageTokens same(std::string(32, 'k'), &clock_, rng_.get());
  const PageTokens other(std::string(32, 'K'), &clock_, rng_.get());
  EXPECT_TRUE(tokens_.Read(Query(), same.Make(Query(), {{"a"}})).ok());
  EXPECT_EQ(Reason(Query(), other.Make(Query(), {{"a"}})), "BAD_PAGE_TOKEN");
}

TEST_F(PageTokensTest, Token_ExpiresAfterADay) {
  const std::string token = tokens_.Make(Query(), {{"a"}});
  clock_.Advance(absl::Hours(24));
  EXPECT_TRUE(tokens_.Read(Query(), token).ok());
  clock_.Advance(absl::Microseconds(1));
  const absl::Status status = tokens_.Read(Query(), token).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "BAD_PAGE_TOKEN");
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "page_token");
}

}  // namespace
}  // namespace baimi::resource
