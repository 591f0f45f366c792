// One verb for many orders.
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/api/item_errors.h"
#include "services/ticket/api/supervision_api.h"
#include "services/ticket/api/ticket_api.h"
#include "services/ticket/domain/duplicates.h"
#include "services/ticket/domain/group.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::api {
namespace {

absl::Status Check(const Call& call, const v1::BulkTicketsRequest& request) {
  if (request.action_case() == v1::BulkTicketsRequest::ACTION_NOT_SET) {
    return InvalidField("action", "nothing", "dispatch, merge or urge", "派单、合并或催办");
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.items_size(); ++i) {
    const std::string& name = request.items(i).name();
    if (domain::CountyOf(name) != call.county || !seen.insert(name).second) {
      return InvalidField(absl::StrCat("items[", i, "].name"), name,
                          "an order of this county, each once", "本县工单，每件一次");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCount(int items, int most) {
  return items <= most ? absl::OkStatus()
                       : InvalidField("items", absl::StrCat(items, " items"),
                                      absl::StrCat("at most ", most, ", the policy's max_bulk"),
                                      absl::StrCat("不超过政策规定的", most, "件"));
}

v1::BulkResult ResultOf(const std::string& name, const absl::StatusOr<v1::Ticket>& ticket) {
  v1::BulkResult result;
  result.set_ticket(name);
  if (ticket.ok()) {
    result.set_state(ticket->state());
    result.set_etag(ticket->etag());
    result.set_lead(ticket->assignment().lead());
  } else {
    SetError(ticket.status(), &result);
  }
  return result;
}

v1::DispatchTicketRequest DispatchOf(const v1::BulkTicketsRequest& request,
                                     const v1::BulkItem& item) {
  v1::DispatchTicketRequest dispatch;
  dispatch.set_name(item.name());
  dispatch.set_etag(item.etag());
  dispatch.set_lead(request.dispatch().lead());
  dispatch.set_note(request.dispatch().note());
  return dispatch;
}

v1::UrgeTicketRequest UrgeOf(const v1::BulkTicketsRequest& request, const v1::BulkItem& item) {
  v1::UrgeTicketRequest urge;
  urge.set_name(item.name());
  urge.set_etag(item.etag());
  urge.set_channel(request.urge().channel());
  urge.set_note(request.urge().note());
  return urge;
}

}  // namespace

absl::StatusOr<v1::Ticket> TicketApi::BulkOne(Orders::Work& work,
                                              const v1::BulkTicketsRequest& request,
                                              const v1::BulkItem& item,
                                              const absl::StatusOr<DispatchView>& view) const {
  if (request.has_urge()) {
    return SupervisionApi::UrgeOne(parts_, orders_, work, UrgeOf(request, item));
  }
  BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, item.name()));
  if (request.has_dispatch()) {
    BAIMI_RETURN_IF_ERROR(view.status());
    BAIMI_ASSIGN_OR_RETURN(
        domain::Decision decision,
        domain::Dispatch(row.ticket, DispatchOf(request, item), view->units, work.context));
    return orders_.Commit(work, row, std::move(decision));
  }
  v1::MergeTicketRequest merge;
  merge.set_name(item.name());
  merge.set_etag(item.etag());
  merge.set_into(request.merge().into());
  BAIMI_ASSIGN_OR_RETURN(const store::TicketRow into, orders_.Load(work, merge.into()));
  BAIMI_ASSIGN_OR_RETURN(domain::PairDecision pair,
                         domain::Merge(row.ticket, merge, into.ticket, work.context));
  BAIMI_RETURN_IF_ERROR(orders_.Commit(work, into, std::move(pair.into)).status());
  return orders_.Commit(work, row, std::move(pair.merged));
}

Async<v1::BulkTicketsResponse> TicketApi::Bulk(const Call& call,
                                               const v1::BulkTicketsRequest& request) {
  BAIMI_RETURN_IF_ERROR(Check(call, request));
  // Peers first, outside the transaction. An error waits for its item.
  std::vector<absl::StatusOr<DispatchView>> views;
  for (const v1::BulkItem& item : request.items()) {
    views.push_back(request.has_dispatch() ? LookAt(call, DispatchOf(request, item))
                                           : absl::StatusOr<DispatchView>(DispatchView()));
  }
  return orders_.TransactAs<v1::BulkTicketsResponse>(
      call,
      [this, request,
       views = std::move(views)](Orders::Work& work) -> absl::StatusOr<v1::BulkTicketsResponse> {
        BAIMI_RETURN_IF_ERROR(
            CheckCount(request.items_size(), domain::MaxBulk(work.context.policy.policy())));
        v1::BulkTicketsResponse response;
        for (int i = 0; i < request.items_size(); ++i) {
          const v1::BulkItem& item = request.items(i);
          const absl::StatusOr<v1::Ticket> ticket =
              BulkOne(work, request, item, views[static_cast<size_t>(i)]);
          if (!ticket.ok() && !IsRefusal(ticket.status())) {
            return ticket.status();
          }
          response.set_succeeded(response.succeeded() + (ticket.ok() ? 1 : 0));
          *response.add_results() = ResultOf(item.name(), ticket);
        }
        return response;
      });
}

}  // namespace baimi::ticket::api
