#include "common/flow/core.h"

#include <algorithm>
#include <limits>

namespace baimi::flow::internal {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 4;
// Edges that a first search may look at before it is put off.
constexpr int64_t kFirstLimit = 128;

}  // namespace

Core::Core(Input input)
    : customers_(std::move(input.customers)),
      providers_(std::move(input.providers)),
      missing_(input.missing),
      nc_(static_cast<int32_t>(customers_.size())),
      np_(static_cast<int32_t>(providers_.size())) {
  const size_t edges = input.edges.size();
  order_.resize(edges);
  customer_.resize(edges);
  provider_.resize(edges);
  room_.resize(edges);
  cost_.resize(edges);
  SortEdges(input.edges);
  flow_.assign(edges, 0);
  user_at_.assign(edges, 0);
  StartPrices();
}

void Core::SortEdges(const std::vector<CoreEdge>& edges) {
  struct Key {
    int64_t cost;
    int32_t provider;
    int32_t edge;
    bool operator<(const Key& other) const {
      return cost != other.cost           ? cost < other.cost
             : provider != other.provider ? provider < other.provider
                                          : edge < other.edge;
    }
  };
  first_.assign(customers_.size() + 1, 0);
  for (const CoreEdge& edge : edges) {
    ++first_[edge.customer + 1];
  }
  for (int32_t c = 0; c < nc_; ++c) {
    first_[c + 1] += first_[c];
  }
  std::vector<Key> keys(edges.size());
  std::vector<int32_t> next(first_.begin(), first_.end() - 1);
  for (size_t e = 0; e < edges.size(); ++e) {
    keys[next[edges[e].customer]++] = {edges[e].cost, edges[e].provider, static_cast<int32_t>(e)};
  }
  for (int32_t c = 0; c < nc_; ++c) {
    std::sort(keys.begin() + first_[c], keys.begin() + first_[c + 1]);
    for (int32_t e = first_[c]; e < first_[c + 1]; ++e) {
      order_[e] = keys[e].edge;
      customer_[e] = c;
      provider_[e] = keys[e].provider;
      cost_[e] = keys[e].cost;
      room_[e] = edges[keys[e].edge].capacity;
    }
  }
}

void Core::StartPrices() {
  price_.resize(providers_.size());
  filled_.assign(providers_.size(), 0);
  users_count_.assign(providers_.size(), 0);
  std::vector<int32_t> degree(providers_.size(), 0);
  for (const int32_t p : provider_) {
    ++degree[p];
  }
  users_first_.assign(providers_.size(), 0);
  int32_t users = 0;
  for (int32_t p = 0; p < np_; ++p) {
    users_first_[p] = users;
    users += std::min(degree[p], providers_[p].mandatory + providers_[p].optional);
    price_[p] = FillCost(p);
  }
  users_.assign(users, 0);
  out_.assign(customers_.size(), 0);
  waiting_.resize(customers_.size());
  value_.resize(customers_.size());
  for (int32_t c = 0; c < nc_; ++c) {
    waiting_[c] = customers_[c].mandatory + customers_[c].optional;
    value_[c] = OutCost(c);
    for (int32_t e = first_[c]; e < first_[c + 1]; ++e) {
      value_[c] = std::min(value_[c], cost_[e] + price_[provider_[e]]);
    }
  }
  marks_.resize(customers_.size() + providers_.size());
}

void Core::Run() {
  std::vector<int32_t> queue;
  for (int32_t c = 0; c < nc_; ++c) {
    if (waiting_[c] > 0) {
      queue.push_back(c);
    }
  }
  int64_t limit = kFirstLimit;
  int64_t share = 1;
  while (!queue.empty()) {
    const size_t before = queue.size();
    Round(queue, limit);
    if (!queue.empty()) {
      Spread();
      // The searches of a round together may cost what spreading does, or more when it helps
      // little.
      share *= queue.size() > before / 5 * 4 ? 2 : 1;
      limit = std::max(kFirstLimit, share * static_cast<int64_t>(cost_.size() / queue.size()));
    }
  }
  // Where nothing is in, any value up to the cheapest edge would do; this one asks for nothing.
  for (int32_t c = 0; c < nc_; ++c) {
    if (customers_[c].mandatory == 0 && out_[c] == customers_[c].optional) {
      value_[c] = 0;
    }
  }
}

void Core::Round(std::vector<int32_t>& queue, int64_t limit) {
  std::vector<int32_t> put_off;
  size_t turn = 0;
  for (const int32_t customer : queue) {
    if (turn++ % (price_.size() + 1) == 0 && !price_.empty()) {
      lowest_price_ = *std::min_element(price_.begin(), price_.end());
    }
    while (waiting_[customer] > 0 && Place(customer, limit)) {
    }
    if (waiting_[customer] > 0) {
      put_off.push_back(customer);
    }
  }
  queue = std::move(put_off);
}

bool Core::Place(int32_t source, int64_t limit) {
  if (!Search(source, limit)) {
    return false;
  }
  Reprice();
  Augment(source);
  return true;
}

void Core::BeginSearch() {
  if (search_ == std::numeric_limits<int32_t>::max()) {
    marks_.assign(marks_.size(), {});
    search_ = 0;
  }
  ++search_;
  heap_.clear();
  near_.clear();
  settled_.clear();
  scanned_ = 0;
  now_ = 0;
  best_ = kFar;
  end_ = -1;
}

bool Core::Search(int32_t source, int64_t limit) {
  BeginSearch();
  Reach(source, 0, -1);
  for (int32_t node = Next(); node >= 0; node = Next()) {
    if (scanned_ > limit) {
      return false;
    }
    settled_.push_back(node);
    if (node < nc_) {
      ScanCustomer(node);
    } else {
      ScanProvider(node - nc_);
    }
  }
  return true;
}

// The nearest node that is not settled, or -1 when none is nearer than the best end.
int32_t Core::Next() {
  for (;;) {
    int32_t node = 0;
    if (now_ >= best_) {
      return -1;
    }
    if (!near_.empty()) {
      node = near_.back();
      near_.pop_back();
    } else {
      if (heap_.empty()) {
        return -1;
      }
      std::pop_heap(heap_.begin(), heap_.end());
      now_ = -heap_.back().first;
      node = heap_.back().second;
      heap_.pop_back();
      if (now_ >= best_) {
        return -1;
      }
    }
    if (marks_[node].distance == now_) {
      return node;
    }
  }
}

bool Core::Improve(int32_t node, int64_t distance, int32_t edge) {
  Mark& mark = marks_[node];
  if (mark.search == search_ && mark.distance <= distance) {
    return false;
  }
  mark = {.distance = distance, .search = search_, .edge = edge};
  return true;
}

void Core::Push(int32_t node, int64_t distance) {
  if (distance == now_) {
    near_.push_back(node);
  } else {
    heap_.emplace_back(-distance, node);
    std::push_heap(heap_.begin(), heap_.end());
  }
}

void Core::Reach(int32_t node, int64_t distance, int32_t edge) {
  if (!Improve(node, distance, edge)) {
    return;
  }
  if (node >= nc_ && HasRoom(node - nc_)) {
    const int64_t whole = distance + FillCost(node - nc_) - price_[node - nc_];
    if (whole < best_) {
      best_ = whole;
      end_ = node;
    }
  }
  if (distance < best_) {
    Push(node, distance);
  }
}

void Core::ScanCustomer(int32_t customer) {
  const int64_t base = now_ - value_[customer];
  if (MayStayOut(customer) && base + OutCost(customer) < best_) {
    best_ = base + OutCost(customer);
    end_ = customer;
  }
  int32_t e = first_[customer];
  for (; e < first_[customer + 1] && base + cost_[e] + lowest_price_ < best_; ++e) {
    const int32_t provider = provider_[e];
    const int64_t distance = base + cost_[e] + price_[provider];
    if (distance < best_ && room_[e] > 0) {
      Reach(nc_ + provider, distance, e);
    }
  }
  scanned_ += e - first_[customer] + 1;
}

void Core::ScanProvider(int32_t provider) {
  const int32_t* user = users_.data() + users_first_[provider];
  for (const int32_t* end = user + users_count_[provider]; user != end; ++user) {
    const int64_t distance = now_ - Reduced(*user);
    if (distance < best_) {
      Reach(customer_[*user], distance, *user);
    }
  }
  scanned_ += users_count_[provider] + 1;
}

void Core::Reprice() {
  for (const int32_t node : settled_) {
    const int64_t rise = best_ - marks_[node].distance;
    if (node < nc_) {
      value_[node] += rise;
    } else {
      price_[node - nc_] += rise;
    }
  }
}

void Core::Augment(int32_t source) {
  int32_t units = waiting_[source];
  int32_t last = end_;
  int32_t into = -1;
  if (end_ < nc_) {
    units = std::min(units, OutRoom(end_));
  } else {
    into = marks_[end_].edge;
    units = std::min({units, FillRoom(end_ - nc_), room_[into]});
    last = customer_[into];
  }
  for (int32_t c = last; c != source;) {
    const int32_t back = marks_[c].edge;
    const int32_t forth = marks_[nc_ + provider_[back]].edge;
    units = std::min({units, flow_[back], room_[forth]});
    c = customer_[forth];
  }
  if (end_ < nc_) {
    out_[end_] += units;
  } else {
    filled_[end_ - nc_] += units;
    AddFlow(into, units);
  }
  for (int32_t c = last; c != source;) {
    const int32_t back = marks_[c].edge;
    const int32_t forth = marks_[nc_ + provider_[back]].edge;
    AddFlow(back, -units);
    AddFlow(forth, units);
    c = customer_[forth];
  }
  waiting_[source] -= units;
}

void Core::AddFlow(int32_t edge, int32_t units) {
  const int32_t p = provider_[edge];
  int32_t* users = users_.data() + users_first_[p];
  if (flow_[edge] == 0) {
    user_at_[edge] = users_count_[p];
    users[users_count_[p]++] = edge;
  }
  flow_[edge] += units;
  room_[edge] -= units;
  if (flow_[edge] == 0) {
    const int32_t moved = users[--users_count_[p]];
    users[user_at_[edge]] = moved;
    user_at_[moved] = user_at_[edge];
  }
}

void Core::AddBackArcs() {
  back_first_.assign(providers_.size() + 1, 0);
  for (const int32_t p : provider_) {
    ++back_first_[p + 1];
  }
  for (int32_t p = 0; p < np_; ++p) {
    back_first_[p + 1] += back_first_[p];
  }
  back_.resize(provider_.size());
  std::vector<int32_t> next(back_first_.begin(), back_first_.end() - 1);
  for (size_t e = 0; e < provider_.size(); ++e) {
    back_[next[provider_[e]]++] = {cost_[e], customer_[e], static_cast<int32_t>(e)};
  }
}

void Core::Spread() {
  if (back_first_.empty()) {
    AddBackArcs();
  }
  BeginSearch();
  size_t sources = 0;
  for (int32_t c = 0; c < nc_; ++c) {
    sources += waiting_[c] > 0 ? 1 : 0;
    if (MayStayOut(c)) {
      Offer(c, OutCost(c) - value_[c]);
    }
  }
  for (int32_t p = 0; p < np_; ++p) {
    if (HasRoom(p)) {
      Offer(nc_ + p, FillCost(p) - price_[p]);
    }
  }
  // Each source is reached: its waiting units may stay out.
  while (sources > 0) {
    const int32_t node = Next();
    sources -= node < nc_ && waiting_[node] > 0 ? 1 : 0;
    SpreadFrom(node);
  }
  for (int32_t node = 0; node < nc_ + np_; ++node) {
    if (node < nc_ && first_[node] == first_[node + 1]) {
      continue;
    }
    const Mark& mark = marks_[node];
    const int64_t rise = mark.search == search_ ? std::min(mark.distance, now_) : now_;
    (node < nc_ ? value_[node] : price_[node - nc_]) += rise;
  }
}

void Core::SpreadFrom(int32_t node) {
  if (node < nc_) {
    for (int32_t e = first_[node]; e < first_[node + 1]; ++e) {
      if (flow_[e] > 0) {
        Offer(nc_ + provider_[e], now_ - Reduced(e));
      }
    }
    return;
  }
  const int64_t base = now_ + price_[node - nc_];
  for (int32_t k = back_first_[node - nc_]; k < back_first_[node - nc_ + 1]; ++k) {
    const BackArc& arc = back_[k];
    if (room_[arc.edge] > 0) {
      Offer(arc.customer, base + arc.cost - value_[arc.customer]);
    }
  }
}

void Core::Offer(int32_t node, int64_t distance) {
  if (Improve(node, distance, -1)) {
    Push(node, distance);
  }
}

std::vector<int32_t> Core::Flow() const {
  std::vector<int32_t> flow(flow_.size());
  for (size_t e = 0; e < flow_.size(); ++e) {
    flow[order_[e]] = flow_[e];
  }
  return flow;
}

int64_t Core::missing_units() const {
  int64_t missing = 0;
  for (int32_t c = 0; c < nc_; ++c) {
    missing += std::max(out_[c] - customers_[c].optional, 0);
  }
  for (int32_t p = 0; p < np_; ++p) {
    missing += std::max(providers_[p].mandatory - filled_[p], 0);
  }
  return missing;
}

}  // namespace baimi::flow::internal
