#include "common/observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"

namespace baimi::observe {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Metrics, Scrape_AllKinds_IsTheTextForm) {
  Registry registry;
  auto& served = registry.Counters("baimi_served_total", "Finished calls.", {"method", "code"});
  served.With({"Get", "OK"}).Add(3);
  served.With({"Create", "OK"}).Add();
  registry.Gauges("baimi_inflight", "Calls inside.").With({}).Set(2.5);
  auto& seconds = registry.Histograms("baimi_seconds", "Time.", {"method"}, {0.1, 1, 10});
  for (const double value : {0.05, 0.1, 0.5, 100.0}) {
    seconds.With({"Get"}).Observe(value);
  }
  const CallbackHandle handle = registry.AddCallback(
      MetricKind::kCounter, "baimi_called_total", "Asked.", {{"lane", "bulk"}}, [] { return 7; });
  EXPECT_EQ(registry.Scrape(),
            "# HELP baimi_called_total Asked.\n"
            "# TYPE baimi_called_total counter\n"
            "baimi_called_total{lane=\"bulk\"} 7\n"
            "# HELP baimi_inflight Calls inside.\n"
            "# TYPE baimi_inflight gauge\n"
            "baimi_inflight 2.5\n"
            "# HELP baimi_seconds Time.\n"
            "# TYPE baimi_seconds histogram\n"
            "baimi_seconds_bucket{method=\"Get\",le=\"0.1\"} 2\n"
            "baimi_seconds_bucket{method=\"Get\",le=\"1\"} 3\n"
            "baimi_seconds_bucket{method=\"Get\",le=\"10\"} 3\n"
            "baimi_seconds_bucket{method=\"Get\",le=\"+Inf\"} 4\n"
            "baimi_seconds_sum{method=\"Get\"} 100.65\n"
            "baimi_seconds_count{method=\"Get\"} 4\n"
            "# HELP baimi_served_total Finished calls.\n"
            "# TYPE baimi_served_total counter\n"
            "baimi_served_total{method=\"Create\",code=\"OK\"} 1\n"
            "baimi_served_total{method=\"Get\",code=\"OK\"} 3\n");
}

TEST(Metrics, Scrape_HostileText_IsEscaped) {
  Registry registry;
  registry.Counters("a_total", "Line\nbreak, back\\slash, \"quote\".", {"l"})
      .With({"a\"b\\c\nd\xff百"})
      .Add();
  EXPECT_EQ(registry.Scrape(),
            "# HELP a_total Line\\nbreak, back\\\\slash, \"quote\".\n"
            "# TYPE a_total counter\n"
            "a_total{l=\"a\\\"b\\\\c\\nd\uFFFD百\"} 1\n");
}

TEST(Metrics, Scrape_SpecialValues_AreSpelledAsPrometheusReadsThem) {
  Registry registry;
  auto& gauges = registry.Gauges("g", "G.", {"k"});
  gauges.With({"inf"}).Set(std::numeric_limits<double>::infinity());
  gauges.With({"-inf"}).Set(-std::numeric_limits<double>::infinity());
  gauges.With({"nan"}).Set(std::numeric_limits<double>::quiet_NaN());
  gauges.With({"tenth"}).Set(0.1);
  const std::string text = registry.Scrape();
  EXPECT_THAT(text, HasSubstr("g{k=\"inf\"} +Inf\n"));
  EXPECT_THAT(text, HasSubstr("g{k=\"-inf\"} -Inf\n"));
  EXPECT_THAT(text, HasSubstr("g{k=\"nan\"} NaN\n"));
  EXPECT_THAT(text, HasSubstr("g{k=\"tenth\"} 0.1\n"));
}

TEST(Metrics, Scrape_FamilyWithoutSeries_IsLeftOut) {
  Registry registry;
  registry.Counters("unused_total", "Never counted.", {"l"});
  EXPECT_EQ(registry.Scrape(), "");
}

TEST(Metrics, With_TooManySeries_CountsInOther) {
  Registry registry({.max_series = 3});
  auto& family = registry.Counters("c_total", "C.", {"a", "b"});
  for (int i = 0; i < 100; ++i) {
    family.With({absl::StrCat(i), "x"}).Add();
  }
  family.With({"1", "x"}).Add();
  EXPECT_EQ(registry.Scrape(),
            "# HELP c_total C.\n# TYPE c_total counter\n"
            "c_total{a=\"0\",b=\"x\"} 1\n"
            "c_total{a=\"1\",b=\"x\"} 2\n"
            "c_total{a=\"2\",b=\"x\"} 1\n"
            "c_total{a=\"other\",b=\"other\"} 97\n");
}

TEST(Metrics, With_SameValues_IsTheSameSeries) {
  Registry registry;
  auto& family = registry.Counters("c_total", "C.", {"a", "b"});
  EXPECT_EQ(&family.With({"x", "y"}), &family.With({"x", "y"}));
  // Values are compared one by one, not joined.
  EXPECT_NE(&family.With({"xy", ""}), &family.With({"x", "y"}));
  EXPECT_NE(&family.With({"", "xy"}), &family.With({"xy", ""}));
}

TEST(Metrics, Declare_Again_SharesTheFamily) {
  Registry registry;
  EXPECT_EQ(&registry.Counters("c_total", "C.", {"a"}), &registry.Counters("c_total", "C.", {"a"}));
}

TEST(Histogram, Observe_BoundsAreInclusive) {
  Histogram histogram({1, 2});
  for (const double value : {-5.0, 1.0, 1.5, 2.0, 2.1}) {
    histogram.Observe(value);
  }
  EXPECT_THAT(histogram.counts(), ElementsAre(2, 2, 1));
  EXPECT_DOUBLE_EQ(histogram.sum(), 1.6);
  histogram.Observe(absl::Milliseconds(1500));
  EXPECT_THAT(histogram.counts(), ElementsAre(2, 3, 1));
}

TEST(Metrics, LatencyBuckets_Ascend) {
  const auto bounds = LatencyBuckets();
  EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end(), std::less_equal<>()));
}

TEST(Callback, Handle_Destroyed_SeriesIsGone) {
  Registry registry;
  std::optional<CallbackHandle> handle =
      registry.AddCallback(MetricKind::kGauge, "g", "G.", {{"k", "v"}}, [] { return 1.5; });
  EXPECT_THAT(registry.Scrape(), HasSubstr("g{k=\"v\"} 1.5\n"));
  CallbackHandle moved = std::move(*handle);
  handle.reset();
  EXPECT_THAT(registry.Scrape(), HasSubstr("g{k=\"v\"} 1.5\n"));
  moved = CallbackHandle();
  EXPECT_EQ(registry.Scrape(), "");
}

TEST(Callback, EqualLabels_AreAddedUp) {
  Registry registry;
  const CallbackHandle a =
      registry.AddCallback(MetricKind::kGauge, "g", "G.", {{"k", "v"}}, [] { return 1; });
  const CallbackHandle b =
      registry.AddCallback(MetricKind::kGauge, "g", "G.", {{"k", "v"}}, [] { return 2; });
  const CallbackHandle c =
      registry.AddCallback(MetricKind::kGauge, "g", "G.", {{"k", "w"}}, [] { return 4; });
  EXPECT_EQ(registry.Scrape(), "# HELP g G.\n# TYPE g gauge\ng{k=\"v\"} 3\ng{k=\"w\"} 4\n");
}

TEST(MetricsDeathTest, Declare_Wrong_EndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Registry registry;
  registry.Counters("c_total", "C.", {"a"});
  EXPECT_DEATH(registry.Counters("c_total", "C.", {"b"}), "other labels");
  EXPECT_DEATH(registry.Gauges("c_total", "C.", {"a"}), "another kind");
  EXPECT_DEATH(registry.Counters("bad-name", "C."), "not a metric name");
  EXPECT_DEATH(registry.Counters("1bad", "C."), "not a metric name");
  EXPECT_DEATH(registry.Counters("no_help", ""), "no help");
  EXPECT_DEATH(registry.Counters("l_total", "L.", {"a:b"}), "not a label name");
  EXPECT_DEATH(registry.Counters("l_total", "L.", {"__a"}), "not a label name");
  EXPECT_DEATH(registry.Counters("l_total", "L.", {"a", "a"}), "label twice");
  EXPECT_DEATH(registry.Histograms("h", "H.", {"le"}, {1}), "called le");
  EXPECT_DEATH(registry.Histograms("h", "H.", {}, {2, 1}), "do not ascend");
  EXPECT_DEATH(registry.Counters("c_total", "C.", {"a"}).With({"x", "y"}), "wrong number");
}

TEST(Metrics, Hammer_CountsAndScrapesAtOnce_NothingIsLost) {
  Registry registry;
  auto& counters = registry.Counters("c_total", "C.", {"k"});
  auto& histograms = registry.Histograms("h", "H.", {}, {1});
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        counters.With({absl::StrCat(i % 7)}).Add();
        histograms.With({}).Observe(0.5);
        if (i % 500 == 0) {
          EXPECT_THAT(registry.Scrape(), HasSubstr("c_total"));
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  uint64_t sum = 0;
  for (int k = 0; k < 7; ++k) {
    sum += counters.With({absl::StrCat(k)}).value();
  }
  EXPECT_EQ(sum, uint64_t{kThreads} * kEach);
  EXPECT_THAT(registry.Scrape(), HasSubstr("h_count 20000\n"));
}

}  // namespace
}  // namespace baimi::observe
