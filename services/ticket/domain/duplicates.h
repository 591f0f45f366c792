// When two orders may be about one matter (domain.md §1.2 X3, §1.8 R1.14). What is found here is
// shown to a person; nothing is merged or refused by it.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_DUPLICATES_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_DUPLICATES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/search_service.pb.h"
#include "common/text/similarity.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// The numbers of the policy, with the defaults in place of zeros.
v1::DuplicatePolicy DuplicatesOf(const v1::TicketPolicy& policy);
// Most items of a bulk call.
int MaxBulk(const v1::TicketPolicy& policy);

// The order that a draft would become, filed at `now`: what Comparison takes. INVALID_ARGUMENT for
// a phone that is none.
absl::StatusOr<v1::Ticket> TicketOfDraft(const v1::DuplicateDraft& draft, const v1::Place& located,
                                         absl::Time now);

// One order against others. Its words are cut once.
class Comparison {
 public:
  // `text`: what the order says, as it may be searched.
  Comparison(v1::Ticket order, absl::string_view text, const v1::DuplicatePolicy& rules)
      : order_(std::move(order)), rules_(rules), words_(text) {}

  // Unset when `other`, which says `text`, is no candidate: another category, too far away or
  // apart, neither the same caller nor alike in words, the order itself or one of its group, one
  // that was refused, or one that may not be compared (§1.10): a report with anything but a report
  // about the same unit. An order whose place nobody knows is near only to another one of the same
  // caller.
  std::optional<v1::DuplicateCandidate> With(const v1::Ticket& other, absl::string_view text) const;

 private:
  // Fills the parts about place; false when it is another place.
  bool SamePlace(const v1::Ticket& other, bool same_caller, v1::DuplicateScore* score) const;

  const v1::Ticket order_;
  const v1::DuplicatePolicy rules_;
  const text::Profile words_;
};

// Those of the same caller first, then by the total score, then the newest; at most `limit`.
void Rank(std::vector<v1::DuplicateCandidate>& candidates, size_t limit);

// The earliest target to merge into; empty when there is none. Before Rank cuts the list.
std::string MergeInto(const std::vector<v1::DuplicateCandidate>& candidates);

// X3: REFUSAL_INCOMPLETE unless `earlier`, null when there is no such order for the caller of the
// RPC, is of the same caller. `refusal` is a REPEAT_WITHOUT_NEW_FACTS.
absl::Status CheckRepeat(const v1::Ticket& ticket, const v1::Refusal& refusal,
                         const v1::Ticket* earlier);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_DUPLICATES_H_
