// Months of a small county, and somebody who reads what is published about them. For tests.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_TESTING_PUBLISHED_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_TESTING_PUBLISHED_H_

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "services/ticket/domain/published_figures.h"
#include "services/ticket/domain/testing_attacker.h"

namespace baimi::ticket::domain {

inline constexpr int64_t kK = 5;
inline constexpr const char* kAreas[] = {"469030100001", "469030100002", "469030101001",
                                         "469030101002"};
inline constexpr const char* kCategories[] = {"0101", "0102", "0201"};

// A month of a county of four communities in two townships: `random() % most` of everything.
inline MonthCounts SomeMonth(std::mt19937& random, int64_t most) {
  MonthCounts month;
  const auto some = [&](int64_t end) { return static_cast<int64_t>(random() % (end + 1)); };
  for (const v1::TicketType type : {v1::HELP, v1::COMPLAINT}) {
    for (const v1::Channel channel : {v1::PHONE, v1::APP}) {
      const int64_t count = some(most);
      if (count > 0) {
        month.filed[{type, channel}] = count;
      }
      month.county.set_filed(month.county.filed() + count);
    }
  }
  int64_t placed = month.county.filed();
  int64_t sorted = month.county.filed();
  for (const char* area : kAreas) {
    v1::FigureCounts& counts = month.areas[area];
    counts.set_filed(some(std::min(placed, most)));
    placed -= counts.filed();
    counts.set_due(some(most));
    counts.set_closed(counts.due() - some(std::min<int64_t>(counts.due(), 3)));
    counts.set_closed_in_time(counts.closed() - some(std::min<int64_t>(counts.closed(), 3)));
    month.county.set_due(month.county.due() + counts.due());
    month.county.set_closed(month.county.closed() + counts.closed());
    month.county.set_closed_in_time(month.county.closed_in_time() + counts.closed_in_time());
  }
  for (const char* category : kCategories) {
    const int64_t count = category == kCategories[2] ? sorted : some(sorted);
    month.categories[category].set_filed(count);
    sorted -= count;
  }
  month.county.set_answered_at_once(some(month.county.filed()));
  month.county.set_dispatched(some(most));
  month.county.set_responded(month.county.due() - some(std::min<int64_t>(month.county.due(), 4)));
  month.county.set_answered_callbacks(some(most));
  month.county.set_solved(some(month.county.answered_callbacks()));
  month.county.set_partly_solved(some(month.county.answered_callbacks() - month.county.solved()));
  month.county.set_rated(some(most));
  month.county.set_satisfied(some(month.county.rated()));
  return month;
}

inline v1::PublishedFigures WholeOf(const MonthCounts& month, int digits = 4) {
  const auto counts = WholeCounts(month, digits);
  EXPECT_TRUE(counts.ok()) << counts.status();
  v1::PublishedFigures whole;
  for (const v1::PublishedCount& count : counts.value_or(std::vector<v1::PublishedCount>())) {
    *whole.add_counts() = count;
  }
  return whole;
}

inline std::optional<int64_t> Find(const v1::PublishedFigures& figures, const CountKey& key) {
  for (const v1::PublishedCount& count : figures.counts()) {
    if (KeyOf(count) == key) {
      return count.has_count() ? std::make_optional(count.count()) : std::nullopt;
    }
  }
  return 0;
}

inline const v1::PublishedRate* FindRate(const v1::PublishedFigures& figures,
                                         v1::PublishedRateKind kind, absl::string_view area = "") {
  for (const v1::PublishedRate& rate : figures.rates()) {
    if (rate.kind() == kind && rate.area() == area) {
      return &rate;
    }
  }
  return nullptr;
}

// Reads a publication as anybody may: what is not there is 0, and the metrics hang together as
// their comments in the contract say. Knows nothing of how numbers were withheld.
class PublicReader {
 public:
  PublicReader(const v1::PublishedFigures& figures, int64_t most) : figures_(figures), most_(most) {
    AddFiled();
    AddHandled();
    Sum({.metric = v1::METRIC_ASKED},
        {{.metric = v1::METRIC_SOLVED}, {.metric = v1::METRIC_PARTLY_SOLVED}}, /*rest=*/"unsolved");
    Sum({.metric = v1::METRIC_RATED}, {{.metric = v1::METRIC_SATISFIED}}, "unsatisfied");
    UseRates();
  }

  Attacker& attacker() { return attacker_; }
  const std::map<CountKey, size_t>& withheld() const { return withheld_; }

 private:
  size_t Number(const CountKey& key) {
    const auto [at, is_new] = numbers_.try_emplace(key, 0);
    if (is_new) {
      const std::optional<int64_t> known = Find(figures_, key);
      at->second = known ? attacker_.AddNumber(*known, *known) : attacker_.AddNumber(1, most_);
      if (!known) {
        withheld_[key] = at->second;
      }
    }
    return at->second;
  }
  // `whole` is the sum of `parts`, and of a rest that is published nowhere.
  void Sum(const CountKey& whole, const std::vector<CountKey>& parts,
           const std::string& rest = "") {
    std::vector<std::pair<size_t, int>> sum = {{Number(whole), -1}};
    for (const CountKey& part : parts) {
      sum.emplace_back(Number(part), 1);
    }
    if (!rest.empty()) {
      sum.emplace_back(Rest(rest), 1);
    }
    attacker_.AddSum(std::move(sum));
  }
  size_t Rest(const std::string& name) {
    const auto [at, is_new] = rests_.try_emplace(name, 0);
    if (is_new) {
      at->second = attacker_.AddNumber(0, most_);
    }
    return at->second;
  }

  void AddFiled() {
    const CountKey all{.metric = v1::METRIC_FILED};
    std::map<CountKey, std::vector<CountKey>> parts;
    for (const v1::PublishedCount& count : figures_.counts()) {
      const CountKey key = KeyOf(count);
      if (key.metric != v1::METRIC_FILED || key == all) {
        continue;
      }
      if (key.type != 0 && key.channel != 0) {
        parts[{.metric = v1::METRIC_FILED, .type = key.type}].push_back(key);
        parts[{.metric = v1::METRIC_FILED, .channel = key.channel}].push_back(key);
      } else if (!key.area.empty() && key.area != "none" && key.area.substr(9) != "000") {
        parts[{.metric = v1::METRIC_FILED, .area = key.area.substr(0, 9) + "000"}].push_back(key);
      }
    }
    std::vector<CountKey> types, channels, towns, categories;
    for (const v1::PublishedCount& count : figures_.counts()) {
      const CountKey key = KeyOf(count);
      if (key.metric != v1::METRIC_FILED || key == all) {
        continue;
      }
      if (key.type != 0 && key.channel == 0) {
        types.push_back(key);
      } else if (key.channel != 0 && key.type == 0) {
        channels.push_back(key);
      } else if (key.area == "none" || (!key.area.empty() && key.area.substr(9) == "000")) {
        towns.push_back(key);
      } else if (!key.category.empty()) {
        categories.push_back(key);
      }
    }
    for (const auto& [whole, keys] : parts) {
      Sum(whole, keys);
    }
    Sum(all, types);
    Sum(all, channels);
    Sum(all, towns);
    Sum(all, categories);
    Sum(all, {{.metric = v1::METRIC_ANSWERED_AT_ONCE}}, "not at once");
  }

  void AddHandled() {
    std::vector<CountKey> due, closed, prompt;
    std::vector<std::pair<size_t, int>> open = {{Rest("open "), -1}};
    std::vector<std::pair<size_t, int>> late = {{Rest("late "), -1}};
    std::set<std::string> areas;
    for (const v1::PublishedCount& count : figures_.counts()) {
      if (count.metric() != v1::METRIC_FILED && !count.area().empty()) {
        areas.insert(count.area());
      }
    }
    for (const std::string& area : areas) {
      due.push_back({.metric = v1::METRIC_DUE, .area = area});
      closed.push_back({.metric = v1::METRIC_CLOSED, .area = area});
      prompt.push_back({.metric = v1::METRIC_CLOSED_IN_TIME, .area = area});
      open.emplace_back(Rest("open " + area), 1);
      late.emplace_back(Rest("late " + area), 1);
    }
    areas.insert("");
    for (const std::string& area : areas) {
      Sum({.metric = v1::METRIC_DUE, .area = area}, {{.metric = v1::METRIC_CLOSED, .area = area}},
          "open " + area);
      Sum({.metric = v1::METRIC_CLOSED, .area = area},
          {{.metric = v1::METRIC_CLOSED_IN_TIME, .area = area}}, "late " + area);
    }
    Sum({.metric = v1::METRIC_DUE}, due);
    Sum({.metric = v1::METRIC_CLOSED}, closed);
    Sum({.metric = v1::METRIC_CLOSED_IN_TIME}, prompt);
    attacker_.AddSum(std::move(open));
    attacker_.AddSum(std::move(late));
    Sum({.metric = v1::METRIC_DUE}, {{.metric = v1::METRIC_RESPONDED}}, "unresponded");
  }

  // A percentage tells no more than its two counts, which must be there; at_least tells how many
  // are missing at most.
  void UseRates() {
    const std::map<v1::PublishedRateKind, std::pair<v1::PublishedMetric, v1::PublishedMetric>>
        kinds = {
            {v1::RATE_INSTANT, {v1::METRIC_ANSWERED_AT_ONCE, v1::METRIC_FILED}},
            {v1::RATE_RESPONSE, {v1::METRIC_RESPONDED, v1::METRIC_DUE}},
            {v1::RATE_CLOSING, {v1::METRIC_CLOSED, v1::METRIC_DUE}},
            {v1::RATE_CLOSING_IN_TIME, {v1::METRIC_CLOSED_IN_TIME, v1::METRIC_DUE}},
            {v1::RATE_RESOLUTION, {v1::METRIC_SOLVED, v1::METRIC_ASKED}},
            {v1::RATE_SATISFACTION, {v1::METRIC_SATISFIED, v1::METRIC_RATED}},
        };
    for (const v1::PublishedRate& rate : figures_.rates()) {
      const auto& [numerator, denominator] = kinds.at(rate.kind());
      const auto part = Find(figures_, {.metric = numerator, .area = rate.area()});
      const auto whole = Find(figures_, {.metric = denominator, .area = rate.area()});
      EXPECT_EQ(rate.withheld(), !part || !whole) << rate.ShortDebugString();
      EXPECT_EQ(rate.has_percent(), part && whole && *whole > 0) << rate.ShortDebugString();
      if (rate.has_at_least()) {
        ASSERT_TRUE(whole.has_value());
        const size_t missing = attacker_.AddNumber(
            0, static_cast<int64_t>(static_cast<double>(*whole) * (100 - rate.at_least()) / 100 +
                                    1e-6));
        attacker_.AddSum({{Number({.metric = denominator, .area = rate.area()}), -1},
                          {Number({.metric = numerator, .area = rate.area()}), 1},
                          {missing, 1}});
        ++told_;
      }
    }
  }

 public:
  int told() const { return told_; }

 private:
  const v1::PublishedFigures& figures_;
  const int64_t most_;
  Attacker attacker_;
  std::map<CountKey, size_t> numbers_;
  std::map<CountKey, size_t> withheld_;
  std::map<std::string, size_t> rests_;
  int told_ = 0;
};

inline std::string Text(const CountKey& key) { return CountWithout(key).ShortDebugString(); }

inline void ExpectSafe(PublicReader& reader) {
  ASSERT_TRUE(reader.attacker().IsPossible());
  for (const auto& [key, number] : reader.withheld()) {
    const Attacker::Bounds found = reader.attacker().BoundsOf(number);
    EXPECT_GE(found.high - found.low, kK)
        << Text(key) << " is " << found.low << " to " << found.high;
  }
}

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_TESTING_PUBLISHED_H_
