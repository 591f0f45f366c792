#include "services/ticket/domain/cluster.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"

namespace baimi::ticket::domain {
namespace {

constexpr int kDaysPerWeek = 7;
constexpr int kDaysPerYear = 365;

int64_t Sum(absl::Span<const int64_t> counts, size_t from, size_t size) {
  int64_t sum = 0;
  for (size_t i = from; i < std::min(counts.size(), from + size); ++i) {
    sum += counts[i];
  }
  return sum;
}

double Dispersion(const v1::ClusterPolicy& policy) {
  return std::max(100, policy.dispersion_percent()) / 100.0;
}

// The tails of one window.
class Window {
 public:
  Window(int weeks, const v1::ClusterPolicy& policy)
      : weeks_(static_cast<size_t>(weeks)),
        baseline_(static_cast<size_t>(policy.baseline_weeks())),
        min_count_(policy.min_count()),
        dispersion_(Dispersion(policy)) {}

  // `per_week`: of `counts`, 7 when they are days.
  Rising Look(absl::Span<const int64_t> counts, size_t per_week = 1) const {
    Rising rising;
    rising.weeks = static_cast<int>(weeks_);
    rising.count = Sum(counts, 0, weeks_ * per_week);
    rising.before = Sum(counts, weeks_ * per_week, baseline_ * per_week);
    rising.expected = static_cast<double>(rising.before) * static_cast<double>(weeks_) /
                      static_cast<double>(baseline_);
    return rising;
  }
  bool IsLookedAt(const Rising& rising) const { return rising.count + rising.before >= min_count_; }
  // Sets p_value, unless it is certainly above the limit.
  bool StandsOut(Rising* rising, double limit) const {
    rising->p_limit = limit;
    if (rising->count < min_count_ || !MayStandOut(*rising, limit)) {
      return false;
    }
    rising->p_value = TailOf(rising->count, rising->before, static_cast<int>(weeks_),
                             static_cast<int>(baseline_), dispersion_);
    return rising->p_value <= limit;
  }

 private:
  // By Slud's inequality a binomial tail is never below the normal one, up to n (1 - p) and for p
  // of at most a half.
  bool MayStandOut(const Rising& rising, double limit) const {
    const auto n = static_cast<double>(rising.count + rising.before);
    const double p = static_cast<double>(weeks_) / static_cast<double>(weeks_ + baseline_);
    const auto count = static_cast<double>(rising.count);
    if (count <= n * p) {
      return false;
    }
    if (p > 0.5 || count > n * (1 - p)) {
      return true;
    }
    const double z = (count - n * p) / std::sqrt(n * p * (1 - p));
    return z * z > 2 && std::erfc(z / std::sqrt(2.0)) / 2 <= limit;
  }

  size_t weeks_;
  size_t baseline_;
  int64_t min_count_;
  double dispersion_;
};

std::vector<Window> WindowsOf(const v1::ClusterPolicy& policy) {
  std::vector<Window> windows;
  for (const int weeks : policy.window_weeks()) {
    windows.emplace_back(weeks, policy);
  }
  return windows;
}

// The window in which `counts` stand out most.
std::optional<Rising> Best(absl::Span<const int64_t> counts, absl::Span<const Window> windows,
                           absl::Span<const double> limits, size_t per_week) {
  std::optional<Rising> best;
  for (size_t w = 0; w < windows.size(); ++w) {
    Rising rising = windows[w].Look(counts, per_week);
    if (windows[w].StandsOut(&rising, limits[w]) && (!best || rising.p_value < best->p_value)) {
      best = rising;
    }
  }
  return best;
}

// Weights of whole numbers, each by the one before, from 0 on; scaled so that none overflows.
template <typename Ratio>
std::vector<double> Weights(int64_t size, Ratio ratio) {
  constexpr double kHuge = 1e200;
  std::vector<double> weights = {1};
  weights.reserve(static_cast<size_t>(size));
  for (int64_t k = 0; k + 1 < size; ++k) {
    weights.push_back(weights.back() * ratio(static_cast<double>(k)));
    if (weights.back() > kHuge) {
      for (double& weight : weights) {
        weight /= kHuge;
      }
    }
  }
  return weights;
}

// The chances of 0, 1, 2 ... orders: Poisson, or negative binomial. Long enough.
std::vector<double> ChancesOf(double mean, double dispersion) {
  const auto size =
      static_cast<int64_t>(std::ceil(mean + 12 * std::sqrt(mean * dispersion) + 12 * dispersion));
  std::vector<double> chances = Weights(size, [mean, dispersion](double k) {
    return dispersion > 1 ? (k + mean / (dispersion - 1)) / (k + 1) * (1 - 1 / dispersion)
                          : mean / (k + 1);
  });
  double sum = 0;
  for (const double chance : chances) {
    sum += chance;
  }
  for (double& chance : chances) {
    chance /= sum;
  }
  return chances;
}

}  // namespace

int WeeksNeeded(const v1::ClusterPolicy& policy) {
  const int longest =
      policy.window_weeks().empty()
          ? 0
          : *std::max_element(policy.window_weeks().begin(), policy.window_weeks().end());
  return longest + policy.baseline_weeks();
}

double TailOf(int64_t count, int64_t before, int window_weeks, int baseline_weeks,
              double dispersion) {
  const int64_t total = count + before;
  const auto n = static_cast<double>(total);
  const double p = static_cast<double>(window_weeks) / (window_weeks + baseline_weeks);
  // Of the beta-binomial: the sizes of the negative binomials of window and baseline.
  const double window_size = dispersion > 1 ? n * p / (dispersion - 1) : 0;
  const double baseline_size = dispersion > 1 ? n * (1 - p) / (dispersion - 1) : 0;
  const std::vector<double> weights = Weights(total + 1, [&](double k) {
    const double odds =
        dispersion > 1 ? (k + window_size) / (n - k - 1 + baseline_size) : p / (1 - p);
    return (n - k) / (k + 1) * odds;
  });
  double tail = 0;
  double sum = 0;
  for (size_t k = weights.size(); k-- > 0;) {
    sum += weights[k];
    tail = k == static_cast<size_t>(count) ? sum : tail;
  }
  return tail / sum;
}

Scan FindRising(absl::Span<const HeatCell> cells, const v1::ClusterPolicy& policy) {
  Scan scan;
  const std::vector<Window> windows = WindowsOf(policy);
  for (const Window& window : windows) {
    const int64_t looked_at = std::count_if(cells.begin(), cells.end(), [&](const auto& cell) {
      return window.IsLookedAt(window.Look(cell.weeks));
    });
    scan.looked_at += looked_at;
    scan.limits.push_back(policy.false_alarms_per_year() /
                          (static_cast<double>(kDaysPerYear) * static_cast<double>(windows.size()) *
                           static_cast<double>(std::max<int64_t>(looked_at, 1))));
  }
  // What is left of the cells around those that stand out.
  absl::flat_hash_map<size_t, std::vector<int64_t>> left;
  for (const auto level : {v1::GRID_CLUSTER, v1::AREA_CLUSTER, v1::COUNTY_CLUSTER}) {
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].key.level != level) {
        continue;
      }
      const auto rest = left.find(i);
      const absl::Span<const int64_t> weeks = rest == left.end() ? cells[i].weeks : rest->second;
      std::optional<Rising> rising = Best(weeks, windows, scan.limits, 1);
      if (!rising) {
        continue;
      }
      rising->cell = i;
      scan.rising.push_back(*rising);
      for (size_t j = 0; j < cells.size(); ++j) {
        if (cells[j].key.level > level && cells[j].key.category == cells[i].key.category &&
            absl::StartsWith(cells[i].key.place, cells[j].key.place)) {
          std::vector<int64_t>& around = left.try_emplace(j, cells[j].weeks).first->second;
          for (size_t week = 0; week < std::min(around.size(), weeks.size()); ++week) {
            around[week] -= weeks[week];
          }
        }
      }
    }
  }
  std::sort(scan.rising.begin(), scan.rising.end(),
            [](const Rising& a, const Rising& b) { return a.cell < b.cell; });
  return scan;
}

int DaysStandingOut(absl::Span<const int64_t> days, const v1::ClusterPolicy& policy,
                    absl::Span<const double> limits, int settled) {
  const std::vector<Window> windows = WindowsOf(policy);
  const int furthest = static_cast<int>(days.size()) - WeeksNeeded(policy) * kDaysPerWeek;
  int since = 0;
  for (int ago = 1; ago <= furthest && ago - since <= kDaysPerWeek; ++ago) {
    if (ago == settled ||
        Best(days.subspan(static_cast<size_t>(ago)), windows, limits, kDaysPerWeek)) {
      since = ago;
    }
  }
  return since;
}

bool IsStillSettled(const Rising& rising, int days_standing_out, int settled,
                    const v1::ClusterSettlement& settlement, const v1::ClusterPolicy& policy) {
  if (settled > days_standing_out) {
    return false;
  }
  const double settled_level = static_cast<double>(settlement.count()) * policy.baseline_weeks() /
                               std::max(1, settlement.weeks());
  const int64_t before = std::max<int64_t>(rising.before, std::llround(settled_level));
  return TailOf(rising.count, before, rising.weeks, policy.baseline_weeks(), Dispersion(policy)) >
         rising.p_limit;
}

double DoublingFoundFrom(const v1::ClusterPolicy& policy, double limit) {
  if (policy.window_weeks().empty() || limit <= 0) {
    return 0;
  }
  const double dispersion = Dispersion(policy);
  const int weeks = policy.window_weeks(0);
  const int baseline = policy.baseline_weeks();
  // `tenths` of an order a day.
  const auto found = [&](int tenths) {
    const double per_week = tenths / 10.0 * kDaysPerWeek;
    const std::vector<double> before = ChancesOf(per_week * baseline, dispersion);
    std::vector<double> at_least = ChancesOf(per_week * (weeks + 1), dispersion);
    for (size_t i = at_least.size() - 1; i-- > 0;) {
      at_least[i] += at_least[i + 1];
    }
    // More before needs more now, and never less than usual. In steps of a fifth of the deviation;
    // each counts as its last.
    const auto step = 1 + static_cast<size_t>(std::sqrt(per_week * baseline * dispersion) / 5);
    size_t wanted = static_cast<size_t>(std::max(1, policy.min_count()));
    double power = 0;
    for (size_t b = step - 1; b < before.size(); b += step) {
      double chance = 0;
      for (size_t i = b + 1 - step; i <= b; ++i) {
        chance += before[i];
      }
      if (chance < 1e-4) {
        continue;
      }
      wanted = std::max(wanted, b * static_cast<size_t>(weeks) / static_cast<size_t>(baseline));
      while (wanted < at_least.size() &&
             TailOf(static_cast<int64_t>(wanted), static_cast<int64_t>(b), weeks, baseline,
                    dispersion) > limit) {
        ++wanted;
      }
      power += wanted < at_least.size() ? chance * at_least[wanted] : 0;
    }
    return power >= 0.9;
  };
  int high = 1;
  while (high < 4096 && !found(high)) {
    high *= 2;
  }
  int low = high / 2;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (found(middle) ? high : low) = middle;
  }
  return high / 10.0;
}

}  // namespace baimi::ticket::domain
