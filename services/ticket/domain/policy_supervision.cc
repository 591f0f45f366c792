#include "services/ticket/domain/policy_supervision.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/ticket/domain/ladder.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

using Violate = absl::FunctionRef<void(absl::string_view, absl::string_view, absl::string_view)>;

constexpr int kMaxPeriod = 1'000;

void CheckPeriod(const std::string& path, const v1::Period& period, Violate violate) {
  if (!v1::PeriodUnit_IsValid(period.unit()) || period.unit() == v1::PERIOD_UNIT_UNSPECIFIED) {
    violate(absl::StrCat(path, ".unit"), "", "a unit");
  }
  if (period.amount() < 1 || period.amount() > kMaxPeriod) {
    violate(absl::StrCat(path, ".amount"), absl::StrCat(period.amount()), "1 to 1000");
  }
}

void CheckTrigger(const std::string& path, const v1::SupervisionStep& step,
                  const v1::TicketPolicy& policy, Violate violate) {
  const v1::SupervisionTrigger trigger = step.trigger();
  const bool share = trigger == v1::TRIGGER_SHARE_OF_TIME;
  const bool after = trigger == v1::TRIGGER_AFTER_LEVEL;
  if (!share && !after && trigger != v1::TRIGGER_MANUAL && trigger != v1::TRIGGER_OVERDUE) {
    violate(absl::StrCat(path, ".trigger"), v1::SupervisionTrigger_Name(trigger),
            "TRIGGER_MANUAL, TRIGGER_SHARE_OF_TIME, TRIGGER_OVERDUE or TRIGGER_AFTER_LEVEL");
  }
  if (share ? (step.percent() < 1 || step.percent() > 99) : step.percent() != 0) {
    violate(absl::StrCat(path, ".percent"), absl::StrCat(step.percent()),
            "1 to 99 with TRIGGER_SHARE_OF_TIME, else nothing");
  }
  if (step.has_offset() && !after && trigger != v1::TRIGGER_OVERDUE) {
    violate(absl::StrCat(path, ".offset"), "one",
            "nothing but with TRIGGER_OVERDUE and TRIGGER_AFTER_LEVEL");
  }
  if (step.has_offset() || after) {
    CheckPeriod(absl::StrCat(path, ".offset"), step.offset(), violate);
  }
  const v1::SupervisionStep* before = FindStep(policy, step.after_level());
  const bool waits_for_lower = before != nullptr && before->level() < step.level();
  if (after ? !waits_for_lower : step.after_level() != 0) {
    violate(absl::StrCat(path, ".after_level"), v1::SupervisionLevel_Name(step.after_level()),
            "a lower level of the ladder with TRIGGER_AFTER_LEVEL, else nothing");
  }
  if (step.level() == v1::S7_INSPECTION &&
      (trigger != v1::TRIGGER_MANUAL || step.when_unsigned())) {
    violate(absl::StrCat(path, ".trigger"), v1::SupervisionTrigger_Name(trigger),
            "TRIGGER_MANUAL: an inspection needs a document");
  }
}

void CheckAddressee(const std::string& path, const v1::SupervisionStep& step,
                    absl::string_view county, Violate violate) {
  const bool above =
      step.addressee() == v1::COUNTY_LEADING_GROUP || step.addressee() == v1::INSPECTION_OFFICE;
  if (step.addressee() == v1::SUPERVISION_ADDRESSEE_UNSPECIFIED) {
    violate(absl::StrCat(path, ".addressee"), "", "an addressee");
  }
  if (above ? !InCollection(step.unit(), county, "units") : !step.unit().empty()) {
    violate(absl::StrCat(path, ".unit"), step.unit(),
            absl::StrCat("counties/", county,
                         "/units/* with COUNTY_LEADING_GROUP and INSPECTION_OFFICE, else nothing"));
  }
}

void CheckNamed(absl::string_view path, v1::SupervisionLevel level, const v1::TicketPolicy& policy,
                Violate violate) {
  if (level == v1::S7_INSPECTION || FindStep(policy, level) == nullptr) {
    violate(path, v1::SupervisionLevel_Name(level), "a level of the ladder below S7");
  }
}

}  // namespace

void CheckSupervision(const v1::TicketPolicy& policy, absl::string_view county, Violate violate) {
  int reached = v1::SUPERVISION_LEVEL_UNSPECIFIED;
  for (int i = 0; i < policy.supervision_ladder_size(); ++i) {
    const v1::SupervisionStep& step = policy.supervision_ladder(i);
    const std::string path = absl::StrCat("supervision_ladder[", i, "]");
    if (!v1::SupervisionLevel_IsValid(step.level()) || step.level() <= reached) {
      violate(absl::StrCat(path, ".level"), v1::SupervisionLevel_Name(step.level()),
              "each level once, lowest first");
    }
    reached = step.level();
    CheckTrigger(path, step, policy, violate);
    CheckAddressee(path, step, county, violate);
    CheckPeriod(absl::StrCat(path, ".answer_within"), step.answer_within(), violate);
  }
  if (policy.has_problem_orders()) {
    CheckNamed("problem_orders.level", policy.problem_orders().level(), policy, violate);
  }
  if (policy.target_date_level() != 0) {
    CheckNamed("target_date_level", policy.target_date_level(), policy, violate);
  }
  if (policy.urge_limit().has_interval()) {
    CheckPeriod("urge_limit.interval", policy.urge_limit().interval(), violate);
  }
}

}  // namespace baimi::ticket::domain
