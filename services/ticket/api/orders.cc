#include "services/ticket/api/orders.h"

#include <utility>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/recusal.h"

namespace baimi::ticket::api {

Async<v1::Ticket> Orders::Change(const Call& call, const std::string& name, Decide decide) const {
  return Transact(call, [this, name, decide = std::move(decide)](Work& work) {
    absl::StatusOr<store::TicketRow> row = Load(work, name);
    absl::StatusOr<domain::Decision> decision =
        row.ok() ? decide(row->ticket, work.context) : row.status();
    return decision.ok() ? Commit(work, *row, *std::move(decision)) : decision.status();
  });
}

Async<v1::Ticket> Orders::Transact(const Call& call,
                                   std::function<absl::StatusOr<v1::Ticket>(Work&)> use) const {
  return TransactAs<v1::Ticket>(call, std::move(use));
}

absl::StatusOr<store::TicketRow> LoadVisible(const Parts& parts, sql::Reader& reader,
                                             const Call& call, absl::string_view name) {
  BAIMI_ASSIGN_OR_RETURN(store::TicketRow row, parts.store->Load(reader, name, call.scope));
  if (domain::IsRecused(row.ticket, call.actor.unit())) {
    return NotFound(name);
  }
  return row;
}

absl::StatusOr<store::TicketRow> Orders::Load(Work& work, absl::string_view name) const {
  return LoadVisible(parts_, work.tx.sql(), work.tx.call(), name);
}

absl::StatusOr<v1::Ticket> Orders::Commit(Work& work, const store::TicketRow& before,
                                          domain::Decision decision) const {
  for (const v1::TicketFact& fact : decision.facts) {
    BAIMI_RETURN_IF_ERROR(work.tx.Record(before.ticket.name(), fact, before.key).status());
  }
  store::TicketRow after;
  after.ticket = std::move(decision.ticket);
  after.key = before.key;
  after.seq = work.tx.next_seq() - 1;
  BAIMI_RETURN_IF_ERROR(parts_.store->Update(work.tx.sql(), before, after));
  work.tx.SealAnswerUnder(before.key);
  work.names.push_back(before.ticket.name());
  return std::move(after.ticket);
}

}  // namespace baimi::ticket::api
