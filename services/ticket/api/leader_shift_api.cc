#include "services/ticket/api/leader_shift_api.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/resource/update.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/publication.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/versions.h"
#include "services/ticket/store/knowledge_store.h"
#include "services/ticket/store/leader_shift_store.h"

namespace baimi::ticket::api {
namespace {

using Store = store::LeaderShiftStore;

// Ten leaders at a time would have as many.
constexpr int kMostOfMonth = 10'000;

v1::LeaderShift Shown(v1::LeaderShift shift, absl::Time now) {
  shift.set_state(domain::StateOf(shift, now));
  return shift;
}

absl::StatusOr<v1::LeaderShift> LoadShift(sql::Reader& reader, absl::string_view county,
                                          absl::string_view name) {
  if (domain::CountyOf(name) != county) {
    return NotFound(name);
  }
  return Store::Load(reader, name);
}

// Of the day that the shift is on.
absl::StatusOr<std::vector<v1::LeaderShift>> OthersOf(Orders::Work& work,
                                                      const v1::LeaderShift& shift) {
  const absl::CivilDay day = calendar::DayOf(domain::FromProto(shift.start_time()));
  return Store::List(work.tx.sql(), work.tx.county(),
                     {.from = calendar::StartOf(day),
                      .until = calendar::StartOf(day + 1),
                      .leader = shift.leader().id()});
}

absl::StatusOr<v1::LeaderShift> Save(Orders::Work& work, const domain::LeaderShiftStep& step) {
  BAIMI_RETURN_IF_ERROR(work.tx.Record(step.shift.name(), step.fact, privacy::kNoKey).status());
  BAIMI_RETURN_IF_ERROR(step.shift.version() == 1 ? Store::Insert(work.tx.sql(), step.shift)
                                                  : Store::Update(work.tx.sql(), step.shift));
  return Shown(step.shift, work.context.now);
}

absl::StatusOr<store::ShiftQuery> QueryOf(const Call& call,
                                          const v1::ListLeaderShiftsRequest& request,
                                          const resource::PageCursor& cursor) {
  store::ShiftQuery query{.leader = request.leader()};
  absl::CivilDay from = calendar::DayOf(call.now);
  if (!request.from_date().empty()) {
    BAIMI_ASSIGN_OR_RETURN(from, calendar::ParseDate("from_date", request.from_date()));
  }
  query.from = calendar::StartOf(from);
  if (!request.to_date().empty()) {
    BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay to,
                           calendar::ParseDate("to_date", request.to_date()));
    query.until = calendar::StartOf(to + 1);
  }
  if (call.pii_view == PiiView::kPublic) {
    query.ends_after = call.now;
  }
  if (!cursor.last_key.empty()) {
    int64_t start_us = 0;
    if (cursor.last_key.size() != 2 || !absl::SimpleAtoi(cursor.last_key[0], &start_us) ||
        !absl::SimpleAtoi(cursor.last_key[1], &query.after_id)) {
      return Internal("page token: no shift");
    }
    query.after_start = absl::FromUnixMicros(start_us);
  }
  return query;
}

}  // namespace

absl::Status TakeInShift(journal::Tx& tx, const v1::Ticket& filed) {
  if (!filed.has_leader_shift()) {
    return absl::OkStatus();
  }
  const std::string& name = filed.leader_shift().shift();
  BAIMI_ASSIGN_OR_RETURN(const v1::LeaderShift shift, LoadShift(tx.sql(), tx.county(), name));
  BAIMI_RETURN_IF_ERROR(domain::CheckTaking(shift, filed, tx.now()));
  return Store::AddOrder(tx.sql(), name, filed.name());
}

Async<v1::LeaderShift> LeaderShiftApi::Create(const Call& call,
                                              const v1::CreateLeaderShiftRequest& request) {
  return orders_.TransactAs<v1::LeaderShift>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::LeaderShift> {
        const std::string name =
            absl::StrCat("counties/", work.tx.county(), "/leaderShifts/", work.tx.next_seq());
        BAIMI_ASSIGN_OR_RETURN(const auto others, OthersOf(work, request.leader_shift()));
        BAIMI_ASSIGN_OR_RETURN(
            const domain::LeaderShiftStep step,
            domain::WriteLeaderShift(nullptr, request.leader_shift(), name, others, work.context));
        return Save(work, step);
      });
}

Async<v1::LeaderShift> LeaderShiftApi::Get(const Call& call,
                                           const v1::GetLeaderShiftRequest& request) {
  v1::LeaderShift shift;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(shift, LoadShift(reader, call.county, request.name()));
        return absl::OkStatus();
      }));
  return Shown(std::move(shift), call.now);
}

Async<v1::ListLeaderShiftsResponse> LeaderShiftApi::List(
    const Call& call, const v1::ListLeaderShiftsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery page = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(page, request.page_token()));
  BAIMI_ASSIGN_OR_RETURN(store::ShiftQuery query, QueryOf(call, request, cursor));
  query.limit = size + 1;
  std::vector<v1::LeaderShift> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(rows, Store::List(reader, call.county, query));
        return absl::OkStatus();
      }));
  v1::ListLeaderShiftsResponse response;
  for (const v1::LeaderShift& row : rows) {
    if (response.leader_shifts_size() == size) {
      const v1::LeaderShift& last = response.leader_shifts(size - 1);
      response.set_next_page_token(parts_.tokens->Make(
          page, {{absl::StrCat(absl::ToUnixMicros(domain::FromProto(last.start_time()))),
                  absl::StrCat(store::KnowledgeId(last.name()))}}));
      break;
    }
    *response.add_leader_shifts() = Shown(row, call.now);
  }
  return response;
}

Async<v1::LeaderShift> LeaderShiftApi::Update(const Call& call,
                                              const v1::UpdateLeaderShiftRequest& request) {
  return orders_.TransactAs<v1::LeaderShift>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::LeaderShift> {
        const std::string& name = request.leader_shift().name();
        BAIMI_ASSIGN_OR_RETURN(const v1::LeaderShift before,
                               LoadShift(work.tx.sql(), work.tx.county(), name));
        BAIMI_RETURN_IF_ERROR(domain::CheckVersion(before.etag(), request.leader_shift().etag()));
        v1::LeaderShift wanted = before;
        BAIMI_RETURN_IF_ERROR(
            resource::ApplyUpdate(request.leader_shift(), request.update_mask(), &wanted));
        BAIMI_ASSIGN_OR_RETURN(const auto others, OthersOf(work, wanted));
        BAIMI_ASSIGN_OR_RETURN(
            const domain::LeaderShiftStep step,
            domain::WriteLeaderShift(&before, wanted, name, others, work.context));
        return wanted.SerializeAsString() == before.SerializeAsString()
                   ? Shown(before, work.context.now)
                   : Save(work, step);
      });
}

Async<v1::LeaderShift> LeaderShiftApi::Cancel(const Call& call,
                                              const v1::CancelLeaderShiftRequest& request) {
  return orders_.TransactAs<v1::LeaderShift>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::LeaderShift> {
        BAIMI_ASSIGN_OR_RETURN(const v1::LeaderShift before,
                               LoadShift(work.tx.sql(), work.tx.county(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(const domain::LeaderShiftStep step,
                               domain::CancelLeaderShift(before, request, work.context));
        return Save(work, step);
      });
}

Async<v1::Ticket> LeaderShiftApi::Coordinate(const Call& call,
                                             const v1::CoordinateTicketRequest& request) {
  return orders_.Change(call, request.name(),
                        [request](const v1::Ticket& ticket, const domain::Context& context) {
                          return domain::Coordinate(ticket, request, context);
                        });
}

absl::Status LeaderShiftApi::AddOrders(
    sql::Reader& reader, const Call& call, const v1::LeaderShift& shift, v1::ShiftCounts* counts,
    google::protobuf::RepeatedPtrField<std::string>* left_open) const {
  BAIMI_ASSIGN_OR_RETURN(const std::vector<std::string> names, Store::Orders(reader, shift.name()));
  const absl::Time end = domain::DayEndOf(shift);
  for (const std::string& name : names) {
    const absl::StatusOr<store::TicketRow> row = LoadVisible(parts_, reader, call, name);
    if (absl::IsNotFound(row.status())) {
      continue;
    }
    BAIMI_RETURN_IF_ERROR(row.status());
    domain::CountTaken(row->ticket, end, counts);
    if (domain::IsLeftOpen(row->ticket, end)) {
      *left_open->Add() = name;
    }
  }
  return absl::OkStatus();
}

Async<v1::LeaderShiftSummary> LeaderShiftApi::Summary(
    const Call& call, const v1::GetLeaderShiftSummaryRequest& request) {
  v1::LeaderShiftSummary summary;
  const auto read = [&](sql::Reader& reader) -> absl::Status {
    summary.Clear();
    BAIMI_ASSIGN_OR_RETURN(const auto policy, parts_.policies->At(reader, call.county, call.now));
    BAIMI_ASSIGN_OR_RETURN(const v1::LeaderShift shift,
                           LoadShift(reader, call.county, request.name()));
    *summary.mutable_leader_shift() = Shown(shift, call.now);
    summary.set_day_over(call.now >= domain::DayEndOf(shift));
    BAIMI_RETURN_IF_ERROR(
        AddOrders(reader, call, shift, summary.mutable_counts(), summary.mutable_left_open()));
    if (!policy->policy().leader_shifts().settle_same_day()) {
      summary.clear_left_open();
    }
    return absl::OkStatus();
  };
  BAIMI_RETURN_IF_ERROR(parts_.database->Read({call.machine_deadline}, read));
  return summary;
}

Async<v1::LeaderShiftMonth> LeaderShiftApi::Month(const Call& call,
                                                  const v1::GetLeaderShiftMonthRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilMonth month, domain::ParseMonth(request.month()));
  std::map<std::string, v1::LeaderMonth> leaders;
  const auto read = [&](sql::Reader& reader) -> absl::Status {
    leaders.clear();
    BAIMI_ASSIGN_OR_RETURN(const auto policy, parts_.policies->At(reader, call.county, call.now));
    BAIMI_ASSIGN_OR_RETURN(const std::vector<v1::LeaderShift> shifts,
                           Store::List(reader, call.county,
                                       {.from = calendar::StartOf(absl::CivilDay(month)),
                                        .until = calendar::StartOf(absl::CivilDay(month + 1)),
                                        .limit = kMostOfMonth}));
    for (const v1::LeaderShift& shift : shifts) {
      v1::LeaderMonth& leader = leaders[shift.leader().id()];
      *leader.mutable_leader() = shift.leader();
      const v1::LeaderShiftState state = domain::StateOf(shift, call.now);
      leader.set_held(leader.held() + (state == v1::SHIFT_ENDED ? 1 : 0));
      leader.set_cancelled(leader.cancelled() + (state == v1::SHIFT_CANCELLED ? 1 : 0));
      BAIMI_RETURN_IF_ERROR(
          AddOrders(reader, call, shift, leader.mutable_counts(), leader.mutable_left_open()));
      if (!policy->policy().leader_shifts().settle_same_day()) {
        leader.clear_left_open();
      }
    }
    return absl::OkStatus();
  };
  BAIMI_RETURN_IF_ERROR(parts_.database->Read({call.machine_deadline}, read));
  v1::LeaderShiftMonth response;
  for (auto& [id, leader] : leaders) {
    *response.add_leaders() = std::move(leader);
  }
  return response;
}

}  // namespace baimi::ticket::api
