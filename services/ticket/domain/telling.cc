#include "services/ticket/domain/telling.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/marks.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

v1::TellingMatter MatterOf(const v1::Refusal& refusal) {
  switch (refusal.code()) {
    case v1::LEGAL_CHANNEL:
      return v1::TELL_LEGAL_CHANNEL;
    case v1::REPEAT_WITHOUT_NEW_FACTS:
      return v1::TELL_EARLIER_ORDER;
    default:
      return v1::TELLING_MATTER_UNSPECIFIED;
  }
}

// What `fact` obliges to tell.
v1::TellingMatter MatterOf(const v1::TicketFact& fact) {
  switch (fact.fact_case()) {
    case v1::TicketFact::kRefused:
      return MatterOf(fact.refused().refusal());
    case v1::TicketFact::kExtensionDecided:
      return fact.extension_decided().approved() ? v1::TELL_EXTENSION
                                                 : v1::TELLING_MATTER_UNSPECIFIED;
    case v1::TicketFact::kSuspended:
      return v1::TELL_SUSPENSION;
    case v1::TicketFact::kTerminated:
      return v1::TELL_TERMINATION;
    case v1::TicketFact::kReplied:
      return v1::TELL_REPLY;
    default:
      return v1::TELLING_MATTER_UNSPECIFIED;
  }
}

v1::TellingDuty* MutableOpenDuty(v1::Ticket& row, v1::TellingMatter matter) {
  for (v1::TellingDuty& duty : *row.mutable_telling_duties()) {
    if (duty.matter() == matter && !duty.has_told()) {
      return &duty;
    }
  }
  return nullptr;
}

void Oblige(v1::Ticket& row, const v1::TicketFact& fact) {
  const v1::TellingMatter matter = MatterOf(fact);
  if (matter == v1::TELLING_MATTER_UNSPECIFIED || !WantsToBeTold(row)) {
    return;
  }
  // What was not told in time is told with the news.
  v1::TellingDuty* duty = MutableOpenDuty(row, matter);
  if (duty == nullptr) {
    duty = row.add_telling_duties();
    duty->set_matter(matter);
    *duty->mutable_since_time() = fact.time();
  }
  // Whoever replies says himself whether he has spoken with the caller (T13).
  if (fact.has_replied() && fact.replied().reply().caller_contacted()) {
    v1::CallerTold& told = *duty->mutable_told();
    told.set_matter(matter);
    *told.mutable_time() = fact.time();
    *told.mutable_actor() = fact.replied().reply().actor();
  }
}

// The callback that gave the bad rating.
void MarkVoided(v1::Ticket& row) {
  const absl::Time rated = FromProto(row.bad_rating().rate_time());
  for (v1::Callback& callback : *row.mutable_callbacks()) {
    if (callback.rating() == row.bad_rating().rating() &&
        FromProto(callback.callback_time()) == rated) {
      callback.set_rating_voided(true);
    }
  }
}

}  // namespace

bool WantsToBeTold(const v1::Ticket& ticket) {
  return !ticket.caller().anonymous() && !ticket.caller().no_reply_wanted();
}

void ApplyTelling(v1::Ticket& row, const v1::TicketFact& fact) {
  Oblige(row, fact);
  switch (fact.fact_case()) {
    case v1::TicketFact::kDispatched:
      row.clear_assignee();
      break;
    case v1::TicketFact::kReturnDecided:
      if (fact.return_decided().approved()) {
        row.clear_assignee();
      }
      break;
    case v1::TicketFact::kCallerTold:
      if (v1::TellingDuty* duty = MutableOpenDuty(row, fact.caller_told().matter())) {
        *duty->mutable_told() = fact.caller_told();
      }
      break;
    case v1::TicketFact::kAssigneeChanged:
      row.set_assignee(fact.assignee_changed().to());
      break;
    case v1::TicketFact::kSentBack:
    case v1::TicketFact::kReopened:
      // Whoever sends an order back puts right what was rated, whether the caller was asked or not.
      if (row.bad_rating().stage() == v1::BAD_RATING_OPEN ||
          row.bad_rating().stage() == v1::BAD_RATING_VERIFYING) {
        row.mutable_bad_rating()->set_stage(v1::BAD_RATING_FIXING);
      }
      break;
    case v1::TicketFact::kBadRatingMoved:
      *row.mutable_bad_rating() = fact.bad_rating_moved().bad_rating();
      if (row.bad_rating().stage() == v1::BAD_RATING_VOIDED) {
        MarkVoided(row);
      }
      break;
    case v1::TicketFact::kBadRatingRanOut:
      *(fact.bad_rating_ran_out().stage() == v1::BAD_RATING_OPEN
            ? row.mutable_bad_rating()->mutable_contact_run_out_time()
            : row.mutable_bad_rating()->mutable_fix_run_out_time()) = fact.time();
      break;
    default:
      break;
  }
}

const v1::TellingDuty* OpenDuty(const v1::Ticket& ticket, v1::TellingMatter matter) {
  for (const v1::TellingDuty& duty : ticket.telling_duties()) {
    if (duty.matter() == matter && !duty.has_told()) {
      return &duty;
    }
  }
  return nullptr;
}

int OpenDuties(const v1::Ticket& ticket) {
  int open = 0;
  for (const v1::TellingDuty& duty : ticket.telling_duties()) {
    open += duty.has_told() ? 0 : 1;
  }
  return open;
}

namespace {

// The lead has the order and has not spoken with its caller, who can be spoken to.
bool AwaitsContact(const v1::Ticket& ticket) {
  switch (ticket.state()) {
    case v1::DISPATCHED:
    case v1::SIGNED:
    case v1::SUSPENDED:
    case v1::REWORK:
      return WantsToBeTold(ticket) && !ticket.marks().has_first_contact_time();
    default:
      return false;
  }
}

absl::Status CheckTold(const v1::Ticket& ticket, const v1::CallerTold& told,
                       const Context& context) {
  const bool first = told.matter() == v1::TELL_FIRST_CONTACT;
  if (first ? !AwaitsContact(ticket) : OpenDuty(ticket, told.matter()) == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOTHING_TO_TELL,
                 absl::StrCat("matter: got ", v1::TellingMatter_Name(told.matter()),
                              ", want one of which the caller must still be told"),
                 "本件没有这一项待履行的告知义务")
        .With("matter", v1::TellingMatter_Name(told.matter()));
  }
  return first ? CheckActor(ticket, ActorRule::kLead, context) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<Decision> Tell(const v1::Ticket& ticket, v1::CallerTold told,
                              const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckTold(ticket, told, context));
  *told.mutable_time() = ToProto(context.now);
  *told.mutable_actor() = context.actor;
  v1::TicketFact fact = BeginSideFact(ticket, context);
  if (IsLeadsWord(ticket, told) && OpenClock(ticket, v1::CONTACT) != nullptr) {
    fact.add_stopped_clocks(v1::CONTACT);
  }
  *fact.mutable_caller_told() = std::move(told);
  return Decide(ticket, std::move(fact));
}

absl::StatusOr<Decision> TellByHand(const v1::Ticket& ticket, const v1::TellCallerRequest& request,
                                    const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  if (request.matter() == v1::TELLING_MATTER_UNSPECIFIED) {
    return InvalidField("matter", "nothing", "what the caller was told", "告知事项");
  }
  if (request.how() == v1::CHANNEL_UNSPECIFIED) {
    return InvalidField("how", "nothing", "PHONE, COUNTER or another channel", "告知方式");
  }
  v1::CallerTold told;
  told.set_matter(request.matter());
  told.set_how(request.how());
  told.set_receipt(request.receipt());
  return Tell(ticket, std::move(told), context);
}

}  // namespace baimi::ticket::domain
