#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/journal/projector.h"
#include "services/ticket/api/ticket_api.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

constexpr int kMostDays = 400;

absl::Status CheckFilter(absl::string_view field, const std::string& value,
                         v1::FigureGrouping wanted, v1::FigureGrouping grouping) {
  if (value.empty() || wanted == grouping) {
    return absl::OkStatus();
  }
  return InvalidField(field, absl::StrCat(value, " with ", v1::FigureGrouping_Name(grouping)),
                      absl::StrCat("nothing unless grouping is ", v1::FigureGrouping_Name(wanted)),
                      "该条件须与对应的分组一起使用");
}

absl::StatusOr<store::FigureQuery> QueryOf(const v1::GetFiguresRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay from,
                         calendar::ParseDate("from_date", request.from_date()));
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay to,
                         calendar::ParseDate("to_date", request.to_date()));
  if (to < from || to - from >= kMostDays) {
    return InvalidField("to_date", request.to_date(),
                        absl::StrCat("from_date or later, at most ", kMostDays, " days in all"),
                        absl::StrCat("不早于起始日期，且不超过", kMostDays, "天"));
  }
  BAIMI_RETURN_IF_ERROR(CheckFilter("subtree", request.subtree(), v1::BY_AREA, request.grouping()));
  BAIMI_RETURN_IF_ERROR(
      CheckFilter("category", request.category(), v1::BY_CATEGORY, request.grouping()));
  store::FigureQuery query{.grouping = request.grouping(),
                           .from_day = domain::FigureDay(from),
                           .to_day = domain::FigureDay(to)};
  query.key_prefix =
      request.grouping() == v1::BY_AREA ? store::AreaPrefix(request.subtree()) : request.category();
  return query;
}

// A caller who sees a part of the county only sees the figures of that part.
bool InScope(const RowScope& scope, v1::FigureGrouping grouping, absl::string_view key) {
  switch (grouping) {
    case v1::BY_UNIT:
      return store::ScopeCovers(scope, "", key);
    case v1::BY_AREA:
      return store::ScopeCovers(scope, key, "");
    default:
      return scope.whole_county;
  }
}

}  // namespace

Async<v1::GetFiguresResponse> TicketApi::Figures(const Call& call,
                                                 const v1::GetFiguresRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const store::FigureQuery query, QueryOf(request));
  v1::GetFiguresResponse response;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, call.county, call.now));
        const v1::FigurePolicy weights = domain::WeightsOf(policy->policy());
        BAIMI_ASSIGN_OR_RETURN(
            const int64_t seq,
            journal::Projector::Cursor(reader, store::kFiguresProjection, call.county));
        response.set_as_of_seq(seq);
        BAIMI_ASSIGN_OR_RETURN(const auto figures,
                               parts_.figures->Read(reader, call.county, query));
        store::FigureQuery excluding = query;
        excluding.excluded = true;
        BAIMI_ASSIGN_OR_RETURN(auto excluded, parts_.figures->Read(reader, call.county, excluding));
        for (const auto& [key, counts] : figures) {
          if (InScope(call.scope, query.grouping, key)) {
            *response.add_figures() = domain::MakeFigures(key, counts, excluded[key], weights);
          }
        }
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace baimi::ticket::api
