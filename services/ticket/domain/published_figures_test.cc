#include "services/ticket/domain/published_figures.h"

#include <algorithm>
#include <optional>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/testing_published.h"

namespace baimi::ticket::domain {
namespace {

using testing::ElementsAre;

TEST(WholeCounts, CutsCategories_AndSumsTownships) {
  MonthCounts month;
  month.county.set_filed(12);
  month.filed[{v1::HELP, v1::PHONE}] = 7;
  month.filed[{v1::HELP, v1::APP}] = 3;
  month.filed[{v1::PRAISE, v1::PHONE}] = 2;
  month.areas["469030100001"].set_filed(4);
  month.areas["469030100002"].set_filed(5);
  month.categories["010101"].set_filed(6);
  month.categories["0102"].set_filed(4);
  month.categories["02"].set_filed(2);
  const v1::PublishedFigures whole = WholeOf(month, /*digits=*/2);
  EXPECT_EQ(Find(whole, {.metric = v1::METRIC_FILED}), 12);
  EXPECT_EQ(Find(whole, {.metric = v1::METRIC_FILED, .type = v1::HELP}), 10);
  EXPECT_EQ(Find(whole, {.metric = v1::METRIC_FILED, .channel = v1::PHONE}), 9);
  EXPECT_EQ(Find(whole, {.metric = v1::METRIC_FILED, .area = "469030100000"}), 9);
  EXPECT_EQ(Find(whole, {.metric = v1::METRIC_FILED, .area = "none"}), 3);
  EXPECT_EQ(Find(whole, {.metric = v1::METRIC_FILED, .category = "01"}), 10);
  EXPECT_EQ(Find(whole, {.metric = v1::METRIC_FILED, .category = "02"}), 2);
  month.county.set_filed(11);
  EXPECT_FALSE(WholeCounts(month, 2).ok()) << "more by type than in all";
}

MonthCounts LargeMonth() {
  MonthCounts month;
  month.filed[{v1::HELP, v1::PHONE}] = 600;
  month.filed[{v1::HELP, v1::APP}] = 200;
  month.filed[{v1::COMPLAINT, v1::PHONE}] = 150;
  month.filed[{v1::COMPLAINT, v1::APP}] = 50;
  month.categories["0101"].set_filed(700);
  month.categories["0201"].set_filed(300);
  v1::FigureCounts& one = month.areas["469030100001"];
  one.set_filed(550);
  one.set_due(500);
  one.set_closed(480);
  one.set_closed_in_time(450);
  v1::FigureCounts& other = month.areas["469030101001"];
  other.set_filed(450);
  other.set_due(400);
  other.set_closed(380);
  other.set_closed_in_time(350);
  month.county.set_filed(1000);
  month.county.set_answered_at_once(120);
  month.county.set_dispatched(905);
  month.county.set_due(900);
  month.county.set_closed(860);
  month.county.set_closed_in_time(800);
  month.county.set_responded(870);
  month.county.set_answered_callbacks(160);
  month.county.set_solved(138);
  month.county.set_partly_solved(10);
  month.county.set_rated(150);
  month.county.set_satisfied(141);
  return month;
}

TEST(Publish, LargeMonth_WithholdsNothingAndTellsItsRates) {
  const v1::PublishedFigures figures = Publish(WholeOf(LargeMonth()), {.k = kK});
  for (const v1::PublishedCount& count : figures.counts()) {
    EXPECT_TRUE(count.has_count()) << count.ShortDebugString();
  }
  EXPECT_DOUBLE_EQ(FindRate(figures, v1::RATE_INSTANT)->percent(), 12);
  EXPECT_DOUBLE_EQ(FindRate(figures, v1::RATE_RESPONSE)->percent(), 96.67);
  EXPECT_DOUBLE_EQ(FindRate(figures, v1::RATE_CLOSING)->percent(), 95.56);
  EXPECT_DOUBLE_EQ(FindRate(figures, v1::RATE_CLOSING_IN_TIME)->percent(), 88.89);
  EXPECT_DOUBLE_EQ(FindRate(figures, v1::RATE_RESOLUTION)->percent(), 86.25);
  EXPECT_DOUBLE_EQ(FindRate(figures, v1::RATE_SATISFACTION)->percent(), 94);
  EXPECT_DOUBLE_EQ(FindRate(figures, v1::RATE_CLOSING, "469030100000")->percent(), 96);
  EXPECT_THAT(figures.top_categories(), ElementsAre("0101", "0201"));
  EXPECT_EQ(figures.formulas_size(), v1::PublishedMetric_ARRAYSIZE - 1) << "one of each metric";
  EXPECT_DOUBLE_EQ(FindRate(Publish(WholeOf(LargeMonth()), {.k = kK, .partly_solved_percent = 50}),
                            v1::RATE_RESOLUTION)
                       ->percent(),
                   89.38);
}

TEST(Publish, FewMissingToAll_IsToldAsAtLeast) {
  MonthCounts month = LargeMonth();
  month.county.set_satisfied(148);
  const v1::PublishedFigures figures = Publish(WholeOf(month), {.k = kK});
  const v1::PublishedRate& rate = *FindRate(figures, v1::RATE_SATISFACTION);
  EXPECT_TRUE(rate.withheld()) << "two were not satisfied";
  EXPECT_FALSE(rate.has_percent());
  EXPECT_DOUBLE_EQ(rate.at_least(), 96) << "at most six of 150 were not";
  EXPECT_EQ(Find(figures, {.metric = v1::METRIC_SATISFIED}), std::nullopt);
  EXPECT_EQ(Find(figures, {.metric = v1::METRIC_RATED}), 150);
  month.county.set_satisfied(150);
  EXPECT_DOUBLE_EQ(FindRate(Publish(WholeOf(month), {.k = kK}), v1::RATE_SATISFACTION)->percent(),
                   100);
}

TEST(Publish, NothingCounted_IsNoRate) {
  const v1::PublishedFigures figures = Publish(WholeOf(MonthCounts()), {.k = kK});
  EXPECT_EQ(Find(figures, {.metric = v1::METRIC_DUE}), 0);
  EXPECT_FALSE(FindRate(figures, v1::RATE_CLOSING)->has_percent());
  EXPECT_FALSE(FindRate(figures, v1::RATE_CLOSING)->withheld());
}

TEST(Publish, TopCategories_LeaveOutWhatIsWithheld) {
  MonthCounts month = LargeMonth();
  month.categories["0101"].set_filed(690);
  month.categories["0202"].set_filed(4);
  month.categories["0203"].set_filed(6);
  const v1::PublishedFigures figures = Publish(WholeOf(month), {.k = kK, .top_categories = 2});
  EXPECT_EQ(Find(figures, {.metric = v1::METRIC_FILED, .category = "0202"}), std::nullopt);
  EXPECT_EQ(Find(figures, {.metric = v1::METRIC_FILED, .category = "0203"}), std::nullopt)
      << "else the other one were known";
  EXPECT_THAT(figures.top_categories(), ElementsAre("0101", "0201"));
}

TEST(Publish, RandomMonths_LeaveAnAttackerNoRangeBelowK) {
  std::mt19937 random(20261031);
  int told = 0;
  int64_t withheld = 0;
  for (int round = 0; round < 150; ++round) {
    const MonthCounts month = SomeMonth(random, round % 3 == 0 ? 8 : 30);
    const v1::PublishedFigures whole = WholeOf(month);
    const v1::PublishedFigures figures = Publish(whole, {.k = kK});
    for (const v1::PublishedCount& count : figures.counts()) {
      EXPECT_TRUE(!count.has_count() || count.count() == 0 || count.count() >= kK)
          << count.ShortDebugString();
      EXPECT_TRUE(!count.has_count() || count.count() == Find(whole, KeyOf(count)));
    }
    PublicReader reader(figures, 160);
    ExpectSafe(reader);
    told += reader.told();
    withheld += static_cast<int64_t>(reader.withheld().size());
    if (testing::Test::HasFailure()) {
      FAIL() << "round " << round;
    }
  }
  EXPECT_GT(told, 10) << "at_least is tried";
  EXPECT_GT(withheld, 1000);
}

// A correction changes some counts a little; who has both versions learns nothing that the older
// one withheld.
TEST(Publish, Correction_DoesNotUndoWhatWasWithheld) {
  std::mt19937 random(7);
  int linked = 0;
  int changes = 0;
  for (int round = 0; round < 100; ++round) {
    MonthCounts month = SomeMonth(random, 12);
    const v1::PublishedFigures first = WholeOf(month);
    const v1::PublishedFigures older = Publish(first, {.k = kK});
    for (auto& [area, counts] : month.areas) {
      const int64_t more = static_cast<int64_t>(random() % 3);
      counts.set_due(counts.due() + more);
      counts.set_closed(counts.closed() + more);
      month.county.set_due(month.county.due() + more);
      month.county.set_closed(month.county.closed() + more);
    }
    if (random() % 2 == 0) {
      // All of one community was wrong.
      v1::FigureCounts& gone = month.areas[kAreas[random() % 4]];
      month.county.set_due(month.county.due() - gone.due());
      month.county.set_closed(month.county.closed() - gone.closed());
      month.county.set_closed_in_time(month.county.closed_in_time() - gone.closed_in_time());
      gone.clear_due();
      gone.clear_closed();
      gone.clear_closed_in_time();
    }
    month.county.set_responded(std::min(month.county.responded(), month.county.due()));
    const std::set<CountKey> before = WithheldIn(older);
    const v1::PublishedFigures second = WholeOf(month);
    const v1::PublishedFigures newer = Publish(second, {.k = kK, .older = {{older, first}}});
    for (const v1::PublishedCount& count : newer.counts()) {
      const auto told = Find(older, KeyOf(count));
      changes += count.has_count() && told && *told != count.count() ? 1 : 0;
    }
    for (const CountKey& key : before) {
      EXPECT_EQ(Find(newer, key), std::nullopt) << Text(key) << " was withheld before";
    }
    PublicReader alone(newer, 80);
    ExpectSafe(alone);
    // Both, by somebody who knows which of the counts that both withhold did not change.
    PublicReader both(older, 80);
    PublicReader beside(newer, 80);
    Attacker joint = both.attacker();
    const size_t shift = joint.Join(beside.attacker());
    for (const auto& [key, number] : both.withheld()) {
      if (Find(first, key) == Find(second, key)) {
        joint.AddSum({{number, 1}, {beside.withheld().at(key) + shift, -1}});
        ++linked;
      }
    }
    ASSERT_TRUE(joint.IsPossible());
    for (const auto& [key, number] : both.withheld()) {
      const Attacker::Bounds found = joint.BoundsOf(number);
      EXPECT_GE(found.high - found.low, kK) << Text(key);
    }
    if (testing::Test::HasFailure()) {
      FAIL() << "round " << round;
    }
  }
  EXPECT_GT(linked, 200);
  EXPECT_GT(changes, 50) << "corrections do tell what changed";
}

}  // namespace
}  // namespace baimi::ticket::domain
