// Pages of orders found in the search index, and orders to compare with one for duplicates. All
// inside one snapshot of the caller's.
#ifndef BAIMI_SERVICES_TICKET_STORE_SEARCH_QUERY_H_
#define BAIMI_SERVICES_TICKET_STORE_SEARCH_QUERY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/search_service.pb.h"
#include "common/base/call.h"
#include "common/sql/database.h"
#include "services/ticket/store/search_index.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::ticket::store {

struct SearchPage {
  std::vector<TicketRow> rows;
  // Where the next page begins; empty when nothing follows.
  std::vector<std::string> next;
};

// Who looks: rows outside `scope` are not found, nor those that `unit` (an id, or empty) is
// complained of in or set aside for, to whomever else they are shown (§1.10).
struct Viewer {
  const RowScope& scope;
  std::string unit;
};

// Stateless; thread-safe.
class SearchQuery {
 public:
  // Both outlive it.
  SearchQuery(const TicketStore* store, const SearchIndex* index) : store_(store), index_(index) {}

  // At most `limit` orders behind `after`, which is `next` of the page before, or empty.
  // INVALID_ARGUMENT without a word and a point. A page looks at 1,000 orders at most.
  absl::StatusOr<SearchPage> Page(sql::Reader& reader, absl::string_view county,
                                  const v1::QueryTicketsRequest& request, const Viewer& viewer,
                                  const std::vector<std::string>& after, int limit) const;

  // Orders that `order` is to be compared with (domain::Comparison): the newest 200 of its category
  // in its grid and as many around its point within the policy's days, those that the index does
  // not know yet, and 50 of its caller.
  absl::StatusOr<std::vector<TicketRow>> ToCompareWith(sql::Reader& reader,
                                                       absl::string_view county,
                                                       const v1::Ticket& order,
                                                       const v1::DuplicatePolicy& rules,
                                                       const Viewer& viewer) const;

 private:
  const TicketStore* const store_;
  const SearchIndex* const index_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_SEARCH_QUERY_H_
