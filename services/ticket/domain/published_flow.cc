#include "services/ticket/domain/published_flow.h"

#include <set>
#include <string>
#include <utility>

namespace baimi::ticket::domain {
namespace {

// What it costs to withhold a total of its row or column, and a total of the whole county.
constexpr int64_t kMargin = 10;
constexpr int64_t kTotal = 1'000'000;

class Builder {
 public:
  Builder(const std::map<CountKey, int64_t>& counts, int64_t k) : counts_(counts), k_(k) {
    AddFiled();
    AddHandled();
    AddPair(v1::METRIC_ASKED, {v1::METRIC_SOLVED, v1::METRIC_PARTLY_SOLVED});
    AddPair(v1::METRIC_RATED, {v1::METRIC_SATISFIED});
    const int alone = Node();
    Add(alone, alone, {.metric = v1::METRIC_DISPATCHED}, kTotal);
  }

  PublishedFlow Take() { return std::move(flow_); }

 private:
  int Node() { return nodes_++; }
  int64_t Of(const CountKey& key) const {
    const auto found = counts_.find(key);
    return found == counts_.end() ? 0 : found->second;
  }
  void Add(int from, int to, const CountKey& key, int64_t times) {
    flow_.at[key] = flow_.cells.size();
    AddCell(from, to, Of(key), times, key);
  }
  // `of`: all that is missing where the rate of this count is told.
  void AddRest(int from, int to, int64_t count, const std::optional<CountKey>& of = std::nullopt) {
    if (of) {
      flow_.rests[*of] = flow_.cells.size();
    }
    AddCell(from, to, count, 1, std::nullopt);
  }
  void AddCell(int from, int to, int64_t value, int64_t times, const std::optional<CountKey>& key) {
    flow_.cells.push_back({.from = from, .to = to, .value = value, .cost = (value + k_) * times});
    flow_.keys.push_back(key);
  }
  // Keys of this metric that `fits`.
  template <typename Fits>
  std::vector<CountKey> Keys(v1::PublishedMetric metric, Fits fits) const {
    std::vector<CountKey> keys;
    for (const auto& [key, count] : counts_) {
      if (key.metric == metric && fits(key)) {
        keys.push_back(key);
      }
    }
    return keys;
  }

  void AddTypesAndChannels(int from, int to);
  void AddPlaces(int from, int to);
  void AddFiled();
  void AddHandled();
  // A whole, some parts of it, and the rest.
  void AddPair(v1::PublishedMetric whole, const std::vector<v1::PublishedMetric>& parts);

  const std::map<CountKey, int64_t>& counts_;
  const int64_t k_;
  int nodes_ = 0;
  PublishedFlow flow_;
};

void Builder::AddTypesAndChannels(int from, int to) {
  std::map<v1::TicketType, int> types;
  std::map<v1::Channel, int> channels;
  for (const CountKey& key : Keys(v1::METRIC_FILED, [](const CountKey& one) {
         return one.type != 0 && one.channel != 0;
       })) {
    if (types.find(key.type) == types.end()) {
      types[key.type] = Node();
    }
    if (channels.find(key.channel) == channels.end()) {
      channels[key.channel] = Node();
    }
    Add(types[key.type], channels[key.channel], key, 1);
  }
  for (const auto& [type, node] : types) {
    Add(from, node, {.metric = v1::METRIC_FILED, .type = type}, kMargin);
  }
  for (const auto& [channel, node] : channels) {
    Add(node, to, {.metric = v1::METRIC_FILED, .channel = channel}, kMargin);
  }
}

void Builder::AddPlaces(int from, int to) {
  std::map<std::string, int> towns;
  for (const CountKey& key : Keys(v1::METRIC_FILED, [](const CountKey& one) {
         return !one.area.empty() && one.area != kNoArea && !IsTownship(one.area);
       })) {
    const std::string town = TownshipOf(key.area);
    if (towns.find(town) == towns.end()) {
      towns[town] = Node();
    }
    Add(towns[town], to, key, 1);
  }
  for (const auto& [town, node] : towns) {
    Add(from, node, {.metric = v1::METRIC_FILED, .area = town}, kMargin);
  }
  Add(from, to, {.metric = v1::METRIC_FILED, .area = kNoArea}, 1);
}

void Builder::AddFiled() {
  const int begin = Node();
  const int by_type = Node();
  const int by_place = Node();
  const int by_category = Node();
  const int end = Node();
  AddTypesAndChannels(begin, by_type);
  AddPlaces(by_type, by_place);
  for (const CountKey& key :
       Keys(v1::METRIC_FILED, [](const CountKey& one) { return !one.category.empty(); })) {
    Add(by_place, by_category, key, 1);
  }
  const CountKey answered{.metric = v1::METRIC_ANSWERED_AT_ONCE};
  Add(by_category, end, answered, kMargin);
  const CountKey all{.metric = v1::METRIC_FILED};
  AddRest(by_category, end, Of(all) - Of(answered), answered);
  Add(end, begin, all, kTotal);
}

void Builder::AddHandled() {
  const int begin = Node();
  const int in_time = Node();
  const int late = Node();
  const int closed = Node();
  const int open = Node();
  const int by_place = Node();
  const int end = Node();
  const auto of = [](v1::PublishedMetric metric, const std::string& area) {
    return CountKey{.metric = metric, .area = area};
  };
  // Of one place, or of all: due into closed and open, closed into in time and late.
  const auto split = [&](const std::string& area, int due_node, int closed_node, int64_t times) {
    const CountKey due = of(v1::METRIC_DUE, area);
    const CountKey done = of(v1::METRIC_CLOSED, area);
    const CountKey prompt = of(v1::METRIC_CLOSED_IN_TIME, area);
    Add(due_node, closed_node, done, times);
    AddRest(due_node, open, Of(due) - Of(done), done);
    Add(closed_node, in_time, prompt, times);
    AddRest(closed_node, late, Of(done) - Of(prompt));
  };
  std::set<std::string> areas;
  for (const auto& [key, count] : counts_) {
    if (key.metric != v1::METRIC_FILED && !key.area.empty()) {
      areas.insert(key.area);
    }
  }
  for (const std::string& area : areas) {
    const int due_node = Node();
    Add(begin, due_node, of(v1::METRIC_DUE, area), kMargin);
    split(area, due_node, Node(), 1);
  }
  const CountKey due = of(v1::METRIC_DUE, "");
  const CountKey done = of(v1::METRIC_CLOSED, "");
  const CountKey prompt = of(v1::METRIC_CLOSED_IN_TIME, "");
  Add(in_time, closed, prompt, kMargin * kMargin);
  AddRest(late, closed, Of(done) - Of(prompt));
  Add(closed, by_place, done, kMargin * kMargin);
  AddRest(open, by_place, Of(due) - Of(done), done);
  const CountKey responded = of(v1::METRIC_RESPONDED, "");
  Add(by_place, end, responded, kMargin * kMargin);
  AddRest(by_place, end, Of(due) - Of(responded), responded);
  Add(end, begin, due, kTotal);
}

void Builder::AddPair(v1::PublishedMetric whole, const std::vector<v1::PublishedMetric>& parts) {
  const int begin = Node();
  const int end = Node();
  int64_t rest = Of({.metric = whole});
  for (const v1::PublishedMetric part : parts) {
    Add(begin, end, {.metric = part}, kMargin);
    rest -= Of({.metric = part});
  }
  const CountKey part{.metric = parts.front()};
  AddRest(begin, end, rest, parts.size() == 1 ? std::make_optional(part) : std::nullopt);
  Add(end, begin, {.metric = whole}, kTotal);
}

}  // namespace

PublishedFlow FlowOf(const std::map<CountKey, int64_t>& counts, int64_t k) {
  return Builder(counts, k).Take();
}

}  // namespace baimi::ticket::domain
