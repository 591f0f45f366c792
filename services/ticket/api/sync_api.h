// Filing many orders that were written down elsewhere, and what became of the caller's own.
#ifndef BAIMI_SERVICES_TICKET_API_SYNC_API_H_
#define BAIMI_SERVICES_TICKET_API_SYNC_API_H_

#include <memory>
#include <vector>

#include "baimi/ticket/v1/sync_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/rpc/method.h"
#include "services/ticket/api/search_api.h"
#include "services/ticket/api/ticket_api.h"

namespace baimi::ticket::api {

// Thread-safe.
class SyncApi {
 public:
  // All outlive it.
  SyncApi(const Parts& parts, TicketApi* tickets, SearchApi* search);

  // Waits on its own thread until every draft is filed or refused.
  Async<v1::SyncTicketsResponse> Sync(const Call& call, const v1::SyncTicketsRequest& request);

 private:
  // A draft under way.
  struct Filing;
  Filing Begin(const Call& call, const v1::SyncTicketsRequest& request,
               const v1::SyncDraft& draft) const;
  // An error that is not of this draft alone is the call's.
  absl::StatusOr<v1::SyncResult> End(const Call& call, const v1::SyncDraft& draft,
                                     Filing filing) const;
  absl::Status AddDuplicates(const Call& call, const v1::Ticket& ticket,
                             v1::SyncResult* result) const;
  absl::Status AddEvents(const Call& call, const std::string& cursor,
                         v1::SyncTicketsResponse* response) const;

  const Parts parts_;
  TicketApi* const tickets_;
  SearchApi* const search_;
  // CreateTicket's, whose request_ids the drafts have.
  const absl::StatusOr<std::unique_ptr<rpc::Method>> create_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SYNC_API_H_
