#include "services/suite/sample_day.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace baimi::suite {

using sample::v1::SampleOrder;
using sample::v1::SampleStep;
using ticket::v1::TicketService;

namespace {

constexpr char kLoader[] = "sample";

// So that whoever reads the error finds the line of the file.
absl::Status At(const absl::Status& status, absl::string_view where) {
  return status.ok() ? status
                     : absl::Status(status.code(), absl::StrCat(where, ": ", status.message()));
}

}  // namespace

// One moment of the day: an order is filed (step -1) or a step is taken.
struct SampleLoader::Event {
  absl::Time time;
  const SampleOrder* order = nullptr;
  int step = -1;
};

SampleLoader::SampleLoader(const std::shared_ptr<grpc::Channel>& channel, std::string token,
                           const SampleFiles& files, SimulatedClock* clock)
    : token_(std::move(token)),
      files_(files),
      clock_(clock),
      parent_("counties/" + files.day.county()),
      areas_(registry::v1::AreaService::NewStub(channel)),
      grids_(registry::v1::GridService::NewStub(channel)),
      units_(registry::v1::UnitService::NewStub(channel)),
      estates_(registry::v1::EstateService::NewStub(channel)),
      tickets_(TicketService::NewStub(channel)),
      policies_(ticket::v1::TicketPolicyService::NewStub(channel)) {}

void SampleLoader::Prepare(absl::string_view actor, grpc::ClientContext* context) const {
  context->AddMetadata("authorization", "Bearer " + token_);
  context->AddMetadata("baimi-actor", std::string(actor));
}

absl::Status SampleLoader::LoadRegistry() {
  registry::v1::ImportResponse imported;
  registry::v1::ImportAreasRequest areas;
  areas.set_parent(parent_);
  areas.set_csv(files_.areas_csv);
  areas.set_source("china-division 2.7.0");
  areas.set_request_id("sample-areas");
  BAIMI_RETURN_IF_ERROR(
      At(Invoke(*areas_, &registry::v1::AreaService::Stub::ImportAreas, areas, kLoader, &imported),
         "areas.csv"));
  registry::v1::ImportGridsRequest grids = files_.grids;
  grids.set_parent(parent_);
  grids.set_request_id("sample-grids");
  BAIMI_RETURN_IF_ERROR(
      At(Invoke(*grids_, &registry::v1::GridService::Stub::ImportGrids, grids, kLoader, &imported),
         "grids.json"));
  for (registry::v1::CreateUnitRequest unit : files_.units.units()) {
    unit.set_parent(parent_);
    unit.set_request_id("sample-unit-" + unit.unit_id());
    registry::v1::Unit created;
    BAIMI_RETURN_IF_ERROR(
        At(Invoke(*units_, &registry::v1::UnitService::Stub::CreateUnit, unit, kLoader, &created),
           absl::StrCat("units.json, ", unit.unit_id())));
  }
  for (registry::v1::CreateEstateRequest estate : files_.estates.estates()) {
    estate.set_parent(parent_);
    estate.set_request_id("sample-estate-" + estate.estate_id());
    registry::v1::Estate created;
    BAIMI_RETURN_IF_ERROR(At(Invoke(*estates_, &registry::v1::EstateService::Stub::CreateEstate,
                                    estate, kLoader, &created),
                             absl::StrCat("estates.json, ", estate.estate_id())));
  }
  return absl::OkStatus();
}

absl::Status SampleLoader::LoadPolicy() {
  ticket::v1::CreateTicketPolicyRequest request;
  request.set_parent(parent_);
  *request.mutable_ticket_policy() = files_.policy;
  request.set_request_id("sample-policy");
  ticket::v1::TicketPolicy created;
  return At(Invoke(*policies_, &ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, request,
                   kLoader, &created),
            "policy.json");
}

absl::Status SampleLoader::PlayDay() {
  const absl::Time midnight = clock_->Now();
  std::vector<Event> events;
  for (const SampleOrder& order : files_.day.orders()) {
    const absl::Time filed = midnight + absl::Minutes(order.minute());
    events.push_back({filed, &order});
    for (int i = 0; i < order.steps_size(); ++i) {
      events.push_back({filed + absl::Minutes(order.steps(i).minute()), &order, i});
    }
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.time < b.time; });
  for (const Event& event : events) {
    clock_->AdvanceTo(event.time);
    if (event.step < 0) {
      BAIMI_RETURN_IF_ERROR(
          At(File(*event.order), absl::StrCat("day.json, order ", event.order->id())));
    } else {
      BAIMI_RETURN_IF_ERROR(
          At(Take(*event.order, event.step),
             absl::StrCat("day.json, order ", event.order->id(), ", steps[", event.step, "]")));
    }
  }
  return absl::OkStatus();
}

absl::Status SampleLoader::File(const SampleOrder& order) {
  ticket::v1::CreateTicketRequest request;
  request.set_parent(parent_);
  *request.mutable_ticket() = order.ticket();
  request.set_request_id(absl::StrCat("sample-", order.id()));
  ticket::v1::Ticket filed;
  BAIMI_RETURN_IF_ERROR(
      Invoke(*tickets_, &TicketService::Stub::CreateTicket, request, order.actor(), &filed));
  if (!names_.emplace(order.id(), filed.name()).second) {
    return absl::InvalidArgumentError("got an id used before, want each once");
  }
  return absl::OkStatus();
}

template <typename Request>
absl::Status SampleLoader::Step(const SampleStep& step, Request request, const std::string& name,
                                const std::string& request_id,
                                grpc::Status (TicketService::Stub::*method)(grpc::ClientContext*,
                                                                            const Request&,
                                                                            ticket::v1::Ticket*)) {
  request.set_name(name);
  request.set_request_id(request_id);
  ticket::v1::Ticket changed;
  return Invoke(*tickets_, method, request, step.actor(), &changed);
}

absl::StatusOr<ticket::v1::RejectTicketRequest> SampleLoader::Rejection(
    const SampleStep& step) const {
  ticket::v1::RejectTicketRequest request = step.reject();
  const std::string& earlier = request.refusal().earlier_ticket();
  if (!earlier.empty()) {
    const auto found = names_.find(earlier);
    if (found == names_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("earlier_ticket: got ", earlier, ", want the id of an order filed before"));
    }
    request.mutable_refusal()->set_earlier_ticket(found->second);
  }
  return request;
}

absl::Status SampleLoader::Take(const SampleOrder& order, int index) {
  using Stub = TicketService::Stub;
  const SampleStep& step = order.steps(index);
  const std::string& name = names_[order.id()];
  const std::string id = absl::StrCat("sample-", order.id(), "-", index);
  switch (step.verb_case()) {
    case SampleStep::kAnswer:
      return Step(step, step.answer(), name, id, &Stub::AnswerTicket);
    case SampleStep::kReject: {
      BAIMI_ASSIGN_OR_RETURN(ticket::v1::RejectTicketRequest request, Rejection(step));
      return Step(step, std::move(request), name, id, &Stub::RejectTicket);
    }
    case SampleStep::kDispatch:
      return Step(step, step.dispatch(), name, id, &Stub::DispatchTicket);
    case SampleStep::kSign:
      return Step(step, step.sign(), name, id, &Stub::SignTicket);
    case SampleStep::kRequestReturn:
      return Step(step, step.request_return(), name, id, &Stub::RequestReturn);
    case SampleStep::kDecideReturn:
      return Step(step, step.decide_return(), name, id, &Stub::DecideReturn);
    case SampleStep::kReply:
      return Step(step, step.reply(), name, id, &Stub::ReplyTicket);
    case SampleStep::kAudit:
      return Step(step, step.audit(), name, id, &Stub::AuditTicket);
    case SampleStep::kCallback:
      return Step(step, step.callback(), name, id, &Stub::RecordCallback);
    case SampleStep::kClose:
      return Step(step, step.close(), name, id, &Stub::CloseTicket);
    case SampleStep::kReopen:
      return Step(step, step.reopen(), name, id, &Stub::ReopenTicket);
    case SampleStep::kArchive:
      return Step(step, step.archive(), name, id, &Stub::ArchiveTicket);
    case SampleStep::VERB_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("got no verb, want one");
}

absl::StatusOr<std::vector<ticket::v1::Ticket>> SampleLoader::ListOrders() {
  std::vector<ticket::v1::Ticket> orders;
  ticket::v1::ListTicketsRequest request;
  request.set_parent(parent_);
  request.set_page_size(500);
  do {
    ticket::v1::ListTicketsResponse page;
    BAIMI_RETURN_IF_ERROR(
        Invoke(*tickets_, &TicketService::Stub::ListTickets, request, kLoader, &page));
    orders.insert(orders.end(), page.tickets().begin(), page.tickets().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return orders;
}

absl::StatusOr<int> SampleLoader::CountEvents(const std::string& name) {
  ticket::v1::ListTicketEventsRequest request;
  request.set_parent(name);
  request.set_page_size(100);
  int events = 0;
  do {
    ticket::v1::ListTicketEventsResponse page;
    BAIMI_RETURN_IF_ERROR(
        Invoke(*tickets_, &TicketService::Stub::ListTicketEvents, request, kLoader, &page));
    events += page.events_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return events;
}

}  // namespace baimi::suite
