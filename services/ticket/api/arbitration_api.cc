#include "services/ticket/api/arbitration_api.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/ticket/api/id_pages.h"
#include "services/ticket/api/rulings.h"
#include "services/ticket/api/units.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::api {
namespace {

const RowScope& Everything() {
  static const auto& scope = *new RowScope{.whole_county = true, .area_prefixes = {}, .units = {}};
  return scope;
}

}  // namespace

bool ArbitrationApi::MaySee(const Call& call, const v1::Arbitration& arbitration,
                            const v1::Ticket& order) const {
  for (const std::string& unit : OwnUnits(call)) {
    if (domain::IsRecused(order, unit)) {
      return false;
    }
  }
  std::vector<std::string> involved(arbitration.units().begin(), arbitration.units().end());
  involved.push_back(arbitration.lead());
  return store::InScope(order, call.scope) || Speaks(call, involved);
}

absl::StatusOr<ArbitrationApi::Case> ArbitrationApi::LoadCase(sql::Reader& reader, const Call& call,
                                                              absl::string_view name) const {
  Case found;
  BAIMI_ASSIGN_OR_RETURN(found.arbitration, parts_.rulings->LoadArbitration(reader, name));
  BAIMI_ASSIGN_OR_RETURN(
      found.order,
      parts_.store->Load(reader, found.arbitration.arbitration.ticket(), Everything()));
  if (!MaySee(call, found.arbitration.arbitration, found.order.ticket)) {
    return NotFound(name);
  }
  return found;
}

absl::StatusOr<v1::Arbitration> ArbitrationApi::Save(Orders::Work& work,
                                                     domain::ArbitrationStep step,
                                                     privacy::KeyId key, int64_t seq) const {
  store::ArbitrationRow row{.key = key, .seq = seq == 0 ? work.tx.next_seq() : seq};
  BAIMI_RETURN_IF_ERROR(work.tx.Record(step.arbitration.name(), step.fact, key).status());
  row.arbitration = std::move(step.arbitration);
  BAIMI_RETURN_IF_ERROR(seq == 0 ? parts_.rulings->Insert(work.tx.sql(), row)
                                 : parts_.rulings->Update(work.tx.sql(), row));
  work.tx.SealAnswerUnder(key);
  return std::move(row.arbitration);
}

Async<v1::Arbitration> ArbitrationApi::Create(const Call& call,
                                              const v1::CreateArbitrationRequest& request) {
  if (domain::CountyOf(request.arbitration().ticket()) != call.county) {
    return NotFound(request.arbitration().ticket());
  }
  return orders_.TransactAs<v1::Arbitration>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Arbitration> {
        sql::Tx& sql = work.tx.sql();
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                               orders_.Load(work, request.arbitration().ticket()));
        BAIMI_ASSIGN_OR_RETURN(const int before, parts_.rulings->CountOf(sql, row.ticket.name()));
        BAIMI_ASSIGN_OR_RETURN(const std::vector<v1::PastRuling> past,
                               parts_.rulings->PastRulings(sql, row.ticket, kPastRulings));
        const std::string name = absl::StrCat(request.parent(), "/arbitrations/",
                                              domain::ArbitrationId(row.ticket, before));
        BAIMI_ASSIGN_OR_RETURN(
            domain::Opening opening,
            domain::OpenArbitration(row.ticket, request, name, past, work.context));
        BAIMI_RETURN_IF_ERROR(orders_.Commit(work, row, std::move(opening.decision)).status());
        return Save(work, std::move(opening.step), row.key, 0);
      });
}

Async<v1::Arbitration> ArbitrationApi::Get(const Call& call,
                                           const v1::GetArbitrationRequest& request) {
  v1::Arbitration arbitration;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(Case found, LoadCase(reader, call, request.name()));
        arbitration = std::move(found.arbitration.arbitration);
        return absl::OkStatus();
      }));
  return arbitration;
}

Async<v1::ListArbitrationsResponse> ArbitrationApi::List(
    const Call& call, const v1::ListArbitrationsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  BAIMI_ASSIGN_OR_RETURN(const int64_t below, BelowOf(cursor));
  v1::ListArbitrationsResponse response;
  int64_t last = 0;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const std::vector<store::ArbitrationRow> rows,
                               parts_.rulings->List(reader, call.county, request, below, size + 1));
        for (size_t i = 0; i < rows.size() && i < static_cast<size_t>(size); ++i) {
          const v1::Arbitration& arbitration = rows[i].arbitration;
          BAIMI_ASSIGN_OR_RETURN(const store::TicketRow order,
                                 parts_.store->Load(reader, arbitration.ticket(), Everything()));
          const bool wanted = !request.open_only() || arbitration.state() == v1::ARBITRATION_OPEN;
          if (wanted && MaySee(call, arbitration, order.ticket)) {
            *response.add_arbitrations() = arbitration;
          }
        }
        last =
            rows.size() > static_cast<size_t>(size) ? rows[static_cast<size_t>(size) - 1].seq : 0;
        return absl::OkStatus();
      }));
  if (last != 0) {
    response.set_next_page_token(parts_.tokens->Make(query, {{absl::StrCat(last)}}));
  }
  return response;
}

Async<v1::Arbitration> ArbitrationApi::GiveOpinion(const Call& call,
                                                   const v1::GiveOpinionRequest& request) {
  return orders_.TransactAs<v1::Arbitration>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Arbitration> {
        BAIMI_ASSIGN_OR_RETURN(const Case found,
                               LoadCase(work.tx.sql(), work.tx.call(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(
            domain::ArbitrationStep step,
            domain::GiveOpinion(found.arbitration.arbitration, request, work.context));
        return Save(work, std::move(step), found.arbitration.key, found.arbitration.seq);
      });
}

Async<v1::Arbitration> ArbitrationApi::Rule(const Call& call,
                                            const v1::RuleArbitrationRequest& request) {
  // An error waits for the closure: a request that was answered before gets that answer.
  const auto look = [&]() -> absl::StatusOr<domain::UnitsAtHand> {
    std::string ticket;
    std::vector<std::string> names = {request.ruling().lead()};
    BAIMI_RETURN_IF_ERROR(
        parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
          BAIMI_ASSIGN_OR_RETURN(const Case found, LoadCase(reader, call, request.name()));
          ticket = found.order.ticket.name();
          BAIMI_ASSIGN_OR_RETURN(const auto policy,
                                 parts_.policies->At(reader, call.county, call.now));
          names.push_back(policy->policy().fallback_unit());
          return absl::OkStatus();
        }));
    names.insert(names.end(), request.ruling().helpers().begin(), request.ruling().helpers().end());
    return UnitsFor(parts_, call, ticket, std::move(names));
  };
  return orders_.TransactAs<v1::Arbitration>(
      call, [this, request, units = look()](Orders::Work& work) -> absl::StatusOr<v1::Arbitration> {
        BAIMI_ASSIGN_OR_RETURN(const Case found,
                               LoadCase(work.tx.sql(), work.tx.call(), request.name()));
        BAIMI_RETURN_IF_ERROR(units.status());
        BAIMI_ASSIGN_OR_RETURN(domain::RulingStep ruled,
                               domain::Rule(found.arbitration.arbitration, found.order.ticket,
                                            request, *units, work.context));
        BAIMI_RETURN_IF_ERROR(
            orders_.Commit(work, found.order, std::move(ruled.decision)).status());
        if (ruled.precedent) {
          store::PrecedentRow row{.seq = work.tx.next_seq()};
          BAIMI_RETURN_IF_ERROR(
              work.tx
                  .Record(ruled.precedent->precedent.name(), ruled.precedent->fact, privacy::kNoKey)
                  .status());
          row.precedent = std::move(ruled.precedent->precedent);
          BAIMI_RETURN_IF_ERROR(parts_.rulings->Insert(work.tx.sql(), row));
        }
        return Save(work, std::move(ruled.step), found.arbitration.key, found.arbitration.seq);
      });
}

Async<v1::Arbitration> ArbitrationApi::Drop(const Call& call,
                                            const v1::DropArbitrationRequest& request) {
  return orders_.TransactAs<v1::Arbitration>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Arbitration> {
        BAIMI_ASSIGN_OR_RETURN(const Case found,
                               LoadCase(work.tx.sql(), work.tx.call(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(domain::DropStep dropped,
                               domain::DropArbitration(found.arbitration.arbitration,
                                                       found.order.ticket, request, work.context));
        if (!dropped.decision.facts.empty()) {
          BAIMI_RETURN_IF_ERROR(
              orders_.Commit(work, found.order, std::move(dropped.decision)).status());
        }
        return Save(work, std::move(dropped.step), found.arbitration.key, found.arbitration.seq);
      });
}

Async<v1::Precedent> ArbitrationApi::GetPrecedent(const Call& call,
                                                  const v1::GetPrecedentRequest& request) {
  v1::Precedent precedent;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(store::PrecedentRow row,
                               parts_.rulings->LoadPrecedent(reader, request.name()));
        precedent = std::move(row.precedent);
        return absl::OkStatus();
      }));
  return precedent;
}

Async<v1::ListPrecedentsResponse> ArbitrationApi::ListPrecedents(
    const Call& call, const v1::ListPrecedentsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  BAIMI_ASSIGN_OR_RETURN(const int64_t below, BelowOf(cursor));
  std::vector<store::PrecedentRow> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(rows, parts_.rulings->ListPrecedents(
                                         reader, call.county, request.all(), below, size + 1));
        return absl::OkStatus();
      }));
  v1::ListPrecedentsResponse response;
  for (size_t i = 0; i < rows.size() && i < static_cast<size_t>(size); ++i) {
    *response.add_precedents() = std::move(rows[i].precedent);
  }
  if (rows.size() > static_cast<size_t>(size)) {
    response.set_next_page_token(
        parts_.tokens->Make(query, {{absl::StrCat(rows[static_cast<size_t>(size) - 1].seq)}}));
  }
  return response;
}

Async<v1::Precedent> ArbitrationApi::WithdrawPrecedent(
    const Call& call, const v1::WithdrawPrecedentRequest& request) {
  return orders_.TransactAs<v1::Precedent>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Precedent> {
        BAIMI_ASSIGN_OR_RETURN(store::PrecedentRow row,
                               parts_.rulings->LoadPrecedent(work.tx.sql(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(domain::PrecedentStep step,
                               domain::WithdrawPrecedent(row.precedent, request, work.context));
        BAIMI_RETURN_IF_ERROR(work.tx.Record(request.name(), step.fact, privacy::kNoKey).status());
        row.precedent = std::move(step.precedent);
        BAIMI_RETURN_IF_ERROR(parts_.rulings->Update(work.tx.sql(), row));
        return std::move(row.precedent);
      });
}

Async<v1::Ticket> ArbitrationApi::Recuse(const Call& call, const v1::RecuseUnitRequest& request) {
  return orders_.Change(call, request.name(),
                        [request](const v1::Ticket& ticket, const domain::Context& context) {
                          return domain::Recuse(ticket, request, context);
                        });
}

}  // namespace baimi::ticket::api
