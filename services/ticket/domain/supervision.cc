#include "services/ticket/domain/supervision.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/ladder.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/transitions.h"

namespace baimi::ticket::domain {
namespace {

// "20261122-000123".
constexpr size_t kNumberSize = 15;

absl::Status OrderOver(const v1::Ticket& ticket) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ILLEGAL_TRANSITION,
               absl::StrCat("state: got ", v1::TicketState_Name(ticket.state()),
                            ", want an order that is neither over nor merged"),
               absl::StrCat("工单状态为“", Zh(ticket.state()), "”，不能督办"))
      .With("state", v1::TicketState_Name(ticket.state()));
}

absl::Status CheckForward(const v1::Ticket& ticket, v1::SupervisionLevel level) {
  if (level > ticket.supervision_level()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_SUPERVISION_NOT_FORWARD,
               absl::StrCat("level: got ", v1::SupervisionLevel_Name(level), ", want one above ",
                            v1::SupervisionLevel_Name(ticket.supervision_level())),
               absl::StrCat("督办只能升级：已为“", Zh(ticket.supervision_level()), "”"))
      .With("level", v1::SupervisionLevel_Name(ticket.supervision_level()));
}

absl::Status CheckAddressee(const v1::Supervision& supervision, const Context& context) {
  const std::string& unit = context.actor.unit();
  const absl::string_view wanted = supervision.unit().empty()
                                       ? IdOf(context.policy.policy().fallback_unit())
                                       : IdOf(supervision.unit());
  if (unit.empty() || unit == wanted) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_THE_ADDRESSEE,
               absl::StrCat("actor.unit: got ", unit, ", want ", wanted,
                            ", which the supervision is addressed to"),
               absl::StrCat("只有督办对象（", wanted, "）可以签收和回报，您的单位是 ", unit))
      .With("unit", unit);
}

absl::Status CheckState(const v1::Supervision& supervision, bool fits, absl::string_view want,
                        absl::string_view want_zh) {
  if (fits) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ILLEGAL_TRANSITION,
               absl::StrCat("state: got ", v1::SupervisionState_Name(supervision.state()),
                            ", want ", want),
               absl::StrCat("督办单须为", want_zh))
      .With("state", v1::SupervisionState_Name(supervision.state()));
}

std::string UnitFor(const v1::Ticket& ticket, const v1::SupervisionStep& step,
                    const v1::TicketPolicy& policy) {
  const bool above =
      step.addressee() == v1::COUNTY_LEADING_GROUP || step.addressee() == v1::INSPECTION_OFFICE;
  std::string unit = above ? step.unit() : ticket.assignment().lead();
  if (unit.empty() || IsRecused(ticket, unit)) {
    unit = policy.fallback_unit();
  }
  return IsRecused(ticket, unit) ? "" : unit;
}

}  // namespace

std::string SupervisionName(absl::string_view ticket, int nth) {
  return absl::StrCat("counties/", CountyOf(ticket), "/supervisions/", IdOf(ticket), "-", nth);
}

std::string TicketOfSupervision(absl::string_view name) {
  const absl::string_view id = IdOf(name);
  if (id.size() < kNumberSize + 2 || id[kNumberSize] != '-') {
    return "";
  }
  return absl::StrCat("counties/", CountyOf(name), "/tickets/", id.substr(0, kNumberSize));
}

absl::StatusOr<v1::Supervision> FindSupervision(const v1::Ticket& ticket, absl::string_view name) {
  for (const v1::Supervision& supervision : ticket.supervisions()) {
    if (supervision.name() == name) {
      return supervision;
    }
  }
  return NotFound(name);
}

bool MaySupervise(const v1::Ticket& ticket) {
  return !IsFinal(ticket.state()) && ticket.state() != v1::MERGED && ticket.state() != v1::DRAFT;
}

v1::Supervision MakeSupervision(const v1::Ticket& ticket, const v1::SupervisionStep& step,
                                const Context& context) {
  const v1::TicketPolicy& policy = context.policy.policy();
  v1::Supervision supervision;
  supervision.set_name(SupervisionName(ticket.name(), ticket.supervisions_size() + 1));
  supervision.set_ticket(ticket.name());
  supervision.set_level(step.level());
  supervision.set_state(v1::SUPERVISION_RAISED);
  supervision.set_addressee(step.addressee());
  supervision.set_unit(UnitFor(ticket, step, policy));
  *supervision.mutable_trigger_time() = ToProto(context.now);
  *supervision.mutable_raise_time() = ToProto(context.now);
  *supervision.mutable_actor() = context.actor;
  *supervision.mutable_answer_due_time() =
      ToProto(context.policy.Due(context.now, step.answer_within()).due);
  supervision.set_score_effect(step.score_effect());
  supervision.set_policy_version(policy.version());
  supervision.set_round(ticket.rework_count());
  return supervision;
}

bool SeesSupervision(const v1::Ticket& ticket, const v1::Supervision& supervision,
                     const type::v1::Actor& actor, const RowScope& scope, bool sees_order) {
  const auto has = [&](absl::string_view unit) {
    return !unit.empty() &&
           (actor.unit() == unit ||
            std::find(scope.units.begin(), scope.units.end(), unit) != scope.units.end());
  };
  if (has(IdOf(ticket.subject_unit()))) {
    return false;
  }
  return sees_order || has(IdOf(supervision.unit()));
}

absl::StatusOr<Decision> RaiseSupervision(const v1::Ticket& ticket,
                                          const v1::RaiseSupervisionRequest& request,
                                          const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  if (!MaySupervise(ticket)) {
    return OrderOver(ticket);
  }
  if (request.level() == v1::SUPERVISION_LEVEL_UNSPECIFIED) {
    return InvalidField("level", "nothing", "S0_REMINDER to S7_INSPECTION", "督办级别");
  }
  if (request.level() == v1::S7_INSPECTION && request.document().empty()) {
    return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_DOCUMENT_REQUIRED,
                 "document: got nothing, want the number of the document that orders the "
                 "inspection",
                 "政府督查须有督查文号（政府督查工作条例第七条）")
        .Field("document", "want a document number");
  }
  BAIMI_RETURN_IF_ERROR(CheckForward(ticket, request.level()));
  const v1::SupervisionStep* step = FindStep(context.policy.policy(), request.level());
  if (step == nullptr) {
    const int version = context.policy.policy().version();
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_SUPERVISION_STEP,
                 absl::StrCat("level: got ", v1::SupervisionLevel_Name(request.level()),
                              ", want a level of the ladder of policy version ", version),
                 absl::StrCat("现行政策（第", version, "版）没有“", Zh(request.level()), "”"));
  }
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::Supervision& supervision = *fact.mutable_supervision_raised()->mutable_supervision();
  supervision = MakeSupervision(ticket, *step, context);
  supervision.set_trigger(v1::TRIGGER_MANUAL);
  supervision.set_reason(request.reason());
  supervision.set_document(request.document());
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> AcknowledgeSupervision(const v1::Ticket& ticket,
                                                const v1::AcknowledgeSupervisionRequest& request,
                                                const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(const v1::Supervision supervision,
                         FindSupervision(ticket, request.name()));
  BAIMI_RETURN_IF_ERROR(CheckAddressee(supervision, context));
  BAIMI_RETURN_IF_ERROR(CheckState(supervision, supervision.state() == v1::SUPERVISION_RAISED,
                                   "SUPERVISION_RAISED", "未签收"));
  v1::TicketFact fact = BeginSideFact(ticket, context);
  fact.mutable_supervision_acknowledged()->set_supervision(request.name());
  *fact.mutable_supervision_acknowledged()->mutable_actor() = context.actor;
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> ReportSupervision(const v1::Ticket& ticket,
                                           const v1::ReportSupervisionRequest& request,
                                           const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(const v1::Supervision supervision,
                         FindSupervision(ticket, request.name()));
  BAIMI_RETURN_IF_ERROR(CheckAddressee(supervision, context));
  BAIMI_RETURN_IF_ERROR(CheckState(supervision,
                                   supervision.state() == v1::SUPERVISION_RAISED ||
                                       supervision.state() == v1::SUPERVISION_ACKNOWLEDGED,
                                   "SUPERVISION_RAISED or SUPERVISION_ACKNOWLEDGED",
                                   "未回报且未解除"));
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::SupervisionReportMade& made = *fact.mutable_supervision_report_made();
  made.set_supervision(request.name());
  *made.mutable_report() = request.report();
  *made.mutable_report()->mutable_report_time() = ToProto(context.now);
  *made.mutable_report()->mutable_actor() = context.actor;
  return Decide(ticket, std::move(fact));
}

}  // namespace baimi::ticket::domain
