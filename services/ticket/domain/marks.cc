#include "services/ticket/domain/marks.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

void ForgetContact(v1::Ticket& row) {
  if (row.marks().has_first_contact_time()) {
    row.mutable_marks()->clear_first_contact_time();
  }
}

void NoteContact(v1::Ticket& row, const v1::TicketFact& fact) {
  if (!row.marks().has_first_contact_time()) {
    *row.mutable_marks()->mutable_first_contact_time() = fact.time();
  }
}

}  // namespace

void ApplyMarks(v1::Ticket& row, const v1::TicketFact& fact) {
  switch (fact.fact_case()) {
    case v1::TicketFact::kDispatched:
    case v1::TicketFact::kSentBack:
      ForgetContact(row);
      break;
    case v1::TicketFact::kReturnDecided:
      if (fact.return_decided().approved()) {
        ForgetContact(row);
      }
      break;
    case v1::TicketFact::kReopened:
      ForgetContact(row);
      if (!fact.reopened().for_rating()) {
        row.mutable_marks()->set_reopen_count(row.marks().reopen_count() + 1);
      }
      break;
    case v1::TicketFact::kCallerTold:
      if (IsLeadsWord(row, fact.caller_told())) {
        NoteContact(row, fact);
      }
      break;
    case v1::TicketFact::kReplied:
      if (fact.replied().reply().caller_contacted()) {
        NoteContact(row, fact);
      }
      break;
    default:
      break;
  }
}

bool IsLeadsWord(const v1::Ticket& ticket, const v1::CallerTold& told) {
  return ticket.has_assignment() && told.notice().empty() &&
         (told.actor().unit().empty() || told.actor().unit() == IdOf(ticket.assignment().lead()));
}

bool IsFiler(const v1::Ticket& ticket, const type::v1::Actor& actor) {
  const type::v1::Actor& filer = ticket.marks().filer();
  return (!filer.id().empty() && filer.id() == actor.id()) ||
         (!filer.unit().empty() && filer.unit() == actor.unit());
}

absl::Status CheckFiler(const v1::Ticket& ticket, const type::v1::Actor& actor) {
  if (IsFiler(ticket, actor)) {
    return absl::OkStatus();
  }
  const type::v1::Actor& filer = ticket.marks().filer();
  const std::string unit =
      filer.unit().empty() ? "" : absl::StrCat(", or somebody of ", filer.unit());
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_THE_FILER,
               absl::StrCat("actor: got ", actor.id(), " of unit \"", actor.unit(),
                            "\", want who filed the order: ",
                            filer.id().empty() ? "nobody known" : filer.id(), unit),
               "只有上报本件的网格员或其所在单位可以自办自结")
      .With("filer_unit", filer.unit());
}

}  // namespace baimi::ticket::domain
