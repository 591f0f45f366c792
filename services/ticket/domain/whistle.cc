#include "services/ticket/domain/whistle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/duty_list.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/versions.h"

namespace baimi::ticket::domain {
namespace {

absl::Status NotApplicable(absl::string_view got, absl::string_view want, absl::string_view zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
               absl::StrCat("whistle: got ", got, ", want ", want), zh);
}

const v1::WhistleCall* FindCall(const v1::Whistle& whistle, absl::string_view unit) {
  for (const v1::WhistleCall& call : whistle.calls()) {
    if (IdOf(call.unit()) == IdOf(unit)) {
      return &call;
    }
  }
  return nullptr;
}

v1::WhistleCall* MutableCall(v1::Whistle& whistle, absl::string_view unit) {
  for (v1::WhistleCall& call : *whistle.mutable_calls()) {
    if (call.unit() == unit) {
      return &call;
    }
  }
  return nullptr;
}

WhistleStep Step(const v1::Whistle& whistle, v1::WhistleFact fact) {
  WhistleStep step{Apply(whistle, fact), {}};
  step.fact = std::move(fact);
  return step;
}

absl::StatusOr<const registry::v1::Unit*> Registered(absl::string_view path,
                                                     const std::string& name,
                                                     const UnitsAtHand& units) {
  if (const registry::v1::Unit* unit = units.Find(name)) {
    return unit;
  }
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_UNKNOWN_UNIT,
               absl::StrCat(path, ": got ", name, ", want a unit that is in the registry"),
               absl::StrCat("单位登记中没有“", IdOf(name), "”"))
      .Field(path, "want a unit that is in the registry")
      .With("unit", name)
      .Build();
}

absl::Status CheckCalls(const v1::Whistle& whistle, absl::string_view whistler,
                        const v1::Ticket* ticket, const UnitsAtHand& units) {
  if (whistle.calls().empty()) {
    return InvalidField("whistle.calls", "nothing", "at least one unit", "至少一个被呼叫单位");
  }
  std::vector<absl::string_view> seen = {whistler};
  for (int i = 0; i < whistle.calls_size(); ++i) {
    const std::string& name = whistle.calls(i).unit();
    const std::string path = absl::StrCat("whistle.calls[", i, "].unit");
    if (CountyOf(name) != CountyOf(whistler) ||
        std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return InvalidField(path, name, "units of the county, each once, not the whistler",
                          "本县其他单位，且只出现一次");
    }
    seen.push_back(name);
    BAIMI_ASSIGN_OR_RETURN(const registry::v1::Unit* unit, Registered(path, name, units));
    if (IsGrassroots(*unit) || unit->kind() == registry::v1::GRID_TEAM) {
      return NotApplicable(absl::StrCat(name, " called"), "departments or utilities",
                           "吹哨只能呼叫职能部门或公用事业单位");
    }
    const Recusal recusal = ticket == nullptr
                                ? Recusal::kNone
                                : RecusalOf(*ticket, *unit, units.Find(ticket->subject_unit()));
    if (recusal != Recusal::kNone) {
      return RecusedError(path, *unit, recusal);
    }
  }
  return absl::OkStatus();
}

bool KnowsOf(const v1::Ticket& ticket, absl::string_view unit) {
  const v1::Assignment& assignment = ticket.assignment();
  const auto among = [&](const auto& names) {
    return std::find(names.begin(), names.end(), unit) != names.end();
  };
  return assignment.lead() == unit || among(assignment.helpers()) || among(assignment.copied());
}

absl::Status CheckWhistler(const std::string& whistler, const v1::Ticket* ticket,
                           const UnitsAtHand& units) {
  BAIMI_ASSIGN_OR_RETURN(const registry::v1::Unit* unit,
                         Registered("whistle.unit", whistler, units));
  if (!IsGrassroots(*unit)) {
    return NotApplicable(absl::StrCat(whistler, " whistling"), "a township or a community",
                         "只有乡镇、村（社区）可以吹哨");
  }
  if (ticket == nullptr) {
    return absl::OkStatus();
  }
  // Who is recused has no part either, and learns nothing of why.
  const Recusal recusal = RecusalOf(*ticket, *unit, units.Find(ticket->subject_unit()));
  return recusal == Recusal::kNone && KnowsOf(*ticket, whistler)
             ? absl::OkStatus()
             : NotInvolved(whistler, ticket->name());
}

absl::StatusOr<google::protobuf::Timestamp> ReportBefore(const v1::Whistle& whistle,
                                                         const Context& context) {
  if (whistle.has_report_before()) {
    if (FromProto(whistle.report_before()) <= context.now) {
      return InvalidField("whistle.report_before",
                          absl::FormatTime(FromProto(whistle.report_before())), "a time after now",
                          "晚于现在的时间");
    }
    return whistle.report_before();
  }
  if (!context.policy.policy().has_whistle_period()) {
    return InvalidField("whistle.report_before", "nothing",
                        "a time, where the policy has no whistle_period",
                        "报到时限（现行政策未规定，须填写）");
  }
  return ToProto(context.policy.Due(context.now, context.policy.policy().whistle_period()).due);
}

// The call of the unit that speaks, while the whistle is open.
absl::StatusOr<const v1::WhistleCall*> OpenCall(const v1::Whistle& whistle, const std::string& etag,
                                                const std::string& asked, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(whistle.etag(), etag));
  BAIMI_ASSIGN_OR_RETURN(const std::string unit, ActingUnit(whistle.name(), asked, context.actor));
  const v1::WhistleCall* call = FindCall(whistle, unit);
  if (call == nullptr) {
    return NotInvolved(unit, whistle.name());
  }
  if (whistle.state() != v1::WHISTLE_OPEN) {
    return NotApplicable("WHISTLE_CLOSED", "WHISTLE_OPEN", "本次吹哨已结束");
  }
  return call;
}

}  // namespace

std::vector<std::string> UnitsNeeded(const v1::CreateWhistleRequest& request,
                                     const v1::Ticket* ticket, const type::v1::Actor& actor) {
  std::vector<std::string> names;
  const auto add = [&](std::string name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  };
  add(request.whistle().unit());
  if (!actor.unit().empty()) {
    add(absl::StrCat(request.parent(), "/units/", actor.unit()));
  }
  for (const v1::WhistleCall& call : request.whistle().calls()) {
    add(call.unit());
  }
  if (ticket != nullptr) {
    add(ticket->subject_unit());
  }
  return names;
}

absl::StatusOr<WhistleStep> BlowWhistle(const v1::CreateWhistleRequest& request,
                                        absl::string_view name, const v1::Ticket* ticket,
                                        const UnitsAtHand& units, const Context& context) {
  const v1::Whistle& asked = request.whistle();
  BAIMI_ASSIGN_OR_RETURN(const std::string whistler, ActingUnit(name, asked.unit(), context.actor));
  BAIMI_RETURN_IF_ERROR(CheckWhistler(whistler, ticket, units));
  BAIMI_RETURN_IF_ERROR(CheckCalls(asked, whistler, ticket, units));
  v1::Whistle whistle;
  BAIMI_ASSIGN_OR_RETURN(*whistle.mutable_report_before(), ReportBefore(asked, context));
  whistle.set_name(std::string(name));
  whistle.set_unit(whistler);
  whistle.set_ticket(asked.ticket());
  whistle.set_reason(asked.reason());
  whistle.set_address(asked.address());
  for (const v1::WhistleCall& call : asked.calls()) {
    whistle.add_calls()->set_unit(call.unit());
  }
  whistle.set_state(v1::WHISTLE_OPEN);
  *whistle.mutable_create_time() = ToProto(context.now);
  whistle.set_policy_version(context.policy.policy().version());
  *whistle.mutable_actor() = context.actor;
  v1::WhistleFact fact = BeginVersion<v1::WhistleFact>("", context.now);
  *fact.mutable_blown()->mutable_whistle() = std::move(whistle);
  return Step({}, std::move(fact));
}

absl::StatusOr<WhistleStep> Report(const v1::Whistle& whistle,
                                   const v1::ReportToWhistleRequest& request,
                                   const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(const v1::WhistleCall* call,
                         OpenCall(whistle, request.etag(), request.unit(), context));
  if (call->has_report_time()) {
    return NotApplicable("a unit that has reported", "one that has not", "该单位已报到");
  }
  v1::WhistleFact fact = BeginVersion<v1::WhistleFact>(whistle.etag(), context.now);
  fact.mutable_reported()->set_unit(call->unit());
  fact.mutable_reported()->set_note(request.note());
  return Step(whistle, std::move(fact));
}

absl::StatusOr<WhistleStep> AnswerWhistle(const v1::Whistle& whistle,
                                          const v1::AnswerWhistleRequest& request,
                                          const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(const v1::WhistleCall* call,
                         OpenCall(whistle, request.etag(), request.unit(), context));
  if (!call->has_report_time() || call->has_answer_time()) {
    return NotApplicable(
        call->has_answer_time() ? "a unit that has answered" : "a unit that has not reported",
        "one that reported and did not answer yet",
        call->has_answer_time() ? "该单位已反馈" : "须先报到");
  }
  v1::WhistleFact fact = BeginVersion<v1::WhistleFact>(whistle.etag(), context.now);
  fact.mutable_answered()->set_unit(call->unit());
  fact.mutable_answered()->set_answer(request.answer());
  return Step(whistle, std::move(fact));
}

absl::StatusOr<WhistleStep> Rate(const v1::Whistle& whistle, const v1::RateWhistleRequest& request,
                                 const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(whistle.etag(), request.etag()));
  const v1::WhistleCall* call = FindCall(whistle, request.unit());
  const std::string& own = context.actor.unit();
  const std::string& rater = request.back() ? request.unit() : whistle.unit();
  if (call == nullptr || (!own.empty() && IdOf(rater) != own)) {
    return NotInvolved(own.empty() ? request.unit() : own, whistle.name());
  }
  if (request.rating() == v1::RATING_UNSPECIFIED) {
    return InvalidField("rating", "nothing", "VERY_SATISFIED to VERY_DISSATISFIED", "评价等级");
  }
  if ((request.back() ? call->rating_back() : call->rating()) != v1::RATING_UNSPECIFIED) {
    return NotApplicable("a rating that was given", "one that was not", "已评价，不能重复评价");
  }
  if (request.back() && !call->has_report_time()) {
    return NotApplicable("a unit that has not reported", "one that has", "须先报到才能评价");
  }
  v1::WhistleFact fact = BeginVersion<v1::WhistleFact>(whistle.etag(), context.now);
  v1::WhistleRated& rated = *fact.mutable_rated();
  rated.set_unit(call->unit());
  rated.set_back(request.back());
  rated.set_rating(request.rating());
  rated.set_note(request.note());
  return Step(whistle, std::move(fact));
}

absl::StatusOr<WhistleStep> CloseWhistle(const v1::Whistle& whistle,
                                         const v1::CloseWhistleRequest& request,
                                         const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(whistle.etag(), request.etag()));
  if (!context.actor.unit().empty() && context.actor.unit() != IdOf(whistle.unit())) {
    return NotInvolved(context.actor.unit(), whistle.name());
  }
  if (whistle.state() != v1::WHISTLE_OPEN) {
    return NotApplicable("WHISTLE_CLOSED", "WHISTLE_OPEN", "本次吹哨已结束");
  }
  v1::WhistleFact fact = BeginVersion<v1::WhistleFact>(whistle.etag(), context.now);
  fact.mutable_ended();
  return Step(whistle, std::move(fact));
}

bool IsPartOf(const v1::Whistle& whistle, absl::string_view unit) {
  return !unit.empty() &&
         (IdOf(whistle.unit()) == IdOf(unit) || FindCall(whistle, unit) != nullptr);
}

bool ReportedInTime(const v1::Whistle& whistle, const v1::WhistleCall& call) {
  return call.has_report_time() &&
         FromProto(call.report_time()) < FromProto(whistle.report_before());
}

v1::Whistle Apply(v1::Whistle row, const v1::WhistleFact& fact) {
  v1::WhistleCall* call = nullptr;
  switch (fact.fact_case()) {
    case v1::WhistleFact::kBlown:
      row = fact.blown().whistle();
      break;
    case v1::WhistleFact::kReported:
      if ((call = MutableCall(row, fact.reported().unit())) != nullptr) {
        *call->mutable_report_time() = fact.time();
        call->set_report_note(fact.reported().note());
      }
      break;
    case v1::WhistleFact::kAnswered:
      if ((call = MutableCall(row, fact.answered().unit())) != nullptr) {
        *call->mutable_answer_time() = fact.time();
        call->set_answer(fact.answered().answer());
      }
      break;
    case v1::WhistleFact::kRated:
      if ((call = MutableCall(row, fact.rated().unit())) == nullptr) {
        break;
      }
      if (fact.rated().back()) {
        call->set_rating_back(fact.rated().rating());
        call->set_rating_back_note(fact.rated().note());
      } else {
        call->set_rating(fact.rated().rating());
        call->set_rating_note(fact.rated().note());
      }
      break;
    case v1::WhistleFact::kEnded:
      row.set_state(v1::WHISTLE_CLOSED);
      *row.mutable_close_time() = fact.time();
      break;
    default:
      break;
  }
  row.set_etag(EtagOf(fact.version()));
  return row;
}

}  // namespace baimi::ticket::domain
