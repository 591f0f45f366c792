#include "services/ticket/api/desk_api.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/desk.h"
#include "services/ticket/domain/group.h"
#include "services/ticket/domain/rating.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/telling.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::api {
namespace {

// Of one transaction.
constexpr int kHandOverChunk = 50;
// A page looks at no more orders than so many times its size.
constexpr int kLooks = 10;

absl::StatusOr<store::DeskKey> KeyOf(const resource::PageCursor& cursor) {
  store::DeskKey key;
  if (cursor.last_key.size() == 2) {
    if (!absl::SimpleAtoi(cursor.last_key[0], &key.due_us)) {
      return Internal("page token: a due time that is no number");
    }
    key.number = cursor.last_key[1];
  }
  return key;
}

// `first`, and what was decided about its outcome.
domain::Decision Joined(domain::Decision first, domain::Decision second) {
  for (v1::TicketFact& fact : second.facts) {
    first.facts.push_back(std::move(fact));
  }
  first.ticket = std::move(second.ticket);
  return first;
}

}  // namespace

Async<v1::ListDeskTicketsResponse> DeskApi::List(const Call& call,
                                                 const v1::ListDeskTicketsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  BAIMI_ASSIGN_OR_RETURN(store::DeskKey key, KeyOf(cursor));
  v1::ListDeskTicketsResponse response;
  bool more = false;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        response.Clear();
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, call.county, call.now));
        const domain::Context context{call.now, call.actor, *policy};
        int looked_at = 0;
        for (more = true;
             more && response.desk_tickets_size() < size && looked_at < size * kLooks;) {
          BAIMI_ASSIGN_OR_RETURN(
              const std::vector<store::DeskRow> rows,
              parts_.desks->Desk(reader, call.county, request.parent(), key, size + 1));
          more = rows.size() > static_cast<size_t>(size);
          looked_at += size;
          for (const store::DeskRow& row : rows) {
            if (response.desk_tickets_size() == size) {
              more = true;
              break;
            }
            key = row.key;
            if (store::InScope(row.ticket, call.scope) &&
                (request.assignee().empty() || row.ticket.assignee() == request.assignee())) {
              *response.add_desk_tickets() = domain::OnDesk(row.ticket, context);
            }
          }
        }
        return absl::OkStatus();
      }));
  if (more) {
    response.set_next_page_token(
        parts_.tokens->Make(query, {{absl::StrCat(key.due_us), key.number}}));
  }
  return response;
}

Async<v1::Ticket> DeskApi::Assign(const Call& call, const v1::AssignTicketRequest& request) {
  return orders_.Change(
      call, request.name(),
      [request](const v1::Ticket& ticket,
                const domain::Context& context) -> absl::StatusOr<domain::Decision> {
        BAIMI_RETURN_IF_ERROR(domain::CheckEtag(ticket, request.etag()));
        return domain::Assign(ticket, request.assignee(), request.reason(), context);
      });
}

Async<v1::HandOverDeskResponse> DeskApi::HandOver(const Call& call,
                                                  const v1::HandOverDeskRequest& request) {
  return orders_.TransactAs<v1::HandOverDeskResponse>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::HandOverDeskResponse> {
        BAIMI_ASSIGN_OR_RETURN(
            const std::vector<store::TicketRow> rows,
            parts_.desks->OfAssignee(work.tx.sql(), work.tx.county(), request.parent(),
                                     request.from_assignee(), kHandOverChunk + 1));
        v1::HandOverDeskResponse response;
        for (const store::TicketRow& row : rows) {
          if (response.tickets_size() == kHandOverChunk) {
            response.set_more(true);
            break;
          }
          if (!store::InScope(row.ticket, work.tx.call().scope)) {
            return NotFound(request.parent());
          }
          BAIMI_ASSIGN_OR_RETURN(
              domain::Decision decision,
              domain::Assign(row.ticket, request.to_assignee(), request.reason(), work.context));
          BAIMI_RETURN_IF_ERROR(orders_.Commit(work, row, std::move(decision)).status());
          response.add_tickets(row.ticket.name());
        }
        return response;
      });
}

Async<v1::Ticket> DeskApi::VerifyBadRating(const Call& call,
                                           const v1::VerifyBadRatingRequest& request) {
  return orders_.Change(
      call, request.name(),
      [request](const v1::Ticket& ticket,
                const domain::Context& context) -> absl::StatusOr<domain::Decision> {
        if (domain::IsRecused(ticket, context.actor.unit())) {
          return NotFound(request.name());
        }
        return domain::VerifyBadRating(ticket, request, context);
      });
}

Async<v1::Ticket> DeskApi::DecideBadRating(const Call& call,
                                           const v1::DecideBadRatingRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, request.name()));
    if (domain::IsRecused(row.ticket, work.context.actor.unit())) {
      return NotFound(request.name());
    }
    BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                           domain::DecideBadRating(row.ticket, request, work.context));
    if (request.verdict() != v1::VERDICT_FIX) {
      return orders_.Commit(work, row, std::move(decision));
    }
    if (row.ticket.state() == v1::PENDING_CALLBACK) {
      v1::AuditTicketRequest back;
      back.set_reason(request.note());
      BAIMI_ASSIGN_OR_RETURN(domain::Decision sent,
                             domain::Audit(decision.ticket, back, work.context));
      return orders_.Commit(work, row, Joined(std::move(decision), std::move(sent)));
    }
    v1::ReopenTicketRequest reopen;
    reopen.set_reason(request.note());
    BAIMI_ASSIGN_OR_RETURN(const std::vector<store::TicketRow> merged, orders_.Merged(work, row));
    std::vector<v1::Ticket> others;
    others.reserve(merged.size());
    for (const store::TicketRow& other : merged) {
      others.push_back(other.ticket);
    }
    BAIMI_ASSIGN_OR_RETURN(std::vector<domain::Decision> decisions,
                           domain::ReopenGroup(decision.ticket, others, reopen, work.context));
    decisions[0] = Joined(std::move(decision), std::move(decisions[0]));
    return orders_.CommitGroup(work, row, merged, std::move(decisions));
  });
}

}  // namespace baimi::ticket::api
