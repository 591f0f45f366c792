#include "services/ticket/api/helper_api.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/api/units.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/helper_index.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

// The unit whose parts are listed: the caller's own, or for those who see the whole county any.
absl::StatusOr<std::string> UnitToList(const Call& call,
                                       const v1::ListHelperTasksRequest& request) {
  const std::vector<std::string> own = OwnUnits(call);
  if (request.unit().empty()) {
    if (own.empty()) {
      return InvalidField("unit", "nothing", "the unit, by a caller who has none",
                          "单位（调用者没有所属单位时必填）");
    }
    return absl::StrCat(request.parent(), "/units/", own.front());
  }
  const bool mine = std::find(own.begin(), own.end(), domain::IdOf(request.unit())) != own.end();
  if (!mine && !call.scope.whole_county) {
    return NotFound(request.unit());
  }
  return request.unit();
}

}  // namespace

Async<v1::Ticket> HelperApi::Acknowledge(const Call& call,
                                         const v1::AcknowledgeHelpRequest& request) {
  return orders_.Change(call, request.name(),
                        [request](const v1::Ticket& ticket, const domain::Context& context) {
                          return domain::AcknowledgeHelp(ticket, request, context);
                        });
}

Async<v1::Ticket> HelperApi::Submit(const Call& call, const v1::SubmitHelpRequest& request) {
  return orders_.Change(call, request.name(),
                        [request](const v1::Ticket& ticket, const domain::Context& context) {
                          return domain::SubmitHelp(ticket, request, context);
                        });
}

Async<v1::Ticket> HelperApi::ExplainDelay(const Call& call,
                                          const v1::ExplainHelpDelayRequest& request) {
  return orders_.Change(call, request.name(),
                        [request](const v1::Ticket& ticket, const domain::Context& context) {
                          return domain::ExplainHelpDelay(ticket, request, context);
                        });
}

Async<v1::Ticket> HelperApi::Change(const Call& call, const v1::ChangeHelpersRequest& request) {
  // An error waits for the closure: a request that was answered before gets that answer.
  absl::StatusOr<domain::UnitsAtHand> units =
      UnitsFor(parts_, call, request.name(), {request.add().begin(), request.add().end()});
  return orders_.Change(call, request.name(),
                        [request, units = std::move(units)](
                            const v1::Ticket& ticket,
                            const domain::Context& context) -> absl::StatusOr<domain::Decision> {
                          BAIMI_RETURN_IF_ERROR(units.status());
                          return domain::ChangeHelpers(ticket, request, *units, context);
                        });
}

Async<v1::ListHelperTasksResponse> HelperApi::List(const Call& call,
                                                   const v1::ListHelperTasksRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  BAIMI_ASSIGN_OR_RETURN(const std::string unit, UnitToList(call, request));
  v1::ListHelperTasksResponse response;
  std::vector<std::string> numbers;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(
            numbers,
            store::HelpedOrders(reader, call.county, unit, request.open_only(),
                                cursor.last_key.empty() ? "" : cursor.last_key[0], size + 1));
        for (size_t i = 0; i < numbers.size() && i < static_cast<size_t>(size); ++i) {
          const std::string name = store::TicketName(call.county, numbers[i]);
          const absl::StatusOr<store::TicketRow> row = LoadVisible(parts_, reader, call, name);
          if (absl::IsNotFound(row.status())) {
            continue;  // Out of sight since it was taken out.
          }
          BAIMI_RETURN_IF_ERROR(row.status());
          v1::HelperTaskEntry& entry = *response.add_helper_tasks();
          entry.set_ticket(name);
          entry.set_state(row->ticket.state());
          entry.set_lead(row->ticket.assignment().lead());
          entry.set_category(row->ticket.category());
          entry.set_title(row->ticket.title());
          *entry.mutable_task() = *domain::HelpOf(row->ticket, unit);
        }
        return absl::OkStatus();
      }));
  if (numbers.size() > static_cast<size_t>(size)) {
    response.set_next_page_token(
        parts_.tokens->Make(query, {{numbers[static_cast<size_t>(size) - 1]}}));
  }
  return response;
}

}  // namespace baimi::ticket::api
