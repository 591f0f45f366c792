// The stated rates of false alarms and of doublings found, on simulated counties.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/ticket/domain/cluster.h"

namespace baimi::ticket::domain {
namespace {

constexpr int kDaysPerYear = 365;
constexpr int kWeek = 7;

// 30 grids in 6 communities and 8 categories: 296 cells, from many orders a day down to one in some
// months, about 24 orders a day together, most of them early in the week.
constexpr int kGrids = 30;
constexpr int kGridsPerArea = 5;
constexpr int kCategories = 8;
constexpr double kPerDay = 24;
constexpr double kWeekday[kWeek] = {1.35, 1.25, 1.15, 1.05, 0.95, 0.7, 0.55};

v1::ClusterPolicy Policy(int dispersion_percent) {
  v1::ClusterPolicy policy;
  policy.add_window_weeks(1);
  policy.add_window_weeks(2);
  policy.set_baseline_weeks(8);
  policy.set_min_count(5);
  policy.set_false_alarms_per_year(6);
  policy.set_dispersion_percent(dispersion_percent);
  policy.set_topic_grids(3);
  return policy;
}

// A county day by day. Orders come one by one, or, with a dispersion, several a time.
class County {
 public:
  County(uint64_t seed, const v1::ClusterPolicy& policy)
      : random_(seed), policy_(policy), days_(WeeksNeeded(policy) * kWeek) {
    std::vector<double> rates;
    for (int grid = 0; grid < kGrids; ++grid) {
      for (int category = 0; category < kCategories; ++category) {
        // Uneven both ways: few grids and few matters make most of the orders.
        rates.push_back(1.0 / (1 + grid) / (1 + category));
        Add(v1::GRID_CLUSTER, absl::StrCat("4690301000", 10 + grid / kGridsPerArea, 100 + grid),
            category);
      }
    }
    for (int area = 0; area < kGrids / kGridsPerArea; ++area) {
      for (int category = 0; category < kCategories; ++category) {
        Add(v1::AREA_CLUSTER, absl::StrCat("4690301000", 10 + area), category);
      }
    }
    for (int category = 0; category < kCategories; ++category) {
      Add(v1::COUNTY_CLUSTER, "469030", category);
    }
    which_ = std::discrete_distribution<int>(rates.begin(), rates.end());
    counts_.resize(days_ * cells_.size());
    for (size_t day = 0; day < days_; ++day) {
      Live();
    }
  }

  // One more day. `extra` incidents a day more in the county, all of them in the cell `busy` and
  // those around it.
  void Live(double extra = 0, int busy = 0) {
    ++today_;
    const double weekday = kWeekday[today_ % kWeek];
    const size_t oldest = (today_ % days_) * cells_.size();
    Roll();
    std::fill_n(counts_.begin() + static_cast<std::ptrdiff_t>(oldest), cells_.size(), 0);
    // Geometric batches of mean m have a variance by mean of 2 m - 1.
    const double batch = (policy_.dispersion_percent() / 100.0 + 1) / 2;
    for (int i = Poisson(kPerDay * weekday / batch); i > 0; --i) {
      Happen(which_(random_), Batch(batch));
    }
    for (int i = Poisson(extra * weekday / batch); i > 0; --i) {
      Happen(busy, Batch(batch));
    }
  }

  const std::vector<HeatCell>& cells() const { return cells_; }
  std::mt19937_64& random() { return random_; }
  double RateOf(int cell) const {
    return kPerDay * which_.probabilities()[static_cast<size_t>(cell)];
  }

 private:
  void Add(v1::ClusterLevel level, const std::string& place, int category) {
    cells_.push_back(
        {{level, place, absl::StrCat("0", 1 + category)}, std::vector<int64_t>(days_ / kWeek, 0)});
  }
  int Poisson(double mean) { return mean > 0 ? std::poisson_distribution<int>(mean)(random_) : 0; }
  int Batch(double mean) {
    return mean > 1 ? 1 + std::geometric_distribution<int>(1 / mean)(random_) : 1;
  }
  void Happen(int cell, int orders) {
    const int grid = cell / kCategories;
    const int category = cell % kCategories;
    const int area = kGrids * kCategories + grid / kGridsPerArea * kCategories + category;
    const int county = (kGrids + kGrids / kGridsPerArea) * kCategories + category;
    for (const int one : {cell, area, county}) {
      counts_[(today_ % days_) * cells_.size() + static_cast<size_t>(one)] += orders;
      cells_[static_cast<size_t>(one)].weeks[0] += orders;
    }
  }
  // Weeks end today instead of yesterday.
  void Roll() {
    for (size_t week = 0; week < days_ / kWeek; ++week) {
      const int* const leaves =
          &counts_[((today_ + days_ - (week + 1) * kWeek) % days_) * cells_.size()];
      for (size_t i = 0; i < cells_.size(); ++i) {
        if (leaves[i] != 0) {
          cells_[i].weeks[week] -= leaves[i];
          if (week + 1 < days_ / kWeek) {
            cells_[i].weeks[week + 1] += leaves[i];
          }
        }
      }
    }
  }

  std::mt19937_64 random_;
  const v1::ClusterPolicy policy_;
  const size_t days_;
  size_t today_ = 0;
  std::vector<HeatCell> cells_;
  std::discrete_distribution<int> which_;
  // By day, a ring, and cell.
  std::vector<int> counts_;
};

struct FalseAlarms {
  double clusters_per_year = 0;
  double cell_days_per_year = 0;
  double cells = 0;
};

// In a county with the dispersion of `world`, looked at by `policy`.
FalseAlarms LiveQuietly(int years, uint64_t seed, const v1::ClusterPolicy& world,
                        const v1::ClusterPolicy& policy) {
  County county(seed, world);
  const int days = years * kDaysPerYear;
  std::vector<int> stood_out(county.cells().size(), -1000);
  FalseAlarms alarms;
  for (int day = 0; day < days; ++day) {
    county.Live();
    const Scan scan = FindRising(county.cells(), policy);
    alarms.cells += static_cast<double>(scan.looked_at);
    for (const Rising& rising : scan.rising) {
      // One cluster goes on until its cell has been quiet for a week.
      alarms.clusters_per_year += day - stood_out[rising.cell] > kWeek ? 1 : 0;
      alarms.cell_days_per_year += 1;
      stood_out[rising.cell] = day;
    }
  }
  alarms.clusters_per_year /= years;
  alarms.cell_days_per_year /= years;
  alarms.cells /= days;
  return alarms;
}

void ExpectHeld(const FalseAlarms& alarms, const v1::ClusterPolicy& policy) {
  testing::Test::RecordProperty("clusters_per_year", absl::StrCat(alarms.clusters_per_year));
  std::cout << alarms.clusters_per_year << " false clusters a year, on "
            << alarms.cell_days_per_year << " cell days, of " << alarms.cells
            << " cells and windows\n";
  EXPECT_LE(alarms.cell_days_per_year, policy.false_alarms_per_year());
  EXPECT_LE(alarms.clusters_per_year, policy.false_alarms_per_year());
  // Not by never finding anything.
  EXPECT_GT(alarms.clusters_per_year, policy.false_alarms_per_year() / 20.0);
  EXPECT_GT(alarms.cells, 100);
}

TEST(ClusterNullYears, AThousandQuietYears_HoldTheStatedRate) {
  const v1::ClusterPolicy policy = Policy(100);
  ExpectHeld(LiveQuietly(1000, 20261122, policy, policy), policy);
}

TEST(ClusterNullYears, CallsThatComeSeveralAtATime_HoldTheStatedRateOfTheirDispersion) {
  const v1::ClusterPolicy policy = Policy(200);
  ExpectHeld(LiveQuietly(200, 7, policy, policy), policy);
  EXPECT_GT(LiveQuietly(20, 7, policy, Policy(100)).clusters_per_year,
            policy.false_alarms_per_year())
      << "a policy that takes them for single ones does not hold it";
}

// Of `trials`: how often a doubling of the cell is found within a week.
double FoundShare(int trials, int cell, double rate, const v1::ClusterPolicy& policy) {
  County county(99, policy);
  const double more = rate - county.RateOf(cell);
  int found = 0;
  for (int trial = 0; trial < trials; ++trial) {
    for (int day = 0; day < WeeksNeeded(policy) * kWeek + trial % kWeek; ++day) {
      county.Live(more, cell);
    }
    bool seen = false;
    for (int day = 0; day < kWeek; ++day) {
      county.Live(more + rate, cell);
      for (const Rising& rising : FindRising(county.cells(), policy).rising) {
        seen = seen || rising.cell == static_cast<size_t>(cell);
      }
    }
    found += seen ? 1 : 0;
  }
  return static_cast<double>(found) / trials;
}

TEST(ClusterNullYears, DoublingFromTheStatedRateOn_IsFoundWithinAWeek) {
  for (const int dispersion : {100, 200}) {
    const v1::ClusterPolicy policy = Policy(dispersion);
    County county(3, policy);
    const Scan scan = FindRising(county.cells(), policy);
    const double stated = DoublingFoundFrom(policy, scan.limits[0]);
    // The third grid's second matter.
    const int cell = 2 * kCategories + 1;
    const double share = FoundShare(300, cell, stated, policy);
    const double below = FoundShare(300, cell, stated / 4, policy);
    std::cout << "doubling of " << stated << " a day: " << share << ", of " << stated / 4
              << " a day: " << below << "\n";
    EXPECT_GE(share, 0.86) << "nine of ten, less three standard errors of 300 trials";
    EXPECT_LT(below, 0.6) << "no rate is stated that is far too high";
    EXPECT_LT(stated, 20);
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
