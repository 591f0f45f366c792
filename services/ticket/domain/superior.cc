#include "services/ticket/domain/superior.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/transitions.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

// Behind the id of the rule that a clock was started by.
constexpr absl::string_view kCut = "/superior";
// Of one order; far more than any platform has to say.
constexpr int kMostUpdates = 500;

template <typename Message>
std::string BytesOf(const Message& message) {
  return message.SerializeAsString();
}

google::protobuf::Timestamp HandleBefore(const google::protobuf::Timestamp& due,
                                         const v1::SuperiorPlatform& platform) {
  return ToProto(FromProto(due) - absl::Minutes(platform.margin_minutes()));
}

absl::Status CheckUpdate(const v1::SuperiorUpdate& update) {
  if (update.kind() == v1::SUPERIOR_UPDATE_KIND_UNSPECIFIED) {
    return InvalidField("update.kind", "nothing", "SUPERIOR_URGE to SUPERIOR_NEW_DUE_TIME",
                        "上级平台的操作类型");
  }
  const bool wants_text =
      update.kind() == v1::SUPERIOR_SUPPLEMENT || update.kind() == v1::SUPERIOR_WITHDRAW;
  if (wants_text && update.text().empty()) {
    return InvalidField(
        "update.text", "nothing",
        update.kind() == v1::SUPERIOR_WITHDRAW ? "why it is withdrawn" : "what is added",
        "补充内容或撤回理由");
  }
  if (update.has_due_time() != (update.kind() == v1::SUPERIOR_NEW_DUE_TIME)) {
    return InvalidField("update.due_time", update.has_due_time() ? "one" : "nothing",
                        "a time with SUPERIOR_NEW_DUE_TIME and with no other kind",
                        "只有调整时限时填写，且必须填写");
  }
  return absl::OkStatus();
}

// The rule of the clock says whether it is cut.
void NoteCut(const v1::Ticket& ticket, v1::Clock* clock) {
  const absl::string_view rule = absl::StripSuffix(clock->rule(), kCut);
  const google::protobuf::Timestamp& before = ticket.superior().handle_before();
  const absl::Time latest = std::max(FromProto(before), FromProto(clock->start_time()));
  const bool cut = ticket.superior().has_handle_before() && FromProto(clock->due_time()) >= latest;
  clock->set_rule(absl::StrCat(rule, cut ? kCut : ""));
}

// Of a clock that is not due yet.
void Move(v1::ClockKind kind, absl::string_view holder, const v1::Clock& clock,
          calendar::Deadline deadline, const Context& context, Decision& decision) {
  if (clock.has_stop_time() || FromProto(clock.due_time()) <= context.now) {
    return;
  }
  // Nobody is late before he could know.
  deadline.due = std::max(deadline.due, context.now);
  if (deadline.due == FromProto(clock.due_time())) {
    return;
  }
  v1::TicketFact fact = BeginSideFact(decision.ticket, context);
  v1::DeadlineRecomputed& recomputed = *fact.mutable_deadline_recomputed();
  recomputed.set_kind(kind);
  recomputed.set_holder(std::string(holder));
  *recomputed.mutable_due_time() = ToProto(deadline.due);
  recomputed.set_calendar_version(deadline.calendar_version);
  recomputed.set_provisional(deadline.provisional);
  Append(decision, std::move(fact));
}

// The clocks follow the platform's new due time.
void MoveClocks(const Context& context, Decision& decision) {
  const v1::Clock* handle = OpenClock(decision.ticket, v1::HANDLE);
  if (handle == nullptr) {
    return;
  }
  const v1::Clock before = *handle;
  Move(v1::HANDLE, "", before,
       WithinSuperior(decision.ticket, v1::HANDLE, FromProto(before.start_time()),
                      RecomputedDeadline(before, context.policy)),
       context, decision);
  for (int i = 0; i < decision.ticket.helper_tasks_size(); ++i) {
    const v1::HelperTask task = decision.ticket.helper_tasks(i);
    if (task.has_clock()) {
      Move(v1::ASSIST, task.unit(), task.clock(),
           RecomputedHelp(decision.ticket, task, context.policy), context, decision);
    }
  }
}

}  // namespace

const v1::SuperiorPlatform* FindPlatform(const v1::TicketPolicy& policy, absl::string_view id) {
  for (const v1::SuperiorPlatform& platform : policy.superior().platforms()) {
    if (platform.id() == id) {
      return &platform;
    }
  }
  return nullptr;
}

absl::StatusOr<const v1::SuperiorPlatform*> SpeaksFor(const v1::TicketPolicy& policy,
                                                      absl::string_view id,
                                                      const type::v1::Actor& actor) {
  const v1::SuperiorPlatform* platform = FindPlatform(policy, id);
  if (platform != nullptr && platform->key() == actor.id()) {
    return platform;
  }
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_THE_PLATFORM,
               absl::StrCat("platform: got ", id, ", want one that the policy names the key ",
                            actor.id(), " for"),
               absl::StrCat("密钥 ", actor.id(), " 不代表上级平台 ", id))
      .With("platform", id)
      .Build();
}

std::vector<ContentPart> ContentOf(const v1::Ticket& ticket) {
  const v1::Caller& caller = ticket.caller();
  std::string answers;
  for (const v1::Answer& answer : ticket.answers()) {
    absl::StrAppend(&answers, answer.ByteSizeLong(), ":", BytesOf(answer));
  }
  return {{"ticket.type", absl::StrCat(ticket.type())},
          {"ticket.category", ticket.category()},
          {"ticket.title", ticket.title()},
          {"ticket.description", ticket.description()},
          {"ticket.caller.name", caller.name()},
          {"ticket.caller.phone", caller.phone()},
          {"ticket.caller.anonymous", absl::StrCat(caller.anonymous())},
          {"ticket.caller.confidential", absl::StrCat(caller.confidential())},
          {"ticket.caller.no_reply_wanted", absl::StrCat(caller.no_reply_wanted())},
          {"ticket.place.address", ticket.place().address()},
          {"ticket.place.point",
           ticket.place().has_point() ? BytesOf(ticket.place().point()) + "." : ""},
          {"ticket.urgency", absl::StrCat(std::max<int>(ticket.urgency(), v1::NORMAL))},
          {"ticket.occurred_time",
           ticket.has_occurred_time() ? BytesOf(ticket.occurred_time()) + "." : ""},
          {"ticket.subject_unit", ticket.subject_unit()},
          {"ticket.answers", std::move(answers)}};
}

std::vector<ContentPart> ContentOf(const v1::ReceiveSuperiorTicketRequest& request) {
  std::vector<ContentPart> parts = ContentOf(request.ticket());
  parts.push_back({"superior_due_time", request.has_superior_due_time()
                                            ? BytesOf(request.superior_due_time()) + "."
                                            : ""});
  return parts;
}

absl::Status ContentDiffers(absl::string_view what, absl::string_view value,
                            const std::vector<std::string>& fields) {
  const std::string list = absl::StrJoin(fields, ", ");
  Error error(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_SUPERIOR_TICKET_DIFFERS,
              absl::StrCat(what, ": got ", value, " again with another ", list,
                           ", want what came first, or another number"),
              absl::StrCat("编号 ", value, " 已用于内容不同的报送，不同的字段：", list));
  for (const std::string& field : fields) {
    error.Field(field, "differs from what came first");
  }
  return error.With("number", value).Build();
}

absl::StatusOr<Decision> FileSuperior(const v1::ReceiveSuperiorTicketRequest& request,
                                      absl::string_view name, const v1::Place& located,
                                      const v1::SuperiorPlatform& platform,
                                      const Context& context) {
  v1::CreateTicketRequest create;
  create.set_parent(request.parent());
  *create.mutable_ticket() = request.ticket();
  create.mutable_ticket()->set_channel(v1::SUPERIOR_PLATFORM);
  v1::Superior superior;
  superior.set_platform(request.platform());
  superior.set_number(request.superior_number());
  *superior.mutable_receive_time() = ToProto(context.now);
  if (request.has_superior_due_time()) {
    *superior.mutable_due_time() = request.superior_due_time();
    *superior.mutable_handle_before() = HandleBefore(request.superior_due_time(), platform);
  }
  return File(create, name, located, context, {.superior = superior});
}

const v1::SuperiorUpdate* FindUpdate(const v1::Ticket& ticket, int64_t number) {
  for (const v1::SuperiorUpdate& update : ticket.superior().updates()) {
    if (update.number() == number) {
      return &update;
    }
  }
  return nullptr;
}

absl::Status CheckSameUpdate(const v1::SuperiorUpdate& update, const v1::SuperiorUpdate& before) {
  std::vector<std::string> fields;
  if (update.kind() != before.kind()) {
    fields.emplace_back("update.kind");
  }
  if (update.text() != before.text()) {
    fields.emplace_back("update.text");
  }
  if (update.has_due_time() != before.has_due_time() ||
      FromProto(update.due_time()) != FromProto(before.due_time())) {
    fields.emplace_back("update.due_time");
  }
  return fields.empty() ? absl::OkStatus()
                        : ContentDiffers("update.number", absl::StrCat(update.number()), fields);
}

absl::StatusOr<Decision> Amend(const v1::Ticket& ticket, const v1::SuperiorUpdate& update,
                               const v1::SuperiorPlatform& platform, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckUpdate(update));
  if (IsFinal(ticket.state())) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                 absl::StrCat("state: got ", v1::TicketState_Name(ticket.state()),
                              ", want an order that is not over; send a new one"),
                 absl::StrCat("工单已结束（", Zh(ticket.state()), "），请另行派送新的工单"))
        .With("state", v1::TicketState_Name(ticket.state()))
        .Build();
  }
  if (ticket.superior().updates_size() >= kMostUpdates) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                 absl::StrCat("update: got one more, want at most ", kMostUpdates, " of an order"),
                 absl::StrCat("每件工单最多接收", kMostUpdates, "次补充"))
        .Build();
  }
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::SuperiorUpdated& updated = *fact.mutable_superior_updated();
  *updated.mutable_update() = update;
  *updated.mutable_update()->mutable_receive_time() = ToProto(context.now);
  const bool applies = update.kind() == v1::SUPERIOR_NEW_DUE_TIME &&
                       update.number() > ticket.superior().due_update();
  if (applies) {
    *updated.mutable_handle_before() = HandleBefore(update.due_time(), platform);
  }
  Decision decision = Decide(ticket, std::move(fact));
  if (applies) {
    MoveClocks(context, decision);
  }
  if (update.kind() == v1::SUPERIOR_WITHDRAW) {
    BAIMI_ASSIGN_OR_RETURN(v1::TicketFact withdrawn,
                           BeginFact(decision.ticket, Command::kWithdraw, context));
    withdrawn.mutable_withdrawn()->set_reason(update.text());
    Append(decision, std::move(withdrawn));
  }
  return decision;
}

Decision NotePush(const v1::Ticket& ticket, v1::SuperiorPush push, int64_t seq,
                  absl::string_view failure, const Context& context) {
  if (!ticket.has_superior() || ticket.superior().push() == push) {
    return {ticket, {}};
  }
  v1::TicketFact fact = BeginSideFact(ticket, context);
  v1::SuperiorPushMoved& moved = *fact.mutable_superior_push_moved();
  moved.set_push(push);
  moved.set_seq(seq);
  moved.set_failure(std::string(failure));
  return Decide(ticket, std::move(fact));
}

calendar::Deadline WithinSuperior(const v1::Ticket& ticket, v1::ClockKind kind, absl::Time start,
                                  calendar::Deadline deadline) {
  if (kind == v1::HANDLE && ticket.superior().has_handle_before()) {
    const absl::Time latest = std::max(start, FromProto(ticket.superior().handle_before()));
    deadline.due = std::min(deadline.due, latest);
  }
  return deadline;
}

void KeepWithinSuperior(const v1::Ticket& ticket, v1::Clock* clock) {
  if (clock->kind() != v1::HANDLE || !ticket.has_superior()) {
    return;
  }
  calendar::Deadline deadline;
  deadline.due = FromProto(clock->due_time());
  *clock->mutable_due_time() =
      ToProto(WithinSuperior(ticket, v1::HANDLE, FromProto(clock->start_time()), deadline).due);
  NoteCut(ticket, clock);
}

bool IsCut(const v1::Clock& clock) { return absl::EndsWith(clock.rule(), kCut); }

void ApplySuperior(v1::Ticket& row, const v1::TicketFact& fact) {
  if (fact.has_superior_updated()) {
    v1::Superior& superior = *row.mutable_superior();
    const v1::SuperiorUpdated& updated = fact.superior_updated();
    *superior.add_updates() = updated.update();
    if (updated.has_handle_before()) {
      *superior.mutable_due_time() = updated.update().due_time();
      *superior.mutable_handle_before() = updated.handle_before();
      superior.set_due_update(updated.update().number());
    }
  } else if (fact.has_superior_push_moved()) {
    row.mutable_superior()->set_push(fact.superior_push_moved().push());
  }
  const bool moved =
      fact.has_superior_updated() || fact.has_extension_decided() ||
      (fact.has_deadline_recomputed() && fact.deadline_recomputed().kind() == v1::HANDLE);
  if (v1::Clock* clock = MutableOpenClock(row, v1::HANDLE); moved && row.has_superior() && clock) {
    NoteCut(row, clock);
  }
}

void CheckSuperior(
    const v1::TicketPolicy& policy,
    absl::FunctionRef<void(absl::string_view, absl::string_view, absl::string_view)> violate) {
  absl::flat_hash_set<std::string> ids;
  absl::flat_hash_set<std::string> keys;
  for (int i = 0; i < policy.superior().platforms_size(); ++i) {
    const v1::SuperiorPlatform& platform = policy.superior().platforms(i);
    const std::string path = absl::StrCat("superior.platforms[", i, "]");
    if (platform.id().empty() || !ids.insert(platform.id()).second) {
      violate(absl::StrCat(path, ".id"), platform.id(), "an id, each once");
    }
    if (platform.key().empty() || !keys.insert(platform.key()).second) {
      violate(absl::StrCat(path, ".key"), platform.key(), "the id of a key, each once");
    }
    for (const int kind : platform.results()) {
      if (!v1::SuperiorResultKind_IsValid(kind) || kind == 0) {
        violate(absl::StrCat(path, ".results"), absl::StrCat(kind), "kinds of results");
      }
    }
    if (platform.margin_minutes() < 0 || platform.margin_minutes() > 100'000) {
      violate(absl::StrCat(path, ".margin_minutes"), absl::StrCat(platform.margin_minutes()),
              "0 to 100000");
    }
    const bool tries = platform.max_attempts() >= 1 && platform.retry_minutes() >= 1;
    if (platform.push() && !tries) {
      violate(absl::StrCat(path, ".max_attempts"),
              absl::StrCat(platform.max_attempts(), " with ", platform.retry_minutes(), " min"),
              "at least 1 attempt, and 1 minute between two");
    }
  }
}

}  // namespace baimi::ticket::domain
