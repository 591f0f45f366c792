#include "services/ticket/domain/catalogue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/catalogue_fit.h"
#include "services/ticket/domain/duty_list.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

using registry::v1::Unit;

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
      AddCopies();
      return std::move(result_);
    }
    const v1::CatalogueRow* row = ChooseRow(policy_, ticket_);
    if (!ChooseByPrecedent(row)) {
      BAIMI_RETURN_IF_ERROR(row != nullptr ? ChooseByRow(*row)
                                           : FallBack("派单目录没有这一类别和地点的条目"));
    }
    AddCopies();
    return std::move(result_);
  }

  absl::StatusOr<v1::Assignment> ChooseRuled(absl::string_view arbitration,
                                             absl::string_view legal_basis) {
    ExplainMatter();
    BAIMI_RETURN_IF_ERROR(CheckByHand());
    BAIMI_ASSIGN_OR_RETURN(const Unit* lead, Named("ruling.lead", request_.lead()));
    Explain(absl::StrCat("仲裁：中心裁定“", IdOf(arbitration), "”，依据：", legal_basis, "。"));
    result_.set_rule("arbitration");
    result_.set_ruling(std::string(arbitration));
    result_.set_legal_basis(std::string(legal_basis));
    result_.set_no_return(true);
    result_.set_note(request_.note());
    BAIMI_RETURN_IF_ERROR(SetLead(*lead, "由中心裁定主办，不得退单"));
    BAIMI_RETURN_IF_ERROR(AddNamedHelpers("ruling.helpers", request_.helpers(), "由中心裁定协办"));
    AddCopies();
    return std::move(result_);
  }

  absl::StatusOr<v1::Assignment> ChooseHelpersOnly(
      const google::protobuf::RepeatedPtrField<std::string>& add) {
    BAIMI_RETURN_IF_ERROR(AddNamedHelpers("add", add, "由中心增派"));
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
    return AddNamedHelpers("helpers", request_.helpers(), "由派单员人工指定");
  }

  absl::Status AddNamedHelpers(absl::string_view path,
                               const google::protobuf::RepeatedPtrField<std::string>& names,
                               absl::string_view why) {
    for (int i = 0; i < names.size(); ++i) {
      const std::string here = absl::StrCat(path, "[", i, "]");
      BAIMI_ASSIGN_OR_RETURN(const Unit* helper, Named(here, names[i]));
      if (const Recusal recusal = RecusalOf(*helper); recusal != Recusal::kNone) {
        return RecusedError(here, *helper, recusal);
      }
      BAIMI_ASSIGN_OR_RETURN(const Duty duty, FindDuty(policy_, *helper, ticket_.category()));
      AddHelper(*helper, why, duty);
    }
    return absl::OkStatus();
  }

  // False when there is none that fits as well as `row`, or its lead can not have the order.
  bool ChooseByPrecedent(const v1::CatalogueRow* row) {
    if (!units_.precedent || (row != nullptr && FitOf(*units_.precedent) < FitOf(*row))) {
      return false;
    }
    const v1::Precedent& precedent = *units_.precedent;
    const std::string which = absl::StrCat(
        "先例“", IdOf(precedent.name()), "”（类别 ", precedent.category(), "，",
        precedent.area_prefix().empty() ? "全县" : absl::StrCat("区划 ", precedent.area_prefix()),
        "）");
    const auto lead = units_.named.find(precedent.lead());
    const bool known = lead != units_.named.end();
    if (!known || RecusalOf(lead->second) != Recusal::kNone ||
        !FindDuty(policy_, lead->second, ticket_.category()).ok()) {
      Explain(absl::StrCat("未按先例：", which, "的主办单位",
                           !known ? "未登记"
                           : RecusalOf(lead->second) != Recusal::kNone
                               ? ZhWhy(RecusalOf(lead->second))
                               : "履职清单没有这一类别",
                           "。"));
      return false;
    }
    Explain(absl::StrCat("先例：", which, "，裁定理由：", precedent.rationale(), "。"));
    const bool set =
        SetLead(lead->second, absl::StrCat("按先例，依据：", precedent.legal_basis())).ok();
    result_.set_rule("precedent");
    result_.set_ruling(precedent.name());
    result_.set_legal_basis(precedent.legal_basis());
    result_.set_direct(row != nullptr && row->direct());
    for (const std::string& name : precedent.helpers()) {
      AddListedHelper(name, "按先例协办");
    }
    return set;
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
      if (const Recusal recusal = RecusalOf(*lead); recusal != Recusal::kNone) {
        return FallBack(absl::StrCat("目录指定的单位", ZhWhy(recusal)));
      }
      BAIMI_RETURN_IF_ERROR(SetLead(*lead, WithBasis("目录指定的职能单位", row)));
    } else {
      const bool community = row.lead_role() == v1::COMMUNITY_OF_GRID;
      const std::optional<Unit>& lead = community ? units_.community : units_.township;
      if (!lead) {
        return FallBack(community ? "目录要求所在村（社区）主办，但地点没有对应的村（社区）"
                                  : "目录要求所在乡镇主办，但地点没有对应的乡镇");
      }
      if (const Recusal recusal = RecusalOf(*lead); recusal != Recusal::kNone) {
        return FallBack(absl::StrCat("目录指定的单位", ZhWhy(recusal)));
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
      AddListedHelper(name, "目录指定协办");
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

  void AddListedHelper(const std::string& name, absl::string_view why) {
    const auto it = units_.named.find(name);
    if (it == units_.named.end()) {
      Explain(absl::StrCat("未派协办：", IdOf(name), "——单位登记中没有此单位。"));
    } else {
      AddRowHelper(it->second, why);
    }
  }

  void AddRowHelper(const Unit& unit, absl::string_view why) {
    const absl::StatusOr<Duty> duty = FindDuty(policy_, unit, ticket_.category());
    if (const Recusal recusal = RecusalOf(unit); recusal != Recusal::kNone) {
      Explain(absl::StrCat("未派协办：", unit.display_name(), "——", ZhWhy(recusal), "。"));
    } else if (duty.ok()) {
      AddHelper(unit, why, *duty);
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

  Recusal RecusalOf(const Unit& unit) const {
    return domain::RecusalOf(ticket_, unit, units_.Find(ticket_.subject_unit()));
  }

  absl::Status SetLead(const Unit& unit, absl::string_view why) {
    if (const Recusal recusal = RecusalOf(unit); recusal != Recusal::kNone) {
      return RecusedError("lead", unit, recusal);
    }
    BAIMI_ASSIGN_OR_RETURN(const Duty duty, FindDuty(policy_, unit, ticket_.category()));
    result_.set_lead(unit.name());
    Explain(absl::StrCat("主办：", unit.display_name(), "——", why, duty.explanation, "。"));
    KeepDuty(duty);
    return absl::OkStatus();
  }

  void AddHelper(const Unit& unit, absl::string_view why, const Duty& duty) {
    if (HasTask(unit.name())) {
      return;
    }
    result_.add_helpers(unit.name());
    Explain(absl::StrCat("协办：", unit.display_name(), "——", why, duty.explanation, "。"));
    KeepDuty(duty);
  }

  void KeepDuty(const Duty& duty) {
    if (!duty.row.empty()) {
      result_.add_duty_rows(duty.row);
    }
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
    const Unit* unit = units_.Find(name);
    if (HasTask(name) || IsRecused(ticket_, name) ||
        (unit != nullptr && RecusalOf(*unit) != Recusal::kNone)) {
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

absl::StatusOr<v1::Assignment> ChooseAssignment(const v1::TicketPolicy& policy,
                                                const v1::Ticket& ticket,
                                                const v1::DispatchTicketRequest& request,
                                                const UnitsAtHand& units) {
  return Chooser(policy, ticket, request, units).Choose();
}

absl::StatusOr<v1::Assignment> ChooseByRuling(const v1::TicketPolicy& policy,
                                              const v1::Ticket& ticket, const v1::Ruling& ruling,
                                              absl::string_view arbitration,
                                              const UnitsAtHand& units) {
  v1::DispatchTicketRequest request;
  request.set_lead(ruling.lead());
  *request.mutable_helpers() = ruling.helpers();
  request.set_note(ruling.rationale());
  return Chooser(policy, ticket, request, units).ChooseRuled(arbitration, ruling.legal_basis());
}

absl::StatusOr<v1::Assignment> ChooseHelpers(
    const v1::TicketPolicy& policy, const v1::Ticket& ticket,
    const google::protobuf::RepeatedPtrField<std::string>& add, const UnitsAtHand& units) {
  const v1::DispatchTicketRequest request;
  return Chooser(policy, ticket, request, units).ChooseHelpersOnly(add);
}

}  // namespace baimi::ticket::domain
