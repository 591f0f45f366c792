#include "services/ticket/domain/catalogue.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/codes/category_code.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

using registry::v1::Unit;

bool IsGrassroots(const Unit& unit) {
  return unit.kind() == registry::v1::TOWNSHIP_GOVERNMENT ||
         unit.kind() == registry::v1::VILLAGE_COMMITTEE;
}

bool MayHandle(const Unit& unit, absl::string_view category) {
  return !IsGrassroots(unit) ||
         std::any_of(
             unit.duty_categories().begin(), unit.duty_categories().end(),
             [&](const std::string& duty) { return codes::IsCategoryWithin(category, duty); });
}

absl::Status NotOnDutyList(const Unit& unit, absl::string_view category) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_ON_DUTY_LIST,
               absl::StrCat("unit: got ", unit.name(), " whose duty list lacks category ", category,
                            ", want a department, or a unit with it in duty_categories"),
               absl::StrCat("“", unit.display_name(), "”的履职清单没有类别 ", category,
                            "，不得派单（职能部门事项不得推给基层）；请改派职能部门"))
      .With("unit", unit.name())
      .With("category", category);
}

absl::Status Recused(absl::string_view path, const Unit& unit) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RECUSED,
               absl::StrCat(path, ": got ", unit.name(),
                            ", want another unit than the one complained of"),
               absl::StrCat("“", unit.display_name(), "”是被举报单位，须回避，不得经办或知悉"))
      .With("unit", unit.name());
}

absl::Status UnknownUnit(absl::string_view path, absl::string_view name) {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_UNKNOWN_UNIT,
               absl::StrCat(path, ": got ", name, ", want a unit that is in the registry"),
               absl::StrCat(path, "：单位登记中没有“", IdOf(name), "”，请先登记或指定其他主办单位"))
      .Field(path, absl::StrCat("got ", name, ", want a unit that is in the registry"))
      .With("unit", name);
}

// Builds one assignment step by step; each step leaves its line of explanation.
class Chooser {
 public:
  Chooser(const v1::TicketPolicy& policy, const v1::Ticket& ticket,
          const v1::DispatchTicketRequest& request, const UnitsAtHand& units)
      : policy_(policy), ticket_(ticket), request_(request), units_(units) {}

  absl::StatusOr<v1::Assignment> Choose() {
    ExplainMatter();
    if (!request_.lead().empty() || !request_.helpers().empty()) {
      BAIMI_RETURN_IF_ERROR(ChooseByHand());
    } else if (const v1::CatalogueRow* row = ChooseRow(policy_, ticket_)) {
      BAIMI_RETURN_IF_ERROR(ChooseByRow(*row));
    } else {
      BAIMI_RETURN_IF_ERROR(FallBack("派单目录没有这一类别和地点的条目"));
    }
    AddCopies();
    return std::move(result_);
  }

 private:
  void Explain(absl::string_view line) { result_.add_explanation(std::string(line)); }

  void ExplainMatter() {
    std::string category = ticket_.category();
    for (const v1::Category& known : policy_.categories()) {
      if (known.code() == ticket_.category()) {
        absl::StrAppend(&category, "（", known.display_name(), "）");
      }
    }
    Explain(absl::StrCat("类别：", category, "，", Zh(ticket_.type()), "件，",
                         Zh(ticket_.urgency()), "。"));
    if (ticket_.place().area().empty()) {
      Explain("地点：未能确定所在网格，按全县条目派单。");
      return;
    }
    Explain(absl::StrCat("地点：", units_.community ? units_.community->display_name() : "",
                         ticket_.place().grid().empty()
                             ? absl::StrCat("区划 ", IdOf(ticket_.place().area()))
                             : absl::StrCat("网格 ", IdOf(ticket_.place().grid())),
                         "。"));
  }

  absl::StatusOr<const Unit*> Named(absl::string_view path, const std::string& name) const {
    if (const auto it = units_.named.find(name); it != units_.named.end()) {
      return &it->second;
    }
    return UnknownUnit(path, name);
  }

  absl::Status CheckByHand() const {
    if (request_.lead().empty()) {
      return InvalidField("lead", "nothing", "a lead unit when helpers are named",
                          "指定协办单位时必须同时指定主办单位");
    }
    if (request_.note().empty()) {
      return InvalidField("note", "nothing", "why the catalogue is overridden",
                          "人工指定主办单位的理由");
    }
    std::vector<absl::string_view> seen = {request_.lead()};
    for (int i = 0; i < request_.helpers_size(); ++i) {
      const std::string& helper = request_.helpers(i);
      if (std::find(seen.begin(), seen.end(), helper) != seen.end()) {
        return InvalidField(absl::StrCat("helpers[", i, "]"), helper,
                            "each unit once, and not the lead",
                            "每个单位只出现一次，且不是主办单位");
      }
      seen.push_back(helper);
    }
    for (const absl::string_view name : seen) {
      if (CountyOf(name) != CountyOf(ticket_.name())) {
        return InvalidField(name == request_.lead() ? "lead" : "helpers", name,
                            absl::StrCat("a unit of county ", CountyOf(ticket_.name())),
                            "本县的单位");
      }
    }
    return absl::OkStatus();
  }

  absl::Status ChooseByHand() {
    BAIMI_RETURN_IF_ERROR(CheckByHand());
    BAIMI_ASSIGN_OR_RETURN(const Unit* lead, Named("lead", request_.lead()));
    result_.set_rule("manual");
    result_.set_note(request_.note());
    BAIMI_RETURN_IF_ERROR(SetLead(*lead, "由派单员人工指定，不按派单目录，理由见备注"));
    for (int i = 0; i < request_.helpers_size(); ++i) {
      BAIMI_ASSIGN_OR_RETURN(const Unit* helper,
                             Named(absl::StrCat("helpers[", i, "]"), request_.helpers(i)));
      if (IsSubject(helper->name())) {
        return Recused(absl::StrCat("helpers[", i, "]"), *helper);
      }
      if (!MayHandle(*helper, ticket_.category())) {
        return NotOnDutyList(*helper, ticket_.category());
      }
      AddHelper(*helper, "由派单员人工指定");
    }
    return absl::OkStatus();
  }

  absl::Status ChooseByRow(const v1::CatalogueRow& row) {
    Explain(
        absl::StrCat("目录：条目“", row.id(), "”最贴合（类别 ", row.category(), "，",
                     row.area_prefix().empty() ? "全县" : absl::StrCat("区划 ", row.area_prefix()),
                     row.direct() ? "，直通联办" : "", "）。"));
    if (row.lead_role() == v1::NAMED_UNIT) {
      BAIMI_ASSIGN_OR_RETURN(
          const Unit* lead,
          Named(absl::StrCat("catalogue[", row.id(), "].lead_unit"), row.lead_unit()));
      if (IsSubject(lead->name())) {
        return FallBack("目录指定的单位是被举报单位，须回避");
      }
      BAIMI_RETURN_IF_ERROR(SetLead(*lead, WithBasis("目录指定的职能单位", row)));
    } else {
      const bool community = row.lead_role() == v1::COMMUNITY_OF_GRID;
      const std::optional<Unit>& lead = community ? units_.community : units_.township;
      if (!lead) {
        return FallBack(community ? "目录要求所在村（社区）主办，但地点没有对应的村（社区）"
                                  : "目录要求所在乡镇主办，但地点没有对应的乡镇");
      }
      if (IsSubject(lead->name())) {
        return FallBack("目录指定的单位是被举报单位，须回避");
      }
      BAIMI_RETURN_IF_ERROR(SetLead(*lead, WithBasis(community ? "目录指定由事发地村（社区）办理"
                                                               : "目录指定由事发地乡镇办理",
                                                     row)));
    }
    result_.set_rule(row.id());
    result_.set_legal_basis(row.legal_basis());
    result_.set_direct(row.direct());
    AddRowHelpers(row);
    return absl::OkStatus();
  }

  void AddRowHelpers(const v1::CatalogueRow& row) {
    for (const std::string& name : row.helper_units()) {
      const auto it = units_.named.find(name);
      if (it == units_.named.end()) {
        Explain(absl::StrCat("未派协办：", IdOf(name), "——单位登记中没有此单位。"));
      } else {
        AddRowHelper(it->second, "目录指定协办");
      }
    }
    if (!row.community_helps()) {
      return;
    }
    if (units_.community) {
      AddRowHelper(*units_.community, "事发地村（社区）就近协助");
    } else {
      Explain("未派协办：目录要求村（社区）协办，但地点没有对应的村（社区）。");
    }
  }

  void AddRowHelper(const Unit& unit, absl::string_view why) {
    if (IsSubject(unit.name())) {
      Explain(absl::StrCat("未派协办：", unit.display_name(), "——是被举报单位，须回避。"));
    } else if (MayHandle(unit, ticket_.category())) {
      AddHelper(unit, why);
    } else {
      Explain(absl::StrCat("未派协办：", unit.display_name(), "——履职清单没有类别 ",
                           ticket_.category(), "。"));
    }
  }

  absl::Status FallBack(absl::string_view why) {
    BAIMI_ASSIGN_OR_RETURN(const Unit* lead, Named("fallback_unit", policy_.fallback_unit()));
    result_.set_rule("fallback");
    return SetLead(*lead, absl::StrCat(why, "，由兜底单位协调"));
  }

  bool IsSubject(absl::string_view name) const {
    return !ticket_.subject_unit().empty() && ticket_.subject_unit() == name;
  }

  absl::Status SetLead(const Unit& unit, absl::string_view why) {
    if (IsSubject(unit.name())) {
      return Recused("lead", unit);
    }
    if (!MayHandle(unit, ticket_.category())) {
      return NotOnDutyList(unit, ticket_.category());
    }
    result_.set_lead(unit.name());
    Explain(absl::StrCat("主办：", unit.display_name(), "——", why, "。"));
    return absl::OkStatus();
  }

  void AddHelper(const Unit& unit, absl::string_view why) {
    if (HasTask(unit.name())) {
      return;
    }
    result_.add_helpers(unit.name());
    Explain(absl::StrCat("协办：", unit.display_name(), "——", why, "。"));
  }

  bool HasTask(absl::string_view name) const {
    return result_.lead() == name || std::find(result_.helpers().begin(), result_.helpers().end(),
                                               name) != result_.helpers().end();
  }

  void AddCopies() {
    const bool township_leads = units_.township && result_.lead() == units_.township->name();
    const bool community_leads = units_.community && result_.lead() == units_.community->name();
    if (units_.township && (result_.direct() || community_leads)) {
      AddCopy(
          units_.township->name(), units_.township->display_name(),
          result_.direct() ? "直通联办，不经乡镇转派，只告知" : "所属村（社区）主办，乡镇知情督促");
    }
    if (township_leads || LeadIsTownship()) {
      const auto it = units_.named.find(policy_.fallback_unit());
      AddCopy(policy_.fallback_unit(),
              it == units_.named.end() ? IdOf(policy_.fallback_unit())
                                       : absl::string_view(it->second.display_name()),
              "直派乡镇的工单同时告知县级，便于督办");
    }
  }

  bool LeadIsTownship() const {
    const auto it = units_.named.find(result_.lead());
    return it != units_.named.end() && it->second.kind() == registry::v1::TOWNSHIP_GOVERNMENT;
  }

  void AddCopy(const std::string& name, absl::string_view display_name, absl::string_view why) {
    if (HasTask(name) || IsSubject(name)) {
      return;
    }
    result_.add_copied(name);
    Explain(absl::StrCat("抄送：", display_name, "——", why, "。"));
  }

  static std::string WithBasis(absl::string_view why, const v1::CatalogueRow& row) {
    return row.legal_basis().empty() ? std::string(why)
                                     : absl::StrCat(why, "，依据：", row.legal_basis());
  }

  const v1::TicketPolicy& policy_;
  const v1::Ticket& ticket_;
  const v1::DispatchTicketRequest& request_;
  const UnitsAtHand& units_;
  v1::Assignment result_;
};

}  // namespace

UnitsAtHand UnitsAtHand::From(const registry::v1::ResolveUnitsResponse& response) {
  UnitsAtHand units;
  for (const Unit& unit : response.units()) {
    units.named.emplace(unit.name(), unit);
  }
  if (response.has_community()) {
    units.community = response.community();
  }
  if (response.has_township()) {
    units.township = response.township();
  }
  return units;
}

std::vector<std::string> UnitsNeeded(const v1::TicketPolicy& policy, const v1::Ticket& ticket,
                                     const v1::DispatchTicketRequest& request) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  };
  if (!request.lead().empty() || !request.helpers().empty()) {
    add(request.lead());
    std::for_each(request.helpers().begin(), request.helpers().end(), add);
  } else if (const v1::CatalogueRow* row = ChooseRow(policy, ticket)) {
    add(row->lead_unit());
    std::for_each(row->helper_units().begin(), row->helper_units().end(), add);
  }
  add(policy.fallback_unit());
  return names;
}

const v1::CatalogueRow* ChooseRow(const v1::TicketPolicy& policy, const v1::Ticket& ticket) {
  const absl::string_view area = IdOf(ticket.place().area());
  const v1::CatalogueRow* best = nullptr;
  std::pair<size_t, size_t> best_fit;
  for (const v1::CatalogueRow& row : policy.catalogue()) {
    if (!absl::StartsWith(ticket.category(), row.category()) ||
        !absl::StartsWith(area, row.area_prefix())) {
      continue;
    }
    const std::pair<size_t, size_t> fit = {row.category().size(), row.area_prefix().size()};
    if (best == nullptr || fit > best_fit) {
      best = &row;
      best_fit = fit;
    }
  }
  return best;
}

absl::StatusOr<v1::Assignment> ChooseAssignment(const v1::TicketPolicy& policy,
                                                const v1::Ticket& ticket,
                                                const v1::DispatchTicketRequest& request,
                                                const UnitsAtHand& units) {
  return Chooser(policy, ticket, request, units).Choose();
}

}  // namespace baimi::ticket::domain
