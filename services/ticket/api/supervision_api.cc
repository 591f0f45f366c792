#include "services/ticket/api/supervision_api.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/supervision.h"
#include "services/ticket/domain/urge.h"
#include "services/ticket/store/stored_form.h"
#include "services/ticket/store/supervision_store.h"

namespace baimi::ticket::api {
namespace {

// Rows of one page that are looked at, at most.
constexpr int kLookAt = 1000;

const RowScope& WholeCounty() {
  static const auto& scope = *new RowScope{.whole_county = true, .area_prefixes = {}, .units = {}};
  return scope;
}

// The supervision of the order that is answered, by what `pick` finds.
template <typename Pick>
Async<v1::Supervision> Picked(Async<v1::Ticket> change, Pick pick) {
  auto promise = std::make_shared<Promise<v1::Supervision>>();
  Async<v1::Supervision> result = promise->async();
  std::move(change).Then([promise, pick = std::move(pick)](absl::StatusOr<v1::Ticket> ticket) {
    promise->Set(ticket.ok() ? pick(*ticket) : ticket.status());
  });
  return result;
}

absl::StatusOr<store::SupervisionKey> KeyOf(const resource::PageCursor& cursor) {
  store::SupervisionKey key;
  if (cursor.last_key.size() != 3 || !absl::SimpleAtoi(cursor.last_key[0], &key.raise_us) ||
      !absl::SimpleAtoi(cursor.last_key[2], &key.nth)) {
    return Internal("page token: no place among supervisions");
  }
  key.number = cursor.last_key[1];
  return key;
}

}  // namespace

absl::StatusOr<store::TicketRow> SupervisionApi::LoadFor(sql::Reader& reader, const Call& call,
                                                         const std::string& name) const {
  const std::string order = domain::TicketOfSupervision(name);
  if (order.empty()) {
    return NotFound(name);
  }
  absl::StatusOr<store::TicketRow> row = parts_.store->Load(reader, order, WholeCounty());
  if (absl::IsNotFound(row.status())) {
    return NotFound(name);
  }
  BAIMI_RETURN_IF_ERROR(row.status());
  BAIMI_ASSIGN_OR_RETURN(const v1::Supervision supervision,
                         domain::FindSupervision(row->ticket, name));
  if (!domain::SeesSupervision(row->ticket, supervision, call.actor, call.scope,
                               store::InScope(row->ticket, call.scope))) {
    return NotFound(name);
  }
  return row;
}

Async<v1::Supervision> SupervisionApi::Raise(const Call& call,
                                             const v1::RaiseSupervisionRequest& request) {
  Async<v1::Ticket> change =
      orders_.Change(call, request.name(),
                     [request](const v1::Ticket& ticket,
                               const domain::Context& context) -> absl::StatusOr<domain::Decision> {
                       if (!domain::SeesSupervision(ticket, {}, context.actor, {}, true)) {
                         return NotFound(request.name());
                       }
                       return domain::RaiseSupervision(ticket, request, context);
                     });
  return Picked(
      std::move(change),
      [level = request.level()](const v1::Ticket& ticket) -> absl::StatusOr<v1::Supervision> {
        for (const v1::Supervision& supervision : ticket.supervisions()) {
          if (supervision.level() == level) {
            return supervision;
          }
        }
        return Internal("the supervision that was raised is not there");
      });
}

Async<v1::Supervision> SupervisionApi::Get(const Call& call,
                                           const v1::GetSupervisionRequest& request) {
  absl::StatusOr<v1::Supervision> supervision = absl::UnknownError("not read");
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, LoadFor(reader, call, request.name()));
        supervision = domain::FindSupervision(row.ticket, request.name());
        return supervision.status();
      }));
  return supervision;
}

Async<v1::ListSupervisionsResponse> SupervisionApi::List(
    const Call& call, const v1::ListSupervisionsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  std::optional<store::SupervisionKey> below;
  if (!cursor.last_key.empty()) {
    BAIMI_ASSIGN_OR_RETURN(below, KeyOf(cursor));
  }
  v1::ListSupervisionsResponse response;
  std::optional<store::SupervisionKey> next;
  const auto read = [&](sql::Reader& reader) -> absl::Status {
    response.Clear();
    next.reset();
    BAIMI_ASSIGN_OR_RETURN(
        const store::SupervisionPage page,
        store::SupervisionStore::List(reader, call.county, request, below ? &*below : nullptr,
                                      std::max(kLookAt, size)));
    if (page.more) {
      next = page.floor;
    }
    for (size_t i = 0; i < page.keys.size(); ++i) {
      if (response.supervisions_size() == size) {
        next = page.keys[i - 1];
        break;
      }
      const std::string name = domain::SupervisionName(
          store::TicketName(call.county, page.keys[i].number), static_cast<int>(page.keys[i].nth));
      absl::StatusOr<store::TicketRow> row = LoadFor(reader, call, name);
      if (absl::IsNotFound(row.status())) {
        continue;
      }
      BAIMI_RETURN_IF_ERROR(row.status());
      BAIMI_ASSIGN_OR_RETURN(*response.add_supervisions(),
                             domain::FindSupervision(row->ticket, name));
    }
    return absl::OkStatus();
  };
  BAIMI_RETURN_IF_ERROR(parts_.database->Read({call.machine_deadline}, read));
  if (next) {
    response.set_next_page_token(parts_.tokens->Make(
        query, {{absl::StrCat(next->raise_us), next->number, absl::StrCat(next->nth)}}));
  }
  return response;
}

template <typename Request>
Async<v1::Supervision> SupervisionApi::Step(
    const Call& call, const Request& request,
    absl::StatusOr<domain::Decision> (*decide)(const v1::Ticket&, const Request&,
                                               const domain::Context&)) {
  Async<v1::Ticket> change = orders_.Transact(
      call, [this, request, decide](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                               LoadFor(work.tx.sql(), work.tx.call(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                               decide(row.ticket, request, work.context));
        return orders_.Commit(work, row, std::move(decision));
      });
  return Picked(std::move(change), [name = request.name()](const v1::Ticket& ticket) {
    return domain::FindSupervision(ticket, name);
  });
}

Async<v1::Supervision> SupervisionApi::Acknowledge(
    const Call& call, const v1::AcknowledgeSupervisionRequest& request) {
  return Step(call, request, &domain::AcknowledgeSupervision);
}

Async<v1::Supervision> SupervisionApi::Report(const Call& call,
                                              const v1::ReportSupervisionRequest& request) {
  return Step(call, request, &domain::ReportSupervision);
}

absl::StatusOr<v1::Ticket> SupervisionApi::UrgeOne(const Parts& parts, const Orders& orders,
                                                   Orders::Work& work,
                                                   const v1::UrgeTicketRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row, orders.Load(work, request.name()));
  if (!domain::SeesSupervision(row.ticket, {}, work.context.actor, work.tx.call().scope, true)) {
    return NotFound(request.name());
  }
  BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                         domain::UrgeByCentre(row.ticket, request, "", work.context));
  if (row.ticket.state() == v1::MERGED) {
    BAIMI_ASSIGN_OR_RETURN(
        const store::TicketRow into,
        parts.store->Load(work.tx.sql(), row.ticket.merged_into(), WholeCounty()));
    BAIMI_ASSIGN_OR_RETURN(
        domain::Decision there,
        domain::UrgeByCentre(into.ticket, request, request.name(), work.context));
    BAIMI_RETURN_IF_ERROR(orders.Commit(work, into, std::move(there)).status());
  }
  return orders.Commit(work, row, std::move(decision));
}

Async<v1::Ticket> SupervisionApi::Urge(const Call& call, const v1::UrgeTicketRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) {
    return UrgeOne(parts_, orders_, work, request);
  });
}

}  // namespace baimi::ticket::api
