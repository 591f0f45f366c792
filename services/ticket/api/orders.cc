#include "services/ticket/api/orders.h"

#include <utility>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/group.h"
#include "services/ticket/domain/ladder.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/store/supervision_store.h"

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
  decision = domain::Supervised(std::move(decision), work.context);
  for (const v1::TicketFact& fact : decision.facts) {
    BAIMI_RETURN_IF_ERROR(work.tx.Record(before.ticket.name(), fact, before.key).status());
  }
  store::TicketRow after;
  after.ticket = std::move(decision.ticket);
  after.key = before.key;
  after.seq = work.tx.next_seq() - 1;
  BAIMI_RETURN_IF_ERROR(parts_.store->Update(work.tx.sql(), before, after));
  BAIMI_RETURN_IF_ERROR(
      store::SupervisionStore::Update(work.tx.sql(), before.ticket, after.ticket));
  work.tx.SealAnswerUnder(before.key);
  work.names.push_back(before.ticket.name());
  return std::move(after.ticket);
}

absl::StatusOr<std::vector<store::TicketRow>> Orders::Merged(Work& work,
                                                             const store::TicketRow& into) const {
  if (into.ticket.merged_count() == 0) {
    return std::vector<store::TicketRow>();
  }
  return parts_.store->MergedInto(work.tx.sql(), into.ticket.name(), domain::kMostMerged);
}

absl::StatusOr<v1::Ticket> Orders::CommitGroup(Work& work, const store::TicketRow& into,
                                               const std::vector<store::TicketRow>& merged,
                                               std::vector<domain::Decision> decisions) const {
  for (size_t i = 1; i < decisions.size(); ++i) {
    for (const store::TicketRow& row : merged) {
      if (row.ticket.name() == decisions[i].ticket.name()) {
        BAIMI_RETURN_IF_ERROR(Commit(work, row, std::move(decisions[i])).status());
        break;
      }
    }
  }
  return Commit(work, into, std::move(decisions[0]));
}

}  // namespace baimi::ticket::api
