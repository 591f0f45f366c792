// The use cases of WhistleService.
#ifndef BAIMI_SERVICES_TICKET_API_WHISTLE_API_H_
#define BAIMI_SERVICES_TICKET_API_WHISTLE_API_H_

#include <functional>
#include <string>

#include "baimi/ticket/v1/whistle_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/whistle.h"

namespace baimi::ticket::api {

// Thread-safe.
class WhistleApi {
 public:
  explicit WhistleApi(const Parts& parts) : parts_(parts) {}

  Async<v1::Whistle> Create(const Call& call, const v1::CreateWhistleRequest& request);
  Async<v1::Whistle> Get(const Call& call, const v1::GetWhistleRequest& request);
  Async<v1::ListWhistlesResponse> List(const Call& call, const v1::ListWhistlesRequest& request);
  Async<v1::Whistle> Report(const Call& call, const v1::ReportToWhistleRequest& request);
  Async<v1::Whistle> Answer(const Call& call, const v1::AnswerWhistleRequest& request);
  Async<v1::Whistle> Rate(const Call& call, const v1::RateWhistleRequest& request);
  Async<v1::Whistle> Close(const Call& call, const v1::CloseWhistleRequest& request);
  Async<v1::GetWhistleScoresResponse> Scores(const Call& call,
                                             const v1::GetWhistleScoresRequest& request);

 private:
  struct View {
    // Unset without an order.
    std::optional<store::TicketRow> order;
    domain::UnitsAtHand units;
  };
  // The order that a whistle may be about: NOT_FOUND where the whistler may not know of it.
  absl::StatusOr<store::TicketRow> LoadOrder(sql::Reader& reader, const Call& call,
                                             const v1::Whistle& asked) const;
  absl::StatusOr<View> LookAt(const Call& call, const v1::CreateWhistleRequest& request) const;
  // NOT_FOUND for those who have no part in it.
  absl::StatusOr<store::WhistleRow> Load(sql::Reader& reader, const Call& call,
                                         absl::string_view name) const;
  bool MaySee(const Call& call, const v1::Whistle& whistle) const;
  using Decide = std::function<absl::StatusOr<domain::WhistleStep>(const v1::Whistle&,
                                                                   const domain::Context&)>;
  Async<v1::Whistle> Change(const Call& call, const std::string& name, Decide decide) const;

  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_WHISTLE_API_H_
