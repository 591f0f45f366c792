// The counts of a month as one flow (suppression.h): which cell is which count. Pure.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_PUBLISHED_FLOW_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_PUBLISHED_FLOW_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "services/ticket/domain/published_figures.h"
#include "services/ticket/domain/suppression.h"

namespace baimi::ticket::domain {

struct PublishedFlow {
  std::vector<FlowCell> cells = {};
  // By cell; none of what is missing to a whole: in no publication, but told by the others.
  std::vector<std::optional<CountKey>> keys = {};
  std::map<CountKey, size_t> at = {};
  // Where the rate of a count is told: the cell of all that is missing to its whole.
  std::map<CountKey, size_t> rests = {};
};

// The cells and their order follow from the keys of `counts` alone. Costs are those of withholding.
PublishedFlow FlowOf(const std::map<CountKey, int64_t>& counts, int64_t k);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_PUBLISHED_FLOW_H_
