#include "services/ticket/domain/notices.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/placeholders.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/telling.h"

namespace baimi::ticket::domain {
namespace {

// Of the pause between two attempts.
constexpr int kMostDoublings = 6;

// What a template may name, by event.
std::set<std::string> PlaceholdersOf(v1::NoticeEvent event) {
  std::set<std::string> names = {"number", "category"};
  switch (event) {
    case v1::NOTICE_DISPATCHED:
    case v1::NOTICE_EXTENDED:
    case v1::NOTICE_SENT_BACK:
    case v1::NOTICE_RAN_OUT:
      names.insert("due");
      break;
    case v1::NOTICE_REFUSED:
      names.insert({"channel", "earlier"});
      break;
    case v1::NOTICE_SUSPENDED:
      names.insert("date");
      break;
    case v1::NOTICE_SUPERVISED:
      names.insert({"level", "due"});
      break;
    default:
      break;
  }
  return names;
}

std::string DueOf(const v1::TicketFact& fact) {
  if (fact.has_extension_decided()) {
    return ZhDue(FromProto(fact.extension_decided().due_time()));
  }
  if (fact.has_clock_ran_out()) {
    return ZhDue(FromProto(fact.clock_ran_out().due_time()));
  }
  if (fact.has_bad_rating_ran_out()) {
    return ZhDue(FromProto(fact.bad_rating_ran_out().due_time()));
  }
  if (fact.has_supervision_raised()) {
    return ZhDue(FromProto(fact.supervision_raised().supervision().answer_due_time()));
  }
  for (const v1::Clock& clock : fact.started_clocks()) {
    if (clock.kind() == v1::HANDLE) {
      return ZhDue(FromProto(clock.due_time()));
    }
  }
  return "";
}

std::map<std::string, std::string> ValuesOf(const v1::TicketFact& fact, const v1::Ticket& ticket,
                                            const PolicyInForce& in_force) {
  const v1::Category* category = in_force.FindCategory(ticket.category());
  const v1::Refusal& refusal = fact.refused().refusal();
  return {{"number", std::string(IdOf(ticket.name()))},
          {"category", category == nullptr ? "" : category->display_name()},
          {"due", DueOf(fact)},
          {"level", std::string(Zh(fact.supervision_raised().supervision().level()))},
          {"channel", refusal.channel()},
          {"earlier", std::string(IdOf(refusal.earlier_ticket()))},
          {"date", fact.suspended().suspension().target_date()}};
}

v1::TellingMatter MatterOf(const v1::TicketFact& fact) {
  switch (EventOf(fact)) {
    case v1::NOTICE_REFUSED:
      return fact.refused().refusal().code() == v1::LEGAL_CHANNEL ? v1::TELL_LEGAL_CHANNEL
             : fact.refused().refusal().code() == v1::REPEAT_WITHOUT_NEW_FACTS
                 ? v1::TELL_EARLIER_ORDER
                 : v1::TELLING_MATTER_UNSPECIFIED;
    case v1::NOTICE_EXTENDED:
      return v1::TELL_EXTENSION;
    case v1::NOTICE_SUSPENDED:
      return v1::TELL_SUSPENSION;
    case v1::NOTICE_TERMINATED:
      return v1::TELL_TERMINATION;
    case v1::NOTICE_REPLIED:
      return v1::TELL_REPLY;
    default:
      return v1::TELLING_MATTER_UNSPECIFIED;
  }
}

// As of the fact, where it names them.
std::vector<std::string> UnitsOf(v1::NoticeReader reader, const v1::TicketFact& fact,
                                 const v1::Ticket& ticket, const v1::TicketPolicy& policy) {
  const v1::Assignment& assignment =
      fact.has_dispatched() ? fact.dispatched().assignment() : ticket.assignment();
  switch (reader) {
    case v1::TO_LEAD:
      // What ran out is told to the one whose time it was; the caller of a bad rating is asked by
      // the centre.
      if (fact.bad_rating_ran_out().stage() == v1::BAD_RATING_OPEN) {
        return {policy.fallback_unit()};
      }
      return {fact.has_clock_ran_out() ? fact.clock_ran_out().holder() : assignment.lead()};
    case v1::TO_ASSIGNEE:
      return {assignment.lead()};
    case v1::TO_HELPERS:
      return {assignment.helpers().begin(), assignment.helpers().end()};
    case v1::TO_COPIED:
      return {assignment.copied().begin(), assignment.copied().end()};
    case v1::TO_CENTRE:
      return {policy.fallback_unit()};
    case v1::TO_SUPERVISED: {
      const std::string& unit = fact.supervision_raised().supervision().unit();
      return {unit.empty() ? policy.fallback_unit() : unit};
    }
    default:
      return {};
  }
}

bool Fits(const v1::NoticeTemplate& row, const v1::TicketFact& fact) {
  return row.event() == EventOf(fact) && (row.refusal() == v1::REFUSAL_CODE_UNSPECIFIED ||
                                          row.refusal() == fact.refused().refusal().code());
}

}  // namespace

std::vector<TemplateFault> CheckTemplate(const v1::NoticeTemplate& row) {
  std::vector<TemplateFault> faults;
  if (row.event() == v1::NOTICE_EVENT_UNSPECIFIED) {
    faults.push_back({"event", "", "what happens"});
  }
  if (row.reader() == v1::NOTICE_READER_UNSPECIFIED) {
    faults.push_back({"reader", "", "who is told"});
  }
  if (row.refusal() != v1::REFUSAL_CODE_UNSPECIFIED && row.event() != v1::NOTICE_REFUSED) {
    faults.push_back({"refusal", v1::RefusalCode_Name(row.refusal()),
                      "nothing unless the event is NOTICE_REFUSED"});
  }
  if (row.reader() == v1::TO_SUPERVISED && row.event() != v1::NOTICE_SUPERVISED) {
    faults.push_back({"reader", "TO_SUPERVISED", "another unless the event is NOTICE_SUPERVISED"});
  }
  const std::set<std::string> known = PlaceholdersOf(row.event());
  const bool whole = WalkTemplate(
      row.text(), [](absl::string_view) {},
      [&](absl::string_view name) {
        if (!known.contains(std::string(name))) {
          faults.push_back({"text", absl::StrCat("{", name, "}"),
                            absl::StrCat("one of {", absl::StrJoin(known, "} {"), "}")});
        }
      });
  if (!whole) {
    faults.push_back({"text", row.text(), "braces in pairs"});
  }
  return faults;
}

v1::NoticeEvent EventOf(const v1::TicketFact& fact) {
  switch (fact.fact_case()) {
    case v1::TicketFact::kQueued:
      return v1::NOTICE_FILED;
    case v1::TicketFact::kRefused:
      return v1::NOTICE_REFUSED;
    case v1::TicketFact::kDispatched:
      return v1::NOTICE_DISPATCHED;
    case v1::TicketFact::kExtensionDecided:
      return fact.extension_decided().approved() ? v1::NOTICE_EXTENDED
                                                 : v1::NOTICE_EVENT_UNSPECIFIED;
    case v1::TicketFact::kSuspended:
      return v1::NOTICE_SUSPENDED;
    case v1::TicketFact::kTerminated:
      return v1::NOTICE_TERMINATED;
    case v1::TicketFact::kAuditPassed:
      return v1::NOTICE_REPLIED;
    case v1::TicketFact::kClosed:
      return v1::NOTICE_CLOSED;
    case v1::TicketFact::kSentBack:
    case v1::TicketFact::kReopened:
      return v1::NOTICE_SENT_BACK;
    case v1::TicketFact::kClockRanOut:
    case v1::TicketFact::kBadRatingRanOut:
      return v1::NOTICE_RAN_OUT;
    case v1::TicketFact::kCallerUrged:
      return v1::NOTICE_URGED;
    case v1::TicketFact::kSuperiorUpdated:
      return fact.superior_updated().update().kind() == v1::SUPERIOR_URGE
                 ? v1::NOTICE_URGED
                 : v1::NOTICE_EVENT_UNSPECIFIED;
    case v1::TicketFact::kSupervisionRaised:
      return v1::NOTICE_SUPERVISED;
    case v1::TicketFact::kBadRatingMoved:
      return fact.bad_rating_moved().bad_rating().stage() == v1::BAD_RATING_OPEN
                 ? v1::NOTICE_BADLY_RATED
                 : v1::NOTICE_EVENT_UNSPECIFIED;
    case v1::TicketFact::kAssigneeChanged:
      return fact.assignee_changed().to().empty() ? v1::NOTICE_EVENT_UNSPECIFIED
                                                  : v1::NOTICE_ASSIGNED;
    default:
      return v1::NOTICE_EVENT_UNSPECIFIED;
  }
}

std::vector<v1::Notice> NoticesOf(const v1::TicketFact& fact, const v1::Ticket& ticket,
                                  const PolicyInForce& in_force) {
  std::vector<v1::Notice> notices;
  if (EventOf(fact) == v1::NOTICE_EVENT_UNSPECIFIED) {
    return notices;
  }
  const v1::TicketPolicy& policy = in_force.policy();
  const auto values = ValuesOf(fact, ticket, in_force);
  for (const v1::NoticeTemplate& row : policy.notices().templates()) {
    if (!Fits(row, fact)) {
      continue;
    }
    v1::Notice notice;
    notice.set_event(row.event());
    notice.set_reader(row.reader());
    notice.set_ticket(ticket.name());
    notice.set_template_(row.id());
    notice.set_policy_version(policy.version());
    notice.set_text(FillTemplate(row.text(), values));
    *notice.mutable_create_time() = fact.time();
    if (row.reader() == v1::TO_CALLER) {
      if (WantsToBeTold(ticket) && !ticket.caller().phone().empty()) {
        notice.set_matter(MatterOf(fact));
        notice.set_status(v1::NOTICE_WAITING);
        *notice.mutable_try_time() =
            ToProto(AfterQuietHours(FromProto(fact.time()), policy.notices()));
        notices.push_back(std::move(notice));
      }
      continue;
    }
    notice.set_status(v1::NOTICE_DELIVERED);
    *notice.mutable_deliver_time() = fact.time();
    if (row.reader() == v1::TO_ASSIGNEE) {
      notice.set_assignee(fact.has_assignee_changed() ? fact.assignee_changed().to()
                                                      : ticket.assignee());
      if (notice.assignee().empty()) {
        continue;
      }
    }
    for (const std::string& unit : UnitsOf(row.reader(), fact, ticket, policy)) {
      if (!unit.empty() && !IsRecused(ticket, IdOf(unit))) {
        notice.set_unit(unit);
        notices.push_back(notice);
      }
    }
  }
  return notices;
}

absl::Time AfterQuietHours(absl::Time time, const v1::NoticePolicy& policy) {
  const int from = policy.quiet_from_minute();
  const int to = policy.quiet_to_minute();
  const absl::CivilDay day = calendar::DayOf(time);
  const int64_t minute = (time - calendar::StartOf(day)) / absl::Minutes(1);
  const bool quiet =
      from < to ? minute >= from && minute < to : from > to && (minute >= from || minute < to);
  if (!quiet) {
    return time;
  }
  const absl::CivilDay ends = minute >= to ? day + 1 : day;
  return calendar::StartOf(ends) + absl::Minutes(to);
}

void PutOff(absl::string_view failure, absl::Time now, const v1::NoticePolicy& policy,
            v1::Notice* notice) {
  notice->set_failure(std::string(failure));
  notice->set_failures(notice->failures() + 1);
  notice->clear_receipt();
  notice->clear_send_time();
  if (notice->attempts() >= policy.max_attempts()) {
    notice->set_status(v1::NOTICE_GIVEN_UP);
    notice->clear_try_time();
    return;
  }
  const int doublings = std::clamp(notice->attempts() - 1, 0, kMostDoublings);
  notice->set_status(v1::NOTICE_WAITING);
  *notice->mutable_try_time() = ToProto(
      AfterQuietHours(now + absl::Minutes(policy.retry_minutes()) * (1 << doublings), policy));
}

}  // namespace baimi::ticket::domain
