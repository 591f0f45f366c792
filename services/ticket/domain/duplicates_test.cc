#include "services/ticket/domain/duplicates.h"

#include <algorithm>
#include <functional>
#include <string>

#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/cells.h"
#include "services/ticket/domain/proto_time.h"

namespace baimi::ticket::domain {
namespace {

constexpr char kText[] = "3栋电梯停运，老人下不来";
constexpr char kGrid[] = "counties/469030/grids/469030100003001";

v1::Ticket OrderNumber(int n) {
  v1::Ticket ticket;
  ticket.set_name("counties/469030/tickets/20260601-00000" + std::to_string(n));
  ticket.set_type(v1::HELP);
  ticket.set_category("010101");
  ticket.set_state(v1::SIGNED);
  ticket.mutable_place()->set_grid(kGrid);
  ticket.mutable_caller()->set_phone("1390000000" + std::to_string(n));
  *ticket.mutable_create_time() = ToProto(absl::FromUnixSeconds(1'780'000'000) + absl::Hours(n));
  return ticket;
}

v1::DuplicatePolicy Rules() { return DuplicatesOf(v1::TicketPolicy()); }

std::optional<v1::DuplicateCandidate> Compare(const v1::Ticket& order, const v1::Ticket& other,
                                              absl::string_view other_text = kText) {
  return Comparison(order, kText, Rules()).With(other, other_text);
}

type::v1::GeoPoint Point(double latitude, double longitude) {
  type::v1::GeoPoint point;
  point.set_latitude(latitude);
  point.set_longitude(longitude);
  return point;
}

TEST(Duplicates, Candidate_NeedsCategoryPlaceTimeAndCallerOrText) {
  struct Case {
    const char* what;
    std::function<void(v1::Ticket&)> change;
    const char* text = kText;
    bool found = false;
  };
  const Case cases[] = {
      {"alike", [](v1::Ticket&) {}, kText, true},
      {"other words", [](v1::Ticket&) {}, "路灯不亮", false},
      {"other words, same caller",
       [](v1::Ticket& t) { t.mutable_caller()->set_phone("13900000001"); }, "路灯不亮", true},
      {"other category", [](v1::Ticket& t) { t.set_category("010102"); }},
      {"its parent category", [](v1::Ticket& t) { t.set_category("0101"); }},
      {"other grid", [](v1::Ticket& t) { t.mutable_place()->set_grid("counties/469030/grids/x"); }},
      {"no place", [](v1::Ticket& t) { t.clear_place(); }},
      {"no place, same caller",
       [](v1::Ticket& t) {
         t.clear_place();
         t.mutable_caller()->set_phone("13900000001");
       },
       kText, true},
      {"30 days",
       [](v1::Ticket& t) { t.mutable_create_time()->set_seconds(1'780'003'600 - 30 * 86'400); },
       kText, true},
      {"a second more than 30 days",
       [](v1::Ticket& t) { t.mutable_create_time()->set_seconds(1'780'003'599 - 30 * 86'400); }},
      {"later", [](v1::Ticket& t) { t.mutable_create_time()->set_seconds(1'780'903'600); }, kText,
       true},
      {"withdrawn", [](v1::Ticket& t) { t.set_state(v1::WITHDRAWN); }},
      {"refused",
       [](v1::Ticket& t) { t.mutable_refusal()->set_code(v1::REPEAT_WITHOUT_NEW_FACTS); }},
      {"a report", [](v1::Ticket& t) { t.set_type(v1::REPORT); }},
  };
  for (const Case& c : cases) {
    v1::Ticket other = OrderNumber(2);
    c.change(other);
    EXPECT_EQ(Compare(OrderNumber(1), other, c.text).has_value(), c.found) << c.what;
  }
  EXPECT_FALSE(Compare(OrderNumber(1), OrderNumber(1)).has_value()) << "itself";
  v1::Ticket draft = OrderNumber(1);
  draft.clear_name();
  EXPECT_TRUE(Compare(draft, OrderNumber(2)).has_value()) << "a draft has no name yet";
}

TEST(Duplicates, Distance_CountsWhereBothHaveAPoint) {
  v1::Ticket order = OrderNumber(1);
  v1::Ticket other = OrderNumber(2);
  other.mutable_place()->set_grid("counties/469030/grids/469030100003002");
  *order.mutable_place()->mutable_point() = Point(19.034, 109.83);
  for (const auto& [metres, found] :
       {std::pair(150.0, true), std::pair(199.0, true), std::pair(201.0, false)}) {
    *other.mutable_place()->mutable_point() = Point(19.034 + metres / 111'195, 109.83);
    const auto candidate = Compare(order, other);
    ASSERT_EQ(candidate.has_value(), found) << metres;
    if (found) {
      EXPECT_NEAR(candidate->score().metres(), metres, 1);
      EXPECT_NEAR(candidate->score().place(), 1 - metres / 200, 0.01);
    }
  }
}

TEST(Duplicates, Report_IsComparedOnlyWithReportsAboutTheSameUnit) {
  v1::Ticket report = OrderNumber(1);
  report.set_type(v1::REPORT);
  report.set_subject_unit("counties/469030/units/a");
  v1::Ticket other = OrderNumber(2);
  EXPECT_FALSE(Compare(report, other).has_value());
  EXPECT_FALSE(Compare(other, report).has_value());
  other.set_type(v1::REPORT);
  other.set_subject_unit("counties/469030/units/b");
  EXPECT_FALSE(Compare(report, other).has_value());
  other.set_subject_unit(report.subject_unit());
  EXPECT_TRUE(Compare(report, other).has_value());
}

TEST(Duplicates, Advice_IsX3ForTheSameCallerAndMergeForOthers) {
  const v1::Ticket order = OrderNumber(1);
  v1::Ticket other = OrderNumber(2);
  EXPECT_EQ(Compare(order, other)->advice(), v1::MERGE);
  other.set_state(v1::ARCHIVED);
  EXPECT_EQ(Compare(order, other)->advice(), v1::LOOK);
  other.mutable_caller()->set_phone(order.caller().phone());
  EXPECT_EQ(Compare(order, other)->advice(), v1::TELL_PROGRESS) << "being handled or done";
  other.set_state(v1::SIGNED);
  EXPECT_EQ(Compare(order, other)->advice(), v1::TELL_PROGRESS);
  EXPECT_EQ(Compare(order, other, "水管爆裂")->advice(), v1::MERGE) << "new facts";
  other.set_state(v1::MERGED);
  other.set_merged_into("counties/469030/tickets/20260601-000009");
  EXPECT_EQ(Compare(order, other)->target(), other.merged_into());
}

TEST(Duplicates, MergeInto_IsTheEarliestThatGoesOn) {
  std::vector<v1::DuplicateCandidate> candidates;
  for (const int n : {4, 2, 3}) {
    v1::Ticket other = OrderNumber(n);
    other.set_state(n == 2 ? v1::CLOSED : v1::SIGNED);
    candidates.push_back(*Compare(OrderNumber(1), other));
  }
  EXPECT_EQ(MergeInto(candidates), OrderNumber(3).name());
  EXPECT_EQ(MergeInto({}), "");
}

TEST(Duplicates, Rank_PutsTheSameCallerFirstAndKeepsTheLimit) {
  std::vector<v1::DuplicateCandidate> candidates;
  for (const int n : {2, 3, 4}) {
    v1::Ticket other = OrderNumber(n);
    if (n == 4) {
      other.mutable_caller()->set_phone(OrderNumber(1).caller().phone());
    }
    candidates.push_back(*Compare(OrderNumber(1), other,
                                  n == 4   ? "路灯"
                                  : n == 2 ? kText
                                           : "3栋电梯停运"));
  }
  Rank(candidates, 2);
  ASSERT_EQ(candidates.size(), 2U);
  EXPECT_EQ(candidates[0].ticket().name(), OrderNumber(4).name());
  EXPECT_EQ(candidates[1].ticket().name(), OrderNumber(2).name());
}

TEST(Duplicates, Repeat_NamesAnEarlierOrderOfTheSameCaller) {
  v1::Ticket ticket = OrderNumber(3);
  v1::Ticket earlier = OrderNumber(2);
  v1::Refusal refusal;
  refusal.set_code(v1::REPEAT_WITHOUT_NEW_FACTS);
  refusal.set_earlier_ticket(earlier.name());
  EXPECT_EQ(ReasonOf(CheckRepeat(ticket, refusal, nullptr)), "REFUSAL_INCOMPLETE");
  EXPECT_EQ(ReasonOf(CheckRepeat(ticket, refusal, &earlier)), "REFUSAL_INCOMPLETE");
  earlier.mutable_caller()->set_phone(ticket.caller().phone());
  EXPECT_TRUE(CheckRepeat(ticket, refusal, &earlier).ok());
  EXPECT_FALSE(CheckRepeat(earlier, refusal, &ticket).ok()) << "a later order";
  ticket.mutable_caller()->clear_phone();
  earlier.mutable_caller()->clear_phone();
  EXPECT_FALSE(CheckRepeat(ticket, refusal, &earlier).ok()) << "nobody knows the callers";
}

TEST(Cells, Cell_IsAroundItsPointAndOfAboutHundredMetres) {
  for (const double latitude : {-89.9995, -0.0001, 0.0, 19.034, 53.4}) {
    for (const double longitude : {-179.9999, 0.0, 109.8301, 134.9}) {
      const auto point = Point(latitude, longitude);
      EXPECT_LE(MetresToCell(point, CellOf(point)), 80) << latitude << " " << longitude;
    }
  }
  EXPECT_EQ(CellOf(Point(19.0341, 109.8301)), CellOf(Point(19.0349, 109.8309)));
  EXPECT_NE(CellOf(Point(19.0341, 109.8301)), CellOf(Point(19.0351, 109.8301)));
}

TEST(Cells, Around_HoldsEveryCellWithinTheMetres) {
  for (const double latitude : {0.5, 19.034, 53.4}) {
    const auto centre = Point(latitude, 109.8304);
    for (const double metres : {0.0, 50.0, 200.0, 1500.0}) {
      const auto ranges = CellsAround(centre, metres);
      for (int i = -20; i <= 20; ++i) {
        for (int j = -30; j <= 30; ++j) {
          const int64_t cell = CellOf(Point(latitude + i * 0.001, 109.8304 + j * 0.001));
          const bool in = std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
            return range.first <= cell && cell <= range.second;
          });
          EXPECT_TRUE(in || static_cast<double>(MetresToCell(centre, cell)) > metres)
              << latitude << " " << metres << " " << i << " " << j;
        }
      }
    }
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
