// The verbs that concern orders of one matter together.
#include "common/base/status_macros.h"
#include "services/ticket/api/ticket_api.h"
#include "services/ticket/domain/group.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::api {
namespace {

std::vector<v1::Ticket> TicketsOf(const std::vector<store::TicketRow>& rows) {
  std::vector<v1::Ticket> tickets;
  tickets.reserve(rows.size());
  for (const store::TicketRow& row : rows) {
    tickets.push_back(row.ticket);
  }
  return tickets;
}

}  // namespace

Async<v1::Ticket> TicketApi::Merge(const Call& call, const v1::MergeTicketRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow into, orders_.Load(work, request.into()));
    BAIMI_ASSIGN_OR_RETURN(domain::PairDecision pair,
                           domain::Merge(row.ticket, request, into.ticket, work.context));
    BAIMI_RETURN_IF_ERROR(orders_.Commit(work, into, std::move(pair.into)).status());
    return orders_.Commit(work, row, std::move(pair.merged));
  });
}

Async<v1::Ticket> TicketApi::Split(const Call& call, const v1::SplitTicketRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    store::TicketRow into;
    if (!row.ticket.merged_into().empty()) {
      BAIMI_ASSIGN_OR_RETURN(into, orders_.Load(work, row.ticket.merged_into()));
    }
    BAIMI_ASSIGN_OR_RETURN(domain::PairDecision pair,
                           domain::Split(row.ticket, request, into.ticket, work.context));
    BAIMI_RETURN_IF_ERROR(orders_.Commit(work, into, std::move(pair.into)).status());
    return orders_.Commit(work, row, std::move(pair.merged));
  });
}

Async<v1::Ticket> TicketApi::RecordCallback(const Call& call,
                                            const v1::RecordCallbackRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    domain::Decision decision;
    if (row.ticket.state() == v1::MERGED) {
      BAIMI_ASSIGN_OR_RETURN(const store::TicketRow into,
                             orders_.Load(work, row.ticket.merged_into()));
      BAIMI_ASSIGN_OR_RETURN(
          decision, domain::RecordMergedCallback(row.ticket, request, into.ticket, work.context));
    } else {
      BAIMI_ASSIGN_OR_RETURN(decision, domain::RecordCallback(row.ticket, request, work.context));
    }
    return orders_.Commit(work, row, std::move(decision));
  });
}

Async<v1::Ticket> TicketApi::Close(const Call& call, const v1::CloseTicketRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    BAIMI_ASSIGN_OR_RETURN(const std::vector<store::TicketRow> merged, orders_.Merged(work, row));
    BAIMI_ASSIGN_OR_RETURN(
        std::vector<domain::Decision> decisions,
        domain::CloseGroup(row.ticket, TicketsOf(merged), request, work.context));
    return orders_.CommitGroup(work, row, merged, std::move(decisions));
  });
}

Async<v1::Ticket> TicketApi::Reopen(const Call& call, const v1::ReopenTicketRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    BAIMI_ASSIGN_OR_RETURN(const std::vector<store::TicketRow> merged, orders_.Merged(work, row));
    BAIMI_ASSIGN_OR_RETURN(
        std::vector<domain::Decision> decisions,
        domain::ReopenGroup(row.ticket, TicketsOf(merged), request, work.context));
    return orders_.CommitGroup(work, row, merged, std::move(decisions));
  });
}

}  // namespace baimi::ticket::api
