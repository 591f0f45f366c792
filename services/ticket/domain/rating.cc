#include "services/ticket/domain/rating.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

absl::Status NotAllowed(absl::string_view why, absl::string_view why_zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RATING_NOT_ALLOWED,
               absl::StrCat("rating: got one, want none: ", why), why_zh);
}

absl::Status WrongStage(const v1::Ticket& ticket, v1::BadRatingStage want) {
  const std::string got =
      ticket.has_bad_rating() ? v1::BadRatingStage_Name(ticket.bad_rating().stage()) : "none";
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_BAD_RATING_STAGE,
               absl::StrCat("bad rating: got ", got, ", want ", v1::BadRatingStage_Name(want)),
               "差评处理的环节不对，不能这样操作")
      .With("stage", got);
}

const v1::RatingTag* FindTag(const v1::RatingPolicy& policy, absl::string_view id) {
  for (const v1::RatingTag& tag : policy.tags()) {
    if (tag.id() == id) {
      return &tag;
    }
  }
  return nullptr;
}

absl::Status CheckTags(const v1::Callback& callback, const v1::RatingPolicy& policy) {
  for (int i = 0; i < callback.tags_size(); ++i) {
    const std::string& id = callback.tags(i);
    const v1::RatingTag* tag = FindTag(policy, id);
    if (tag == nullptr || callback.rating() == v1::RATING_UNSPECIFIED ||
        tag->bad() != IsBad(callback.rating())) {
      return InvalidField(absl::StrCat("tags[", i, "]"), id,
                          "a tag of the policy that goes with the rating", "与评价等级相符的标签");
    }
  }
  return absl::OkStatus();
}

// In this round; whoever was explained to may rate once more, which ends that stage.
bool IsRated(const v1::Ticket& ticket, int round) {
  return ticket.bad_rating().stage() != v1::BAD_RATING_EXPLAINED &&
         std::any_of(ticket.callbacks().begin(), ticket.callbacks().end(),
                     [round](const v1::Callback& callback) {
                       return callback.round() == round &&
                              callback.rating() != v1::RATING_UNSPECIFIED;
                     });
}

v1::TicketFact Moved(const v1::Ticket& ticket, v1::BadRating bad, const Context& context) {
  v1::TicketFact fact = BeginSideFact(ticket, context);
  *fact.mutable_bad_rating_moved()->mutable_bad_rating() = std::move(bad);
  return fact;
}

v1::BadRating NewLoop(const v1::Callback& callback, int loop, const Context& context) {
  v1::BadRating bad;
  bad.set_stage(v1::BAD_RATING_OPEN);
  bad.set_loop(loop);
  bad.set_rating(callback.rating());
  bad.set_unit(callback.unit());
  *bad.mutable_rate_time() = ToProto(context.now);
  *bad.mutable_contact_due_time() = ToProto(
      context.policy.Due(context.now, context.policy.policy().ratings().contact_within()).due);
  return bad;
}

bool IsOver(v1::TicketState state) { return state != v1::PENDING_CALLBACK && state != v1::CLOSED; }

v1::BadRatingStage StageOf(v1::BadRatingVerdict verdict) {
  switch (verdict) {
    case v1::VERDICT_FIX:
      return v1::BAD_RATING_FIXING;
    case v1::VERDICT_EXPLAIN:
      return v1::BAD_RATING_EXPLAINED;
    case v1::VERDICT_VOID:
      return v1::BAD_RATING_VOIDED;
    default:
      return v1::BAD_RATING_STAGE_UNSPECIFIED;
  }
}

}  // namespace

bool IsBad(v1::Rating rating) {
  return rating == v1::DISSATISFIED || rating == v1::VERY_DISSATISFIED;
}

absl::Status CheckRating(const v1::Ticket& ticket, const v1::Callback& callback,
                         const Context& context) {
  const v1::TicketPolicy& policy = context.policy.policy();
  BAIMI_RETURN_IF_ERROR(CheckTags(callback, policy.ratings()));
  if (callback.rating() == v1::RATING_UNSPECIFIED || !policy.has_ratings()) {
    return absl::OkStatus();
  }
  if (IsRated(ticket, callback.round())) {
    return NotAllowed("one a round, and this round has one", "一次办理只评价一次，本轮已经评价");
  }
  return absl::OkStatus();
}

void FollowRating(const v1::Callback& callback, const Context& context, Decision& decision) {
  const v1::TicketPolicy& policy = context.policy.policy();
  if (callback.rating() == v1::RATING_UNSPECIFIED || !policy.has_ratings()) {
    return;
  }
  const v1::BadRatingStage stage = decision.ticket.bad_rating().stage();
  if (stage == v1::BAD_RATING_FIXING || stage == v1::BAD_RATING_EXPLAINED) {
    v1::BadRating closed = decision.ticket.bad_rating();
    closed.set_stage(v1::BAD_RATING_CLOSED);
    closed.set_second_rating(callback.rating());
    Append(decision, Moved(decision.ticket, std::move(closed), context));
  }
  const int loops = decision.ticket.bad_rating().loop();
  if (IsBad(callback.rating()) && loops < policy.ratings().max_loops()) {
    Append(decision, Moved(decision.ticket, NewLoop(callback, loops + 1, context), context));
  }
}

absl::Status CheckMayRate(const v1::Ticket& ticket, const v1::Ticket& into,
                          const Context& context) {
  const v1::TicketPolicy& policy = context.policy.policy();
  if (!policy.has_ratings()) {
    return NotAllowed("the county takes them by callback only", "本县暂未开通自助评价");
  }
  const bool closed = into.state() == v1::CLOSED && ticket.state() == v1::CLOSED;
  const bool waits = into.state() == v1::PENDING_CALLBACK &&
                     (ticket.state() == v1::PENDING_CALLBACK || ticket.state() == v1::MERGED);
  if (!closed && !waits) {
    return NotAllowed("the order is not answered yet, or archived",
                      "工单尚未答复或已归档，不能评价");
  }
  const absl::CivilDay last =
      calendar::DayOf(FromProto(into.close_time())) + policy.ratings().rate_days();
  if (closed && calendar::DayOf(context.now) > last) {
    return NotAllowed(
        absl::StrCat("until ", calendar::FormatDate(last)),
        absl::StrCat("评价期限为办结后 ", policy.ratings().rate_days(), " 日，已过期"));
  }
  if (IsRated(ticket, into.rework_count())) {
    return NotAllowed("one a round, and this round has one", "一次办理只评价一次，本轮已经评价");
  }
  return absl::OkStatus();
}

absl::StatusOr<Decision> RateByCaller(const v1::Ticket& ticket, const v1::Ticket& into,
                                      v1::Callback callback, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckMayRate(ticket, into, context));
  if (callback.rating() == v1::RATING_UNSPECIFIED) {
    return InvalidField("rating", "nothing", "one of the five levels", "满意度五个等级之一");
  }
  callback.set_outcome(v1::REACHED);
  BAIMI_ASSIGN_OR_RETURN(v1::Callback kept, KeptCallback(callback, into.assignment().lead(),
                                                         into.rework_count(), context));
  kept.set_by_caller(true);
  BAIMI_RETURN_IF_ERROR(CheckRating(ticket, kept, context));
  v1::TicketFact fact;
  if (ticket.state() == v1::CLOSED) {
    fact = BeginSideFact(ticket, context);
  } else {
    BAIMI_ASSIGN_OR_RETURN(fact, BeginFact(ticket, Command::kRecordCallback, context));
  }
  *fact.mutable_callback_recorded()->mutable_callback() = kept;
  Decision decision = Decide(ticket, std::move(fact));
  FollowRating(kept, context, decision);
  return decision;
}

absl::StatusOr<Decision> VerifyBadRating(const v1::Ticket& ticket,
                                         const v1::VerifyBadRatingRequest& request,
                                         const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kNotUndertaker, context));
  if (ticket.bad_rating().stage() != v1::BAD_RATING_OPEN) {
    return WrongStage(ticket, v1::BAD_RATING_OPEN);
  }
  v1::BadRating bad = ticket.bad_rating();
  bad.set_stage(v1::BAD_RATING_VERIFYING);
  *bad.mutable_contact_time() = ToProto(context.now);
  bad.set_contact_note(request.note());
  bad.set_call_record(request.call_record());
  return Decide(ticket, Moved(ticket, std::move(bad), context));
}

absl::StatusOr<Decision> DecideBadRating(const v1::Ticket& ticket,
                                         const v1::DecideBadRatingRequest& request,
                                         const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckActor(ticket, ActorRule::kCentre, context));
  if (ticket.bad_rating().stage() != v1::BAD_RATING_VERIFYING) {
    return WrongStage(ticket, v1::BAD_RATING_VERIFYING);
  }
  const v1::BadRatingStage stage = StageOf(request.verdict());
  if (stage == v1::BAD_RATING_STAGE_UNSPECIFIED) {
    return InvalidField("verdict", "nothing", "VERDICT_FIX, VERDICT_EXPLAIN or VERDICT_VOID",
                        "整改、解释或剔除");
  }
  // A merged order is put right by the one that goes on for it.
  if (stage == v1::BAD_RATING_FIXING && (!ticket.merged_into().empty() || IsOver(ticket.state()))) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                 absl::StrCat("verdict: got VERDICT_FIX of an order that is ",
                              v1::TicketState_Name(ticket.state()),
                              ", want one that can go back to its handler"),
                 "本件不能退回重办，请对主单或另立工单处理");
  }
  v1::BadRating bad = ticket.bad_rating();
  bad.set_stage(stage);
  *bad.mutable_decide_time() = ToProto(context.now);
  bad.set_decision_note(request.note());
  if (stage == v1::BAD_RATING_FIXING) {
    *bad.mutable_fix_due_time() = ToProto(
        context.policy.Due(context.now, context.policy.policy().ratings().fix_within()).due);
  }
  return Decide(ticket, Moved(ticket, std::move(bad), context));
}

absl::Status CheckNoBadRating(const v1::Ticket& ticket) {
  const v1::BadRatingStage stage = ticket.bad_rating().stage();
  if (stage != v1::BAD_RATING_OPEN && stage != v1::BAD_RATING_VERIFYING) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_BAD_RATING_STAGE,
               absl::StrCat("bad rating: got ", v1::BadRatingStage_Name(stage),
                            ", want one that was verified and decided"),
               "差评尚未核实处理，不能办结或归档")
      .With("ticket", ticket.name())
      .With("stage", v1::BadRatingStage_Name(stage));
}

void EndFixing(const Context& context, Decision& decision) {
  if (decision.ticket.bad_rating().stage() == v1::BAD_RATING_FIXING) {
    v1::BadRating bad = decision.ticket.bad_rating();
    bad.set_stage(v1::BAD_RATING_CLOSED);
    Append(decision, Moved(decision.ticket, std::move(bad), context));
  }
}

std::optional<absl::Time> BadRatingDue(const v1::Ticket& ticket) {
  const v1::BadRating& bad = ticket.bad_rating();
  if (bad.stage() == v1::BAD_RATING_OPEN && bad.has_contact_due_time() &&
      !bad.has_contact_run_out_time()) {
    return FromProto(bad.contact_due_time());
  }
  if (bad.stage() == v1::BAD_RATING_FIXING && bad.has_fix_due_time() &&
      !bad.has_fix_run_out_time() && OpenClock(ticket, v1::HANDLE) != nullptr) {
    return FromProto(bad.fix_due_time());
  }
  return std::nullopt;
}

bool NoteBadRatingRanOut(const Context& context, Decision& decision) {
  const std::optional<absl::Time> due = BadRatingDue(decision.ticket);
  if (!due || *due > context.now) {
    return false;
  }
  v1::TicketFact fact = BeginSideFact(decision.ticket, context);
  v1::BadRatingRanOut& ran_out = *fact.mutable_bad_rating_ran_out();
  ran_out.set_stage(decision.ticket.bad_rating().stage());
  ran_out.set_loop(decision.ticket.bad_rating().loop());
  *ran_out.mutable_due_time() = ToProto(*due);
  Append(decision, std::move(fact));
  return true;
}

}  // namespace baimi::ticket::domain
