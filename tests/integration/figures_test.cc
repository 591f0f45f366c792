// The figures follow the journal, and equal a count of the orders themselves.
#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "baimi/ticket/v1/figure_export_service.pb.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using testing::Not;
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
      // All of it lies before the end of the period.
      for (int i = 0; share && i < share->hung_up_size(); ++i) {
        ticket::domain::AddCounts(share->hung_up(i).counts(), 1, &counts[key(share->hung_up(i))]);
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

  // With a ladder, so that levels are raised.
  void Supervise() {
    clock().Advance(absl::Minutes(1));
    ticket::v1::CreateTicketPolicyRequest policy;
    policy.set_parent(kCounty);
    *policy.mutable_ticket_policy() = ticket::domain::SupervisedPolicy();
    const auto made =
        As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, policy);
    ASSERT_TRUE(made.ok()) << made.status();
  }
  void Ring() {
    absl::StatusOr<int> rang = suite().RingAlarms();
    for (int i = 0; i < 100 && !rang.ok(); ++i) {
      rang = suite().RingAlarms();
    }
    EXPECT_TRUE(rang.ok()) << rang.status();
  }
  Ticket Done(const Ticket& ticket, const std::string& verb, const std::string& body) {
    const auto answer = Http("POST", absl::StrCat("/v1/", ticket.name(), ":", verb), body, "admin");
    EXPECT_EQ(answer.status, 200) << verb << ": " << answer.body;
    return answer.status == 200 ? FromJson<Ticket>(answer.body) : ticket;
  }
  // A signed order that may still be extended.
  Ticket HangUp(const Ticket& ticket) {
    Done(ticket, "requestExtension",
         R"json({"reason": "配件须调运", "period": {"unit": "WORKING_DAYS", "amount": 3}})json");
    Done(ticket, "decideExtension", R"({"approve": true})");
    return Done(ticket, "suspend",
                R"json({"suspension": {"reason": "NEEDS_FUNDING", "targetDate": "2027-06-30",
                    "measures": "已列入下年度预算"}})json");
  }
  http::testing::ClientResponse Export(const std::string& query, const std::string& key = "clerk") {
    return Http("GET", absl::StrCat("/v1/", kCounty, "/tickets:exportFigures?", query), "", key);
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
  Supervise();
  std::mt19937 random(5);
  std::vector<Ticket> open;
  for (int i = 0; i < 30; ++i) {
    open.push_back(File(LiftRequest("")));
  }
  int hung_up = 0;
  int raised = 0;
  for (int round = 0; round < 3; ++round) {
    for (Ticket& ticket : open) {
      const int steps = static_cast<int>(random() % 4);
      for (int step = 0; step < steps && ticket.state() != ticket::v1::ARCHIVED; ++step) {
        if (ticket.state() == ticket::v1::SUSPENDED) {
          ticket = Done(ticket, "resume", R"({"reason": "资金到位"})");
        } else if (ticket.state() == ticket::v1::SIGNED && !ticket.has_extension() &&
                   random() % 3 == 0) {
          ticket = HangUp(ticket);
        } else {
          ticket = Advance(ticket);
        }
      }
      clock().Advance(absl::Minutes(random() % 500));
    }
    Ring();
    for (Ticket& ticket : open) {
      ticket = Get(ticket.name());
      hung_up += ticket.state() == ticket::v1::SUSPENDED ? 1 : 0;
      raised += ticket.supervisions_size();
    }
    // Counted on the way too: what changes later is taken back.
    ExpectEqual(Figures(""), CountedByHand([](const auto&) { return "*"; }));
  }
  EXPECT_GT(hung_up, 2) << "the lives say nothing";
  EXPECT_GT(raised, 2) << "the lives say nothing";
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

TEST_F(FiguresTest, HungUp_IsToldForTheEndOfAnyPeriod) {
  const Ticket hung_up = HangUp(FileUpTo(ticket::v1::SIGNED));
  FileUpTo(ticket::v1::CLOSED);
  // Past the turn of a month and of a year.
  clock().Advance(absl::Hours(24 * 50));
  Done(hung_up, "resume", R"({"reason": "资金到位"})");
  Count();
  const auto at = [&](const std::string& from, const std::string& to) {
    const auto answer = Ask(absl::StrCat("fromDate=", from, "&toDate=", to, "&grouping=BY_UNIT"));
    const auto response = FromJson<ticket::v1::GetFiguresResponse>(answer.body);
    for (const auto& figures : response.figures()) {
      if (figures.key() == kLead) {
        return figures;
      }
    }
    return ticket::v1::Figures();
  };
  EXPECT_EQ(at("2026-11-01", "2026-11-22").counts().suspended(), 0);
  EXPECT_EQ(at("2026-11-01", "2026-11-23").counts().suspended(), 1);
  const auto november = at("2026-11-01", "2026-11-30");
  EXPECT_EQ(november.counts().suspended(), 1);
  EXPECT_EQ(november.counts().due(), 1);
  EXPECT_EQ(november.hanging().percent(), 100.0);
  EXPECT_FALSE(november.hanging().has_low());
  EXPECT_EQ(at("2026-12-31", "2027-01-01").counts().suspended(), 1) << "whenever it was hung up";
  EXPECT_EQ(at("2027-01-01", "2027-01-11").counts().suspended(), 1);
  EXPECT_EQ(at("2027-01-01", "2027-01-12").counts().suspended(), 0) << "taken up again";
}

TEST_F(FiguresTest, Points_AreShownBesideTheScoreAndGoWithAnExclusion) {
  Supervise();
  const Ticket late = FileUpTo(ticket::v1::SIGNED);
  FileUpTo(ticket::v1::CLOSED);
  // S4 takes 4 points.
  EXPECT_EQ(Http("POST", absl::StrCat("/v1/", late.name(), ":supervise"),
                 R"({"level": "S4_LISTED", "reason": "影响恶劣"})", "clerk")
                .status,
            200);
  auto figures = Figures("&grouping=BY_UNIT").at(kLead);
  EXPECT_EQ(figures.counts().supervision_points(), 4);
  EXPECT_EQ(figures.supervision_points(), 2.0) << "the mean of two orders that are due";
  EXPECT_EQ(figures.score(), 85.0) << "30 * 1 / 2 + 35 + 35, as without points";
  EXPECT_EQ(figures.score_after_supervision(), 83.0);
  EXPECT_EQ(Http("POST", absl::StrCat("/v1/", late.name(), ":requestExclusion"),
                 R"({"exclusion":{"ground":"weather","scopes":["DEADLINE_FIGURES"],)"
                 R"("reason":"台风期间道路中断","evidence":["blobs/7"]}})",
                 "unit-zhujianju")
                .status,
            200);
  EXPECT_EQ(Http("POST", absl::StrCat("/v1/", late.name(), ":decideExclusion"),
                 R"({"approve":true})", "clerk")
                .status,
            200);
  figures = Figures("&grouping=BY_UNIT").at(kLead);
  EXPECT_EQ(figures.score_after_supervision(), 83.0) << "the raw ones stay";
  EXPECT_EQ(figures.adjusted().excluded().supervision_points(), 4);
  EXPECT_EQ(figures.adjusted().supervision_points(), 0);
  EXPECT_EQ(figures.adjusted().score_after_supervision(), 100.0);
}

TEST_F(FiguresTest, Export_GivesTheSameFiguresAsAFile) {
  FileUpTo(ticket::v1::CLOSED);
  Count();
  const std::string query = "fromDate=2026-11-01&toDate=2027-03-31&grouping=BY_UNIT&format=";
  const auto answer = Export(query + "CSV");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto file = FromJson<ticket::v1::FigureFile>(answer.body);
  EXPECT_EQ(file.file_name(), "figures-20261101-20270331.csv");
  EXPECT_EQ(file.as_of_seq(), Head());
  const std::vector<std::string> lines = absl::StrSplit(file.content(), "\r\n");
  ASSERT_EQ(lines.size(), 4U) << "a header, the lead, its helper, and the end";
  EXPECT_THAT(lines[0], HasSubstr("\"单位\",\"登记\""));
  EXPECT_THAT(lines[0], HasSubstr("\"督办后得分\""));
  EXPECT_THAT(file.content(), HasSubstr(absl::StrCat("\"", kLead, "\"")));
  EXPECT_THAT(file.content(), HasSubstr("\"100.00\""));
  const auto sheet = FromJson<ticket::v1::FigureFile>(Export(query + "XLSX").body);
  EXPECT_EQ(sheet.content().substr(0, 2), "PK");
  EXPECT_EQ(sheet.file_name(), "figures-20261101-20270331.xlsx");
  EXPECT_EQ(Export("fromDate=2026-11-01&toDate=2027-03-31").status, 400) << "no format";
  EXPECT_EQ(Export(query + "CSV", "unit-zhujianju").status, 403);
  const auto part = FromJson<ticket::v1::FigureFile>(Export(query + "CSV", "township").body);
  EXPECT_THAT(part.content(), Not(HasSubstr(kLead))) << "a caller of a part sees that part only";
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
