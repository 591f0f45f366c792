#include "services/ticket/domain/number_block.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/codes/phone.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/versions.h"

namespace baimi::ticket::domain {
namespace {

BlockStep StepOf(const v1::NumberBlock& before, v1::NumberBlockFact fact, const Context& context) {
  fact.MergeFrom(BeginVersion<v1::NumberBlockFact>(before.etag(), context.now));
  BlockStep step{{}, std::move(fact)};
  step.block = Apply(before, step.fact);
  return step;
}

absl::Status StagePassed(const v1::NumberBlock& block, absl::string_view want,
                         absl::string_view want_zh) {
  const std::string got = v1::NumberBlockState_Name(block.state());
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_STAGE_PASSED,
               absl::StrCat("state: got ", got, ", want ", want), want_zh)
      .With("state", got)
      .Build();
}

absl::Status SamePerson(const type::v1::Actor& actor) {
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_SAME_PERSON,
               absl::StrCat("actor: got ", actor.id(),
                            ", who asked for it or decided before, want somebody else"),
               absl::StrCat(actor.id(), " 已申请或审批过此事项，须由他人审批"))
      .With("actor", actor.id())
      .Build();
}

absl::Status CheckUntil(absl::string_view path, const std::string& until, const Context& context) {
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay last, calendar::ParseDate(path, until));
  const absl::CivilDay today = calendar::DayOf(context.now);
  const int most = context.policy.policy().line().max_block_days();
  if (last >= today && last - today < most) {
    return absl::OkStatus();
  }
  return InvalidField(
      path, until,
      absl::StrCat(calendar::FormatDate(today), " to ", calendar::FormatDate(today + (most - 1))),
      absl::StrCat("今天起", most, "天以内的日期"));
}

absl::Status CheckEvidence(const v1::NumberBlock& block, absl::string_view county) {
  if (block.tickets().empty() && block.call_records().empty()) {
    return InvalidField("number_block.tickets", "nothing", "orders or call_records that show it",
                        "至少一件工单或一段通话记录作为证据");
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (const std::string& ticket : block.tickets()) {
    if (CountyOf(ticket) != county || !seen.insert(ticket).second) {
      return InvalidField("number_block.tickets", ticket, "orders of this county, each once",
                          "本县的工单，不重复");
    }
  }
  return absl::OkStatus();
}

bool InForce(const v1::NumberBlock& block, absl::Time now) {
  return AsOf(block, now).state() == v1::BLOCK_IN_FORCE;
}

bool AppealWaits(const v1::NumberBlock& block) {
  return block.has_appeal() && !block.appeal().has_decide_time();
}

void EndBlock(v1::NumberBlock& block, const v1::NumberBlockFact& fact, const type::v1::Actor& actor,
              const std::string& reason) {
  block.set_state(v1::BLOCK_LIFTED);
  *block.mutable_lift_time() = fact.time();
  *block.mutable_lifted_by() = actor;
  block.set_lift_reason(reason);
}

void ApplyDecided(v1::NumberBlock& block, const v1::NumberBlockFact& fact) {
  const v1::NumberBlockDecided& decided = fact.decided();
  block.set_state(decided.approved() ? v1::BLOCK_IN_FORCE : v1::BLOCK_REFUSED);
  if (decided.approved()) {
    block.set_until_date(decided.until_date());
  }
  *block.mutable_decide_time() = fact.time();
  *block.mutable_decider() = decided.actor();
  block.set_decision_note(decided.note());
}

void ApplyAppealDecided(v1::NumberBlock& block, const v1::NumberBlockFact& fact) {
  const v1::NumberBlockAppealDecided& decided = fact.appeal_decided();
  v1::BlockAppeal& appeal = *block.mutable_appeal();
  *appeal.mutable_decide_time() = fact.time();
  *appeal.mutable_decider() = decided.actor();
  appeal.set_upheld(decided.upheld());
  appeal.set_note(decided.note());
  if (decided.upheld()) {
    EndBlock(block, fact, decided.actor(), decided.note());
  }
}

}  // namespace

v1::NumberBlock Apply(v1::NumberBlock block, const v1::NumberBlockFact& fact) {
  switch (fact.fact_case()) {
    case v1::NumberBlockFact::kAsked:
      block = fact.asked().block();
      break;
    case v1::NumberBlockFact::kDecided:
      ApplyDecided(block, fact);
      break;
    case v1::NumberBlockFact::kAppealed:
      *block.mutable_appeal() = fact.appealed().appeal();
      break;
    case v1::NumberBlockFact::kAppealDecided:
      ApplyAppealDecided(block, fact);
      break;
    case v1::NumberBlockFact::kLifted:
      EndBlock(block, fact, fact.lifted().actor(), fact.lifted().reason());
      break;
    case v1::NumberBlockFact::FACT_NOT_SET:
      break;
  }
  block.set_etag(EtagOf(fact.version()));
  return block;
}

v1::NumberBlock AsOf(v1::NumberBlock block, absl::Time now) {
  if (block.state() == v1::BLOCK_IN_FORCE &&
      block.until_date() < calendar::FormatDate(calendar::DayOf(now))) {
    block.set_state(v1::BLOCK_EXPIRED);
  }
  return block;
}

bool IsOpen(const v1::NumberBlock& block, absl::Time now) {
  return block.state() == v1::BLOCK_ASKED || InForce(block, now);
}

absl::StatusOr<BlockStep> AskForBlock(const v1::CreateNumberBlockRequest& request,
                                      absl::string_view name, const Context& context) {
  const v1::NumberBlock& asked = request.number_block();
  if (context.policy.policy().line().max_block_days() < 1) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                 "line.max_block_days: got 0, want a policy that allows blocks",
                 "现行政策不允许限制号码")
        .Build();
  }
  if (asked.ground() == v1::BLOCK_GROUND_UNSPECIFIED) {
    return InvalidField("number_block.ground", "nothing", "MALICIOUS_DIALLING to ABUSE_OF_STAFF",
                        "限制的事由");
  }
  BAIMI_RETURN_IF_ERROR(CheckEvidence(asked, CountyOf(request.parent())));
  BAIMI_RETURN_IF_ERROR(CheckUntil("number_block.until_date", asked.until_date(), context));
  BAIMI_ASSIGN_OR_RETURN(const codes::Phone phone,
                         codes::ParsePhone("number_block.phone", asked.phone()));
  v1::NumberBlockFact fact;
  v1::NumberBlock& block = *fact.mutable_asked()->mutable_block();
  block.set_name(std::string(name));
  block.set_phone(phone.digits);
  block.set_ground(asked.ground());
  block.set_reason(asked.reason());
  *block.mutable_tickets() = asked.tickets();
  *block.mutable_call_records() = asked.call_records();
  block.set_until_date(asked.until_date());
  block.set_state(v1::BLOCK_ASKED);
  *block.mutable_create_time() = ToProto(context.now);
  *block.mutable_requester() = context.actor;
  block.set_policy_version(context.policy.policy().version());
  return StepOf(v1::NumberBlock(), std::move(fact), context);
}

absl::StatusOr<BlockStep> DecideBlock(const v1::NumberBlock& block,
                                      const v1::DecideNumberBlockRequest& request,
                                      const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(block.etag(), request.etag()));
  if (block.state() != v1::BLOCK_ASKED) {
    return StagePassed(block, "BLOCK_ASKED", "该申请已经审批");
  }
  if (block.requester().id() == context.actor.id()) {
    return SamePerson(context.actor);
  }
  if (!request.approve() && request.note().empty()) {
    return InvalidField("note", "nothing", "why it is refused", "不批准的理由");
  }
  const std::string& until =
      request.until_date().empty() ? block.until_date() : request.until_date();
  if (request.approve()) {
    BAIMI_RETURN_IF_ERROR(CheckUntil("until_date", until, context));
  }
  v1::NumberBlockFact fact;
  v1::NumberBlockDecided& decided = *fact.mutable_decided();
  decided.set_approved(request.approve());
  decided.set_until_date(request.approve() ? until : "");
  decided.set_note(request.note());
  *decided.mutable_actor() = context.actor;
  return StepOf(block, std::move(fact), context);
}

absl::StatusOr<BlockStep> AppealBlock(const v1::NumberBlock& block,
                                      const v1::AppealNumberBlockRequest& request,
                                      const Context& context) {
  if (!InForce(block, context.now) || AppealWaits(block)) {
    return StagePassed(AsOf(block, context.now), "BLOCK_IN_FORCE without an appeal that waits",
                       "号码未被限制，或已有申诉在处理");
  }
  v1::NumberBlockFact fact;
  v1::BlockAppeal& appeal = *fact.mutable_appealed()->mutable_appeal();
  appeal.set_text(request.text());
  *appeal.mutable_appeal_time() = ToProto(context.now);
  *appeal.mutable_actor() = context.actor;
  const v1::LinePolicy& line = context.policy.policy().line();
  if (line.has_decide_appeal_within()) {
    *appeal.mutable_decide_before() =
        ToProto(context.policy.Due(context.now, line.decide_appeal_within()).due);
  }
  return StepOf(block, std::move(fact), context);
}

absl::StatusOr<BlockStep> DecideBlockAppeal(const v1::NumberBlock& block,
                                            const v1::DecideNumberBlockAppealRequest& request,
                                            const Context& context) {
  if (!AppealWaits(block) || !InForce(block, context.now)) {
    return StagePassed(AsOf(block, context.now), "BLOCK_IN_FORCE with an appeal that waits",
                       "没有待处理的申诉");
  }
  const std::string& id = context.actor.id();
  if (block.requester().id() == id || block.decider().id() == id) {
    return SamePerson(context.actor);
  }
  v1::NumberBlockFact fact;
  v1::NumberBlockAppealDecided& decided = *fact.mutable_appeal_decided();
  decided.set_upheld(request.uphold());
  decided.set_note(request.note());
  *decided.mutable_actor() = context.actor;
  return StepOf(block, std::move(fact), context);
}

absl::StatusOr<BlockStep> LiftBlock(const v1::NumberBlock& block,
                                    const v1::LiftNumberBlockRequest& request,
                                    const Context& context) {
  if (!InForce(block, context.now)) {
    return StagePassed(AsOf(block, context.now), "BLOCK_IN_FORCE", "号码未被限制");
  }
  v1::NumberBlockFact fact;
  fact.mutable_lifted()->set_reason(request.reason());
  *fact.mutable_lifted()->mutable_actor() = context.actor;
  return StepOf(block, std::move(fact), context);
}

v1::CheckNumberResponse CheckCall(const v1::NumberBlock* block, absl::Time now) {
  v1::CheckNumberResponse response;
  response.set_emergencies_pass(true);
  if (block == nullptr || !InForce(*block, now)) {
    return response;
  }
  response.set_blocked(true);
  response.set_number_block(block->name());
  response.set_until_date(block->until_date());
  response.set_announcement(
      absl::StrCat("您的号码因影响热线正常使用，至", block->until_date(),
                   "暂停接入。紧急情况仍可反映，或直接拨打110、119、120；也可到政务服务窗口反映"
                   "诉求，或提出申诉。"));
  return response;
}

}  // namespace baimi::ticket::domain
