#include "services/ticket/domain/urge.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"

namespace baimi::ticket::domain {
namespace {

absl::Status NotAllowed(absl::string_view got, absl::string_view want, absl::string_view want_zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_URGE_NOT_ALLOWED,
               absl::StrCat("urge: got ", got, ", want ", want), want_zh);
}

bool WaitsForReply(v1::TicketState state) {
  switch (state) {
    case v1::ACCEPTED:
    case v1::PENDING_DISPATCH:
    case v1::DISPATCHED:
    case v1::RETURN_REVIEW:
    case v1::SIGNED:
    case v1::SUSPENDED:
    case v1::REWORK:
      return true;
    default:
      return false;
  }
}

absl::Status NothingToUrge(v1::TicketState state) {
  return NotAllowed(v1::TicketState_Name(state), "an order that waits for its reply",
                    absl::StrCat("工单状态为“", Zh(state), "”，无需催办"));
}

absl::Status CheckCentreLimit(const v1::Ticket& ticket, const Context& context) {
  const v1::UrgeLimit& limit = context.policy.policy().urge_limit();
  const v1::Urges& urges = ticket.urges();
  if (!urges.has_own_last_time()) {
    return absl::OkStatus();
  }
  const absl::Time last = FromProto(urges.own_last_time());
  if (limit.per_day() > 0 && urges.own_count_of_day() >= limit.per_day() &&
      ShanghaiDate(last) == ShanghaiDate(context.now)) {
    return NotAllowed(absl::StrCat(urges.own_count_of_day(), " today and one more"),
                      absl::StrCat("at most ", limit.per_day()),
                      absl::StrCat("每日最多催办", limit.per_day(), "次"));
  }
  if (limit.has_interval() && context.now < context.policy.Due(last, limit.interval()).due) {
    return NotAllowed(absl::StrCat("one at ", ZhDue(last), " (+08:00) and one now"),
                      "them further apart", absl::StrCat("两次催办至少间隔", Zh(limit.interval())));
  }
  return absl::OkStatus();
}

Decision Urged(const v1::Ticket& ticket, v1::CallerUrged urged, const Context& context) {
  v1::TicketFact fact = BeginSideFact(ticket, context);
  *fact.mutable_caller_urged() = std::move(urged);
  return Decide(ticket, std::move(fact));
}

}  // namespace

absl::Status CheckMayUrge(const v1::Ticket& ticket, const v1::Ticket& into,
                          const Context& context) {
  const v1::CitizenPolicy& policy = context.policy.policy().citizen();
  const v1::TicketState state = ticket.state() == v1::MERGED ? into.state() : ticket.state();
  if (!WaitsForReply(state)) {
    return NothingToUrge(state);
  }
  const v1::Urges& urges = ticket.urges();
  if (urges.own_count() >= policy.max_urges()) {
    return NotAllowed(absl::StrCat(urges.own_count(), " before"),
                      absl::StrCat("fewer than ", policy.max_urges()), "已达到催办次数上限");
  }
  absl::Time from = FromProto(ticket.create_time()) + absl::Hours(policy.urge_after_hours());
  if (urges.has_own_last_time()) {
    from =
        std::max(from, FromProto(urges.own_last_time()) + absl::Hours(policy.urge_every_hours()));
  }
  if (context.now < from) {
    return NotAllowed("too early", absl::StrCat("from ", absl::FormatTime(from), " on"),
                      absl::StrCat("请在 ", ZhDue(from), " 之后催办"));
  }
  return absl::OkStatus();
}

absl::StatusOr<UrgeDecision> UrgeByCaller(const v1::Ticket& ticket, const v1::Ticket& into,
                                          v1::Channel channel, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckMayUrge(ticket, into, context));
  v1::CallerUrged urged;
  urged.set_channel(channel);
  UrgeDecision decision{Urged(ticket, urged, context), std::nullopt};
  if (ticket.state() == v1::MERGED) {
    urged.set_from(ticket.name());
    decision.into = Urged(into, std::move(urged), context);
  }
  return decision;
}

absl::StatusOr<Decision> UrgeByCentre(const v1::Ticket& ticket,
                                      const v1::UrgeTicketRequest& request, absl::string_view from,
                                      const Context& context) {
  if (from.empty()) {
    BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  }
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  if (!WaitsForReply(ticket.state()) && ticket.state() != v1::MERGED) {
    return NothingToUrge(ticket.state());
  }
  if (from.empty()) {
    BAIMI_RETURN_IF_ERROR(CheckCentreLimit(ticket, context));
  }
  v1::CallerUrged urged;
  urged.set_channel(request.channel() == v1::CHANNEL_UNSPECIFIED ? v1::PHONE : request.channel());
  urged.set_note(request.note());
  urged.set_from(std::string(from));
  return Urged(ticket, std::move(urged), context);
}

void ApplyUrged(v1::Ticket& row, const v1::TicketFact& fact) {
  if (!fact.has_caller_urged()) {
    return;
  }
  v1::Urges& urges = *row.mutable_urges();
  const std::string today = ShanghaiDate(FromProto(fact.time()));
  const auto is_today = [&](const google::protobuf::Timestamp& time) {
    return ShanghaiDate(FromProto(time)) == today;
  };
  const bool same_day = urges.has_last_time() && is_today(urges.last_time());
  urges.set_count(urges.count() + 1);
  urges.set_count_of_day(same_day ? urges.count_of_day() + 1 : 1);
  urges.set_last_note(fact.caller_urged().note());
  *urges.mutable_last_time() = fact.time();
  if (fact.caller_urged().from().empty()) {
    const bool own_day = urges.has_own_last_time() && is_today(urges.own_last_time());
    urges.set_own_count(urges.own_count() + 1);
    urges.set_own_count_of_day(own_day ? urges.own_count_of_day() + 1 : 1);
    *urges.mutable_own_last_time() = fact.time();
  }
}

}  // namespace baimi::ticket::domain
