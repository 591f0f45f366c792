// 剔除 through the doors: asked for by the unit, decided by the centre, told by the figures.
#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/exclusion_service.pb.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using ticket::v1::Ticket;

class ExclusionsTest : public SuiteTest {
 protected:
  http::testing::ClientResponse Post(const Ticket& ticket, const std::string& verb,
                                     const std::string& body, const std::string& key) {
    return Http("POST", absl::StrCat("/v1/", ticket.name(), ":", verb), body, key);
  }
  http::testing::ClientResponse Ask(const Ticket& ticket, const std::string& more = "") {
    return Post(ticket, "requestExclusion",
                absl::StrCat(R"({"exclusion":{"ground":"weather","scopes":["DEADLINE_FIGURES"],)",
                             R"("reason":"台风期间道路中断","evidence":["blobs/7"]})", more, "}"),
                "unit-zhujianju");
  }
  ticket::v1::ListExclusionsResponse List(const std::string& query, const std::string& key) {
    const auto answer = Http("GET", absl::StrCat("/v1/", kCounty, "/exclusions", query), "", key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return FromJson<ticket::v1::ListExclusionsResponse>(answer.body);
  }
  ticket::v1::Figures Figures() {
    absl::StatusOr<int64_t> counted = suite().CountFigures();
    for (int i = 0; i < 100 && !counted.ok(); ++i) {
      counted = suite().CountFigures();
    }
    EXPECT_TRUE(counted.ok()) << counted.status();
    const auto answer = Http(
        "GET",
        absl::StrCat("/v1/", kCounty, "/tickets:figures?fromDate=2026-11-01&toDate=2027-03-31"), "",
        "clerk");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return FromJson<ticket::v1::GetFiguresResponse>(answer.body).figures(0);
  }
};

TEST_F(ExclusionsTest, Approved_RawFiguresStayAndTheAdjustedLeaveItOut) {
  const Ticket ticket = FileUpTo(ticket::v1::CLOSED);
  FileUpTo(ticket::v1::CLOSED);
  const ticket::v1::Figures before = Figures();
  EXPECT_EQ(before.counts().due(), 2);
  EXPECT_EQ(Ask(ticket, R"(,"requestId":"ask-1")").status, 200);
  EXPECT_EQ(Ask(ticket, R"(,"requestId":"ask-1")").status, 200) << "the same answer";
  EXPECT_EQ(Ask(ticket).status, 400) << "one waits";
  EXPECT_FALSE(Figures().has_adjusted());

  EXPECT_EQ(List("", "clerk").tickets(0).name(), ticket.name());
  EXPECT_EQ(List("?state=EXCLUSION_APPROVED", "clerk").tickets_size(), 0);
  EXPECT_EQ(Post(ticket, "decideExclusion", R"({"approve":true})", "unit-zhujianju").status, 403);
  EXPECT_THAT(Post(ticket, "decideExclusion", "{}", "clerk").body, HasSubstr("note"));
  EXPECT_EQ(Post(ticket, "decideExclusion", R"({"approve":true})", "clerk").status, 200);

  const ticket::v1::Figures after = Figures();
  EXPECT_EQ(after.counts().SerializeAsString(), before.counts().SerializeAsString());
  EXPECT_EQ(after.adjusted().excluded().due(), 1);
  EXPECT_EQ(after.adjusted().response().denominator(), 1);
  EXPECT_EQ(after.adjusted().satisfaction().denominator(), 2) << "the callback still counts";
  EXPECT_EQ(List("", "clerk").tickets_size(), 0);
  EXPECT_EQ(List("?state=EXCLUSION_APPROVED", "clerk").tickets_size(), 1);

  EXPECT_EQ(Post(ticket, "decideExclusion", R"({"note":"材料不实"})", "clerk").status, 200);
  EXPECT_FALSE(Figures().has_adjusted()) << "revoked";
}

TEST_F(ExclusionsTest, List_PagesAndShowsWhatTheCallerMaySee) {
  std::vector<Ticket> tickets;
  for (int i = 0; i < 3; ++i) {
    tickets.push_back(FileUpTo(ticket::v1::SIGNED));
    EXPECT_EQ(Ask(tickets.back()).status, 200);
  }
  const auto first = List("?pageSize=2", "admin");
  ASSERT_EQ(first.tickets_size(), 2);
  EXPECT_EQ(first.tickets(0).name(), tickets[2].name());
  const auto second =
      List(absl::StrCat("?pageSize=2&pageToken=", first.next_page_token()), "admin");
  ASSERT_EQ(second.tickets_size(), 1);
  EXPECT_EQ(second.tickets(0).name(), tickets[0].name());
  EXPECT_TRUE(second.next_page_token().empty());
  EXPECT_EQ(List("", "township").tickets_size(), 0) << "orders of another community";
}

}  // namespace
}  // namespace baimi::integration
