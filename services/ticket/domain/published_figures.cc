#include "services/ticket/domain/published_figures.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/published_flow.h"
#include "services/ticket/domain/suppression.h"

namespace baimi::ticket::domain {
namespace {

using Counts = std::map<CountKey, int64_t>;

// Counts that sums and rates connect.
int SystemOf(v1::PublishedMetric metric) {
  switch (metric) {
    case v1::METRIC_FILED:
    case v1::METRIC_ANSWERED_AT_ONCE:
      return 0;
    case v1::METRIC_DISPATCHED:
      return 1;
    case v1::METRIC_ASKED:
    case v1::METRIC_SOLVED:
    case v1::METRIC_PARTLY_SOLVED:
      return 2;
    case v1::METRIC_RATED:
    case v1::METRIC_SATISFIED:
      return 3;
    default:
      return 4;
  }
}

// What is withheld, and why nobody computes it.
class Choice {
 public:
  Choice(const Counts& counts, const PublishingRules& rules) : counts_(counts), k_(rules.k) {
    for (const OlderVersion& older : rules.older) {
      AddOlder(older);
    }
    flow_ = FlowOf(counts_, k_);
    for (const auto& [key, index] : flow_.at) {
      counts_.try_emplace(key, 0);
    }
    for (Older& older : older_) {
      for (const auto& [key, count] : counts_) {
        older.counts.try_emplace(key, 0);
      }
      older.flow = FlowOf(older.counts, k_);
      Force(older.withheld);
    }
    withheld_ = Withhold(flow_.cells, k_);
    if (!std::all_of(older_.begin(), older_.end(),
                     [this](const Older& older) { return IsSafeBeside(older); })) {
      ForceChanged();
      withheld_ = Withhold(flow_.cells, k_);
    }
  }

  // Those of every version; 0 where there are none now.
  const Counts& counts() const { return counts_; }
  const PublishedFlow& flow() const { return flow_; }
  bool IsWithheld(const CountKey& key) const {
    const auto found = flow_.at.find(key);
    return found != flow_.at.end() && withheld_[found->second];
  }
  // Whether it may be told that what is missing from `metric` to all in `area` is at most
  // `most`: then it is known from now on.
  bool TellRest(v1::PublishedMetric metric, const std::string& area, int64_t most) {
    const auto found = flow_.rests.find({.metric = metric, .area = area});
    if (found == flow_.rests.end() || !older_.empty()) {
      return false;
    }
    FlowCell& rest = flow_.cells[found->second];
    if (!withheld_[found->second] || rest.value >= k_) {
      return false;
    }
    rest.most = most;
    if (!IsSafe(flow_.cells, withheld_, k_)) {
      rest.most.reset();
    }
    return rest.most.has_value();
  }

 private:
  struct Older {
    Counts counts = {};
    std::set<CountKey> withheld = {};
    // Whose rate it told as at_least: what is missing to all is at most k + 1.
    std::set<CountKey> told = {};
    PublishedFlow flow = {};
  };

  void AddOlder(const OlderVersion& version);
  void Force(const std::set<CountKey>& keys) {
    for (const CountKey& key : keys) {
      if (const auto found = flow_.at.find(key); found != flow_.at.end()) {
        flow_.cells[found->second].forced = true;
      }
    }
  }
  bool IsSafeBeside(const Older& older) const;
  void ForceChanged();

  Counts counts_;
  const int64_t k_;
  PublishedFlow flow_;
  std::vector<Older> older_;
  std::vector<bool> withheld_;
};

v1::PublishedMetric NumeratorOf(v1::PublishedRateKind kind);

void Choice::AddOlder(const OlderVersion& version) {
  Older& older = older_.emplace_back();
  for (const v1::PublishedCount& count : version.whole.counts()) {
    older.counts[KeyOf(count)] = count.count();
    counts_.try_emplace(KeyOf(count), 0);
  }
  older.withheld = WithheldIn(version.published);
  for (const CountKey& key : older.withheld) {
    counts_.try_emplace(key, 0);
  }
  for (const v1::PublishedRate& rate : version.published.rates()) {
    if (rate.has_at_least()) {
      older.told.insert({.metric = NumeratorOf(rate.kind()), .area = rate.area()});
    }
  }
}

// Whoever knows how much each withheld count changed between both versions, perhaps that it did
// not, still has a range of k for each: what can be sent around past what either version tells,
// with room for the smaller of both counts.
bool Choice::IsSafeBeside(const Older& older) const {
  std::vector<FlowCell> cells = flow_.cells;
  std::vector<bool> open(cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    const int64_t before = older.flow.cells[i].value;
    open[i] = !flow_.keys[i] || (withheld_[i] && older.withheld.contains(*flow_.keys[i]));
    cells[i].value = std::min(cells[i].value, before);
    for (const CountKey& key : older.told) {
      if (const auto rest = flow_.rests.find(key); rest != flow_.rests.end() && rest->second == i) {
        cells[i].most = cells[i].value + std::max<int64_t>(0, k_ + 1 - before);
      }
    }
  }
  for (size_t i = 0; i < cells.size(); ++i) {
    if (flow_.keys[i] && older.withheld.contains(*flow_.keys[i])) {
      const FlowRange range = RangeOf(cells, open, i);
      if (range.high && *range.high - std::max<int64_t>(1, range.low) < k_) {
        return false;
      }
    }
  }
  return true;
}

// Of what hangs together with a withheld count, only what the older versions told too, and nothing
// else: then the newer version tells no more than they did, to whoever thinks that nothing else
// changed.
void Choice::ForceChanged() {
  for (const Older& older : older_) {
    std::set<int> systems;
    for (const CountKey& key : older.withheld) {
      systems.insert(SystemOf(key.metric));
    }
    std::set<CountKey> changed;
    for (const auto& [key, index] : flow_.at) {
      if (systems.contains(SystemOf(key.metric)) &&
          flow_.cells[index].value != older.flow.cells[index].value) {
        changed.insert(key);
      }
    }
    Force(changed);
  }
}

struct RateRule {
  v1::PublishedRateKind kind;
  v1::PublishedMetric numerator;
  v1::PublishedMetric denominator;
};
constexpr RateRule kRates[] = {
    {v1::RATE_INSTANT, v1::METRIC_ANSWERED_AT_ONCE, v1::METRIC_FILED},
    {v1::RATE_RESPONSE, v1::METRIC_RESPONDED, v1::METRIC_DUE},
    {v1::RATE_CLOSING, v1::METRIC_CLOSED, v1::METRIC_DUE},
    {v1::RATE_CLOSING_IN_TIME, v1::METRIC_CLOSED_IN_TIME, v1::METRIC_DUE},
    {v1::RATE_RESOLUTION, v1::METRIC_SOLVED, v1::METRIC_ASKED},
    {v1::RATE_SATISFACTION, v1::METRIC_SATISFIED, v1::METRIC_RATED},
};

// The lowest share that all but at most `missing` of `whole` can be, in hundredths of a percent.
double LeastShare(int64_t whole, int64_t missing) {
  return static_cast<double>(std::max<int64_t>(0, whole - missing) * 10'000 / whole) / 100;
}

v1::PublishedMetric NumeratorOf(v1::PublishedRateKind kind) {
  for (const RateRule& rule : kRates) {
    if (rule.kind == kind) {
      return rule.numerator;
    }
  }
  return v1::PUBLISHED_METRIC_UNSPECIFIED;
}

v1::PublishedRate RateOf(const RateRule& rule, const std::string& area, const Counts& counts,
                         const PublishingRules& rules, Choice& choice) {
  const auto of = [&](v1::PublishedMetric metric) {
    const auto found = counts.find({.metric = metric, .area = area});
    return found == counts.end() ? 0 : found->second;
  };
  const auto withheld = [&](v1::PublishedMetric metric) {
    return choice.IsWithheld({.metric = metric, .area = area});
  };
  v1::PublishedRate rate;
  rate.set_kind(rule.kind);
  rate.set_area(area);
  const int64_t whole = of(rule.denominator);
  const int partly = rule.kind == v1::RATE_RESOLUTION ? rules.partly_solved_percent : 0;
  if (withheld(rule.numerator) || withheld(rule.denominator) ||
      (partly > 0 && withheld(v1::METRIC_PARTLY_SOLVED))) {
    rate.set_withheld(true);
    if (withheld(rule.denominator) || whole <= rules.k + 1) {
      return rate;
    }
    if (choice.TellRest(rule.numerator, area, rules.k + 1)) {
      rate.set_at_least(LeastShare(whole, rules.k + 1));
    }
    return rate;
  }
  const v1::Rate made =
      MakeRate(of(rule.numerator) * 100 + of(v1::METRIC_PARTLY_SOLVED) * partly, whole, 100);
  if (made.has_percent()) {
    rate.set_percent(made.percent());
    rate.set_low(made.low());
    rate.set_high(made.high());
  }
  return rate;
}

void AddRates(const PublishingRules& rules, Choice& choice, v1::PublishedFigures* figures) {
  for (const RateRule& rule : kRates) {
    *figures->add_rates() = RateOf(rule, "", choice.counts(), rules, choice);
  }
  std::set<std::string> areas;
  for (const v1::PublishedCount& count : figures->counts()) {
    if (count.metric() == v1::METRIC_DUE && !count.area().empty()) {
      areas.insert(count.area());
    }
  }
  for (const std::string& area : areas) {
    for (const RateRule& rule : kRates) {
      if (rule.kind == v1::RATE_CLOSING || rule.kind == v1::RATE_CLOSING_IN_TIME) {
        *figures->add_rates() = RateOf(rule, area, choice.counts(), rules, choice);
      }
    }
  }
}

void AddTopCategories(int most, v1::PublishedFigures* figures) {
  std::vector<std::pair<int64_t, std::string>> top;
  for (const v1::PublishedCount& count : figures->counts()) {
    if (!count.category().empty() && count.has_count() && count.count() > 0) {
      top.emplace_back(-count.count(), count.category());
    }
  }
  std::sort(top.begin(), top.end());
  for (size_t i = 0; i < top.size() && i < static_cast<size_t>(most); ++i) {
    figures->add_top_categories(top[i].second);
  }
}

}  // namespace

v1::PublishedFigures Publish(const v1::PublishedFigures& whole, const PublishingRules& rules) {
  Counts counts;
  for (const v1::PublishedCount& count : whole.counts()) {
    counts[KeyOf(count)] = count.count();
  }
  Choice choice(counts, rules);
  v1::PublishedFigures figures = whole;
  figures.set_min_count(static_cast<int32_t>(rules.k));
  figures.clear_counts();
  figures.clear_rates();
  figures.clear_top_categories();
  figures.clear_formulas();
  for (const auto& [key, count] : choice.counts()) {
    const bool withheld = choice.IsWithheld(key);
    if (withheld || counts.contains(key)) {
      *figures.add_counts() = CountWithout(key);
      if (!withheld) {
        figures.mutable_counts()->rbegin()->set_count(count);
      }
    }
  }
  AddRates(rules, choice, &figures);
  AddTopCategories(rules.top_categories, &figures);
  for (v1::MetricFormula& formula : Formulas()) {
    *figures.add_formulas() = std::move(formula);
  }
  return figures;
}

}  // namespace baimi::ticket::domain
