#include "services/ticket/domain/duty_list.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/codes/category_code.h"

namespace baimi::ticket::domain {
namespace {

bool IsOf(const v1::DutyRow& row, const registry::v1::Unit& unit) {
  switch (row.holder()) {
    case v1::EVERY_TOWNSHIP:
      return unit.kind() == registry::v1::TOWNSHIP_GOVERNMENT;
    case v1::EVERY_COMMUNITY:
      return unit.kind() == registry::v1::VILLAGE_COMMITTEE;
    default:
      return row.unit() == unit.name();
  }
}

Duty ByRow(const v1::DutyRow& row) {
  return {.row = row.id(),
          .explanation = absl::StrCat(
              "（履职清单条目“", row.id(), "”，类别 ", row.category(),
              row.legal_basis().empty() ? "" : absl::StrCat("，依据：", row.legal_basis()), "）")};
}

absl::Status NotOnDutyList(const v1::TicketPolicy& policy, const registry::v1::Unit& unit,
                           absl::string_view category) {
  std::vector<std::string> rows;
  for (const v1::DutyRow& row : policy.duty_lists()) {
    if (IsOf(row, unit)) {
      rows.push_back(absl::StrCat(row.id(), "=", row.category()));
    }
  }
  const std::string listed = absl::StrJoin(rows, ",");
  const std::string registered = absl::StrJoin(unit.duty_categories(), ",");
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_ON_DUTY_LIST,
               absl::StrCat("unit: got ", unit.name(), " whose duty list (rows [", listed,
                            "] of policy version ", policy.version(), ", registry [", registered,
                            "]) lacks category ", category,
                            ", want a department, or a unit with it on its list"),
               absl::StrCat("“", unit.display_name(), "”的履职清单没有类别 ", category, "（政策第",
                            policy.version(), "版条目：", listed.empty() ? "无" : listed,
                            "；单位登记：", registered.empty() ? "无" : registered,
                            "），不得派单（职能部门事项不得推给基层）；请改派职能部门"))
      .With("unit", unit.name())
      .With("category", category)
      .With("rows", listed)
      .With("registry", registered)
      .With("policy_version", absl::StrCat(policy.version()));
}

}  // namespace

bool IsGrassroots(const registry::v1::Unit& unit) {
  return unit.kind() == registry::v1::TOWNSHIP_GOVERNMENT ||
         unit.kind() == registry::v1::VILLAGE_COMMITTEE;
}

absl::StatusOr<Duty> FindDuty(const v1::TicketPolicy& policy, const registry::v1::Unit& unit,
                              absl::string_view category) {
  if (!IsGrassroots(unit)) {
    return Duty();
  }
  const v1::DutyRow* best = nullptr;
  std::pair<size_t, bool> best_fit;
  for (const v1::DutyRow& row : policy.duty_lists()) {
    const std::pair<size_t, bool> fit = {row.category().size(), !row.unit().empty()};
    if (IsOf(row, unit) && codes::IsCategoryWithin(category, row.category()) &&
        (best == nullptr || fit > best_fit)) {
      best = &row;
      best_fit = fit;
    }
  }
  if (best != nullptr) {
    return ByRow(*best);
  }
  for (const std::string& duty : unit.duty_categories()) {
    if (codes::IsCategoryWithin(category, duty)) {
      return Duty{.explanation = absl::StrCat("（履职清单：单位登记类别 ", duty, "）")};
    }
  }
  return NotOnDutyList(policy, unit, category);
}

}  // namespace baimi::ticket::domain
