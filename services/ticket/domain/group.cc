#include "services/ticket/domain/group.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/rating.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/superior.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {
namespace {

absl::Status MergeNotAllowed(const v1::Ticket& into, absl::string_view want,
                             absl::string_view want_zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_MERGE_NOT_ALLOWED,
               absl::StrCat("into: got ", into.name(), " in state ",
                            v1::TicketState_Name(into.state()), ", want ", want),
               absl::StrCat("不能并入工单 ", IdOf(into.name()), "（", Zh(into.state()), "）：",
                            want_zh))
      .With("into", into.name());
}

absl::Status CheckInto(const v1::Ticket& ticket, const v1::Ticket& into) {
  if (into.name() == ticket.name()) {
    return MergeNotAllowed(into, "another order", "不能并入自身");
  }
  if (CountyOf(into.name()) != CountyOf(ticket.name())) {
    return MergeNotAllowed(into, "an order of the same county", "须为本县工单");
  }
  if (into.state() == v1::MERGED || IsFinal(into.state())) {
    return MergeNotAllowed(into, "an order that is still open and not merged itself",
                           "须为未办结且未被合并的工单");
  }
  if (into.merged_count() >= kMostMerged) {
    return MergeNotAllowed(
        into, absl::StrCat("one that fewer than ", kMostMerged, " orders were merged into"),
        absl::StrCat("每件工单最多并入", kMostMerged, "件"));
  }
  const bool report = ticket.type() == v1::REPORT || into.type() == v1::REPORT;
  if (report && (ticket.type() != into.type() || ticket.subject_unit() != into.subject_unit())) {
    return MergeNotAllowed(into, "reports only with reports about the same unit",
                           "举报件只能与举报同一单位的工单合并");
  }
  return absl::OkStatus();
}

// The lead had not spoken with the caller when the order was merged.
bool ContactWasOpen(const v1::Ticket& ticket) {
  const v1::Clock* contact = LastClock(ticket, v1::CONTACT);
  const v1::Clock* handle = LastClock(ticket, v1::HANDLE);
  return contact != nullptr && handle != nullptr && !ticket.marks().has_first_contact_time() &&
         FromProto(contact->stop_time()) == FromProto(handle->stop_time());
}

// T21: the clocks of the state before run again with the time spent before the merge kept.
absl::Status RestartClocks(const v1::Ticket& ticket, const Context& context, v1::TicketFact* fact) {
  for (const v1::ClockKind kind : OpenClocks(ticket.state_before_merge()).kinds()) {
    if (kind == v1::CONTACT && !ContactWasOpen(ticket)) {
      continue;
    }
    const v1::Clock* stopped = LastClock(ticket, kind);
    if (stopped == nullptr) {
      return Internal(
          absl::StrCat(ticket.name(), " was merged without its clock ", v1::ClockKind_Name(kind)));
    }
    v1::Clock& restarted = *fact->add_started_clocks();
    restarted = RestartClock(*stopped, context.now, context.policy);
    KeepWithinSuperior(ticket, &restarted);
  }
  if (OpenClocks(ticket.state_before_merge()).Contains(v1::HANDLE)) {
    RestartHelp(ticket, context, fact);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PairDecision> Merge(const v1::Ticket& ticket, const v1::MergeTicketRequest& request,
                                   const v1::Ticket& into, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kMerge, context));
  BAIMI_RETURN_IF_ERROR(CheckInto(ticket, into));
  fact.mutable_merged()->set_into(into.name());
  v1::TicketFact joined = BeginSideFact(into, context);
  joined.mutable_order_joined()->set_ticket(ticket.name());
  return PairDecision{Decide(ticket, std::move(fact)), Decide(into, std::move(joined))};
}

absl::StatusOr<PairDecision> Split(const v1::Ticket& ticket, const v1::SplitTicketRequest& request,
                                   const v1::Ticket& into, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kSplit, context));
  fact.set_state(ticket.state_before_merge());
  BAIMI_RETURN_IF_ERROR(RestartClocks(ticket, context, &fact));
  fact.mutable_split()->set_reason(request.reason());
  v1::TicketFact left = BeginSideFact(into, context);
  left.mutable_order_left()->set_ticket(ticket.name());
  return PairDecision{Decide(ticket, std::move(fact)), Decide(into, std::move(left))};
}

absl::StatusOr<Decision> RecordMergedCallback(const v1::Ticket& ticket,
                                              const v1::RecordCallbackRequest& request,
                                              const v1::Ticket& into, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckEtag(ticket, request.etag()));
  BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kRecordCallback, context));
  // Whoever handles the matter does not ask its callers, and there is something to ask about.
  BAIMI_RETURN_IF_ERROR(BeginFact(into, Command::kRecordCallback, context).status());
  BAIMI_ASSIGN_OR_RETURN(
      *fact.mutable_callback_recorded()->mutable_callback(),
      KeptCallback(request.callback(), into.assignment().lead(), into.rework_count(), context));
  return DecideRated(ticket, std::move(fact), context);
}

absl::StatusOr<std::vector<Decision>> CloseGroup(const v1::Ticket& into,
                                                 absl::Span<const v1::Ticket> merged,
                                                 const v1::CloseTicketRequest& request,
                                                 const Context& context) {
  std::vector<Decision> decisions;
  BAIMI_ASSIGN_OR_RETURN(decisions.emplace_back(), Close(into, request, context));
  for (const v1::Ticket& ticket : merged) {
    if (ticket.state() == v1::ARCHIVED) {
      continue;
    }
    BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kCloseMerged, context));
    BAIMI_RETURN_IF_ERROR(CheckFinalOutcome(ticket, into.rework_count(), context.policy.policy()));
    BAIMI_RETURN_IF_ERROR(CheckNoBadRating(ticket));
    fact.mutable_closed();
    decisions.push_back(Decide(ticket, std::move(fact)));
  }
  return decisions;
}

absl::StatusOr<std::vector<Decision>> ReopenGroup(const v1::Ticket& into,
                                                  absl::Span<const v1::Ticket> merged,
                                                  const v1::ReopenTicketRequest& request,
                                                  const Context& context) {
  std::vector<Decision> decisions;
  BAIMI_ASSIGN_OR_RETURN(decisions.emplace_back(), Reopen(into, request, context));
  for (const v1::Ticket& ticket : merged) {
    if (ticket.state() == v1::ARCHIVED) {
      continue;
    }
    BAIMI_ASSIGN_OR_RETURN(v1::TicketFact fact, BeginFact(ticket, Command::kRejoin, context));
    if (ticket.merged_into() != into.name()) {
      return Error(
          absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
          absl::StrCat("merged_into: got \"", ticket.merged_into(), "\", want ", into.name()),
          "该工单并未并入主单");
    }
    fact.mutable_rejoined();
    decisions.push_back(Decide(ticket, std::move(fact)));
  }
  return decisions;
}

}  // namespace baimi::ticket::domain
