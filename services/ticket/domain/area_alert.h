// 区域通知: notices for the people of an area. Pure functions.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_AREA_ALERT_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_AREA_ALERT_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/area_alert_service.pb.h"
#include "baimi/ticket/v1/publish_events.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

v1::AreaAlertState StateOf(const v1::AreaAlert& alert, absl::Time now);
// It was not withdrawn, and `time` lies in it.
bool IsInForce(const v1::AreaAlert& alert, absl::Time time);
// It is for the area `code` or one that `code` lies in; with `subtree` also for one that lies in
// `code`. 12 digits each.
bool IsFor(const v1::AreaAlert& alert, absl::string_view code, bool subtree);

// Save the row and record the fact, in one transaction.
struct AreaAlertStep {
  v1::AreaAlert alert;
  v1::AreaAlertFact fact;
};

// The alert as it is wanted, in place of `before` or, where that is null, new under `name`. What is
// OUTPUT_ONLY in `wanted` counts for nothing. NOT_APPLICABLE: the policy has none.
// INVALID_ARGUMENT: a kind that the policy does not have, no area, an area or unit of another
// county, an end that is not after the start or over, more days than the policy allows.
// NOT_THE_KEEPER: the actor has a unit that is not the alert's, before or after.
// ILLEGAL_TRANSITION: it is over or withdrawn.
absl::StatusOr<AreaAlertStep> WriteAreaAlert(const v1::AreaAlert* before, v1::AreaAlert wanted,
                                             absl::string_view name, const Context& context);
// ABORTED by etag; NOT_THE_KEEPER; ILLEGAL_TRANSITION when it is over or withdrawn.
absl::StatusOr<AreaAlertStep> WithdrawAreaAlert(const v1::AreaAlert& alert,
                                                const v1::WithdrawAreaAlertRequest& request,
                                                const Context& context);
v1::AreaAlert Apply(v1::AreaAlert row, const v1::AreaAlertFact& fact);

// Calls `violate` with path, what was got and what is wanted: at least one kind, each id once; 1 to
// 366 days.
void CheckAreaAlertPolicy(
    const v1::AreaAlertPolicy& policy,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_AREA_ALERT_H_
