#include "services/ticket/domain/arbitration.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/codes/category_code.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/verbs.h"
#include "services/ticket/domain/versions.h"

namespace baimi::ticket::domain {
namespace {

absl::Status ArbitrationState(absl::string_view got, absl::string_view want, absl::string_view zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ARBITRATION_STATE,
               absl::StrCat("arbitration: got ", got, ", want ", want), zh);
}

absl::Status CheckOpen(const v1::Arbitration& arbitration) {
  return arbitration.state() == v1::ARBITRATION_OPEN
             ? absl::OkStatus()
             : ArbitrationState(v1::ArbitrationState_Name(arbitration.state()), "ARBITRATION_OPEN",
                                "仲裁已结束");
}

absl::Status CheckUnits(const v1::Ticket& ticket, const v1::Arbitration& asked) {
  std::vector<absl::string_view> seen;
  for (int i = 0; i < asked.units_size(); ++i) {
    const std::string& unit = asked.units(i);
    const std::string path = absl::StrCat("arbitration.units[", i, "]");
    if (CountyOf(unit) != CountyOf(ticket.name()) ||
        std::find(seen.begin(), seen.end(), unit) != seen.end()) {
      return InvalidField(path, unit, "units of the county, each once", "本县单位，且只出现一次");
    }
    if (IsRecused(ticket, unit)) {
      return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RECUSED,
                   absl::StrCat(path, ": got ", unit, ", want a unit that is not recused"),
                   "该单位须回避，不得征求其意见")
          .With("unit", unit);
    }
    seen.push_back(unit);
  }
  return absl::OkStatus();
}

ArbitrationStep Step(const v1::Arbitration& arbitration, v1::ArbitrationFact fact) {
  ArbitrationStep step{Apply(arbitration, fact), {}};
  step.fact = std::move(fact);
  return step;
}

v1::Arbitration NewRecord(const v1::Ticket& ticket, absl::string_view name,
                          absl::Span<const v1::PastRuling> past, const Context& context) {
  v1::Arbitration record;
  record.set_name(std::string(name));
  record.set_ticket(ticket.name());
  record.set_state(v1::ARBITRATION_OPEN);
  if (ticket.has_return_request()) {
    *record.mutable_return_request() = ticket.return_request();
    record.set_lead(ticket.assignment().lead());
  }
  record.set_category(ticket.category());
  record.set_ticket_type(ticket.type());
  record.set_area(ticket.place().area());
  record.mutable_past_rulings()->Assign(past.begin(), past.end());
  *record.mutable_create_time() = ToProto(context.now);
  *record.mutable_actor() = context.actor;
  return record;
}

absl::StatusOr<v1::Precedent> MakePrecedent(const v1::Arbitration& arbitration,
                                            const v1::Ruling& ruling, const Context& context) {
  const v1::PrecedentTerms& terms = ruling.precedent();
  if (arbitration.ticket_type() == v1::REPORT) {
    return InvalidField("ruling.precedent", "terms", "none where a REPORT is arbitrated",
                        "举报件的裁定不得作为先例公开");
  }
  const std::string& category =
      terms.category().empty() ? arbitration.category() : terms.category();
  if (!codes::IsCategoryWithin(arbitration.category(), category)) {
    return InvalidField("ruling.precedent.category", category,
                        absl::StrCat("what ", arbitration.category(), " begins with"),
                        "须为本件类别或其上级类别");
  }
  const size_t size = terms.area_prefix().size();
  if (size != 0 && ((size != 6 && size != 9 && size != 12) ||
                    !absl::StartsWith(IdOf(arbitration.area()), terms.area_prefix()))) {
    return InvalidField("ruling.precedent.area_prefix", terms.area_prefix(),
                        absl::StrCat("6, 9 or 12 digits that ", IdOf(arbitration.area()),
                                     " begins with, or nothing"),
                        "须为本件所在区划的前缀（6、9或12位），或留空表示全县");
  }
  if (terms.has_effective_time() && FromProto(terms.effective_time()) < context.now) {
    return InvalidField("ruling.precedent.effective_time",
                        absl::FormatTime(FromProto(terms.effective_time())), "not before now",
                        "不早于现在");
  }
  v1::Precedent precedent;
  precedent.set_name(absl::StrCat("counties/", CountyOf(arbitration.name()), "/precedents/",
                                  IdOf(arbitration.name())));
  precedent.set_category(category);
  precedent.set_area_prefix(terms.area_prefix());
  precedent.set_lead(ruling.lead());
  *precedent.mutable_helpers() = ruling.helpers();
  precedent.set_rationale(ruling.rationale());
  precedent.set_legal_basis(ruling.legal_basis());
  precedent.set_arbitration(arbitration.name());
  *precedent.mutable_effective_time() =
      terms.has_effective_time() ? terms.effective_time() : ToProto(context.now);
  *precedent.mutable_create_time() = ToProto(context.now);
  return precedent;
}

// Takes over what another decision did after `decision`.
void Join(Decision more, Decision& decision) {
  decision.ticket = std::move(more.ticket);
  for (v1::TicketFact& fact : more.facts) {
    decision.facts.push_back(std::move(fact));
  }
}

v1::TicketFact Ended(const v1::Ticket& ticket, const std::string& name, const Context& context) {
  v1::TicketFact fact = BeginSideFact(ticket, context);
  fact.mutable_arbitration_ended()->set_arbitration(name);
  return fact;
}

// The unit keeps the order (T10), with the helpers that the ruling adds.
absl::Status Keep(const v1::Ruling& ruling, const UnitsAtHand& units, const Context& context,
                  Decision& decision) {
  v1::DecideReturnRequest refuse;
  refuse.set_note(ruling.rationale());
  BAIMI_ASSIGN_OR_RETURN(Decision refused, DecideReturn(decision.ticket, refuse, context));
  Join(std::move(refused), decision);
  v1::ChangeHelpersRequest change;
  const auto& present = decision.ticket.assignment().helpers();
  for (const std::string& helper : ruling.helpers()) {
    if (std::find(present.begin(), present.end(), helper) == present.end()) {
      change.add_add(helper);
    }
  }
  if (change.add().empty()) {
    return absl::OkStatus();
  }
  change.set_reason(ruling.rationale());
  BAIMI_ASSIGN_OR_RETURN(Decision changed, ChangeHelpers(decision.ticket, change, units, context));
  Join(std::move(changed), decision);
  return absl::OkStatus();
}

// The order goes to the unit that the ruling names (T9 where it was returned, T6).
absl::Status Move(const v1::Arbitration& arbitration, const v1::Ruling& ruling,
                  const UnitsAtHand& units, const Context& context, Decision& decision) {
  if (decision.ticket.state() == v1::RETURN_REVIEW) {
    v1::DecideReturnRequest approve;
    approve.set_approve(true);
    approve.set_note(ruling.rationale());
    BAIMI_ASSIGN_OR_RETURN(Decision approved, DecideReturn(decision.ticket, approve, context));
    Join(std::move(approved), decision);
  }
  BAIMI_RETURN_IF_ERROR(Find(decision.ticket.state(), Command::kDispatch).status());
  BAIMI_ASSIGN_OR_RETURN(
      v1::Assignment assignment,
      ChooseByRuling(context.policy.policy(), decision.ticket, ruling, arbitration.name(), units));
  BAIMI_ASSIGN_OR_RETURN(Decision designated,
                         Designate(decision.ticket, std::move(assignment), units, context));
  Join(std::move(designated), decision);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckNoArbitration(const v1::Ticket& ticket) {
  return ticket.arbitration().empty()
             ? absl::OkStatus()
             : ArbitrationState(absl::StrCat(ticket.arbitration(), " open"),
                                "its ruling, or it dropped, first",
                                "本件正在仲裁，须待裁定后再处理");
}

std::string ArbitrationId(const v1::Ticket& ticket, int before) {
  return absl::StrCat(IdOf(ticket.name()), "-", before + 1);
}

absl::StatusOr<Opening> OpenArbitration(const v1::Ticket& ticket,
                                        const v1::CreateArbitrationRequest& request,
                                        absl::string_view name,
                                        absl::Span<const v1::PastRuling> past,
                                        const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  BAIMI_RETURN_IF_ERROR(CheckNoArbitration(ticket));
  if (ticket.state() != v1::RETURN_REVIEW && ticket.state() != v1::PENDING_DISPATCH) {
    return ArbitrationState(absl::StrCat("an order in ", v1::TicketState_Name(ticket.state())),
                            "one in RETURN_REVIEW or PENDING_DISPATCH",
                            "只有退单审核中或待派单的工单可以仲裁");
  }
  const v1::Arbitration& asked = request.arbitration();
  BAIMI_RETURN_IF_ERROR(CheckUnits(ticket, asked));
  v1::Arbitration record = NewRecord(ticket, name, past, context);
  record.set_question(asked.question());
  *record.mutable_units() = asked.units();
  *record.mutable_evidence() = asked.evidence();
  v1::ArbitrationFact fact = BeginVersion<v1::ArbitrationFact>(record.etag(), context.now);
  *fact.mutable_begun()->mutable_arbitration() = std::move(record);
  v1::TicketFact opened = BeginSideFact(ticket, context);
  opened.mutable_arbitration_opened()->set_arbitration(std::string(name));
  return Opening{Step({}, std::move(fact)), Decide(ticket, std::move(opened))};
}

ArbitrationStep RecordOfReturn(const v1::Ticket& ticket, const v1::DecideReturnRequest& request,
                               absl::string_view name, absl::Span<const v1::PastRuling> past,
                               const Context& context) {
  v1::Arbitration record = NewRecord(ticket, name, past, context);
  record.set_note(request.note());
  record.set_state(v1::ARBITRATION_RULED);
  *record.mutable_end_time() = ToProto(context.now);
  v1::Ruling& ruling = *record.mutable_ruling();
  ruling.set_lead(request.approve() ? "" : ticket.assignment().lead());
  ruling.set_return_approved(request.approve());
  *ruling.mutable_rule_time() = ToProto(context.now);
  *ruling.mutable_actor() = context.actor;
  v1::ArbitrationFact fact = BeginVersion<v1::ArbitrationFact>("", context.now);
  *fact.mutable_begun()->mutable_arbitration() = std::move(record);
  return Step({}, std::move(fact));
}

absl::StatusOr<ArbitrationStep> GiveOpinion(const v1::Arbitration& arbitration,
                                            const v1::GiveOpinionRequest& request,
                                            const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(arbitration.etag(), request.etag()));
  BAIMI_ASSIGN_OR_RETURN(const std::string unit,
                         ActingUnit(arbitration.name(), request.unit(), context.actor));
  const bool asked = std::find(arbitration.units().begin(), arbitration.units().end(), unit) !=
                     arbitration.units().end();
  if (!asked && unit != arbitration.lead()) {
    return NotInvolved(unit, arbitration.name());
  }
  BAIMI_RETURN_IF_ERROR(CheckOpen(arbitration));
  if (request.opinion().view() == v1::OPINION_VIEW_UNSPECIFIED) {
    return InvalidField("opinion.view", "nothing", "WILL_LEAD, WILL_HELP or NOT_OURS", "单位意见");
  }
  v1::ArbitrationFact fact = BeginVersion<v1::ArbitrationFact>(arbitration.etag(), context.now);
  v1::Opinion& opinion = *fact.mutable_opinion_given()->mutable_opinion();
  opinion = request.opinion();
  opinion.set_unit(unit);
  *opinion.mutable_opinion_time() = ToProto(context.now);
  *opinion.mutable_actor() = context.actor;
  return Step(arbitration, std::move(fact));
}

absl::StatusOr<RulingStep> Rule(const v1::Arbitration& arbitration, const v1::Ticket& ticket,
                                const v1::RuleArbitrationRequest& request, const UnitsAtHand& units,
                                const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(arbitration.etag(), request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  BAIMI_RETURN_IF_ERROR(CheckOpen(arbitration));
  v1::Ruling ruling = request.ruling();
  *ruling.mutable_rule_time() = ToProto(context.now);
  *ruling.mutable_actor() = context.actor;
  const bool keeps =
      ticket.state() == v1::RETURN_REVIEW && ticket.assignment().lead() == ruling.lead();
  ruling.set_return_approved(ticket.state() == v1::RETURN_REVIEW && !keeps);
  RulingStep result;
  result.decision = Decide(ticket, Ended(ticket, arbitration.name(), context));
  BAIMI_RETURN_IF_ERROR(keeps ? Keep(ruling, units, context, result.decision)
                              : Move(arbitration, ruling, units, context, result.decision));
  v1::ArbitrationFact fact = BeginVersion<v1::ArbitrationFact>(arbitration.etag(), context.now);
  if (ruling.has_precedent()) {
    BAIMI_ASSIGN_OR_RETURN(const v1::Precedent precedent,
                           MakePrecedent(arbitration, ruling, context));
    v1::PrecedentFact made = BeginVersion<v1::PrecedentFact>("", context.now);
    *made.mutable_made()->mutable_precedent() = precedent;
    result.precedent = PrecedentStep{Apply(v1::Precedent(), made), made};
    fact.mutable_ruled()->set_precedent(precedent.name());
  }
  *fact.mutable_ruled()->mutable_ruling() = std::move(ruling);
  result.step = Step(arbitration, std::move(fact));
  return result;
}

absl::StatusOr<DropStep> DropArbitration(const v1::Arbitration& arbitration,
                                         const v1::Ticket& ticket,
                                         const v1::DropArbitrationRequest& request,
                                         const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(arbitration.etag(), request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  BAIMI_RETURN_IF_ERROR(CheckOpen(arbitration));
  v1::ArbitrationFact fact = BeginVersion<v1::ArbitrationFact>(arbitration.etag(), context.now);
  fact.mutable_dropped()->set_reason(request.reason());
  DropStep result{Step(arbitration, std::move(fact)), {ticket, {}}};
  if (!IsFinal(ticket.state())) {
    Append(result.decision, Ended(ticket, arbitration.name(), context));
  }
  return result;
}

absl::StatusOr<PrecedentStep> WithdrawPrecedent(const v1::Precedent& precedent,
                                                const v1::WithdrawPrecedentRequest& request,
                                                const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(precedent.etag(), request.etag()));
  if (precedent.has_withdraw_time()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                 "precedent: got one that was withdrawn, want one in force", "该先例已撤回");
  }
  v1::PrecedentFact fact = BeginVersion<v1::PrecedentFact>(precedent.etag(), context.now);
  fact.mutable_withdrawn()->set_rationale(request.rationale());
  return PrecedentStep{Apply(precedent, fact), fact};
}

v1::PastRuling ToPastRuling(const v1::Arbitration& arbitration) {
  v1::PastRuling past;
  past.set_arbitration(arbitration.name());
  past.set_category(arbitration.category());
  past.set_area(arbitration.area());
  past.set_lead(arbitration.ruling().lead());
  past.set_rationale(arbitration.ruling().rationale());
  past.set_legal_basis(arbitration.ruling().legal_basis());
  *past.mutable_rule_time() = arbitration.ruling().rule_time();
  past.set_returned_by(arbitration.lead());
  past.set_return_approved(arbitration.ruling().return_approved());
  return past;
}

v1::Arbitration Apply(v1::Arbitration row, const v1::ArbitrationFact& fact) {
  switch (fact.fact_case()) {
    case v1::ArbitrationFact::kBegun:
      row = fact.begun().arbitration();
      break;
    case v1::ArbitrationFact::kOpinionGiven: {
      auto& opinions = *row.mutable_opinions();
      const std::string& unit = fact.opinion_given().opinion().unit();
      opinions.erase(std::remove_if(opinions.begin(), opinions.end(),
                                    [&](const v1::Opinion& old) { return old.unit() == unit; }),
                     opinions.end());
      *opinions.Add() = fact.opinion_given().opinion();
      break;
    }
    case v1::ArbitrationFact::kRuled:
      *row.mutable_ruling() = fact.ruled().ruling();
      row.set_precedent(fact.ruled().precedent());
      row.set_state(v1::ARBITRATION_RULED);
      *row.mutable_end_time() = fact.time();
      break;
    case v1::ArbitrationFact::kDropped:
      row.set_note(fact.dropped().reason());
      row.set_state(v1::ARBITRATION_DROPPED);
      *row.mutable_end_time() = fact.time();
      break;
    default:
      break;
  }
  row.set_etag(EtagOf(fact.version()));
  return row;
}

v1::Precedent Apply(v1::Precedent row, const v1::PrecedentFact& fact) {
  if (fact.has_made()) {
    row = fact.made().precedent();
  } else if (fact.has_withdrawn()) {
    *row.mutable_withdraw_time() = fact.time();
    row.set_withdraw_rationale(fact.withdrawn().rationale());
  }
  row.set_etag(EtagOf(fact.version()));
  return row;
}

}  // namespace baimi::ticket::domain
