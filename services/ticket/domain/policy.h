// A county's policy: checked whole when it is created, and in force with the calendar that its
// clocks count by.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_POLICY_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_POLICY_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "common/calendar/business_hours.h"
#include "common/calendar/calendar.h"
#include "common/calendar/deadline.h"

namespace baimi::ticket::domain {

// `county` is the county the policy is for, e.g. "469030".
//
// INVALID_ARGUMENT with BAD_POLICY and one field violation for every contradiction, with paths that
// begin with "ticket_policy.": category codes well-formed and unique and their parents there;
// catalogue rows with unique ids that are no rule's name ("manual", "fallback", "precedent",
// "arbitration"), duty rows with unique ids and exactly one of holder and unit, known categories,
// an area prefix of 6, 9 or 12 digits inside the county or none, a lead unit exactly when the role
// is NAMED_UNIT, helpers each once and not the lead; units of this county only; clock rules with
// unique ids, a kind and a period, and for each of DISPATCH, SIGN, HANDLE and CALLBACK one rule
// without type and urgency; business hours in order and not overlapping; periods of at least 1;
// calendar days real, each once, each with its document; attempts and days in range; figure weights
// of 100 together; grounds of exclusions with unique ids and scopes, each once; rating tags and
// notice templates with unique ids, templates with known placeholders that their event has
// (notices.h); limits of exports in range; questions that answers.h would refuse; what
// policy_supervision.h, cluster.h, attachments.h, publication.h, leader_shift.h, area_alert.h,
// superior.h and line.h say.
absl::Status ValidatePolicy(const v1::TicketPolicy& policy, absl::string_view county);

// An immutable value. Made once a policy version and national calendar, then shared.
class PolicyInForce {
 public:
  // Lays the policy's calendar_days over `national`. Errors only for a policy that ValidatePolicy
  // refuses.
  static absl::StatusOr<PolicyInForce> Make(v1::TicketPolicy policy,
                                            const calendar::Calendar& national);

  const v1::TicketPolicy& policy() const { return policy_; }
  const calendar::Calendar& calendar() const { return calendar_; }

  // A period of the contract with this policy's business hours.
  calendar::Period ToPeriod(const v1::Period& period) const;
  // `due` is the first instant that is too late.
  calendar::Deadline Due(absl::Time start, const v1::Period& period) const;

  // nullptr when the policy has no such category.
  const v1::Category* FindCategory(absl::string_view code) const;

 private:
  PolicyInForce(v1::TicketPolicy policy, calendar::Calendar calendar, calendar::BusinessHours hours)
      : policy_(std::move(policy)), calendar_(std::move(calendar)), hours_(std::move(hours)) {}

  v1::TicketPolicy policy_;
  calendar::Calendar calendar_;
  calendar::BusinessHours hours_;
};

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_POLICY_H_
