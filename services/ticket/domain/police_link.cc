#include "services/ticket/domain/police_link.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/telling.h"
#include "services/ticket/domain/transitions.h"
#include "services/ticket/domain/verbs.h"
#include "services/ticket/domain/versions.h"

namespace baimi::ticket::domain {
namespace {

constexpr char kLine[] = "110";

bool IsCentre(const v1::TicketPolicy& policy, const type::v1::Actor& actor) {
  return actor.unit().empty() || IdOf(policy.fallback_unit()) == actor.unit();
}

bool IsPolice(const v1::TicketPolicy& policy, const type::v1::Actor& actor) {
  return actor.unit().empty() || (!policy.line().police_unit().empty() &&
                                  IdOf(policy.line().police_unit()) == actor.unit());
}

absl::Status NotInvolved(const type::v1::Actor& actor, absl::string_view want,
                         absl::string_view want_zh) {
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_INVOLVED,
               absl::StrCat("actor.unit: got ", actor.unit(), ", want ", want),
               absl::StrCat("须由", want_zh, "操作，您的单位是 ", actor.unit()))
      .With("unit", actor.unit())
      .Build();
}

absl::Status CheckNotComplainedOf(const v1::Ticket& ticket, const v1::TicketPolicy& policy) {
  const std::string& police = policy.line().police_unit();
  if (police.empty() || !IsRecused(ticket, police)) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RECUSED,
               absl::StrCat("police_unit: got ", IdOf(police),
                            ", which is complained of or set aside, want a unit that is not"),
               "公安机关是被举报单位或须回避，不能转送")
      .With("unit", IdOf(police))
      .Build();
}

bool WantsAnswer(v1::PoliceLinkKind kind) {
  return kind == v1::LINK_DAILY || kind == v1::LINK_CONSULTATION;
}

LinkStep StepOf(const v1::PoliceLink& before, v1::PoliceLinkFact fact, const Context& context) {
  const auto stamp = BeginVersion<v1::PoliceLinkFact>(before.etag(), context.now);
  fact.MergeFrom(stamp);
  LinkStep step{{}, std::move(fact)};
  step.link = Apply(before, step.fact);
  return step;
}

LinkStep Open(v1::PoliceLink link, absl::string_view name, v1::LinkDirection direction,
              const Context& context) {
  const v1::LinePolicy& line = context.policy.policy().line();
  link.set_name(std::string(name));
  link.set_direction(direction);
  link.set_emergency(link.emergency() || link.kind() == v1::LINK_EMERGENCY);
  link.set_state(v1::LINK_SENT);
  *link.mutable_create_time() = ToProto(context.now);
  *link.mutable_actor() = context.actor;
  link.set_policy_version(context.policy.policy().version());
  const bool timed =
      link.emergency() ? line.has_acknowledge_emergency() : line.has_acknowledge_other();
  if (timed) {
    const v1::Period& period =
        link.emergency() ? line.acknowledge_emergency() : line.acknowledge_other();
    *link.mutable_acknowledge_before() = ToProto(context.policy.Due(context.now, period).due);
  }
  if (WantsAnswer(link.kind()) && line.has_answer_within()) {
    *link.mutable_answer_before() =
        ToProto(context.policy.Due(context.now, line.answer_within()).due);
  }
  v1::PoliceLinkFact fact;
  *fact.mutable_opened()->mutable_link() = std::move(link);
  return StepOf(v1::PoliceLink(), std::move(fact), context);
}

absl::Status CheckReceiver(const v1::PoliceLink& link, const Context& context) {
  const v1::TicketPolicy& policy = context.policy.policy();
  if (link.direction() == v1::TO_POLICE) {
    return IsPolice(policy, context.actor)
               ? absl::OkStatus()
               : NotInvolved(context.actor, "the police unit, which it was sent to", "公安机关");
  }
  return IsCentre(policy, context.actor)
             ? absl::OkStatus()
             : NotInvolved(context.actor, "the centre, which it was sent to", "热线中心");
}

// The order before it was dispatched: it ends, and 110 has it.
absl::StatusOr<Decision> EndAsEmergency(const v1::Ticket& ticket, absl::string_view link,
                                        const Context& context) {
  v1::RejectTicketRequest reject;
  reject.set_name(ticket.name());
  reject.mutable_refusal()->set_code(v1::EMERGENCY_LINE);
  reject.mutable_refusal()->set_channel(kLine);
  reject.mutable_refusal()->set_reason(absl::StrCat("紧急警情，已即时转110（", IdOf(link), "）"));
  return Reject(ticket, reject, context);
}

}  // namespace

v1::PoliceLink Apply(v1::PoliceLink link, const v1::PoliceLinkFact& fact) {
  switch (fact.fact_case()) {
    case v1::PoliceLinkFact::kOpened:
      link = fact.opened().link();
      break;
    case v1::PoliceLinkFact::kAcknowledged:
      link.set_state(v1::LINK_ACKNOWLEDGED);
      *link.mutable_acknowledge_time() = fact.time();
      *link.mutable_acknowledged_by() = fact.acknowledged().actor();
      link.set_receipt(fact.acknowledged().receipt());
      if (link.case_number().empty()) {
        link.set_case_number(fact.acknowledged().case_number());
      }
      break;
    case v1::PoliceLinkFact::kAnswered:
      link.set_state(v1::LINK_ANSWERED);
      link.set_answer(fact.answered().answer());
      *link.mutable_answer_time() = fact.time();
      *link.mutable_answered_by() = fact.answered().actor();
      if (!link.has_acknowledge_time()) {
        *link.mutable_acknowledge_time() = fact.time();
        *link.mutable_acknowledged_by() = fact.answered().actor();
      }
      break;
    case v1::PoliceLinkFact::kRanOut:
      *link.mutable_alarm_time() = fact.time();
      break;
    case v1::PoliceLinkFact::FACT_NOT_SET:
      break;
  }
  link.set_etag(EtagOf(fact.version()));
  return link;
}

absl::StatusOr<Handover> HandToPolice(const v1::Ticket& ticket,
                                      const v1::TransferToPoliceRequest& request,
                                      absl::string_view name, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckNotComplainedOf(ticket, context.policy.policy()));
  v1::PoliceLink link;
  link.set_kind(v1::LINK_TRANSFER);
  link.set_emergency(request.emergency());
  link.set_ticket(ticket.name());
  link.set_case_number(request.case_number());
  link.set_text(request.text());
  if (request.told_how() != v1::CHANNEL_UNSPECIFIED) {
    v1::CallerTold& told = *link.mutable_caller_told();
    told.set_how(request.told_how());
    told.set_receipt(request.told_receipt());
    *told.mutable_time() = ToProto(context.now);
    *told.mutable_actor() = context.actor;
  }
  Handover handover{{ticket, {}}, {}};
  if (request.emergency()) {
    const bool ends = Find(ticket.state(), Command::kReject).ok() && ticket.merged_count() == 0;
    if (ends) {
      BAIMI_ASSIGN_OR_RETURN(handover.decision, EndAsEmergency(ticket, name, context));
    } else {
      link.set_kind(v1::LINK_EMERGENCY);
    }
  } else {
    BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kTransfer, context));
    if (WantsToBeTold(ticket) && !link.has_caller_told()) {
      return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CALLER_NOT_CONTACTED,
                   "told_how: got nothing, want how the caller was told that 110 has the matter",
                   "非紧急警情转110须告知诉求人，请填写告知方式")
          .Build();
    }
    fact.mutable_transferred()->set_out_reference(
        request.case_number().empty() ? std::string(name) : request.case_number());
    handover.decision = Decide(ticket, std::move(fact));
  }
  handover.step = Open(std::move(link), name, v1::TO_POLICE, context);
  Append(handover.decision, LinkedFact(handover.decision.ticket, handover.step.link, context));
  return handover;
}

absl::StatusOr<LinkStep> TakeFromPolice(const v1::ReceiveFromPoliceRequest& request,
                                        absl::string_view name, absl::string_view ticket,
                                        const Context& context) {
  const v1::TicketPolicy& policy = context.policy.policy();
  if (!IsPolice(policy, context.actor) && !IsCentre(policy, context.actor)) {
    return NotInvolved(context.actor, "the police unit or the centre", "公安机关或热线中心");
  }
  if (request.kind() == v1::POLICE_LINK_KIND_UNSPECIFIED) {
    return InvalidField("kind", "nothing", "LINK_TRANSFER to LINK_NUISANCE", "联动类型");
  }
  const bool may_file = request.kind() == v1::LINK_TRANSFER || request.kind() == v1::LINK_EMERGENCY;
  if (request.has_ticket() ? !may_file : request.kind() == v1::LINK_TRANSFER) {
    return InvalidField("ticket", request.has_ticket() ? "an order" : "nothing",
                        "one with LINK_TRANSFER, perhaps with LINK_EMERGENCY, else none",
                        "转办须附诉求内容，应急联动可附，其他类型不附");
  }
  v1::PoliceLink link;
  link.set_kind(request.kind());
  link.set_emergency(request.emergency());
  link.set_ticket(std::string(ticket));
  link.set_case_number(request.case_number());
  link.set_text(request.text());
  return Open(std::move(link), name, v1::FROM_POLICE, context);
}

std::vector<ContentPart> ContentOf(const v1::ReceiveFromPoliceRequest& request) {
  std::vector<ContentPart> parts = {{"emergency", absl::StrCat(request.emergency())},
                                    {"text", request.text()},
                                    {"ticket", absl::StrCat(request.has_ticket())}};
  for (ContentPart& part : ContentOf(request.ticket())) {
    parts.push_back(std::move(part));
  }
  return parts;
}

absl::StatusOr<LinkStep> AskPolice(const v1::PoliceLink& asked, absl::string_view name,
                                   const v1::Ticket* ticket, const Context& context) {
  const v1::TicketPolicy& policy = context.policy.policy();
  if (!IsCentre(policy, context.actor)) {
    return NotInvolved(context.actor, "the centre", "热线中心");
  }
  if (asked.kind() == v1::POLICE_LINK_KIND_UNSPECIFIED || asked.kind() == v1::LINK_TRANSFER) {
    return InvalidField("police_link.kind", v1::PoliceLinkKind_Name(asked.kind()),
                        "LINK_DAILY to LINK_NUISANCE; an order is transferred with "
                        "TransferToPolice",
                        "联动类型；转办工单请用转110");
  }
  if (ticket != nullptr) {
    BAIMI_RETURN_IF_ERROR(CheckNotComplainedOf(*ticket, policy));
  }
  v1::PoliceLink link;
  link.set_kind(asked.kind());
  link.set_emergency(asked.emergency());
  link.set_ticket(asked.ticket());
  link.set_case_number(asked.case_number());
  link.set_text(asked.text());
  return Open(std::move(link), name, v1::TO_POLICE, context);
}

absl::StatusOr<std::optional<LinkStep>> AcknowledgeLink(
    const v1::PoliceLink& link, const v1::AcknowledgePoliceLinkRequest& request,
    const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckReceiver(link, context));
  if (link.has_acknowledge_time()) {
    return std::nullopt;
  }
  v1::PoliceLinkFact fact;
  v1::PoliceLinkAcknowledged& acknowledged = *fact.mutable_acknowledged();
  *acknowledged.mutable_actor() = context.actor;
  acknowledged.set_receipt(request.receipt());
  acknowledged.set_case_number(request.case_number());
  return StepOf(link, std::move(fact), context);
}

absl::StatusOr<LinkStep> AnswerLink(const v1::PoliceLink& link,
                                    const v1::AnswerPoliceLinkRequest& request,
                                    const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckReceiver(link, context));
  if (!WantsAnswer(link.kind())) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                 absl::StrCat("kind: got ", v1::PoliceLinkKind_Name(link.kind()),
                              ", want LINK_DAILY or LINK_CONSULTATION"),
                 "只有日常联动和会商需要答复")
        .With("kind", v1::PoliceLinkKind_Name(link.kind()))
        .Build();
  }
  if (link.has_answer_time()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_STAGE_PASSED,
                 "state: got LINK_ANSWERED, want a link without an answer", "该联动已经答复")
        .Build();
  }
  v1::PoliceLinkFact fact;
  fact.mutable_answered()->set_answer(request.answer());
  *fact.mutable_answered()->mutable_actor() = context.actor;
  return StepOf(link, std::move(fact), context);
}

std::optional<absl::Time> NextAlarm(const v1::PoliceLink& link) {
  const bool waits =
      link.has_acknowledge_before() && !link.has_acknowledge_time() && !link.has_alarm_time();
  return waits ? std::optional(FromProto(link.acknowledge_before())) : std::nullopt;
}

std::optional<LinkStep> NoteLinkRanOut(const v1::PoliceLink& link, const Context& context) {
  const std::optional<absl::Time> alarm = NextAlarm(link);
  if (!alarm || *alarm > context.now) {
    return std::nullopt;
  }
  v1::PoliceLinkFact fact;
  *fact.mutable_ran_out()->mutable_acknowledge_before() = link.acknowledge_before();
  return StepOf(link, std::move(fact), context);
}

bool MaySeeLinks(const v1::TicketPolicy& policy, const type::v1::Actor& actor) {
  return IsCentre(policy, actor) || IsPolice(policy, actor);
}

v1::TicketFact LinkedFact(const v1::Ticket& ticket, const v1::PoliceLink& link,
                          const Context& context) {
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::PoliceLinked& linked = *fact.mutable_police_linked();
  linked.set_link(link.name());
  linked.set_kind(link.kind());
  linked.set_direction(link.direction());
  if (link.has_caller_told()) {
    *linked.mutable_caller_told() = link.caller_told();
  }
  return fact;
}

void ApplyPoliceLinked(v1::Ticket& row, const v1::TicketFact& fact) {
  if (fact.has_police_linked()) {
    row.add_police_links(fact.police_linked().link());
  }
}

}  // namespace baimi::ticket::domain
