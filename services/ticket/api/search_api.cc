#include "services/ticket/api/search_api.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/journal/projector.h"
#include "services/ticket/domain/duplicates.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/search_index.h"
#include "services/ticket/store/search_text.h"

namespace baimi::ticket::api {
namespace {

constexpr int kCandidates = 10;
constexpr int kLargestPage = 200;

store::Viewer ViewerOf(const Call& call) { return {call.scope, call.actor.unit()}; }

}  // namespace

absl::Status MaySearch(const Call& call) {
  if (call.pii_view != PiiView::kPublic) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_SEARCH_NOT_ALLOWED,
               "search: got a key with the public view, want one that may see callers' words",
               "该密钥不能查看诉求内容，不能按内容检索");
}

absl::StatusOr<v1::Ticket> SearchApi::OrderOf(const Call& call,
                                              const v1::FindDuplicatesRequest& request) {
  if (request.ticket().empty() == !request.has_draft()) {
    return InvalidField("draft", request.has_draft() ? "both ticket and draft" : "nothing",
                        "either ticket or draft", "已受理工单和待受理内容二选一");
  }
  if (request.has_draft()) {
    BAIMI_ASSIGN_OR_RETURN(const v1::Place located,
                           parts_.registry->Locate(call, request.draft().place()));
    return domain::TicketOfDraft(request.draft(), located, call.now);
  }
  if (domain::CountyOf(request.ticket()) != call.county) {
    return NotFound(request.ticket());
  }
  store::TicketRow row;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(row, LoadVisible(parts_, reader, call, request.ticket()));
        return absl::OkStatus();
      }));
  return std::move(row.ticket);
}

Async<v1::FindDuplicatesResponse> SearchApi::FindDuplicates(
    const Call& call, const v1::FindDuplicatesRequest& request) {
  BAIMI_RETURN_IF_ERROR(MaySearch(call));
  BAIMI_ASSIGN_OR_RETURN(const v1::Ticket order, OrderOf(call, request));
  return DuplicatesOf(call, order,
                      request.max_candidates() == 0 ? kCandidates : request.max_candidates());
}

absl::StatusOr<v1::FindDuplicatesResponse> SearchApi::DuplicatesOf(const Call& call,
                                                                   const v1::Ticket& order,
                                                                   int limit) const {
  v1::FindDuplicatesResponse response;
  std::vector<v1::DuplicateCandidate> candidates;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, call.county, call.now));
        response.set_policy_version(policy->policy().version());
        const v1::DuplicatePolicy rules = domain::DuplicatesOf(policy->policy());
        BAIMI_ASSIGN_OR_RETURN(
            const std::vector<store::TicketRow> rows,
            query_->ToCompareWith(reader, call.county, order, rules, ViewerOf(call)));
        const domain::Comparison comparison(order, store::SearchText(order), rules);
        for (const store::TicketRow& row : rows) {
          if (auto candidate = comparison.With(row.ticket, store::SearchText(row.ticket))) {
            candidates.push_back(*std::move(candidate));
          }
        }
        return absl::OkStatus();
      }));
  response.set_merge_into(domain::MergeInto(candidates));
  domain::Rank(candidates, static_cast<size_t>(limit));
  for (v1::DuplicateCandidate& candidate : candidates) {
    *response.add_candidates() = std::move(candidate);
  }
  return response;
}

Async<v1::QueryTicketsResponse> SearchApi::Query(const Call& call,
                                                 const v1::QueryTicketsRequest& request) {
  BAIMI_RETURN_IF_ERROR(MaySearch(call));
  if (request.has_near() && request.order() != v1::QUERY_ORDER_UNSPECIFIED) {
    return InvalidField("order", v1::QueryOrder_Name(request.order()), "nothing with near",
                        "按距离查找时不能另选排序");
  }
  BAIMI_ASSIGN_OR_RETURN(int size, resource::PageSize(request.page_size()));
  size = std::min(size, kLargestPage);
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  v1::QueryTicketsResponse response;
  store::SearchPage page;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(
            const int64_t seq,
            journal::Projector::Cursor(reader, store::kSearchProjection, call.county));
        response.set_as_of_seq(seq);
        BAIMI_ASSIGN_OR_RETURN(page, query_->Page(reader, call.county, request, ViewerOf(call),
                                                  cursor.last_key, size));
        return absl::OkStatus();
      }));
  for (store::TicketRow& row : page.rows) {
    *response.add_tickets() = std::move(row.ticket);
  }
  if (!page.next.empty()) {
    response.set_next_page_token(parts_.tokens->Make(query, {std::move(page.next)}));
  }
  return response;
}

}  // namespace baimi::ticket::api
