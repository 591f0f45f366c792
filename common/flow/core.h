// The solver proper: successive shortest paths with prices. Others include solver.h.
//
// Customers' units are placed with providers one path at a time, each the cheapest in the residual
// graph; flow and prices satisfy complementary slackness after every path, which is why the end is
// an optimum. What makes it fast, without giving up exactness:
// * a search ends at the nearest place where a unit may stay, and only what it has settled changes
//   its price: where places are not scarce a search touches a handful of nodes;
// * a customer's edges are sorted by cost, and the scan of them ends where even the lowest price of
//   all providers cannot make a shorter path;
// * a search that grows beyond a limit is put off. When all customers have had their turn, one
// search
//   backwards from all free places gives every node its exact distance, and the customers that were
//   put off begin again with paths of length 0.
#ifndef BAIMI_COMMON_FLOW_CORE_H_
#define BAIMI_COMMON_FLOW_CORE_H_

#include <cstdint>
#include <utility>
#include <vector>

namespace baimi::flow::internal {

struct CoreNode {
  // Units that cost `Core::Input::missing` each when they are not placed or filled,
  int32_t mandatory = 0;
  // and further ones that cost nothing when they are not.
  int32_t optional = 0;
};

struct CoreEdge {
  int32_t customer = 0;
  int32_t provider = 0;
  int32_t capacity = 0;
  int64_t cost = 0;
};

class Core {
 public:
  struct Input {
    std::vector<CoreNode> customers;
    std::vector<CoreNode> providers;
    // Capacity > 0, between nodes that have units.
    std::vector<CoreEdge> edges;
    // Above the cost of any path in `edges` that meets each node once.
    int64_t missing = 1;
  };

  explicit Core(Input input);

  // Ends with an optimum; once.
  void Run();

  // In the order of Input::edges.
  std::vector<int32_t> Flow() const;
  // With these, cost + price of the provider - value of the customer is >= 0 where there is no
  // flow,
  // <= 0 where the edge is full, and 0 between. A customer's value is >= 0 when optional units stay
  // out, <= 0 when some are in beyond the mandatory ones; a provider's price >= 0 when it fills
  // optional units, <= 0 when it has any left. Both are 0 between.
  const std::vector<int64_t>& values() const { return value_; }
  const std::vector<int64_t>& prices() const { return price_; }
  // Mandatory units that found no place.
  int64_t missing_units() const;

 private:
  // Where a search stands at a node: customers from 0, providers behind them.
  struct Mark {
    int64_t distance = 0;
    // Of the search that wrote the other two.
    int32_t search = 0;
    // The edge by which the node was reached.
    int32_t edge = -1;
  };
  struct Arc {
    int32_t provider = 0;
    int32_t edge = 0;
  };
  struct BackArc {
    int64_t cost = 0;
    int32_t customer = 0;
    int32_t edge = 0;
  };

  void SortEdges(const std::vector<CoreEdge>& edges);
  void StartPrices();
  void Round(std::vector<int32_t>& queue, int64_t limit);
  // One shortest path from the customer; false when it was put off.
  bool Place(int32_t source, int64_t limit);
  bool Search(int32_t source, int64_t limit);
  void ScanCustomer(int32_t customer);
  void ScanProvider(int32_t provider);
  void BeginSearch();
  bool Improve(int32_t node, int64_t distance, int32_t edge);
  void Push(int32_t node, int64_t distance);
  void Reach(int32_t node, int64_t distance, int32_t edge);
  int32_t Next();
  void Reprice();
  void Augment(int32_t source);
  // Exact distances from all free places; makes them the prices of everything that still matters.
  void Spread();
  void SpreadFrom(int32_t node);
  void Offer(int32_t node, int64_t distance);
  void AddBackArcs();

  void AddFlow(int32_t edge, int32_t units);
  int64_t Reduced(int32_t edge) const {
    return cost_[edge] + price_[provider_[edge]] - value_[customer_[edge]];
  }
  // Where a unit may stay at once, and what it costs there.
  bool HasRoom(int32_t provider) const {
    return filled_[provider] < providers_[provider].mandatory + providers_[provider].optional;
  }
  int64_t FillCost(int32_t provider) const {
    return filled_[provider] < providers_[provider].mandatory ? -missing_ : 0;
  }
  int32_t FillRoom(int32_t provider) const {
    const CoreNode& node = providers_[provider];
    return filled_[provider] < node.mandatory ? node.mandatory - filled_[provider]
                                              : node.mandatory + node.optional - filled_[provider];
  }
  bool MayStayOut(int32_t customer) const {
    return out_[customer] < customers_[customer].mandatory + customers_[customer].optional;
  }
  int64_t OutCost(int32_t customer) const {
    return out_[customer] < customers_[customer].optional ? 0 : missing_;
  }
  int32_t OutRoom(int32_t customer) const {
    const CoreNode& node = customers_[customer];
    return out_[customer] < node.optional ? node.optional - out_[customer]
                                          : node.mandatory + node.optional - out_[customer];
  }

  const std::vector<CoreNode> customers_;
  const std::vector<CoreNode> providers_;
  const int64_t missing_;
  const int32_t nc_;
  const int32_t np_;

  // Edges by customer, cheapest first; `order_` gives their places in the input.
  std::vector<int32_t> first_;
  std::vector<int32_t> order_;
  std::vector<int32_t> customer_;
  std::vector<int32_t> provider_;
  std::vector<int32_t> room_;
  std::vector<int32_t> flow_;
  std::vector<int64_t> cost_;
  // The same by provider, made when first needed.
  std::vector<int32_t> back_first_;
  std::vector<BackArc> back_;

  std::vector<int64_t> value_;
  std::vector<int64_t> price_;
  int64_t lowest_price_ = 0;
  // Units not yet placed, and units that stay out.
  std::vector<int32_t> waiting_;
  std::vector<int32_t> out_;
  std::vector<int32_t> filled_;
  // The edges with flow of each provider, in [users_first_[p], + users_count_[p]).
  std::vector<int32_t> users_first_;
  std::vector<int32_t> users_count_;
  std::vector<int32_t> users_;
  std::vector<int32_t> user_at_;

  // Of the search under way.
  std::vector<Mark> marks_;
  int32_t search_ = 0;
  int64_t scanned_ = 0;
  int64_t now_ = 0;
  // The shortest way to a free place so far, and where it ends: a customer's unit may stay out.
  int64_t best_ = 0;
  int32_t end_ = -1;
  std::vector<int32_t> near_;
  std::vector<std::pair<int64_t, int32_t>> heap_;
  std::vector<int32_t> settled_;
};

}  // namespace baimi::flow::internal

#endif  // BAIMI_COMMON_FLOW_CORE_H_
