// Blocking numbers that abuse the hotline (domain.md §1.10; NumberBlockService): a person asks,
// another decides, it ends by itself, and whoever decides an appeal is a third.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_NUMBER_BLOCK_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_NUMBER_BLOCK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/number_block_service.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// Save `block` and record `fact`: the block is what the fact makes of the row before.
struct BlockStep {
  v1::NumberBlock block;
  v1::NumberBlockFact fact;
};
v1::NumberBlock Apply(v1::NumberBlock block, const v1::NumberBlockFact& fact);

// As it is at `now`: one in force whose last day has passed is expired.
v1::NumberBlock AsOf(v1::NumberBlock block, absl::Time now);
// It waits for its decision or keeps the number out, at `now`: no second one beside it.
bool IsOpen(const v1::NumberBlock& block, absl::Time now);

// All of them take the block as it is stored and look at context.now.

// NOT_APPLICABLE: the policy allows no blocks. INVALID_ARGUMENT: no ground; neither an order nor a
// call as evidence; an order of another county, or twice; a last day before today or further than
// the policy's max_block_days.
absl::StatusOr<BlockStep> AskForBlock(const v1::CreateNumberBlockRequest& request,
                                      absl::string_view name, const Context& context);
// SAME_PERSON: who asked decides. STAGE_PASSED: decided before. INVALID_ARGUMENT: a refusal without
// a note; a last day as above, also when the one that was asked for has passed by now.
absl::StatusOr<BlockStep> DecideBlock(const v1::NumberBlock& block,
                                      const v1::DecideNumberBlockRequest& request,
                                      const Context& context);
// STAGE_PASSED: not in force, or an appeal waits.
absl::StatusOr<BlockStep> AppealBlock(const v1::NumberBlock& block,
                                      const v1::AppealNumberBlockRequest& request,
                                      const Context& context);
// STAGE_PASSED: no appeal waits, or the block is not in force any more; SAME_PERSON.
absl::StatusOr<BlockStep> DecideBlockAppeal(const v1::NumberBlock& block,
                                            const v1::DecideNumberBlockAppealRequest& request,
                                            const Context& context);
// STAGE_PASSED: not in force.
absl::StatusOr<BlockStep> LiftBlock(const v1::NumberBlock& block,
                                    const v1::LiftNumberBlockRequest& request,
                                    const Context& context);

// What the telephone system does with a call; `block` is the number's, or null.
v1::CheckNumberResponse CheckCall(const v1::NumberBlock* block, absl::Time now);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_NUMBER_BLOCK_H_
