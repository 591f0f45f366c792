// Finding orders and their duplicates.
#ifndef BAIMI_SERVICES_TICKET_API_SEARCH_API_H_
#define BAIMI_SERVICES_TICKET_API_SEARCH_API_H_

#include "absl/status/status.h"
#include "baimi/ticket/v1/search_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/ticket_api.h"
#include "services/ticket/store/search_query.h"

namespace baimi::ticket::api {

// SEARCH_NOT_ALLOWED for whoever may not read callers' words: such a one learns nothing of them by
// asking which orders have one.
absl::Status MaySearch(const Call& call);

// Thread-safe.
class SearchApi {
 public:
  // `query` outlives it.
  SearchApi(const Parts& parts, const store::SearchQuery* query) : parts_(parts), query_(query) {}

  Async<v1::FindDuplicatesResponse> FindDuplicates(const Call& call,
                                                   const v1::FindDuplicatesRequest& request);
  // Candidates for one matter with `order`, whoever sees that one; at most `limit`.
  absl::StatusOr<v1::FindDuplicatesResponse> DuplicatesOf(const Call& call, const v1::Ticket& order,
                                                          int limit) const;
  Async<v1::QueryTicketsResponse> Query(const Call& call, const v1::QueryTicketsRequest& request);

 private:
  // The order that others are compared with.
  absl::StatusOr<v1::Ticket> OrderOf(const Call& call, const v1::FindDuplicatesRequest& request);

  const Parts parts_;
  const store::SearchQuery* const query_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SEARCH_API_H_
