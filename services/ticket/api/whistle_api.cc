#include "services/ticket/api/whistle_api.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "services/ticket/api/units.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::api {
namespace {

constexpr int kMostDays = 400;

absl::StatusOr<std::pair<int32_t, int32_t>> DaysOf(const v1::GetWhistleScoresRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay from,
                         calendar::ParseDate("from_date", request.from_date()));
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay to,
                         calendar::ParseDate("to_date", request.to_date()));
  if (to < from || to - from >= kMostDays) {
    return InvalidField("to_date", request.to_date(),
                        absl::StrCat("from_date or later, at most ", kMostDays, " days in all"),
                        absl::StrCat("不早于起始日期，且不超过", kMostDays, "天"));
  }
  return std::pair(domain::FigureDay(from), domain::FigureDay(to));
}

}  // namespace

bool WhistleApi::MaySee(const Call& call, const v1::Whistle& whistle) const {
  const std::vector<std::string> own = OwnUnits(call);
  return call.scope.whole_county || std::any_of(own.begin(), own.end(), [&](const auto& unit) {
           return domain::IsPartOf(whistle, unit);
         });
}

absl::StatusOr<store::TicketRow> WhistleApi::LoadOrder(sql::Reader& reader, const Call& call,
                                                       const v1::Whistle& asked) const {
  if (domain::CountyOf(asked.ticket()) != call.county) {
    return NotFound(asked.ticket());
  }
  const RowScope everything{.whole_county = true, .area_prefixes = {}, .units = {}};
  BAIMI_ASSIGN_OR_RETURN(store::TicketRow row,
                         parts_.store->Load(reader, asked.ticket(), everything));
  const auto& copied = row.ticket.assignment().copied();
  const bool told = Speaks(call, std::vector<std::string>(copied.begin(), copied.end()));
  for (const std::string& unit : OwnUnits(call)) {
    if (domain::IsRecused(row.ticket, unit)) {
      return NotFound(asked.ticket());
    }
  }
  if (!told && !store::InScope(row.ticket, call.scope)) {
    return NotFound(asked.ticket());
  }
  return row;
}

absl::StatusOr<WhistleApi::View> WhistleApi::LookAt(const Call& call,
                                                    const v1::CreateWhistleRequest& request) const {
  View view;
  if (!request.whistle().ticket().empty()) {
    BAIMI_RETURN_IF_ERROR(
        parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
          BAIMI_ASSIGN_OR_RETURN(view.order, LoadOrder(reader, call, request.whistle()));
          return absl::OkStatus();
        }));
  }
  const v1::Ticket* ticket = view.order ? &view.order->ticket : nullptr;
  BAIMI_ASSIGN_OR_RETURN(
      const auto resolved,
      parts_.registry->ResolveUnits(call, domain::UnitsNeeded(request, ticket, call.actor), ""));
  view.units = domain::UnitsAtHand::From(resolved);
  return view;
}

Async<v1::Whistle> WhistleApi::Create(const Call& call, const v1::CreateWhistleRequest& request) {
  // An error waits for the closure: a request that was answered before gets that answer.
  absl::StatusOr<View> view = LookAt(call, request);
  BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId own_key, parts_.keys->NewKey());
  return orders_.TransactAs<v1::Whistle>(
      call,
      [this, request, view = std::move(view),
       own_key](Orders::Work& work) -> absl::StatusOr<v1::Whistle> {
        BAIMI_RETURN_IF_ERROR(view.status());
        std::optional<store::TicketRow> order;
        if (view->order) {
          BAIMI_ASSIGN_OR_RETURN(order,
                                 LoadOrder(work.tx.sql(), work.tx.call(), request.whistle()));
        }
        store::WhistleRow row{.key = order ? order->key : own_key, .seq = work.tx.next_seq()};
        const std::string name =
            absl::StrCat(request.parent(), "/whistles/",
                         absl::FormatTime("%Y%m%d", work.tx.now(), ShanghaiZone()),
                         absl::StrFormat("-%09d", row.seq));
        BAIMI_ASSIGN_OR_RETURN(domain::WhistleStep step,
                               domain::BlowWhistle(request, name, order ? &order->ticket : nullptr,
                                                   view->units, work.context));
        BAIMI_RETURN_IF_ERROR(work.tx.Record(name, step.fact, row.key).status());
        row.whistle = std::move(step.whistle);
        BAIMI_RETURN_IF_ERROR(parts_.whistles->Insert(work.tx.sql(), row));
        work.tx.SealAnswerUnder(row.key);
        return std::move(row.whistle);
      });
}

absl::StatusOr<store::WhistleRow> WhistleApi::Load(sql::Reader& reader, const Call& call,
                                                   absl::string_view name) const {
  BAIMI_ASSIGN_OR_RETURN(store::WhistleRow row, parts_.whistles->Load(reader, name));
  if (!MaySee(call, row.whistle)) {
    return NotFound(name);
  }
  return row;
}

Async<v1::Whistle> WhistleApi::Change(const Call& call, const std::string& name,
                                      Decide decide) const {
  return orders_.TransactAs<v1::Whistle>(
      call,
      [this, name, decide = std::move(decide)](Orders::Work& work) -> absl::StatusOr<v1::Whistle> {
        BAIMI_ASSIGN_OR_RETURN(store::WhistleRow row, Load(work.tx.sql(), work.tx.call(), name));
        BAIMI_ASSIGN_OR_RETURN(domain::WhistleStep step, decide(row.whistle, work.context));
        BAIMI_RETURN_IF_ERROR(work.tx.Record(name, step.fact, row.key).status());
        row.whistle = std::move(step.whistle);
        BAIMI_RETURN_IF_ERROR(parts_.whistles->Update(work.tx.sql(), row));
        work.tx.SealAnswerUnder(row.key);
        return std::move(row.whistle);
      });
}

Async<v1::Whistle> WhistleApi::Report(const Call& call, const v1::ReportToWhistleRequest& request) {
  return Change(call, request.name(),
                [request](const v1::Whistle& whistle, const domain::Context& context) {
                  return domain::Report(whistle, request, context);
                });
}

Async<v1::Whistle> WhistleApi::Answer(const Call& call, const v1::AnswerWhistleRequest& request) {
  return Change(call, request.name(),
                [request](const v1::Whistle& whistle, const domain::Context& context) {
                  return domain::AnswerWhistle(whistle, request, context);
                });
}

Async<v1::Whistle> WhistleApi::Rate(const Call& call, const v1::RateWhistleRequest& request) {
  return Change(call, request.name(),
                [request](const v1::Whistle& whistle, const domain::Context& context) {
                  return domain::Rate(whistle, request, context);
                });
}

Async<v1::Whistle> WhistleApi::Close(const Call& call, const v1::CloseWhistleRequest& request) {
  return Change(call, request.name(),
                [request](const v1::Whistle& whistle, const domain::Context& context) {
                  return domain::CloseWhistle(whistle, request, context);
                });
}

Async<v1::Whistle> WhistleApi::Get(const Call& call, const v1::GetWhistleRequest& request) {
  v1::Whistle whistle;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(store::WhistleRow row, Load(reader, call, request.name()));
        whistle = std::move(row.whistle);
        return absl::OkStatus();
      }));
  return whistle;
}

Async<v1::ListWhistlesResponse> WhistleApi::List(const Call& call,
                                                 const v1::ListWhistlesRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  int64_t below = 0;
  if (!cursor.last_key.empty() && !absl::SimpleAtoi(cursor.last_key[0], &below)) {
    return Internal("page token: a sequence that is no number");
  }
  std::string unit = request.unit();
  const std::vector<std::string> own = OwnUnits(call);
  if (unit.empty() && !call.scope.whole_county) {
    if (own.empty()) {
      return v1::ListWhistlesResponse();
    }
    unit = absl::StrCat(request.parent(), "/units/", own.front());
  }
  std::vector<store::WhistleRow> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(rows, parts_.whistles->List(reader, call.county, unit,
                                                           request.open_only(), below, size + 1));
        return absl::OkStatus();
      }));
  v1::ListWhistlesResponse response;
  for (size_t i = 0; i < rows.size() && i < static_cast<size_t>(size); ++i) {
    if (MaySee(call, rows[i].whistle)) {
      *response.add_whistles() = std::move(rows[i].whistle);
    }
  }
  if (rows.size() > static_cast<size_t>(size)) {
    response.set_next_page_token(
        parts_.tokens->Make(query, {{absl::StrCat(rows[static_cast<size_t>(size) - 1].seq)}}));
  }
  return response;
}

Async<v1::GetWhistleScoresResponse> WhistleApi::Scores(const Call& call,
                                                       const v1::GetWhistleScoresRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const auto days, DaysOf(request));
  std::map<std::string, v1::WhistleScore> scores;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(
            scores, parts_.whistles->Scores(reader, call.county, days.first, days.second));
        return absl::OkStatus();
      }));
  v1::GetWhistleScoresResponse response;
  for (auto& [unit, score] : scores) {
    if (call.scope.whole_county || Speaks(call, std::vector<std::string>{unit})) {
      *response.add_scores() = std::move(score);
    }
  }
  return response;
}

}  // namespace baimi::ticket::api
