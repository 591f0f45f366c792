// The use cases of ArbitrationService.
#ifndef BAIMI_SERVICES_TICKET_API_ARBITRATION_API_H_
#define BAIMI_SERVICES_TICKET_API_ARBITRATION_API_H_

#include "baimi/ticket/v1/arbitration_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/arbitration.h"

namespace baimi::ticket::api {

// Thread-safe.
class ArbitrationApi {
 public:
  explicit ArbitrationApi(const Parts& parts) : parts_(parts) {}

  Async<v1::Arbitration> Create(const Call& call, const v1::CreateArbitrationRequest& request);
  Async<v1::Arbitration> Get(const Call& call, const v1::GetArbitrationRequest& request);
  Async<v1::ListArbitrationsResponse> List(const Call& call,
                                           const v1::ListArbitrationsRequest& request);
  Async<v1::Arbitration> GiveOpinion(const Call& call, const v1::GiveOpinionRequest& request);
  Async<v1::Arbitration> Rule(const Call& call, const v1::RuleArbitrationRequest& request);
  Async<v1::Arbitration> Drop(const Call& call, const v1::DropArbitrationRequest& request);

  Async<v1::Precedent> GetPrecedent(const Call& call, const v1::GetPrecedentRequest& request);
  Async<v1::ListPrecedentsResponse> ListPrecedents(const Call& call,
                                                   const v1::ListPrecedentsRequest& request);
  Async<v1::Precedent> WithdrawPrecedent(const Call& call,
                                         const v1::WithdrawPrecedentRequest& request);

  Async<v1::Ticket> Recuse(const Call& call, const v1::RecuseUnitRequest& request);

 private:
  // An arbitration and its order. NOT_FOUND for those who may not see it: neither the order nor a
  // part in the arbitration, or recused.
  struct Case {
    store::ArbitrationRow arbitration;
    store::TicketRow order;
  };
  absl::StatusOr<Case> LoadCase(sql::Reader& reader, const Call& call,
                                absl::string_view name) const;
  bool MaySee(const Call& call, const v1::Arbitration& arbitration, const v1::Ticket& order) const;
  // Records the step and writes its row; `seq` of an arbitration that is new is 0.
  absl::StatusOr<v1::Arbitration> Save(Orders::Work& work, domain::ArbitrationStep step,
                                       privacy::KeyId key, int64_t seq) const;

  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_ARBITRATION_API_H_
