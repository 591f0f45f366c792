#include "services/ticket/domain/citizen.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/rating.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/transitions.h"
#include "services/ticket/domain/urge.h"

namespace baimi::ticket::domain {
namespace {

constexpr absl::string_view kCentre = "12345热线中心";

v1::CitizenStage StageOf(v1::TicketState state) {
  switch (state) {
    case v1::DRAFT:
    case v1::ACCEPTED:
    case v1::PENDING_DISPATCH:
      return v1::STAGE_ACCEPTED;
    case v1::DISPATCHED:
    case v1::RETURN_REVIEW:
    case v1::SIGNED:
    case v1::REWORK:
    case v1::MERGED:
      return v1::STAGE_HANDLING;
    case v1::SUSPENDED:
      return v1::STAGE_HANGING;
    case v1::REPLIED:
    case v1::PENDING_CALLBACK:
      return v1::STAGE_CHECKING;
    case v1::REJECTED:
    case v1::TERMINATED:
      return v1::STAGE_REFUSED;
    default:
      return v1::STAGE_OVER;
  }
}

std::string StateText(const v1::Ticket& ticket, absl::string_view holder) {
  switch (ticket.state()) {
    case v1::PENDING_DISPATCH:
      return "已受理，正在确定承办单位";
    case v1::DISPATCHED:
      return absl::StrCat("已派给", holder, "，等待签收");
    case v1::RETURN_REVIEW:
      return absl::StrCat(holder, "对职责有异议，热线中心正在审核");
    case v1::SIGNED:
      return absl::StrCat(holder, "正在办理");
    case v1::REWORK:
      return absl::StrCat("已退回", holder, "重新办理");
    case v1::SUSPENDED:
      return absl::StrCat("受客观条件限制，", holder, "将在承诺日期前解决");
    case v1::REPLIED:
      return absl::StrCat(holder, "已反馈结果，热线中心正在审核");
    case v1::PENDING_CALLBACK:
      return "已答复，等待回访";
    case v1::CLOSED:
    case v1::ARCHIVED:
      return "已办结";
    case v1::ANSWERED:
      return "已直接答复";
    case v1::REJECTED:
      return "不予受理";
    case v1::TERMINATED:
      return "已终止办理";
    case v1::WITHDRAWN:
      return "已按您的要求撤回";
    case v1::SELF_SOLVED:
      return "网格员已当场解决";
    case v1::TRANSFERRED:
      return "已转往有管辖权的地方";
    default:
      return "已受理";
  }
}

// The clock that the caller was promised, and whose it is.
const v1::Clock* Promise(const v1::Ticket& ticket) {
  for (const v1::ClockKind kind : {v1::HANDLE, v1::DISPATCH, v1::CALLBACK}) {
    if (const v1::Clock* clock = OpenClock(ticket, kind)) {
      return clock;
    }
  }
  return nullptr;
}

std::string RefusalText(const v1::Refusal& refusal) {
  std::string text(Zh(refusal.code()));
  if (!refusal.channel().empty()) {
    absl::StrAppend(&text, "；请向以下渠道反映：", refusal.channel());
  }
  if (!refusal.earlier_ticket().empty()) {
    absl::StrAppend(&text, "；与您此前的工单 ", IdOf(refusal.earlier_ticket()), " 为同一事项");
  }
  return text;
}

void ShowAnswer(const v1::Ticket& ticket, v1::CitizenTicket* view) {
  switch (ticket.state()) {
    case v1::PENDING_CALLBACK:
    case v1::CLOSED:
    case v1::ARCHIVED:
    case v1::ANSWERED:
    case v1::SELF_SOLVED:
      break;
    default:
      return;
  }
  if (ticket.has_reply()) {
    view->set_answer(ticket.reply().result());
    *view->mutable_answer_time() = ticket.reply().reply_time();
  }
}

void ShowPromise(const v1::Ticket& into, absl::string_view holder, const Context& context,
                 v1::CitizenTicket* view) {
  if (IsFinal(into.state())) {
    return;
  }
  const v1::Clock* promise = Promise(into);
  const bool centre =
      promise != nullptr ? promise->kind() != v1::HANDLE : into.state() == v1::REPLIED;
  view->set_holder_name(std::string(centre ? kCentre : holder));
  if (promise == nullptr) {
    return;
  }
  *view->mutable_promised_time() = promise->due_time();
  const absl::Duration late = context.now - FromProto(promise->due_time());
  if (late >= absl::ZeroDuration()) {
    view->set_overdue(true);
    view->set_overdue_text(absl::StrCat("已超过承诺时限", ZhDuration(late), "，尚未完成"));
  }
}

}  // namespace

std::string ZhDuration(absl::Duration duration) {
  const int64_t minutes = duration / absl::Minutes(1);
  if (minutes < 1) {
    return "不足1分钟";
  }
  const int64_t days = minutes / (24 * 60);
  const int64_t hours = minutes / 60 % 24;
  std::string text;
  if (days > 0) {
    absl::StrAppend(&text, days, "天");
  }
  if (hours > 0) {
    absl::StrAppend(&text, hours, "小时");
  }
  if (days == 0 && minutes % 60 > 0) {
    absl::StrAppend(&text, minutes % 60, "分");
  }
  return text;
}

v1::CitizenTicket CitizenView(const v1::Ticket& ticket, const v1::Ticket& into,
                              absl::string_view holder_name, const Context& context) {
  const absl::string_view holder = holder_name.empty() ? "承办单位" : holder_name;
  v1::CitizenTicket view;
  view.set_number(std::string(IdOf(ticket.name())));
  view.set_type(ticket.type());
  if (const v1::Category* category = context.policy.FindCategory(ticket.category())) {
    view.set_category_name(category->display_name());
  }
  view.set_stage(StageOf(into.state()));
  view.set_state_text(StateText(into, holder));
  if (ticket.state() == v1::MERGED) {
    view.set_state_text(absl::StrCat("已与同一事项的诉求合并：", view.state_text()));
  }
  *view.mutable_file_time() = ticket.create_time();
  ShowPromise(into, holder, context, &view);
  ShowAnswer(ticket, &view);
  view.set_target_date(into.suspension().target_date());
  if (ticket.has_refusal()) {
    view.set_refusal_text(RefusalText(ticket.refusal()));
  }
  view.set_may_rate(CheckMayRate(ticket, into, context).ok());
  if (view.may_rate()) {
    *view.mutable_rating_tags() = context.policy.policy().ratings().tags();
  }
  view.set_may_urge(CheckMayUrge(ticket, into, context).ok());
  view.set_urge_count(ticket.urges().own_count());
  for (const v1::Callback& callback : ticket.callbacks()) {
    if (callback.round() == into.rework_count() && callback.rating() != v1::RATING_UNSPECIFIED) {
      view.set_rating(callback.rating());
    }
  }
  return view;
}

}  // namespace baimi::ticket::domain
