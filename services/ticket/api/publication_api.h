// The use cases of PublicationService.
#ifndef BAIMI_SERVICES_TICKET_API_PUBLICATION_API_H_
#define BAIMI_SERVICES_TICKET_API_PUBLICATION_API_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "baimi/ticket/v1/publication_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/publication.h"

namespace baimi::ticket::api {

// Thread-safe.
class PublicationApi {
 public:
  explicit PublicationApi(const Parts& parts) : parts_(parts) {}

  Async<v1::Publication> Prepare(const Call& call, const v1::PreparePublicationRequest& request);
  Async<v1::Publication> Get(const Call& call, const v1::GetPublicationRequest& request);
  Async<v1::ListPublicationsResponse> List(const Call& call,
                                           const v1::ListPublicationsRequest& request);
  Async<v1::Publication> Update(const Call& call, const v1::UpdatePublicationRequest& request);
  Async<v1::Publication> Approve(const Call& call, const v1::ApprovePublicationRequest& request);
  Async<v1::Publication> Correct(const Call& call, const v1::CorrectPublicationRequest& request);
  Async<v1::ServiceGuide> Guide(const Call& call, const v1::GetServiceGuideRequest& request);

 private:
  // By the policy of the month's first version, or by the one in force where it has none.
  absl::StatusOr<domain::CountedMonth> Count(const Call& call, absl::CivilMonth month) const;
  absl::StatusOr<domain::MonthCounts> ReadCounts(sql::Reader& reader, const Call& call,
                                                 absl::CivilMonth month) const;

  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_PUBLICATION_API_H_
