#include "services/ticket/domain/suppression.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

namespace baimi::ticket::domain {
namespace {

// More than any flow of counts.
constexpr int64_t kEndless = int64_t{1} << 60;
// Of a cell that is 0: withheld only where nothing else would do.
constexpr int64_t kCostOfZero = 1'000'000'000'000'000;
constexpr int64_t kFar = std::numeric_limits<int64_t>::max();

int64_t LeastOf(const FlowCell& cell) { return std::min<int64_t>(1, cell.value); }

// What may be sent along the cells beside one of them, and what of it has been sent.
class Residual {
 public:
  Residual(absl::Span<const FlowCell> cells, const std::vector<bool>& withheld, size_t without)
      : cells_(cells), withheld_(withheld), without_(without), sent_(cells.size(), 0) {
    for (size_t i = 0; i < cells.size(); ++i) {
      const size_t nodes = static_cast<size_t>(std::max(cells[i].from, cells[i].to)) + 1;
      if (at_node_.size() < nodes) {
        at_node_.resize(nodes);
      }
      at_node_[static_cast<size_t>(cells[i].from)].push_back(i);
      at_node_[static_cast<size_t>(cells[i].to)].push_back(i);
    }
  }

  // As much as can be sent, at most `wanted`; kEndless when there is no end. Withheld cells only.
  int64_t Send(int from, int to, int64_t wanted) {
    int64_t total = 0;
    while (total < wanted) {
      const std::vector<Step> path = CheapestPath(from, to, /*through_published=*/false);
      if (path.empty()) {
        return total;
      }
      int64_t room = wanted - total;
      for (const Step& step : path) {
        room = std::min(room, RoomOf(step));
      }
      if (from == to || room >= kEndless / 2) {
        return kEndless;
      }
      for (const Step& step : path) {
        sent_[step.cell] += step.forward ? room : -room;
      }
      total += room;
    }
    return total;
  }

  // The published cells that it costs least to withhold so that more can be sent.
  std::vector<size_t> CellsToOpen(int from, int to) const {
    std::vector<size_t> cells;
    for (const Step& step : CheapestPath(from, to, /*through_published=*/true)) {
      if (!withheld_[step.cell]) {
        cells.push_back(step.cell);
      }
    }
    return cells;
  }

 private:
  struct Step {
    size_t cell = 0;
    bool forward = true;
  };

  int64_t RoomOf(const Step& step) const {
    const FlowCell& cell = cells_[step.cell];
    const int64_t now = cell.value + sent_[step.cell];
    if (!step.forward) {
      return now - LeastOf(cell);
    }
    return cell.most ? *cell.most - now : kEndless;
  }
  int64_t CostOf(size_t cell) const {
    return withheld_[cell] ? 0 : cells_[cell].cost + (cells_[cell].value == 0 ? kCostOfZero : 0);
  }

  // Dijkstra's; empty when there is none, and where from and to are one node.
  std::vector<Step> CheapestPath(int from, int to, bool through_published) const {
    if (from == to) {
      return {Step{without_, true}};
    }
    std::vector<int64_t> cost(at_node_.size(), kFar);
    std::vector<Step> by(at_node_.size());
    using Entry = std::pair<int64_t, int>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
    cost[static_cast<size_t>(from)] = 0;
    open.push({0, from});
    while (!open.empty()) {
      const auto [so_far, node] = open.top();
      open.pop();
      if (so_far > cost[static_cast<size_t>(node)]) {
        continue;
      }
      for (const size_t i : at_node_[static_cast<size_t>(node)]) {
        const Step step{i, cells_[i].from == node};
        const int next = step.forward ? cells_[i].to : cells_[i].from;
        if (i == without_ || next == node || (!withheld_[i] && !through_published) ||
            RoomOf(step) <= 0) {
          continue;
        }
        const int64_t whole = so_far + CostOf(i);
        if (whole < cost[static_cast<size_t>(next)]) {
          cost[static_cast<size_t>(next)] = whole;
          by[static_cast<size_t>(next)] = step;
          open.push({whole, next});
        }
      }
    }
    std::vector<Step> path;
    if (cost[static_cast<size_t>(to)] == kFar) {
      return path;
    }
    for (int node = to; node != from;) {
      const Step& step = by[static_cast<size_t>(node)];
      path.push_back(step);
      node = step.forward ? cells_[step.cell].from : cells_[step.cell].to;
    }
    return path;
  }

  const absl::Span<const FlowCell> cells_;
  const std::vector<bool>& withheld_;
  const size_t without_;
  std::vector<int64_t> sent_;
  std::vector<std::vector<size_t>> at_node_;
};

// The value rises by what goes around from its end to its begin, and falls by what goes the other
// way.
int64_t RiseOf(absl::Span<const FlowCell> cells, const std::vector<bool>& withheld, size_t at,
               int64_t wanted) {
  const FlowCell& cell = cells[at];
  const int64_t room = cell.most ? *cell.most - cell.value : kEndless;
  return std::min(room, Residual(cells, withheld, at).Send(cell.to, cell.from, wanted));
}
int64_t FallOf(absl::Span<const FlowCell> cells, const std::vector<bool>& withheld, size_t at) {
  const FlowCell& cell = cells[at];
  const int64_t room = cell.value - LeastOf(cell);
  return std::min(room, Residual(cells, withheld, at).Send(cell.from, cell.to, room));
}

// How far its range falls short of k; 0 when it does not.
int64_t LackOf(absl::Span<const FlowCell> cells, const std::vector<bool>& withheld, size_t at,
               int64_t k) {
  const int64_t low = std::max<int64_t>(1, cells[at].value - FallOf(cells, withheld, at));
  const int64_t wanted = k + low - cells[at].value;
  return wanted <= 0 ? 0 : wanted - std::min(wanted, RiseOf(cells, withheld, at, wanted));
}

// Withholds more cells until the one at `at` has its range.
void Protect(absl::Span<const FlowCell> cells, size_t at, int64_t k, std::vector<bool>* withheld) {
  while (LackOf(cells, *withheld, at, k) > 0) {
    Residual residual(cells, *withheld, at);
    residual.Send(cells[at].to, cells[at].from, kEndless);
    const std::vector<size_t> more = residual.CellsToOpen(cells[at].to, cells[at].from);
    if (more.empty()) {
      return;
    }
    for (const size_t i : more) {
      (*withheld)[i] = true;
    }
  }
}

}  // namespace

FlowRange RangeOf(absl::Span<const FlowCell> cells, const std::vector<bool>& withheld, size_t at) {
  const int64_t value = cells[at].value;
  if (!withheld[at]) {
    return {value, value};
  }
  FlowRange range{.low = value - FallOf(cells, withheld, at)};
  const int64_t rise = RiseOf(cells, withheld, at, kEndless);
  if (rise < kEndless / 2) {
    range.high = value + rise;
  }
  return range;
}

bool IsSafe(absl::Span<const FlowCell> cells, const std::vector<bool>& withheld, int64_t k) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (withheld[i] && LackOf(cells, withheld, i, k) > 0) {
      return false;
    }
  }
  return true;
}

std::vector<bool> Withhold(absl::Span<const FlowCell> cells, int64_t k) {
  std::vector<bool> withheld(cells.size(), false);
  for (size_t i = 0; i < cells.size(); ++i) {
    withheld[i] = cells[i].forced || (cells[i].value > 0 && cells[i].value < k);
  }
  // What is withheld gives others more room, so a cell that is safe stays so.
  for (std::vector<bool> before; before != withheld;) {
    before = withheld;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (withheld[i]) {
        Protect(cells, i, k, &withheld);
      }
    }
  }
  return withheld;
}

}  // namespace baimi::ticket::domain
