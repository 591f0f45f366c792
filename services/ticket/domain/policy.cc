#include "services/ticket/domain/policy.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/codes/area_code.h"
#include "common/codes/category_code.h"
#include "services/ticket/domain/answers.h"
#include "services/ticket/domain/area_alert.h"
#include "services/ticket/domain/attachments.h"
#include "services/ticket/domain/cluster.h"
#include "services/ticket/domain/leader_shift.h"
#include "services/ticket/domain/line.h"
#include "services/ticket/domain/notices.h"
#include "services/ticket/domain/policy_supervision.h"
#include "services/ticket/domain/publication.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/superior.h"

namespace baimi::ticket::domain {
namespace {

constexpr int kMaxPeriod = 1'000;
constexpr int kMinutesPerDay = 24 * 60;

class Checker {
 public:
  Checker(const v1::TicketPolicy& policy, absl::string_view county)
      : policy_(policy), county_(county) {}

  absl::Status Check() {
    CheckCategories();
    CheckFigures();
    CheckExclusions();
    CheckCatalogue();
    CheckDutyLists();
    CheckClockRules();
    CheckBusinessHours();
    CheckCalendarDays();
    CheckScalars();
    CheckRatings();
    CheckNotices();
    const auto violate = [this](absl::string_view path, absl::string_view got,
                                absl::string_view want) { Violate(path, got, want); };
    CheckQuestions(policy_, violate);
    CheckSupervision(policy_, county_, violate);
    CheckSuperior(policy_, violate);
    CheckLine(policy_, county_, violate);
    if (policy_.has_clusters()) {
      CheckClusterPolicy(policy_.clusters(), violate);
    }
    CheckAttachmentPolicy(policy_, violate);
    if (policy_.has_publications()) {
      CheckPublicationPolicy(policy_.publications(), violate);
    }
    if (policy_.has_leader_shifts()) {
      CheckLeaderShiftPolicy(policy_.leader_shifts(), violate);
    }
    if (policy_.has_area_alerts()) {
      CheckAreaAlertPolicy(policy_.area_alerts(), violate);
    }
    return Result();
  }

 private:
  void Violate(absl::string_view path, absl::string_view got, absl::string_view want) {
    violations_.emplace_back(absl::StrCat("ticket_policy.", path),
                             absl::StrCat("got ", got.empty() ? "nothing" : got, ", want ", want));
  }

  absl::Status Result() const {
    if (violations_.empty()) {
      return absl::OkStatus();
    }
    const std::string first =
        absl::StrCat(violations_.front().first, ": ", violations_.front().second);
    const std::string more =
        violations_.size() > 1 ? absl::StrCat(" (and ", violations_.size() - 1, " more)") : "";
    Error error(
        absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_BAD_POLICY, absl::StrCat(first, more),
        absl::StrCat("政策有 ", violations_.size(), " 处矛盾或缺漏，整份未生效；第一处：", first));
    for (const auto& [path, description] : violations_) {
      error.Field(path, description);
    }
    return error.With("violations", absl::StrCat(violations_.size())).Build();
  }

  void CheckFigures() {
    const v1::FigurePolicy& figures = policy_.figures();
    const int sum =
        figures.response_weight() + figures.resolution_weight() + figures.satisfaction_weight();
    if (policy_.has_figures() && sum != 100) {
      Violate("figures", absl::StrCat("weights of ", sum), "weights of 100 together");
    }
  }

  void CheckExclusions() {
    if (!policy_.has_exclusions()) {
      return;
    }
    const v1::ExclusionPolicy& exclusions = policy_.exclusions();
    if (exclusions.grounds().empty()) {
      Violate("exclusions.grounds", "", "at least one ground");
    }
    absl::flat_hash_set<std::string> ids;
    for (int i = 0; i < exclusions.grounds_size(); ++i) {
      const v1::ExclusionGround& ground = exclusions.grounds(i);
      const std::string path = absl::StrCat("exclusions.grounds[", i, "]");
      if (!ids.insert(ground.id()).second) {
        Violate(absl::StrCat(path, ".id"), ground.id(), "each id once");
      }
      const absl::flat_hash_set<int> scopes(ground.scopes().begin(), ground.scopes().end());
      if (scopes.empty() || scopes.contains(v1::EXCLUSION_SCOPE_UNSPECIFIED) ||
          static_cast<int>(scopes.size()) != ground.scopes_size()) {
        Violate(absl::StrCat(path, ".scopes"), absl::StrCat(ground.scopes_size(), " scopes"),
                "at least one, each once");
      }
    }
  }

  void CheckCategories() {
    for (const v1::Category& category : policy_.categories()) {
      categories_.insert(category.code());
    }
    if (policy_.categories().empty()) {
      Violate("categories", "", "at least one category");
    }
    absl::flat_hash_set<std::string> seen;
    for (int i = 0; i < policy_.categories_size(); ++i) {
      const std::string& code = policy_.categories(i).code();
      const std::string path = absl::StrCat("categories[", i, "].code");
      if (!codes::ParseCategoryCode(path, code).ok()) {
        Violate(path, code, "2, 4 or 6 digits without a pair 00");
        continue;
      }
      if (!seen.insert(code).second) {
        Violate(path, code, "each code once");
      }
      const absl::string_view parent = codes::ParentCategory(code);
      if (!parent.empty() && !categories_.contains(parent)) {
        Violate(path, code, absl::StrCat("its parent ", parent, " in the list too"));
      }
    }
  }

  void CheckUnit(absl::string_view path, const std::string& name) {
    if (!InCollection(name, county_, "units")) {
      Violate(path, name, absl::StrCat("counties/", county_, "/units/*"));
    }
  }

  void CheckCatalogue() {
    static const auto& kReservedIds = *new absl::flat_hash_set<absl::string_view>{
        "manual", "fallback", "precedent", "arbitration"};
    absl::flat_hash_set<std::string> ids;
    for (int i = 0; i < policy_.catalogue_size(); ++i) {
      const v1::CatalogueRow& row = policy_.catalogue(i);
      const std::string path = absl::StrCat("catalogue[", i, "]");
      if (row.id().empty() || kReservedIds.contains(row.id())) {
        Violate(absl::StrCat(path, ".id"), row.id(),
                "an id other than manual, fallback, precedent and arbitration");
      } else if (!ids.insert(row.id()).second) {
        Violate(absl::StrCat(path, ".id"), row.id(), "each id once");
      }
      if (!categories_.contains(row.category())) {
        Violate(absl::StrCat(path, ".category"), row.category(), "a code of categories");
      }
      CheckAreaPrefix(absl::StrCat(path, ".area_prefix"), row.area_prefix());
      CheckLead(path, row);
      CheckHelpers(path, row);
    }
  }

  void CheckDutyLists() {
    absl::flat_hash_set<std::string> ids;
    for (int i = 0; i < policy_.duty_lists_size(); ++i) {
      const v1::DutyRow& row = policy_.duty_lists(i);
      const std::string path = absl::StrCat("duty_lists[", i, "]");
      if (row.id().empty() || !ids.insert(row.id()).second) {
        Violate(absl::StrCat(path, ".id"), row.id(), "an id, each once");
      }
      if ((row.holder() == v1::DUTY_HOLDER_UNSPECIFIED) == row.unit().empty()) {
        Violate(path, row.unit().empty() ? "neither holder nor unit" : "holder and unit",
                "exactly one of holder and unit");
      } else if (!row.unit().empty()) {
        CheckUnit(absl::StrCat(path, ".unit"), row.unit());
      }
      if (!categories_.contains(row.category())) {
        Violate(absl::StrCat(path, ".category"), row.category(), "a code of categories");
      }
    }
  }

  void CheckAreaPrefix(absl::string_view path, const std::string& prefix) {
    if (prefix.empty()) {
      return;
    }
    const auto level = codes::ParseAreaCode(path, prefix);
    if (!level.ok() || *level == codes::AreaLevel::kGrid || !absl::StartsWith(prefix, county_)) {
      Violate(path, prefix,
              absl::StrCat("6, 9 or 12 digits of an area of ", county_, " without a segment 000"));
    }
  }

  void CheckLead(absl::string_view path, const v1::CatalogueRow& row) {
    const std::string unit_path = absl::StrCat(path, ".lead_unit");
    switch (row.lead_role()) {
      case v1::NAMED_UNIT:
        CheckUnit(unit_path, row.lead_unit());
        break;
      case v1::COMMUNITY_OF_GRID:
      case v1::TOWNSHIP_OF_GRID:
        if (!row.lead_unit().empty()) {
          Violate(unit_path, row.lead_unit(), "nothing unless lead_role is NAMED_UNIT");
        }
        break;
      default:
        Violate(absl::StrCat(path, ".lead_role"), "",
                "NAMED_UNIT, COMMUNITY_OF_GRID or TOWNSHIP_OF_GRID");
    }
  }

  void CheckHelpers(absl::string_view path, const v1::CatalogueRow& row) {
    absl::flat_hash_set<std::string> seen = {row.lead_unit()};
    for (int i = 0; i < row.helper_units_size(); ++i) {
      const std::string helper_path = absl::StrCat(path, ".helper_units[", i, "]");
      CheckUnit(helper_path, row.helper_units(i));
      if (!row.helper_units(i).empty() && !seen.insert(row.helper_units(i)).second) {
        Violate(helper_path, row.helper_units(i), "each unit once, and not the lead");
      }
    }
  }

  void CheckPeriod(absl::string_view path, const v1::Period& period) {
    if (!v1::PeriodUnit_IsValid(period.unit()) || period.unit() == v1::PERIOD_UNIT_UNSPECIFIED) {
      Violate(absl::StrCat(path, ".unit"), "", "a unit");
    }
    if (period.amount() < 1 || period.amount() > kMaxPeriod) {
      Violate(absl::StrCat(path, ".amount"), absl::StrCat(period.amount()), "1 to 1000");
    }
  }

  void CheckClockRules() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<int> defaults;
    for (int i = 0; i < policy_.clock_rules_size(); ++i) {
      const v1::ClockRule& rule = policy_.clock_rules(i);
      const std::string path = absl::StrCat("clock_rules[", i, "]");
      if (rule.id().empty() || !ids.insert(rule.id()).second) {
        Violate(absl::StrCat(path, ".id"), rule.id(), "an id, each once");
      }
      if (rule.kind() == v1::CLOCK_KIND_UNSPECIFIED) {
        Violate(absl::StrCat(path, ".kind"), "", "a kind of clock");
      }
      CheckPeriod(absl::StrCat(path, ".period"), rule.period());
      absl::flat_hash_set<std::string> seen;
      for (int j = 0; j < rule.categories_size(); ++j) {
        const std::string& code = rule.categories(j);
        if (!categories_.contains(code) || !seen.insert(code).second) {
          Violate(absl::StrCat(path, ".categories[", j, "]"), code,
                  "a code of categories, each once");
        }
      }
      if (rule.types().empty() && rule.urgency() == v1::URGENCY_UNSPECIFIED &&
          rule.categories().empty()) {
        defaults.insert(rule.kind());
      }
    }
    for (const v1::ClockKind kind : {v1::DISPATCH, v1::SIGN, v1::HANDLE, v1::CALLBACK}) {
      if (!defaults.contains(kind)) {
        Violate("clock_rules", absl::StrCat("no default for ", v1::ClockKind_Name(kind)),
                absl::StrCat("a rule of kind ", v1::ClockKind_Name(kind),
                             " without types, urgency and categories"));
      }
    }
  }

  void CheckBusinessHours() {
    if (policy_.business_hours().empty()) {
      Violate("business_hours", "", "at least one shift");
    }
    int earliest = 0;
    for (int i = 0; i < policy_.business_hours_size(); ++i) {
      const v1::BusinessHours& hours = policy_.business_hours(i);
      if (hours.start_minute() < earliest || hours.end_minute() <= hours.start_minute() ||
          hours.end_minute() > kMinutesPerDay) {
        Violate(absl::StrCat("business_hours[", i, "]"),
                absl::StrCat(hours.start_minute(), " to ", hours.end_minute()),
                absl::StrCat(earliest, " <= start < end <= ", kMinutesPerDay,
                             ", shifts in order and not overlapping"));
      }
      earliest = std::max(earliest, hours.end_minute());
    }
  }

  void CheckCalendarDays() {
    absl::flat_hash_set<std::string> dates;
    for (int i = 0; i < policy_.calendar_days_size(); ++i) {
      const v1::CalendarDay& day = policy_.calendar_days(i);
      const std::string path = absl::StrCat("calendar_days[", i, "]");
      const std::string date_path = absl::StrCat(path, ".date");
      if (!calendar::ParseDate(date_path, day.date()).ok()) {
        Violate(date_path, day.date(), "a real day, YYYY-MM-DD");
      } else if (!dates.insert(day.date()).second) {
        Violate(date_path, day.date(), "each day once");
      }
      if (day.document().empty()) {
        Violate(absl::StrCat(path, ".document"), "", "the notice that says so");
      }
    }
  }

  void CheckRange(absl::string_view path, int value, int most, int least = 0) {
    if (value < least || value > most) {
      Violate(path, absl::StrCat(value), absl::StrCat(least, " to ", most));
    }
  }

  void CheckScalars() {
    CheckUnit("fallback_unit", policy_.fallback_unit());
    CheckPeriod("return_window", policy_.return_window());
    if (policy_.has_max_extension()) {
      CheckPeriod("max_extension", policy_.max_extension());
    }
    if (policy_.has_helper_delay()) {
      CheckPeriod("helper_delay", policy_.helper_delay());
    }
    if (policy_.has_whistle_period()) {
      CheckPeriod("whistle_period", policy_.whistle_period());
    }
    if (policy_.has_extension_notice()) {
      CheckPeriod("extension_notice", policy_.extension_notice());
    }
    if (policy_.max_callback_attempts() < 1 || policy_.max_callback_attempts() > 10) {
      Violate("max_callback_attempts", absl::StrCat(policy_.max_callback_attempts()), "1 to 10");
    }
    if (policy_.reopen_days() < 0 || policy_.reopen_days() > 365) {
      Violate("reopen_days", absl::StrCat(policy_.reopen_days()), "0 to 365");
    }
    CheckRange("max_reopens", policy_.max_reopens(), 100);
    const v1::DuplicatePolicy& duplicates = policy_.duplicates();
    CheckRange("duplicates.radius_metres", duplicates.radius_metres(), 2000);
    CheckRange("duplicates.days", duplicates.days(), 366);
    CheckRange("duplicates.similarity_percent", duplicates.similarity_percent(), 100);
    CheckRange("max_bulk", policy_.max_bulk(), 100);
    if (policy_.has_exports()) {
      const v1::ExportPolicy& exports = policy_.exports();
      CheckRange("exports.max_orders", exports.max_orders(), 500'000, 1);
      CheckRange("exports.keep_days", exports.keep_days(), 90, 1);
      CheckRange("exports.max_running", exports.max_running(), 20, 1);
    }
  }

  void CheckRatings() {
    if (!policy_.has_ratings()) {
      return;
    }
    const v1::RatingPolicy& ratings = policy_.ratings();
    absl::flat_hash_set<std::string> ids;
    for (int i = 0; i < ratings.tags_size(); ++i) {
      const std::string& id = ratings.tags(i).id();
      if (id.empty() || !ids.insert(id).second) {
        Violate(absl::StrCat("ratings.tags[", i, "].id"), id, "an id, each once");
      }
    }
    CheckPeriod("ratings.contact_within", ratings.contact_within());
    CheckPeriod("ratings.fix_within", ratings.fix_within());
    if (ratings.max_loops() < 1) {
      Violate("ratings.max_loops", absl::StrCat(ratings.max_loops()), "1 to 5");
    }
  }

  void CheckNotices() {
    if (!policy_.has_notices()) {
      return;
    }
    const v1::NoticePolicy& notices = policy_.notices();
    absl::flat_hash_set<std::string> ids;
    for (int i = 0; i < notices.templates_size(); ++i) {
      const v1::NoticeTemplate& row = notices.templates(i);
      const std::string path = absl::StrCat("notices.templates[", i, "]");
      if (row.id().empty() || !ids.insert(row.id()).second) {
        Violate(absl::StrCat(path, ".id"), row.id(), "an id, each once");
      }
      for (const TemplateFault& fault : CheckTemplate(row)) {
        Violate(absl::StrCat(path, ".", fault.field), fault.got, fault.want);
      }
    }
    if (notices.max_attempts() < 1 || notices.retry_minutes() < 1) {
      Violate("notices.max_attempts",
              absl::StrCat(notices.max_attempts(), " with ", notices.retry_minutes(), " min"),
              "at least 1 attempt, and 1 minute between two");
    }
  }

  const v1::TicketPolicy& policy_;
  absl::string_view county_;
  absl::flat_hash_set<std::string> categories_;
  std::vector<std::pair<std::string, std::string>> violations_;
};

}  // namespace

absl::Status ValidatePolicy(const v1::TicketPolicy& policy, absl::string_view county) {
  return Checker(policy, county).Check();
}

}  // namespace baimi::ticket::domain
