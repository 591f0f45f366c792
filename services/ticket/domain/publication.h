// 月度公开: a month's publication from draft to published, and its corrections. Pure functions.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_PUBLICATION_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_PUBLICATION_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "baimi/ticket/v1/publication_service.pb.h"
#include "baimi/ticket/v1/publish_events.pb.h"
#include "services/ticket/domain/decision.h"
#include "services/ticket/domain/published_figures.h"

namespace baimi::ticket::domain {

// "2026-10". INVALID_ARGUMENT at "month".
absl::StatusOr<absl::CivilMonth> ParseMonth(absl::string_view text);
std::string FormatMonth(absl::CivilMonth month);

// "counties/469030/publications/2026-10-1", and back: nullopt for what is none.
struct PublicationId {
  absl::CivilMonth month = {};
  int32_t version = 0;
};
std::string PublicationName(absl::string_view county, const PublicationId& id);
std::optional<PublicationId> ParsePublicationId(absl::string_view name);

// FAILED_PRECONDITION, PUBLICATION_STATE: `want` in English and Chinese.
absl::Status PublicationState(absl::string_view name, absl::string_view got, absl::string_view want,
                              absl::string_view zh);
// PUBLICATION_STATE unless the last day of the month is over in Shanghai.
absl::Status CheckMonthOver(absl::CivilMonth month, absl::Time now);

// Save the row and record the fact, in one transaction.
struct PublicationStep {
  v1::PublicationWork work;
  v1::PublicationFact fact;
};

// A month as it was counted: `whole` with everything but counts that are withheld.
struct CountedMonth {
  v1::PublishedFigures whole = {};
  PublishingRules rules = {};
  // Of the month before, where it is published.
  std::optional<v1::PublishedFigures> previous = std::nullopt;
};

// A draft under `name`; `before`, if not null, is the draft there is, whose texts stay.
// PUBLICATION_STATE when that one is no draft any more.
absl::StatusOr<PublicationStep> PreparePublication(const v1::PublicationWork* before,
                                                   absl::string_view name, CountedMonth counted,
                                                   const Context& context);
// The same for the version after `replaced`, which must be the published one: PUBLICATION_STATE.
// `counted.rules.older` has it and those before it.
absl::StatusOr<PublicationStep> CorrectPublication(const v1::Publication& replaced,
                                                   const v1::PublicationWork* before,
                                                   const v1::CorrectPublicationRequest& request,
                                                   CountedMonth counted, const Context& context);
// Preface and cases as `wanted` has them. PUBLICATION_STATE unless it is a draft; UNKNOWN_CATEGORY.
absl::StatusOr<PublicationStep> UpdatePublication(const v1::PublicationWork& before,
                                                  const v1::Publication& wanted,
                                                  const Context& context);
// ABORTED by etag; PUBLICATION_STATE unless it is a draft; PREPARER_MAY_NOT_APPROVE by any of its
// preparers.
absl::StatusOr<PublicationStep> ApprovePublication(const v1::PublicationWork& before,
                                                   const v1::ApprovePublicationRequest& request,
                                                   const Context& context);
// A published one to which there is a newer one now.
PublicationStep ReplacePublication(const v1::PublicationWork& before, absl::string_view by,
                                   absl::Time now);
v1::PublicationWork Apply(v1::PublicationWork row, const v1::PublicationFact& fact);

// Publication.sha256.
std::string ContentHash(const v1::Publication& publication);

// Calls `violate` with path, what was got and what is wanted: k of 5 to 100 (domain.md §7.5); 2, 4
// or 6 digits; 1 to 50 top categories; at least one channel and one step of the flow.
void CheckPublicationPolicy(
    const v1::PublicationPolicy& policy,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate);

// As everybody may see it: without who prepared and approved it.
v1::Publication ForThePublic(v1::Publication publication);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_PUBLICATION_H_
