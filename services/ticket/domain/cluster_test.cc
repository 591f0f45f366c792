#include "services/ticket/domain/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/error.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::ClusterPolicy Policy() {
  v1::ClusterPolicy policy;
  policy.add_window_weeks(1);
  policy.add_window_weeks(2);
  policy.set_baseline_weeks(8);
  policy.set_min_count(5);
  policy.set_false_alarms_per_year(12);
  policy.set_dispersion_percent(100);
  policy.set_topic_grids(3);
  return policy;
}

constexpr char kGrid[] = "469030100003001";
constexpr char kArea[] = "469030100003";

// `now` in the last week, `before` in each of the others.
HeatCell Cell(CellKey key, int64_t now, int64_t before) {
  HeatCell cell{std::move(key), std::vector<int64_t>(10, before)};
  cell.weeks[0] = now;
  return cell;
}

TEST(ClusterTail, OneByOne_IsTheBinomialTail) {
  // By hand, with the chance of a ninth for each of the orders.
  EXPECT_DOUBLE_EQ(TailOf(3, 0, 1, 8, 1), 1.0 / 729);
  EXPECT_NEAR(TailOf(1, 1, 1, 8, 1), 1 - 64.0 / 81, 1e-12);
  EXPECT_NEAR(TailOf(2, 1, 1, 8, 1), (3 * 8 + 1) / 729.0, 1e-12);
  EXPECT_DOUBLE_EQ(TailOf(0, 40, 1, 8, 1), 1);
  // Two of three in two weeks of four.
  EXPECT_NEAR(TailOf(2, 1, 2, 2, 1), 0.5, 1e-12);
  // Thousands neither overflow nor vanish.
  EXPECT_NEAR(TailOf(2000, 16000, 1, 8, 1), 0.5, 0.01);
  EXPECT_GT(TailOf(2400, 16000, 1, 8, 1), 0);
  EXPECT_LT(TailOf(2400, 16000, 1, 8, 1), 1e-12);
}

TEST(ClusterTail, SeveralAtATime_IsWiderAndMeetsTheBinomialInTheLimit) {
  EXPECT_GT(TailOf(30, 80, 1, 8, 2), 10 * TailOf(30, 80, 1, 8, 1));
  EXPECT_NEAR(TailOf(20, 80, 1, 8, 1.0001) / TailOf(20, 80, 1, 8, 1), 1, 0.01);
  // Sizes of 1 and 1: each split of two orders is as likely as any other.
  EXPECT_NEAR(TailOf(2, 0, 1, 1, 2), 1.0 / 3, 1e-12);
}

TEST(ClusterScan, Limit_SharesTheYearAmongCellsAndWindows) {
  std::vector<HeatCell> cells;
  for (int i = 0; i < 20; ++i) {
    cells.push_back(Cell({v1::GRID_CLUSTER, absl::StrCat("4690301000030", 10 + i), "01"}, 3, 3));
  }
  // Too few orders in all to be looked at.
  cells.push_back(Cell({v1::GRID_CLUSTER, "469030100003099", "01"}, 4, 0));
  const Scan scan = FindRising(cells, Policy());
  EXPECT_EQ(scan.looked_at, 40);
  EXPECT_THAT(scan.limits, ElementsAre(testing::DoubleEq(12.0 / (365 * 2 * 20)),
                                       testing::DoubleEq(12.0 / (365 * 2 * 20))));
  EXPECT_THAT(scan.rising, IsEmpty());
}

TEST(ClusterScan, WiderCell_StandsOutOnlyByTheRest) {
  const CellKey grid{v1::GRID_CLUSTER, kGrid, "020101"};
  const CellKey area{v1::AREA_CLUSTER, kArea, "020101"};
  const CellKey county{v1::COUNTY_CLUSTER, "469030", "020101"};
  const CellKey other{v1::COUNTY_CLUSTER, "469030", "0301"};
  // All that is new comes from one grid.
  Scan scan = FindRising(
      {{Cell(county, 44, 10), Cell(area, 40, 6), Cell(grid, 36, 2), Cell(other, 40, 40)}},
      Policy());
  ASSERT_EQ(scan.rising.size(), 1U);
  EXPECT_EQ(scan.rising[0].cell, 2U);
  EXPECT_EQ(scan.rising[0].count, 36);
  EXPECT_EQ(scan.rising[0].weeks, 1);
  EXPECT_DOUBLE_EQ(scan.rising[0].expected, 2);
  EXPECT_LT(scan.rising[0].p_value, 1e-12);
  // The county rises besides: told without the grid's.
  scan = FindRising({{Cell(county, 94, 10), Cell(area, 40, 6), Cell(grid, 36, 2)}}, Policy());
  ASSERT_EQ(scan.rising.size(), 2U);
  EXPECT_EQ(scan.rising[0].cell, 0U);
  EXPECT_EQ(scan.rising[0].count, 94 - 36);
}

TEST(ClusterScan, SlowRise_IsSeenByTheLongerWindow) {
  HeatCell cell = Cell({v1::AREA_CLUSTER, kArea, "0301"}, 27, 14);
  cell.weeks[1] = 28;
  const Scan scan = FindRising({{cell}}, Policy());
  ASSERT_EQ(scan.rising.size(), 1U);
  EXPECT_EQ(scan.rising[0].weeks, 2);
  EXPECT_EQ(scan.rising[0].count, 55);
}

// 160 days with `usual` orders a day, `more` in the last ones.
std::vector<int64_t> Days(int64_t usual, const std::vector<int64_t>& last) {
  std::vector<int64_t> days(160, usual);
  std::copy(last.begin(), last.end(), days.begin());
  return days;
}

TEST(ClusterRun, StandsSinceTheFirstDayWithoutAQuietWeekAfter) {
  const v1::ClusterPolicy policy = Policy();
  const std::vector<double> limits = {1e-5, 1e-5};
  EXPECT_EQ(DaysStandingOut(Days(1, {30}), policy, limits, -1), 0);
  EXPECT_EQ(DaysStandingOut(Days(1, {1, 1, 30}), policy, limits, -1), 2);
  // Seen for two weeks by the longer window; then three weeks of nothing; then again.
  std::vector<int64_t> twice = Days(1, {30});
  twice[40] = 40;
  EXPECT_EQ(DaysStandingOut(twice, policy, limits, -1), 0);
  twice[15] = 40;
  EXPECT_EQ(DaysStandingOut(twice, policy, limits, -1), 15);
  // The day on which somebody settled it counts as one.
  EXPECT_EQ(DaysStandingOut(Days(1, {30}), policy, limits, 6), 6);
  EXPECT_EQ(DaysStandingOut(Days(1, {30}), policy, limits, 9), 0);
}

TEST(ClusterRun, Settled_IsSilentUntilItRisesAnew) {
  const v1::ClusterPolicy policy = Policy();
  v1::ClusterSettlement settlement;
  settlement.set_count(20);
  settlement.set_weeks(1);
  Rising rising{.weeks = 1, .count = 22, .before = 16, .expected = 2, .p_limit = 1e-5};
  EXPECT_TRUE(IsStillSettled(rising, 5, 5, settlement, policy));
  EXPECT_FALSE(IsStillSettled(rising, 3, 5, settlement, policy)) << "it had been quiet";
  rising.count = 60;
  EXPECT_FALSE(IsStillSettled(rising, 5, 5, settlement, policy)) << "three times what was settled";
  settlement.set_weeks(4);
  settlement.set_count(240);
  EXPECT_TRUE(IsStillSettled(rising, 5, 5, settlement, policy));
}

TEST(ClusterPower, BetterWithMoreAllowedAndWorseWithManyAtATime) {
  v1::ClusterPolicy policy = Policy();
  const double at_1e5 = DoublingFoundFrom(policy, 1e-5);
  EXPECT_GT(at_1e5, 5);
  EXPECT_LT(at_1e5, 12);
  EXPECT_LT(DoublingFoundFrom(policy, 1e-2), at_1e5);
  policy.set_dispersion_percent(200);
  EXPECT_GT(DoublingFoundFrom(policy, 1e-5), at_1e5);
}

TEST(ClusterCells, Names_ReadBack) {
  for (const CellKey& key :
       {CellKey{v1::GRID_CLUSTER, kGrid, "020101"}, CellKey{v1::AREA_CLUSTER, kArea, "0201"},
        CellKey{v1::COUNTY_CLUSTER, "469030", "02"}}) {
    EXPECT_EQ(CellOfCluster(ClusterName("469030", key)), key);
  }
  for (const char* name :
       {"counties/469030/clusters/grid-469030100003-0201",
        "counties/469030/clusters/grid-469029100003001-0201",
        "counties/469030/clusters/grid-469030100003001-2",
        "counties/469030/clusters/town-469030100-02", "counties/469030/clusters/grid"}) {
    EXPECT_EQ(CellOfCluster(name), std::nullopt) << name;
  }
}

TEST(ClusterCells, Order_CountsByStateAndType) {
  v1::Ticket ticket = Order("2026-11-22 23:30").ticket();
  const auto share = HeatOf(ticket);
  ASSERT_TRUE(share.has_value());
  EXPECT_EQ(share->day, absl::CivilDay(2026, 11, 22));
  EXPECT_FALSE(share->report);
  EXPECT_EQ(CellsOf(*share, "469030").back(),
            (CellKey{v1::COUNTY_CLUSTER, "469030", ticket.category()}));
  ticket.set_state(v1::MERGED);
  EXPECT_EQ(HeatOf(ticket), share) << "each of a group";
  ticket.set_state(v1::REJECTED);
  EXPECT_EQ(HeatOf(ticket), std::nullopt) << "the same caller again";
  ticket.set_state(v1::CLOSED);
  ticket.set_type(v1::PRAISE);
  EXPECT_EQ(HeatOf(ticket), std::nullopt);
  ticket.set_type(v1::REPORT);
  ticket.set_subject_unit("counties/469030/units/yinggen");
  EXPECT_TRUE(HeatOf(ticket)->report);
  EXPECT_EQ(HeatOf(ticket)->subject, "yinggen");
}

v1::Cluster Risen(v1::ClusterLevel level, int grids) {
  v1::Cluster cluster;
  cluster.set_level(level);
  cluster.set_state(v1::CLUSTER_OPEN);
  cluster.set_from_date("2026-11-16");
  cluster.set_to_date("2026-11-22");
  cluster.set_since_date("2026-11-20");
  cluster.set_count(18);
  cluster.set_expected(4);
  cluster.set_ratio(4.5);
  cluster.set_grids(grids);
  return cluster;
}

TEST(ClusterProposal, OneGridIsPatrolledManyAreATopic) {
  v1::Cluster cluster = Risen(v1::GRID_CLUSTER, 1);
  Propose(cluster, Policy(), "停水");
  EXPECT_EQ(cluster.proposal(), v1::PATROL);
  EXPECT_EQ(cluster.explanation(),
            "本网格2026-11-16至2026-11-22“停水”诉求18件，往常约4.0件，为往常的4.5倍；"
            "自2026-11-20起偏多，不像偶然。建议安排巡查，上门查明原因。");
  cluster = Risen(v1::AREA_CLUSTER, 2);
  Propose(cluster, Policy(), "停水");
  EXPECT_EQ(cluster.proposal(), v1::PATROL) << "two grids";
  cluster = Risen(v1::COUNTY_CLUSTER, 3);
  cluster.set_reports(2);
  cluster.clear_ratio();
  Propose(cluster, Policy(), "停水");
  EXPECT_EQ(cluster.proposal(), v1::TOPIC);
  EXPECT_THAT(cluster.explanation(), HasSubstr("往常没有，其中举报2件"));
  EXPECT_THAT(cluster.explanation(), HasSubstr("涉及3个网格，建议列入专题"));
}

TEST(ClusterSettle, Rules_AndTheRowIsWhatTheFactSays) {
  const type::v1::Actor actor = MakeActor("clerk-1", "hotline");
  const Context context{absl::FromUnixSeconds(1'790'000'000), actor, SampleInForce()};
  v1::SettleClusterRequest request;
  request.set_name("counties/469030/clusters/grid-469030100003001-020101");
  request.mutable_settlement()->set_note("请社区上门查看水管");
  v1::Cluster cluster = Risen(v1::GRID_CLUSTER, 1);
  cluster.set_reports(3);
  const auto settle = [&](v1::ClusterAction action, const std::string& unit) {
    request.mutable_settlement()->set_action(action);
    request.mutable_settlement()->set_unit(unit);
    return Settle(cluster, request, context);
  };
  const std::string unit = "counties/469030/units/yingbei";
  EXPECT_THAT(settle(v1::CLUSTER_ACTION_UNSPECIFIED, unit).status().message(),
              HasSubstr("settlement.action"));
  EXPECT_THAT(settle(v1::PATROL, "").status().message(), HasSubstr("settlement.unit"));
  EXPECT_THAT(settle(v1::TOPIC, "counties/469029/units/yingbei").status().message(),
              HasSubstr("settlement.unit"));
  EXPECT_THAT(settle(v1::DISMISS, unit).status().message(), HasSubstr("settlement.unit"));
  EXPECT_TRUE(settle(v1::DISMISS, "").ok());
  const auto fact = settle(v1::PATROL, unit);
  ASSERT_TRUE(fact.ok()) << fact.status();
  const v1::ClusterSettlement row = Apply({}, *fact);
  EXPECT_EQ(row.count(), 18);
  EXPECT_EQ(row.reports(), 3);
  EXPECT_EQ(row.weeks(), 1);
  EXPECT_EQ(row.unit(), unit);
  EXPECT_EQ(row.actor().id(), "clerk-1");
  EXPECT_EQ(row.settle_time().seconds(), 1'790'000'000);
  for (const v1::ClusterState state : {v1::CLUSTER_STATE_UNSPECIFIED, v1::CLUSTER_SETTLED}) {
    cluster.set_state(state);
    EXPECT_EQ(ReasonOf(settle(v1::PATROL, unit).status()), "CLUSTER_NOT_OPEN");
  }
}

TEST(ClusterPolicy, Contradictions_AreAllTold) {
  const auto paths = [](const v1::ClusterPolicy& policy) {
    std::vector<std::string> found;
    CheckClusterPolicy(policy, [&](absl::string_view path, absl::string_view, absl::string_view) {
      found.emplace_back(path);
    });
    return found;
  };
  EXPECT_THAT(paths(Policy()), IsEmpty());
  EXPECT_THAT(paths({}), ElementsAre("clusters.window_weeks", "clusters.baseline_weeks",
                                     "clusters.min_count", "clusters.false_alarms_per_year",
                                     "clusters.dispersion_percent", "clusters.topic_grids"));
  v1::ClusterPolicy policy = Policy();
  policy.add_window_weeks(2);
  EXPECT_THAT(paths(policy), ElementsAre("clusters.window_weeks"));
  policy.mutable_window_weeks()->Set(2, 4);
  policy.set_baseline_weeks(3);
  EXPECT_THAT(paths(policy), ElementsAre("clusters.baseline_weeks"));
}

}  // namespace
}  // namespace baimi::ticket::domain
