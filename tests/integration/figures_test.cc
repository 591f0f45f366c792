// The figures follow the journal, and equal a count of the orders themselves.
#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/ticket/domain/figures.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using ticket::v1::FigureCounts;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

class FiguresTest : public SuiteTest {
 protected:
  http::testing::ClientResponse Ask(const std::string& query, const std::string& key = "clerk") {
    return Http("GET", absl::StrCat("/v1/", kCounty, "/tickets:figures?", query), "", key);
  }
  void Count() {
    absl::StatusOr<int64_t> counted = suite().CountFigures();
    // The service itself comes again too, where the database fails.
    for (int i = 0; i < 100 && !counted.ok(); ++i) {
      counted = suite().CountFigures();
    }
    EXPECT_TRUE(counted.ok()) << counted.status();
  }
  // By key.
  std::map<std::string, ticket::v1::Figures> Figures(const std::string& query) {
    Count();
    const auto answer = Ask(absl::StrCat("fromDate=2026-11-01&toDate=2027-03-31", query));
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto response = FromJson<ticket::v1::GetFiguresResponse>(answer.body);
    EXPECT_EQ(response.as_of_seq(), Head());
    std::map<std::string, ticket::v1::Figures> figures;
    for (const ticket::v1::Figures& one : response.figures()) {
      figures[one.key()] = one;
    }
    return figures;
  }

  // Counts every order and every record of it anew.
  std::map<std::string, FigureCounts> CountedByHand(
      const std::function<std::string(const ticket::v1::FigureShare&)>& key) {
    std::map<std::string, FigureCounts> counts;
    const auto add = [&](const std::optional<ticket::v1::FigureShare>& share) {
      if (share && (!key(*share).empty() || key({}) == "*")) {
        ticket::domain::AddCounts(share->counts(), 1, &counts[key(*share)]);
      }
    };
    ticket::v1::ListTicketsRequest list;
    list.set_parent(kCounty);
    list.set_page_size(1000);
    const auto tickets = As("admin")(&Stub::ListTickets, list);
    EXPECT_TRUE(tickets.ok()) << tickets.status();
    for (const Ticket& ticket : tickets->tickets()) {
      add(ticket::domain::ShareOfState(ticket));
      ticket::v1::ListTicketEventsRequest request;
      request.set_parent(ticket.name());
      request.set_page_size(1000);
      const auto events = As("admin")(&Stub::ListTicketEvents, request);
      EXPECT_TRUE(events.ok()) << events.status();
      for (const auto& event : events->events()) {
        add(ticket::domain::ShareOfFact(ticket, event.fact()));
        for (const auto& share : ticket::domain::HelpSharesOfFact(ticket, event.fact())) {
          add(share);
        }
      }
    }
    return counts;
  }

  static void ExpectEqual(const std::map<std::string, ticket::v1::Figures>& figures,
                          std::map<std::string, FigureCounts> counts) {
    std::erase_if(counts, [](const auto& one) { return ticket::domain::IsZero(one.second); });
    EXPECT_EQ(figures.size(), counts.size());
    for (const auto& [key, count] : counts) {
      const auto found = figures.find(key == "*" ? "" : key);
      ASSERT_NE(found, figures.end()) << key;
      EXPECT_EQ(found->second.counts().SerializeAsString(), count.SerializeAsString())
          << key << ": got " << found->second.counts().ShortDebugString() << ", want "
          << count.ShortDebugString();
    }
  }
};

TEST_F(FiguresTest, AfterManyLives_EqualACountOfTheOrders) {
  std::mt19937 random(5);
  std::vector<Ticket> open;
  for (int i = 0; i < 30; ++i) {
    open.push_back(File(LiftRequest("")));
  }
  for (int round = 0; round < 3; ++round) {
    for (Ticket& ticket : open) {
      const int steps = static_cast<int>(random() % 4);
      for (int step = 0; step < steps && ticket.state() != ticket::v1::ARCHIVED; ++step) {
        ticket = Advance(ticket);
      }
      clock().Advance(absl::Minutes(random() % 500));
    }
    // Counted on the way too: what changes later is taken back.
    ExpectEqual(Figures(""), CountedByHand([](const auto&) { return "*"; }));
  }
  ExpectEqual(Figures("&grouping=BY_UNIT"),
              CountedByHand([](const auto& share) { return share.unit(); }));
  ExpectEqual(Figures("&grouping=BY_AREA"),
              CountedByHand([](const auto& share) { return share.area(); }));
  ExpectEqual(Figures("&grouping=BY_CATEGORY"),
              CountedByHand([](const auto& share) { return share.category(); }));
  EXPECT_TRUE(Figures("&grouping=BY_CATEGORY&category=03").empty());
  EXPECT_EQ(Figures("&grouping=BY_AREA&subtree=469030100000").size(), 1U);
}

TEST_F(FiguresTest, OneOrder_GivesTheRatesOfItsUnit) {
  FileUpTo(ticket::v1::CLOSED);
  const auto by_unit = Figures("&grouping=BY_UNIT");
  ASSERT_EQ(by_unit.size(), 2U) << "the lead and its helper";
  const ticket::v1::Figures& figures = by_unit.at(kLead);
  EXPECT_EQ(figures.response().percent(), 100.0);
  EXPECT_EQ(figures.score(), 100.0);
  EXPECT_LT(figures.response().low(), 30.0) << "one order says little";
}

TEST_F(FiguresTest, BadPeriodsAndFilters_AreRefused) {
  EXPECT_EQ(Ask("fromDate=2026-11-01").status, 400);
  EXPECT_THAT(Ask("fromDate=2026-11-02&toDate=2026-11-01").body, HasSubstr("to_date"));
  EXPECT_EQ(Ask("fromDate=2026-01-01&toDate=2027-02-04").status, 200) << "400 days";
  EXPECT_EQ(Ask("fromDate=2026-01-01&toDate=2027-02-05").status, 400);
  EXPECT_THAT(Ask("fromDate=2026-11-01&toDate=2026-11-02&category=02").body,
              HasSubstr("BY_CATEGORY"));
}

TEST_F(FiguresTest, CallerOfAPart_SeesThatPartOnly) {
  FileUpTo(ticket::v1::CLOSED);
  Count();
  const std::string period = "fromDate=2026-11-01&toDate=2027-03-31";
  for (const char* grouping : {"", "&grouping=BY_AREA", "&grouping=BY_CATEGORY"}) {
    const auto answer = Ask(period + grouping, "township");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(FromJson<ticket::v1::GetFiguresResponse>(answer.body).figures_size(), 0) << grouping;
  }
  EXPECT_EQ(Ask(period, "unit-zhujianju").status, 403);
}

}  // namespace
}  // namespace baimi::integration
