// The handlers of SuperiorPlatformService.
#ifndef BAIMI_SERVICES_TICKET_API_SUPERIOR_API_H_
#define BAIMI_SERVICES_TICKET_API_SUPERIOR_API_H_

#include <memory>
#include <string>
#include <vector>

#include "baimi/ticket/v1/superior_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/api/superior_watch.h"
#include "services/ticket/domain/superior.h"
#include "services/ticket/store/superior_store.h"

namespace baimi::ticket::api {

// What was sent, as keyed hashes that tell nothing: 16 bytes a part, in their sequence. `number`
// keeps equal parts of two messages from looking alike.
std::string DigestsOf(const privacy::Vault& vault, absl::string_view number,
                      const std::vector<domain::ContentPart>& parts);
// The fields of `parts` that are others than those that `before` was made of.
std::vector<std::string> FieldsThatDiffer(const privacy::Vault& vault, absl::string_view number,
                                          const std::vector<domain::ContentPart>& parts,
                                          absl::string_view before);

// Thread-safe.
class SuperiorApi {
 public:
  // All outlive it.
  SuperiorApi(const Parts& parts, const store::SuperiorStore* store, SuperiorWatch* watch)
      : parts_(parts), store_(store), watch_(watch) {}

  Async<v1::Ticket> Receive(const Call& call, const v1::ReceiveSuperiorTicketRequest& request);
  Async<v1::Ticket> Amend(const Call& call, const v1::AmendSuperiorTicketRequest& request);
  Async<v1::Ticket> LookUp(const Call& call, const v1::LookUpSuperiorTicketRequest& request);
  Async<v1::ListSuperiorResultsResponse> ListResults(const Call& call,
                                                     const v1::ListSuperiorResultsRequest& request);
  Async<v1::SuperiorPlatformStatus> Acknowledge(
      const Call& call, const v1::AcknowledgeSuperiorResultsRequest& request);
  absl::Status Watch(const Call& call, const v1::WatchSuperiorResultsRequest& request,
                     const std::shared_ptr<SuperiorWatch::Stream>& stream);
  Async<v1::ListSuperiorPlatformsResponse> ListPlatforms(
      const Call& call, const v1::ListSuperiorPlatformsRequest& request);
  Async<v1::SuperiorPlatformStatus> Resume(const Call& call,
                                           const v1::ResumeSuperiorPushRequest& request);

 private:
  // NOT_THE_PLATFORM unless the caller's key speaks for `platform` in the policy of now.
  absl::Status CheckSpeaks(sql::Reader& reader, const Call& call,
                           const std::string& platform) const;
  // The platform's order; NOT_FOUND when it sent none of this number.
  absl::StatusOr<store::TicketRow> LoadOwn(sql::Reader& reader, const Call& call,
                                           const std::string& platform,
                                           const std::string& number) const;
  absl::StatusOr<v1::Ticket> FileNew(Orders::Work& work,
                                     const v1::ReceiveSuperiorTicketRequest& request,
                                     const v1::SuperiorPlatform& platform, const v1::Place& located,
                                     privacy::KeyId key) const;
  absl::StatusOr<v1::SuperiorPlatformStatus> StatusOf(sql::Reader& reader, const Call& call,
                                                      const v1::TicketPolicy& policy,
                                                      const std::string& platform) const;

  const Parts& parts_;
  const store::SuperiorStore* const store_;
  SuperiorWatch* const watch_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SUPERIOR_API_H_
