#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ticket/domain/published_figures.h"

namespace baimi::ticket::domain {
namespace {

constexpr size_t kTownDigits = 9;
constexpr size_t kAreaDigits = 12;

struct FormulaText {
  v1::PublishedMetric metric;
  const char* name;
  const char* text;
};
constexpr FormulaText kFormulas[] = {
    {v1::METRIC_FILED, "受理量", "本月登记的工单数，含即时答复、不予受理和合并的工单"},
    {v1::METRIC_ANSWERED_AT_ONCE, "即时办结量", "本月登记的工单中，未派单、当场答复的工单数"},
    {v1::METRIC_DISPATCHED, "派单量", "本月派单的次数，重新派单另计"},
    {v1::METRIC_DUE, "应办结量",
     "办理期限（含延期）在本月届满的工单数，不含合并、挂账、撤回、转出和终止办理的工单"},
    {v1::METRIC_CLOSED, "办结量", "应办结工单中，统计时已办结的工单数"},
    {v1::METRIC_CLOSED_IN_TIME, "按期办结量", "应办结工单中，首次即按期反馈且已办结的工单数"},
    {v1::METRIC_RESPONDED, "响应量",
     "应办结工单中，按时签收、按时反馈且已联系诉求人（匿名或不要求回复的除外）的工单数"},
    {v1::METRIC_ASKED, "有效回访量", "本月回访中，诉求人答复是否解决的次数"},
    {v1::METRIC_SOLVED, "解决量", "有效回访中，诉求人答复已解决的次数"},
    {v1::METRIC_PARTLY_SOLVED, "部分解决量", "有效回访中，诉求人答复部分解决的次数"},
    {v1::METRIC_RATED, "参评量", "本月回访中，诉求人作出满意度评价的次数"},
    {v1::METRIC_SATISFIED, "满意量", "参评中，评价为非常满意、满意或基本满意的次数"},
};

using Counts = std::map<CountKey, int64_t>;

// What of the figures of the handling is told by township.
constexpr v1::PublishedMetric kOfHandling[] = {v1::METRIC_DUE, v1::METRIC_CLOSED,
                                               v1::METRIC_CLOSED_IN_TIME};

int64_t CountOf(const v1::FigureCounts& counts, v1::PublishedMetric metric) {
  switch (metric) {
    case v1::METRIC_FILED:
      return counts.filed();
    case v1::METRIC_ANSWERED_AT_ONCE:
      return counts.answered_at_once();
    case v1::METRIC_DISPATCHED:
      return counts.dispatched();
    case v1::METRIC_DUE:
      return counts.due();
    case v1::METRIC_CLOSED:
      return counts.closed();
    case v1::METRIC_CLOSED_IN_TIME:
      return counts.closed_in_time();
    case v1::METRIC_RESPONDED:
      return counts.responded();
    case v1::METRIC_ASKED:
      return counts.answered_callbacks();
    case v1::METRIC_SOLVED:
      return counts.solved();
    case v1::METRIC_PARTLY_SOLVED:
      return counts.partly_solved();
    case v1::METRIC_RATED:
      return counts.rated();
    case v1::METRIC_SATISFIED:
      return counts.satisfied();
    default:
      return 0;
  }
}

void AddAreas(const MonthCounts& month, Counts& counts) {
  std::map<v1::PublishedMetric, int64_t> placed = {{v1::METRIC_FILED, 0}};
  for (const v1::PublishedMetric metric : kOfHandling) {
    placed[metric] = 0;
  }
  const auto add = [&](v1::PublishedMetric metric, const std::string& town, int64_t count) {
    placed[metric] += count;
    counts[{.metric = metric, .area = town}] += count;
  };
  for (const auto& [code, of_area] : month.areas) {
    // A code that is no community's is no place that could be told by itself.
    const std::string area = code.size() == kAreaDigits && !IsTownship(code) ? code : kNoArea;
    for (const v1::PublishedMetric metric : kOfHandling) {
      add(metric, TownshipOf(area), CountOf(of_area, metric));
    }
    add(v1::METRIC_FILED, TownshipOf(area), of_area.filed());
    if (area != kNoArea) {
      counts[{.metric = v1::METRIC_FILED, .area = area}] += of_area.filed();
    }
  }
  for (const auto& [metric, count] : placed) {
    counts[{.metric = metric, .area = kNoArea}] += CountOf(month.county, metric) - count;
  }
}

// Parts are not more than their whole.
bool AddsUp(const MonthCounts& month, const Counts& counts) {
  const v1::FigureCounts& county = month.county;
  int64_t by_type = 0;
  int64_t by_category = 0;
  bool fits = true;
  for (const auto& [key, count] : counts) {
    by_type += key.type != 0 && key.channel != 0 ? count : 0;
    by_category += key.category.empty() ? 0 : count;
    fits = fits && count >= 0;
    const auto of = [&](v1::PublishedMetric metric) {
      const auto found = counts.find({.metric = metric, .area = key.area});
      return found == counts.end() ? 0 : found->second;
    };
    if (key.metric == v1::METRIC_DUE) {
      fits = fits && of(v1::METRIC_CLOSED_IN_TIME) <= of(v1::METRIC_CLOSED) &&
             of(v1::METRIC_CLOSED) <= count;
    }
  }
  return fits && by_type == county.filed() && by_category == county.filed() &&
         county.answered_at_once() <= county.filed() && county.responded() <= county.due() &&
         county.solved() + county.partly_solved() <= county.answered_callbacks() &&
         county.satisfied() <= county.rated();
}

}  // namespace

std::string TownshipOf(const std::string& area) {
  return area == kNoArea ? area : absl::StrCat(area.substr(0, kTownDigits), "000");
}
bool IsTownship(const std::string& area) {
  return area.size() == kAreaDigits && absl::EndsWith(area, "000");
}

CountKey KeyOf(const v1::PublishedCount& count) {
  return {count.metric(), count.type(), count.channel(), count.area(), count.category()};
}

v1::PublishedCount CountWithout(const CountKey& key) {
  v1::PublishedCount count;
  count.set_metric(key.metric);
  count.set_type(key.type);
  count.set_channel(key.channel);
  count.set_area(key.area);
  count.set_category(key.category);
  return count;
}

absl::StatusOr<std::vector<v1::PublishedCount>> WholeCounts(const MonthCounts& month,
                                                            int category_digits) {
  Counts counts;
  for (const FormulaText& formula : kFormulas) {
    counts[{.metric = formula.metric}] = CountOf(month.county, formula.metric);
  }
  for (const auto& [key, count] : month.filed) {
    const auto& [type, channel] = key;
    counts[{.metric = v1::METRIC_FILED, .type = type, .channel = channel}] += count;
    counts[{.metric = v1::METRIC_FILED, .type = type}] += count;
    counts[{.metric = v1::METRIC_FILED, .channel = channel}] += count;
  }
  for (const auto& [code, of_category] : month.categories) {
    if (of_category.filed() != 0) {
      const std::string category = code.substr(0, static_cast<size_t>(category_digits));
      counts[{.metric = v1::METRIC_FILED, .category = category}] += of_category.filed();
    }
  }
  AddAreas(month, counts);
  if (!AddsUp(month, counts)) {
    return Internal("publication: the parts of a month do not add up to the whole");
  }
  std::vector<v1::PublishedCount> whole;
  for (const auto& [key, count] : counts) {
    const bool of_all = key == CountKey{.metric = key.metric};
    if (count != 0 || of_all) {
      whole.push_back(CountWithout(key));
      whole.back().set_count(count);
    }
  }
  return whole;
}

std::set<CountKey> WithheldIn(const v1::PublishedFigures& figures) {
  std::set<CountKey> withheld;
  for (const v1::PublishedCount& count : figures.counts()) {
    if (!count.has_count()) {
      withheld.insert(KeyOf(count));
    }
  }
  return withheld;
}

std::vector<v1::MetricFormula> Formulas() {
  std::vector<v1::MetricFormula> formulas;
  for (const FormulaText& formula : kFormulas) {
    v1::MetricFormula& text = formulas.emplace_back();
    text.set_metric(formula.metric);
    text.set_display_name(formula.name);
    text.set_formula(formula.text);
  }
  return formulas;
}

}  // namespace baimi::ticket::domain
