// The handlers of NumberBlockService.
#ifndef BAIMI_SERVICES_TICKET_API_NUMBER_BLOCK_API_H_
#define BAIMI_SERVICES_TICKET_API_NUMBER_BLOCK_API_H_

#include <functional>
#include <string>

#include "baimi/ticket/v1/number_block_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/number_block.h"
#include "services/ticket/store/number_block_store.h"

namespace baimi::ticket::api {

// Thread-safe.
class NumberBlockApi {
 public:
  // Both outlive it.
  NumberBlockApi(const Parts& parts, const store::NumberBlockStore* store)
      : parts_(parts), store_(store) {}

  Async<v1::NumberBlock> Create(const Call& call, const v1::CreateNumberBlockRequest& request);
  Async<v1::NumberBlock> Decide(const Call& call, const v1::DecideNumberBlockRequest& request);
  Async<v1::NumberBlock> Appeal(const Call& call, const v1::AppealNumberBlockRequest& request);
  Async<v1::NumberBlock> DecideAppeal(const Call& call,
                                      const v1::DecideNumberBlockAppealRequest& request);
  Async<v1::NumberBlock> Lift(const Call& call, const v1::LiftNumberBlockRequest& request);
  Async<v1::NumberBlock> Get(const Call& call, const v1::GetNumberBlockRequest& request);
  Async<v1::ListNumberBlocksResponse> List(const Call& call,
                                           const v1::ListNumberBlocksRequest& request);
  Async<v1::CheckNumberResponse> Check(const Call& call, const v1::CheckNumberRequest& request);

 private:
  using Step = std::function<absl::StatusOr<domain::BlockStep>(const v1::NumberBlock&,
                                                               const domain::Context&)>;
  // One change of one block.
  Async<v1::NumberBlock> Change(const Call& call, const std::string& name, Step step);
  // The orders are there for the caller, and the number's own.
  absl::Status CheckEvidence(Orders::Work& work, const v1::NumberBlock& block,
                             absl::string_view phone) const;

  const Parts& parts_;
  const store::NumberBlockStore* const store_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_NUMBER_BLOCK_API_H_
