#include "services/ticket/cooperation.h"

#include <functional>

namespace baimi::ticket {
namespace {

template <typename Api, typename Request, typename Response>
void Add(rpc::Service& service, absl::string_view method, Api* api,
         Async<Response> (Api::*handler)(const Call&, const Request&)) {
  service.Unary<Request, Response>(method, std::bind_front(handler, api));
}

}  // namespace

void Cooperation::AddServices(rpc::Runtime* runtime,
                              std::vector<std::unique_ptr<rpc::Service>>* services) {
  auto service = std::make_unique<rpc::Service>("baimi.ticket.v1.HelperService", runtime);
  Add(*service, "AcknowledgeHelp", &helpers_, &api::HelperApi::Acknowledge);
  Add(*service, "SubmitHelp", &helpers_, &api::HelperApi::Submit);
  Add(*service, "ExplainHelpDelay", &helpers_, &api::HelperApi::ExplainDelay);
  Add(*service, "ChangeHelpers", &helpers_, &api::HelperApi::Change);
  Add(*service, "ListHelperTasks", &helpers_, &api::HelperApi::List);
  services->push_back(std::move(service));

  service = std::make_unique<rpc::Service>("baimi.ticket.v1.ArbitrationService", runtime);
  Add(*service, "CreateArbitration", &arbitrations_, &api::ArbitrationApi::Create);
  Add(*service, "GetArbitration", &arbitrations_, &api::ArbitrationApi::Get);
  Add(*service, "ListArbitrations", &arbitrations_, &api::ArbitrationApi::List);
  Add(*service, "GiveOpinion", &arbitrations_, &api::ArbitrationApi::GiveOpinion);
  Add(*service, "RuleArbitration", &arbitrations_, &api::ArbitrationApi::Rule);
  Add(*service, "DropArbitration", &arbitrations_, &api::ArbitrationApi::Drop);
  Add(*service, "GetPrecedent", &arbitrations_, &api::ArbitrationApi::GetPrecedent);
  Add(*service, "ListPrecedents", &arbitrations_, &api::ArbitrationApi::ListPrecedents);
  Add(*service, "WithdrawPrecedent", &arbitrations_, &api::ArbitrationApi::WithdrawPrecedent);
  Add(*service, "RecuseUnit", &arbitrations_, &api::ArbitrationApi::Recuse);
  services->push_back(std::move(service));

  service = std::make_unique<rpc::Service>("baimi.ticket.v1.WhistleService", runtime);
  Add(*service, "CreateWhistle", &whistles_, &api::WhistleApi::Create);
  Add(*service, "GetWhistle", &whistles_, &api::WhistleApi::Get);
  Add(*service, "ListWhistles", &whistles_, &api::WhistleApi::List);
  Add(*service, "ReportToWhistle", &whistles_, &api::WhistleApi::Report);
  Add(*service, "AnswerWhistle", &whistles_, &api::WhistleApi::Answer);
  Add(*service, "RateWhistle", &whistles_, &api::WhistleApi::Rate);
  Add(*service, "CloseWhistle", &whistles_, &api::WhistleApi::Close);
  Add(*service, "GetWhistleScores", &whistles_, &api::WhistleApi::Scores);
  services->push_back(std::move(service));
}

}  // namespace baimi::ticket
