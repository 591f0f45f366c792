#include "services/ticket/domain/account.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/calendar/deadline.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/transitions.h"

namespace baimi::ticket::domain {
namespace {

bool LeadHolds(v1::TicketState state) {
  return state == v1::DISPATCHED || state == v1::SIGNED || state == v1::REWORK;
}

bool IsPaused(v1::TicketState state) { return state == v1::SUSPENDED || state == v1::MERGED; }

std::string ZhHolder(const v1::ClockLine& line) {
  if (line.paused()) {
    return "不计时";
  }
  return line.holder().empty() ? "热线中心持有" : absl::StrCat(IdOf(line.holder()), "持有");
}

// "1天2小时5分", parts that are zero left out.
std::string ZhSpan(absl::Duration span) {
  const int64_t minutes = absl::ToInt64Minutes(span);
  std::string text;
  const auto part = [&](int64_t amount, absl::string_view unit) {
    if (amount > 0) {
      absl::StrAppend(&text, amount, unit);
    }
  };
  part(minutes / 60 / 24, "天");
  part(minutes / 60 % 24, "小时");
  part(minutes % 60, "分");
  return text.empty() ? "不足1分" : text;
}

// Closes the line at `end`.
absl::Status Measure(absl::Time end, PolicyAt policy_at, v1::ClockLine* line) {
  const absl::Time start = FromProto(line->start_time());
  BAIMI_ASSIGN_OR_RETURN(const auto policy, policy_at(start));
  v1::Period hours;
  hours.set_unit(v1::WORKING_HOURS);
  hours.set_amount(1);
  const absl::Duration working =
      calendar::ElapsedTime(policy->calendar(), start, end, policy->ToPeriod(hours)).duration;
  *line->mutable_elapsed() = ToProto(end - start);
  *line->mutable_working_time() = ToProto(working);
  line->set_explanation(absl::StrCat(ZhDue(start), "起“", Zh(line->state()), "”，", ZhHolder(*line),
                                     "，历时", ZhSpan(end - start), "，其中工作时间",
                                     ZhSpan(working), "。"));
  return absl::OkStatus();
}

v1::ClockVerdict VerdictOn(const v1::Clock& clock, absl::Time now) {
  v1::ClockVerdict verdict;
  *verdict.mutable_clock() = clock;
  const absl::Time end = clock.has_stop_time() ? FromProto(clock.stop_time()) : now;
  const absl::Duration late = std::max(absl::ZeroDuration(), end - FromProto(clock.due_time()));
  *verdict.mutable_late_by() = ToProto(late);
  const bool in_time = end < FromProto(clock.due_time());
  verdict.set_explanation(absl::StrCat(ExplainClock(clock),
                                       clock.has_stop_time()
                                           ? (in_time ? "按时完成。" : "超时完成，超")
                                           : (in_time ? "计时中，未超时。" : "计时中，已超"),
                                       in_time ? "" : absl::StrCat(ZhSpan(late), "。")));
  return verdict;
}

void AddUp(v1::ExplainClockResponse* account) {
  std::map<std::string, std::pair<absl::Duration, absl::Duration>> sums;
  for (const v1::ClockLine& line : account->lines()) {
    if (!line.paused()) {
      auto& [elapsed, working] = sums[line.holder()];
      elapsed += FromProto(line.elapsed());
      working += FromProto(line.working_time());
    }
  }
  for (const auto& [holder, sum] : sums) {
    v1::HolderTime* total = account->add_holders();
    total->set_holder(holder);
    *total->mutable_elapsed() = ToProto(sum.first);
    *total->mutable_working_time() = ToProto(sum.second);
  }
}

}  // namespace

absl::StatusOr<v1::ExplainClockResponse> Account(const v1::Ticket& ticket,
                                                 absl::Span<const v1::TicketFact> facts,
                                                 absl::Time now, PolicyAt policy_at) {
  v1::ExplainClockResponse account;
  *account.mutable_as_of() = ToProto(now);
  std::string lead;
  v1::ClockLine* line = nullptr;
  for (const v1::TicketFact& fact : facts) {
    if (fact.has_dispatched()) {
      lead = fact.dispatched().assignment().lead();
    }
    if (line != nullptr && fact.state() == line->state()) {
      continue;
    }
    if (line != nullptr) {
      // What filing passes through takes no time and gets no line.
      if (FromProto(line->start_time()) == FromProto(fact.time())) {
        account.mutable_lines()->RemoveLast();
      } else {
        *line->mutable_end_time() = fact.time();
        BAIMI_RETURN_IF_ERROR(Measure(FromProto(fact.time()), policy_at, line));
      }
      line = nullptr;
    }
    if (IsFinal(fact.state())) {
      continue;
    }
    line = account.add_lines();
    *line->mutable_start_time() = fact.time();
    line->set_state(fact.state());
    line->set_holder(LeadHolds(fact.state()) || fact.state() == v1::SUSPENDED ? lead : "");
    line->set_paused(IsPaused(fact.state()));
    line->set_transition(fact.transition());
  }
  if (line != nullptr) {
    BAIMI_RETURN_IF_ERROR(Measure(now, policy_at, line));
  }
  AddUp(&account);
  for (const v1::Clock& clock : ticket.clocks()) {
    *account.add_clocks() = VerdictOn(clock, now);
  }
  for (const v1::HelperTask& task : ticket.helper_tasks()) {
    if (task.has_clock()) {
      v1::ClockVerdict& verdict = *account.add_helpers();
      verdict = VerdictOn(task.clock(), now);
      verdict.set_explanation(absl::StrCat(IdOf(task.unit()), "协办——", verdict.explanation(),
                                           "协办单位的超期由其自行承担，不计入主办单位。"));
    }
  }
  return account;
}

}  // namespace baimi::ticket::domain
