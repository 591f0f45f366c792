#include "services/ticket/line.h"

#include <utility>

namespace baimi::ticket {
namespace {

template <typename Api, typename Request, typename Response>
void Add(rpc::Service& service, absl::string_view method, Api* api,
         Async<Response> (Api::*handler)(const Call&, const Request&)) {
  service.Unary<Request, Response>(method, std::bind_front(handler, api));
}

}  // namespace

Line::Line(const api::Parts& parts, OwnCall own_call, const journal::AlarmClockOptions& alarms)
    : links_store_(parts.vault),
      blocks_store_(parts.vault),
      links_(parts, &links_store_),
      blocks_(parts, &blocks_store_),
      alarms_(
          parts.database, parts.clock,
          [this](sql::Tx& tx, absl::Time now, absl::Time until, int limit) {
            return links_store_.Lease(tx, now, until, limit);
          },
          [this, own_call = std::move(own_call)](const journal::Alarm& alarm,
                                                 const journal::AlarmClock::Done& done) {
            links_.Ring(own_call(alarm.county), alarm.id, done);
          },
          alarms) {}

void Line::AddServices(rpc::Runtime* runtime,
                       std::vector<std::unique_ptr<rpc::Service>>* services) {
  auto service = std::make_unique<rpc::Service>("baimi.ticket.v1.PoliceLinkService", runtime);
  Add(*service, "TransferToPolice", &links_, &api::PoliceLinkApi::Transfer);
  Add(*service, "ReceiveFromPolice", &links_, &api::PoliceLinkApi::Receive);
  Add(*service, "CreatePoliceLink", &links_, &api::PoliceLinkApi::Create);
  Add(*service, "AcknowledgePoliceLink", &links_, &api::PoliceLinkApi::Acknowledge);
  Add(*service, "AnswerPoliceLink", &links_, &api::PoliceLinkApi::Answer);
  Add(*service, "GetPoliceLink", &links_, &api::PoliceLinkApi::Get);
  Add(*service, "ListPoliceLinks", &links_, &api::PoliceLinkApi::List);
  services->push_back(std::move(service));

  service = std::make_unique<rpc::Service>("baimi.ticket.v1.NumberBlockService", runtime);
  Add(*service, "CreateNumberBlock", &blocks_, &api::NumberBlockApi::Create);
  Add(*service, "DecideNumberBlock", &blocks_, &api::NumberBlockApi::Decide);
  Add(*service, "AppealNumberBlock", &blocks_, &api::NumberBlockApi::Appeal);
  Add(*service, "DecideNumberBlockAppeal", &blocks_, &api::NumberBlockApi::DecideAppeal);
  Add(*service, "LiftNumberBlock", &blocks_, &api::NumberBlockApi::Lift);
  Add(*service, "GetNumberBlock", &blocks_, &api::NumberBlockApi::Get);
  Add(*service, "ListNumberBlocks", &blocks_, &api::NumberBlockApi::List);
  Add(*service, "CheckNumber", &blocks_, &api::NumberBlockApi::Check);
  services->push_back(std::move(service));
}

}  // namespace baimi::ticket
