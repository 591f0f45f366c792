#include "services/ticket/domain/line.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

constexpr int kMaxPeriod = 1'000;
constexpr int kMaxBlockDays = 366;

}  // namespace

void CheckLine(
    const v1::TicketPolicy& policy, absl::string_view county,
    absl::FunctionRef<void(absl::string_view, absl::string_view, absl::string_view)> violate) {
  const v1::LinePolicy& line = policy.line();
  const auto check_period = [&](absl::string_view field, bool set, const v1::Period& period) {
    const bool unit = v1::PeriodUnit_IsValid(period.unit()) && period.unit() != 0;
    if (set && (!unit || period.amount() < 1 || period.amount() > kMaxPeriod)) {
      violate(absl::StrCat("line.", field),
              absl::StrCat(period.amount(), " ", v1::PeriodUnit_Name(period.unit())),
              "1 to 1000 of a unit");
    }
  };
  if (!line.police_unit().empty() && !InCollection(line.police_unit(), county, "units")) {
    violate("line.police_unit", line.police_unit(), absl::StrCat("counties/", county, "/units/*"));
  }
  check_period("acknowledge_emergency", line.has_acknowledge_emergency(),
               line.acknowledge_emergency());
  check_period("acknowledge_other", line.has_acknowledge_other(), line.acknowledge_other());
  check_period("answer_within", line.has_answer_within(), line.answer_within());
  check_period("decide_appeal_within", line.has_decide_appeal_within(),
               line.decide_appeal_within());
  if (line.max_block_days() < 0 || line.max_block_days() > kMaxBlockDays) {
    violate("line.max_block_days", absl::StrCat(line.max_block_days()), "0 to 366");
  }
}

}  // namespace baimi::ticket::domain
