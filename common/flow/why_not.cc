#include "common/flow/why_not.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include "common/base/status_macros.h"

namespace baimi::flow {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 4;

// The circulation hub -> left -> right -> hub: reduced costs of all residual arcs are >= 0 at an
// optimum, and a shortest path between the ends of an edge closes the cheapest cycle through it.
class ResidualGraph : public WhyNot {
 public:
  ResidualGraph(const Problem& problem, const Solution& optimum)
      : problem_(problem),
        lefts_(static_cast<int32_t>(problem.left.size())),
        hub_(lefts_ + static_cast<int32_t>(problem.right.size())),
        flow_(optimum.flow),
        load_(hub_, 0),
        price_(optimum.left_price),
        first_(hub_ + 1, 0),
        marks_(hub_ + 1) {
    price_.insert(price_.end(), optimum.right_price.begin(), optimum.right_price.end());
    price_.push_back(0);
    for (size_t e = 0; e < problem.edges.size(); ++e) {
      for (const int32_t node : Ends(e)) {
        load_[node] += flow_[e];
        ++first_[node + 1];
      }
    }
    for (int32_t node = 0; node < hub_; ++node) {
      first_[node + 1] += first_[node];
    }
    edges_.resize(problem.edges.size() * 2);
    std::vector<int32_t> next(first_.begin(), first_.end() - 1);
    for (size_t e = 0; e < problem.edges.size(); ++e) {
      for (const int32_t node : Ends(e)) {
        edges_[next[node]++] = static_cast<int32_t>(e);
      }
    }
  }

  std::optional<Alternative> OneMore(int32_t edge) override {
    const auto [left, right] = Ends(edge);
    banned_ = edge;
    const bool found = flow_[edge] < problem_.edges[edge].upper && Search(right, left);
    if (found) {
      Move(left, 1);
      AddFlow(edge, 1);
    }
    return Finish(found);
  }

  std::optional<Alternative> Without(int32_t edge) override {
    const auto [left, right] = Ends(edge);
    banned_ = edge;
    bool found = problem_.edges[edge].lower == 0;
    while (found && flow_[edge] > 0) {
      found = Search(left, right);
      if (found) {
        const int32_t units = Narrowest(right, flow_[edge]);
        Move(right, units);
        AddFlow(edge, -units);
        Reprice(marks_[right].distance);
      }
    }
    return Finish(found);
  }

 private:
  struct Mark {
    int64_t distance = 0;
    int32_t search = 0;
    int32_t from = -1;
    // By which the node was reached; -1 from or to the hub.
    int32_t edge = -1;
  };
  using Pair = std::array<int32_t, 2>;

  Pair Ends(size_t edge) const {
    return {problem_.edges[edge].left, lefts_ + problem_.edges[edge].right};
  }
  bool IsLeft(int32_t node) const { return node < lefts_; }
  int32_t Lower(int32_t node) const {
    return IsLeft(node) ? problem_.left[node].lower : problem_.right[node - lefts_].lower;
  }
  int32_t Upper(int32_t node) const {
    return IsLeft(node) ? problem_.left[node].upper : problem_.right[node - lefts_].upper;
  }
  int64_t Unserved(int32_t node) const {
    return IsLeft(node) ? 0 : problem_.right[node - lefts_].unserved_cost;
  }

  void Reach(int32_t node, int64_t distance, int32_t from, int32_t edge) {
    Mark& mark = marks_[node];
    if (distance >= bound_ || (mark.search == search_ && mark.distance <= distance)) {
      return;
    }
    mark = {.distance = distance, .search = search_, .from = from, .edge = edge};
    if (node == target_) {
      bound_ = distance;
    } else {
      heap_.emplace_back(-distance, node);
      std::push_heap(heap_.begin(), heap_.end());
    }
  }

  bool Search(int32_t source, int32_t target) {
    ++search_;
    heap_.clear();
    settled_.clear();
    target_ = target;
    bound_ = kFar;
    Reach(source, 0, -1, -1);
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end());
      const auto [negative, node] = heap_.back();
      heap_.pop_back();
      if (-negative >= bound_) {
        break;
      }
      if (-negative == marks_[node].distance) {
        settled_.push_back(node);
        if (node == hub_) {
          ScanHub();
        } else {
          Scan(node);
        }
      }
    }
    return bound_ < kFar;
  }

  void Scan(int32_t node) {
    const int64_t base = marks_[node].distance + price_[node];
    const bool left = IsLeft(node);
    if (left ? load_[node] > Lower(node) : load_[node] < Upper(node)) {
      Reach(hub_, base - Unserved(node) - price_[hub_], node, -1);
    }
    for (int32_t k = first_[node]; k < first_[node + 1]; ++k) {
      const int32_t e = edges_[k];
      const Edge& edge = problem_.edges[e];
      if (e != banned_ && (left ? flow_[e] < edge.upper : flow_[e] > edge.lower)) {
        const int32_t other = Ends(e)[left ? 1 : 0];
        Reach(other, base + (left ? edge.cost : -edge.cost) - price_[other], node, e);
      }
    }
  }

  void ScanHub() {
    const int64_t base = marks_[hub_].distance + price_[hub_];
    for (int32_t node = 0; node < hub_; ++node) {
      if (IsLeft(node) ? load_[node] < Upper(node) : load_[node] > Lower(node)) {
        Reach(node, base + Unserved(node) - price_[node], hub_, -1);
      }
    }
  }

  // How many of `most` units fit through the path to `target`.
  int32_t Narrowest(int32_t target, int32_t most) const {
    int64_t units = most;
    for (int32_t node = target; marks_[node].from >= 0; node = marks_[node].from) {
      const Mark& mark = marks_[node];
      if (mark.edge >= 0) {
        const Edge& edge = problem_.edges[mark.edge];
        units = std::min<int64_t>(
            units, IsLeft(node) ? flow_[mark.edge] - edge.lower : edge.upper - flow_[mark.edge]);
      } else {
        const int32_t end = node == hub_ ? mark.from : node;
        const bool grows = IsLeft(end) == (end == node);
        units = std::min(units, grows ? Upper(end) - load_[end] : load_[end] - Lower(end));
      }
    }
    return static_cast<int32_t>(units);
  }

  void Move(int32_t target, int32_t units) {
    for (int32_t node = target; marks_[node].from >= 0; node = marks_[node].from) {
      const Mark& mark = marks_[node];
      if (mark.edge >= 0) {
        AddFlow(mark.edge, IsLeft(node) ? -units : units);
      } else {
        const int32_t end = node == hub_ ? mark.from : node;
        AddLoad(end, IsLeft(end) == (end == node) ? units : -units);
      }
    }
  }

  void AddFlow(int32_t edge, int32_t units) {
    flow_[edge] += units;
    changes_[edge] += units;
  }

  void AddLoad(int32_t node, int32_t units) {
    load_[node] += units;
    loads_.emplace_back(node, units);
  }

  void Reprice(int64_t distance) {
    for (const int32_t node : settled_) {
      const int64_t fall = distance - marks_[node].distance;
      price_[node] -= fall;
      prices_.emplace_back(node, fall);
    }
  }

  // Reads the changes and takes them back.
  std::optional<Alternative> Finish(bool found) {
    Alternative alternative;
    for (const auto& [edge, units] : changes_) {
      flow_[edge] -= units;
      if (units != 0) {
        alternative.changes.push_back({.edge = edge, .units = units});
        alternative.loss += units * (problem_.edges[edge].cost - Unserved(Ends(edge)[1]));
      }
    }
    for (const auto& [node, units] : loads_) {
      load_[node] -= units;
    }
    for (const auto& [node, fall] : prices_) {
      price_[node] += fall;
    }
    changes_.clear();
    loads_.clear();
    prices_.clear();
    return found ? std::optional(std::move(alternative)) : std::nullopt;
  }

  const Problem& problem_;
  // Nodes: lefts, rights, the hub.
  const int32_t lefts_;
  const int32_t hub_;
  std::vector<int32_t> flow_;
  std::vector<int64_t> load_;
  std::vector<int64_t> price_;
  // The edges of each node.
  std::vector<int32_t> first_;
  std::vector<int32_t> edges_;

  // Of the question under way.
  int32_t banned_ = -1;
  int32_t target_ = -1;
  int32_t search_ = 0;
  int64_t bound_ = 0;
  std::vector<Mark> marks_;
  std::vector<std::pair<int64_t, int32_t>> heap_;
  std::vector<int32_t> settled_;
  std::map<int32_t, int32_t> changes_;
  std::vector<std::pair<int32_t, int32_t>> loads_;
  std::vector<std::pair<int32_t, int64_t>> prices_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<WhyNot>> WhyNot::Create(const Problem& problem,
                                                       const Solution& optimum) {
  BAIMI_RETURN_IF_ERROR(VerifyOptimal(problem, optimum));
  return std::make_unique<ResidualGraph>(problem, optimum);
}

}  // namespace baimi::flow
