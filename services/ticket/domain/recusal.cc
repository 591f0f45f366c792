#include "services/ticket/domain/recusal.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

// 469030100000 -> 469030100.
absl::string_view AreaPrefixOf(const registry::v1::Unit& unit) {
  absl::string_view code = IdOf(unit.area());
  if (!absl::ConsumeSuffix(&code, "000000")) {
    absl::ConsumeSuffix(&code, "000");
  }
  return code;
}

bool WasSetAside(const v1::Ticket& ticket, absl::string_view unit) {
  return std::any_of(
      ticket.recused_units().begin(), ticket.recused_units().end(),
      [&](const v1::RecusedUnit& recused) { return IdOf(recused.unit()) == IdOf(unit); });
}

absl::string_view Why(Recusal recusal) {
  switch (recusal) {
    case Recusal::kSubject:
      return "the one complained of";
    case Recusal::kAnswersToSubject:
      return "one that answers to the unit complained of";
    default:
      return "one that was set aside for the order";
  }
}

absl::Status CheckRecusal(const v1::Ticket& ticket, const v1::RecuseUnitRequest& request) {
  if (CountyOf(request.unit()) != CountyOf(ticket.name())) {
    return InvalidField("unit", request.unit(),
                        absl::StrCat("a unit of county ", CountyOf(ticket.name())), "本县的单位");
  }
  if (request.lift() != WasSetAside(ticket, request.unit())) {
    return InvalidField("unit", request.unit(),
                        request.lift() ? "a unit that was set aside" : "one that is not set aside",
                        request.lift() ? "已回避的单位" : "尚未回避的单位");
  }
  if (!request.lift() && request.ground() == v1::RECUSAL_GROUND_UNSPECIFIED) {
    return InvalidField("ground", "nothing", "DIRECT_INTEREST to RELATED_UNIT", "回避的事由");
  }
  if (!request.lift() && ticket.assignment().lead() == request.unit()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RECUSED,
                 absl::StrCat("unit: got ", request.unit(),
                              ", which leads the order, want the order taken from it first"),
                 "该单位正在主办，须先收回工单再作回避")
        .With("unit", request.unit());
  }
  return absl::OkStatus();
}

}  // namespace

bool IsRecused(const v1::Ticket& ticket, absl::string_view unit) {
  if (unit.empty()) {
    return false;
  }
  const bool subject = !ticket.subject_unit().empty() && IdOf(ticket.subject_unit()) == IdOf(unit);
  return subject || WasSetAside(ticket, unit);
}

absl::Status CheckMayReveal(const v1::Ticket& ticket, const Context& context) {
  const std::string& unit = context.actor.unit();
  const bool confidential = ticket.caller().confidential() || ticket.type() == v1::REPORT;
  if (!confidential || unit.empty() || unit == IdOf(context.policy.policy().fallback_unit())) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_CONTACT_CONFIDENTIAL,
               absl::StrCat("actor.unit: got ", unit,
                            ", want the centre, with which the contact "
                            "data of this caller stay"),
               "诉求人要求保密或属举报件，联系方式仅限热线中心查看，请由热线中心联系");
}

bool AnswersTo(const registry::v1::Unit& unit, const registry::v1::Unit& subject) {
  return subject.kind() == registry::v1::TOWNSHIP_GOVERNMENT &&
         (unit.kind() == registry::v1::VILLAGE_COMMITTEE ||
          unit.kind() == registry::v1::GRID_TEAM) &&
         !subject.area().empty() && absl::StartsWith(IdOf(unit.area()), AreaPrefixOf(subject));
}

absl::string_view ZhWhy(Recusal recusal) {
  switch (recusal) {
    case Recusal::kSubject:
      return "是被举报单位，须回避";
    case Recusal::kAnswersToSubject:
      return "隶属被举报单位，须回避";
    default:
      return "已由中心决定回避";
  }
}

Recusal RecusalOf(const v1::Ticket& ticket, const registry::v1::Unit& unit,
                  const registry::v1::Unit* subject) {
  if (!ticket.subject_unit().empty() && ticket.subject_unit() == unit.name()) {
    return Recusal::kSubject;
  }
  if (WasSetAside(ticket, unit.name())) {
    return Recusal::kSetAside;
  }
  return subject != nullptr && AnswersTo(unit, *subject) ? Recusal::kAnswersToSubject
                                                         : Recusal::kNone;
}

absl::Status RecusedError(absl::string_view path, const registry::v1::Unit& unit, Recusal recusal) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RECUSED,
               absl::StrCat(path, ": got ", unit.name(), ", want another unit than ", Why(recusal)),
               absl::StrCat("“", unit.display_name(), "”", ZhWhy(recusal), "，不得经办或知悉"))
      .With("unit", unit.name());
}

absl::StatusOr<Decision> Recuse(const v1::Ticket& ticket, const v1::RecuseUnitRequest& request,
                                const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  if (ticket.state() == v1::ARCHIVED) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ILLEGAL_TRANSITION,
                 "state: got ARCHIVED, want an order that is not in the archive",
                 "工单已归档，不能再变更")
        .With("state", "ARCHIVED");
  }
  BAIMI_RETURN_IF_ERROR(CheckRecusal(ticket, request));
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::UnitRecused& recused = *fact.mutable_unit_recused();
  recused.set_lifted(request.lift());
  recused.mutable_recused()->set_unit(request.unit());
  recused.mutable_recused()->set_ground(request.ground());
  recused.mutable_recused()->set_reason(request.reason());
  *recused.mutable_recused()->mutable_recuse_time() = ToProto(context.now);
  *recused.mutable_recused()->mutable_actor() = context.actor;
  Decision decision = Decide(ticket, std::move(fact));
  const auto& helpers = ticket.assignment().helpers();
  if (!request.lift() &&
      std::find(helpers.begin(), helpers.end(), request.unit()) != helpers.end()) {
    Append(decision, RemoveHelperFact(decision.ticket, request.unit(), request.reason(), context));
  }
  return decision;
}

}  // namespace baimi::ticket::domain
