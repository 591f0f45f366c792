#include "services/ticket/publishing.h"

#include <functional>

namespace baimi::ticket {
namespace {

template <typename Api, typename Request, typename Response>
void Add(rpc::Service& service, absl::string_view method, Api* api,
         Async<Response> (Api::*handler)(const Call&, const Request&)) {
  service.Unary<Request, Response>(method, std::bind_front(handler, api));
}

}  // namespace

void Publishing::AddServices(rpc::Runtime* runtime,
                             std::vector<std::unique_ptr<rpc::Service>>* services) {
  auto service = std::make_unique<rpc::Service>("baimi.ticket.v1.PublicationService", runtime);
  Add(*service, "PreparePublication", &publications_, &api::PublicationApi::Prepare);
  Add(*service, "GetPublication", &publications_, &api::PublicationApi::Get);
  Add(*service, "ListPublications", &publications_, &api::PublicationApi::List);
  Add(*service, "UpdatePublication", &publications_, &api::PublicationApi::Update);
  Add(*service, "ApprovePublication", &publications_, &api::PublicationApi::Approve);
  Add(*service, "CorrectPublication", &publications_, &api::PublicationApi::Correct);
  Add(*service, "GetServiceGuide", &publications_, &api::PublicationApi::Guide);
  services->push_back(std::move(service));

  service = std::make_unique<rpc::Service>("baimi.ticket.v1.LeaderShiftService", runtime);
  Add(*service, "CreateLeaderShift", &shifts_, &api::LeaderShiftApi::Create);
  Add(*service, "GetLeaderShift", &shifts_, &api::LeaderShiftApi::Get);
  Add(*service, "ListLeaderShifts", &shifts_, &api::LeaderShiftApi::List);
  Add(*service, "UpdateLeaderShift", &shifts_, &api::LeaderShiftApi::Update);
  Add(*service, "CancelLeaderShift", &shifts_, &api::LeaderShiftApi::Cancel);
  Add(*service, "CoordinateTicket", &shifts_, &api::LeaderShiftApi::Coordinate);
  Add(*service, "GetLeaderShiftSummary", &shifts_, &api::LeaderShiftApi::Summary);
  Add(*service, "GetLeaderShiftMonth", &shifts_, &api::LeaderShiftApi::Month);
  services->push_back(std::move(service));

  service = std::make_unique<rpc::Service>("baimi.ticket.v1.AreaAlertService", runtime);
  Add(*service, "CreateAreaAlert", &alerts_, &api::AreaAlertApi::Create);
  Add(*service, "GetAreaAlert", &alerts_, &api::AreaAlertApi::Get);
  Add(*service, "ListAreaAlerts", &alerts_, &api::AreaAlertApi::List);
  Add(*service, "FindAreaAlerts", &alerts_, &api::AreaAlertApi::Find);
  Add(*service, "UpdateAreaAlert", &alerts_, &api::AreaAlertApi::Update);
  Add(*service, "WithdrawAreaAlert", &alerts_, &api::AreaAlertApi::Withdraw);
  services->push_back(std::move(service));
}

}  // namespace baimi::ticket
