#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/policy.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

std::string HoursText(const v1::TicketPolicy& policy) {
  return absl::StrJoin(policy.business_hours(), ",",
                       [](std::string* out, const v1::BusinessHours& hours) {
                         const int start = hours.start_minute();
                         const int end = hours.end_minute();
                         absl::StrAppendFormat(out, "%02d:%02d-%02d:%02d", start / 60, start % 60,
                                               end / 60, end % 60);
                       });
}

calendar::PeriodUnit ToUnit(v1::PeriodUnit unit) {
  switch (unit) {
    case v1::MINUTES:
      return calendar::PeriodUnit::kMinutes;
    case v1::HOURS:
      return calendar::PeriodUnit::kHours;
    case v1::WORKING_HOURS:
      return calendar::PeriodUnit::kWorkingHours;
    case v1::NATURAL_DAYS:
      return calendar::PeriodUnit::kNaturalDays;
    default:
      return calendar::PeriodUnit::kWorkingDays;
  }
}

}  // namespace

absl::StatusOr<PolicyInForce> PolicyInForce::Make(v1::TicketPolicy policy,
                                                  const calendar::Calendar& national) {
  std::vector<calendar::DayOverride> overrides;
  for (const v1::CalendarDay& day : policy.calendar_days()) {
    BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay date,
                           calendar::ParseDate("ticket_policy.calendar_days.date", day.date()));
    overrides.push_back({date, day.workday(), day.document()});
  }
  BAIMI_ASSIGN_OR_RETURN(calendar::Calendar overlaid,
                         national.WithOverlay(CountyOf(policy.name()), overrides));
  BAIMI_ASSIGN_OR_RETURN(
      calendar::BusinessHours hours,
      calendar::BusinessHours::Parse("ticket_policy.business_hours", HoursText(policy)));
  return PolicyInForce(std::move(policy), std::move(overlaid), std::move(hours));
}

calendar::Period PolicyInForce::ToPeriod(const v1::Period& period) const {
  return {ToUnit(period.unit()), period.amount(), hours_};
}

calendar::Deadline PolicyInForce::Due(absl::Time start, const v1::Period& period) const {
  return calendar::Due(calendar_, start, ToPeriod(period));
}

const v1::Category* PolicyInForce::FindCategory(absl::string_view code) const {
  for (const v1::Category& category : policy_.categories()) {
    if (category.code() == code) {
      return &category;
    }
  }
  return nullptr;
}

}  // namespace baimi::ticket::domain
