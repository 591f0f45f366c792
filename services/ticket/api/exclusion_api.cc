#include "services/ticket/api/exclusion_api.h"

#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "services/ticket/domain/exclusion.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {

Async<v1::Ticket> ExclusionApi::Change(const Call& call, const std::string& name,
                                       Orders::Decide decide) const {
  return orders_.Transact(
      call,
      [this, name, decide = std::move(decide)](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders_.Load(work, name));
        BAIMI_ASSIGN_OR_RETURN(domain::Decision decision, decide(row.ticket, work.context));
        BAIMI_RETURN_IF_ERROR(parts_.exclusions->Put(work.tx.sql(), work.tx.county(),
                                                     store::LastSegment(name),
                                                     decision.ticket.exclusion().state()));
        return orders_.Commit(work, row, std::move(decision));
      });
}

Async<v1::Ticket> ExclusionApi::Request(const Call& call,
                                        const v1::RequestExclusionRequest& request) {
  return Change(call, request.name(),
                [request](const v1::Ticket& ticket, const domain::Context& context) {
                  return domain::RequestExclusion(ticket, request, context);
                });
}

Async<v1::Ticket> ExclusionApi::Decide(const Call& call,
                                       const v1::DecideExclusionRequest& request) {
  return Change(call, request.name(),
                [request](const v1::Ticket& ticket, const domain::Context& context) {
                  return domain::DecideExclusion(ticket, request, context);
                });
}

Async<v1::ListExclusionsResponse> ExclusionApi::List(const Call& call,
                                                     const v1::ListExclusionsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  const std::string below = cursor.last_key.empty() ? "" : cursor.last_key[0];
  const v1::ExclusionState state =
      request.state() == v1::EXCLUSION_STATE_UNSPECIFIED ? v1::EXCLUSION_PENDING : request.state();
  v1::ListExclusionsResponse response;
  std::vector<std::string> numbers;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(
            numbers, parts_.exclusions->List(reader, call.county, state, below, size + 1));
        for (size_t i = 0; i < numbers.size() && i < static_cast<size_t>(size); ++i) {
          absl::StatusOr<store::TicketRow> row =
              LoadVisible(parts_, reader, call, store::TicketName(call.county, numbers[i]));
          if (row.ok()) {
            *response.add_tickets() = std::move(row->ticket);
          } else if (!absl::IsNotFound(row.status())) {
            return row.status();
          }
        }
        return absl::OkStatus();
      }));
  if (numbers.size() > static_cast<size_t>(size)) {
    response.set_next_page_token(
        parts_.tokens->Make(query, {{std::move(numbers[static_cast<size_t>(size) - 1])}}));
  }
  return response;
}

}  // namespace baimi::ticket::api
