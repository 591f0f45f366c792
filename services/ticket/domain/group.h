// Orders of one matter (domain.md R1.14): those that were merged, and the one that goes on for
// them.
//
// A merged order has no clock and nobody who handles it; for a unit the group counts as the one
// order that goes on, and for what people call about as all of them. Every caller is called back.
// The group closes and is reopened as one. A merge is undone by a split: the order goes back to the
// state it was in, with the time spent before the merge kept. Merging and splitting are on the
// record of both orders.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_GROUP_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_GROUP_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// What one order can go on for.
inline constexpr int kMostMerged = 200;

// Both orders of a merge or a split.
struct PairDecision {
  Decision merged;
  Decision into;
};

// T4, T22. MERGE_NOT_ALLOWED: itself, another county's, one that is merged or over, one that goes
// on for kMostMerged orders already; a REPORT with anything but a REPORT about the same unit, which
// could come to know of it (§1.10). HAS_MERGED_ORDERS when others were merged into `ticket`.
absl::StatusOr<PairDecision> Merge(const v1::Ticket& ticket, const v1::MergeTicketRequest& request,
                                   const v1::Ticket& into, const Context& context);

// T21. `into` is the order that `ticket` was merged into.
absl::StatusOr<PairDecision> Split(const v1::Ticket& ticket, const v1::SplitTicketRequest& request,
                                   const v1::Ticket& into, const Context& context);

// T16 of a merged order: ILLEGAL_TRANSITION unless `into` waits for its callback. Counts for the
// round that `into` is in.
absl::StatusOr<Decision> RecordMergedCallback(const v1::Ticket& ticket,
                                              const v1::RecordCallbackRequest& request,
                                              const v1::Ticket& into, const Context& context);

// T16 of `into` and T26 of each of `merged`, all that were merged into it, but the archived; the
// first is that of `into`. NO_FINAL_OUTCOME, with "ticket" naming the first that lacks one.
absl::StatusOr<std::vector<Decision>> CloseGroup(const v1::Ticket& into,
                                                 absl::Span<const v1::Ticket> merged,
                                                 const v1::CloseTicketRequest& request,
                                                 const Context& context);

// T20 of `into` and T27 of each of `merged` but the archived; the first is that of `into`.
absl::StatusOr<std::vector<Decision>> ReopenGroup(const v1::Ticket& into,
                                                  absl::Span<const v1::Ticket> merged,
                                                  const v1::ReopenTicketRequest& request,
                                                  const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_GROUP_H_
