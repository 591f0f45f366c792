// When offices are open on a working day. A row of the county's policy (domain.md §1.5).
#ifndef BAIMI_COMMON_CALENDAR_BUSINESS_HOURS_H_
#define BAIMI_COMMON_CALENDAR_BUSINESS_HOURS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace baimi::calendar {

// An immutable value, thread-safe.
class BusinessHours {
 public:
  struct Shift {
    // Since midnight; 0 <= begin < end <= 24 h.
    absl::Duration begin;
    absl::Duration end;
  };

  // "08:30-12:00,14:30-17:30", 6.5 hours a day: our default where a policy says nothing.
  BusinessHours();

  // Shifts "HH:MM-HH:MM" with commas between, in order and not overlapping; "24:00" may end one.
  // INVALID_ARGUMENT at `path` otherwise.
  static absl::StatusOr<BusinessHours> Parse(absl::string_view path, absl::string_view text);

  // Never empty.
  const std::vector<Shift>& shifts() const { return shifts_; }
  absl::Duration PerDay() const;
  // In the form that Parse takes.
  std::string ToString() const;

 private:
  explicit BusinessHours(std::vector<Shift> shifts) : shifts_(std::move(shifts)) {}

  std::vector<Shift> shifts_;
};

}  // namespace baimi::calendar

#endif  // BAIMI_COMMON_CALENDAR_BUSINESS_HOURS_H_
