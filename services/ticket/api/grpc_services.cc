#include "services/ticket/api/grpc_services.h"

#include <functional>
#include <utility>

namespace baimi::ticket::api {
namespace {

using Services = std::vector<std::unique_ptr<rpc::Service>>;

// The methods of one gRPC service.
template <typename Api>
class Table {
 public:
  Table(absl::string_view name, Api* api, rpc::Runtime* runtime)
      : api_(api), service_(std::make_unique<rpc::Service>(name, runtime)) {}

  template <typename Request, typename Response>
  void Add(absl::string_view method, Async<Response> (Api::*handler)(const Call&, const Request&)) {
    service_->Unary<Request, Response>(method, std::bind_front(handler, api_));
  }
  rpc::Service& service() { return *service_; }
  std::unique_ptr<rpc::Service> Take() { return std::move(service_); }

 private:
  Api* const api_;
  std::unique_ptr<rpc::Service> service_;
};

void AddTickets(TicketApi* api, bool cached_reads, rpc::Runtime* runtime, Services& services) {
  Table tickets("baimi.ticket.v1.TicketService", api, runtime);
  tickets.Add("CreateTicket", &TicketApi::Create);
  rpc::BytesHandler<v1::GetTicketRequest> cached;
  if (cached_reads) {
    cached = std::bind_front(&TicketApi::GetCached, api);
  }
  tickets.service().UnaryFromBytes<v1::GetTicketRequest, v1::Ticket>(
      "GetTicket", std::bind_front(&TicketApi::Get, api), std::move(cached));
  tickets.Add("ListTickets", &TicketApi::List);
  tickets.Add("SearchTickets", &TicketApi::Search);
  tickets.Add("AnswerTicket", &TicketApi::Answer);
  tickets.Add("RejectTicket", &TicketApi::Reject);
  tickets.Add("DispatchTicket", &TicketApi::Dispatch);
  tickets.Add("PreviewDispatch", &TicketApi::PreviewDispatch);
  tickets.Add("SignTicket", &TicketApi::Sign);
  tickets.Add("RequestReturn", &TicketApi::RequestReturn);
  tickets.Add("DecideReturn", &TicketApi::DecideReturn);
  tickets.Add("ReplyTicket", &TicketApi::Reply);
  tickets.Add("AuditTicket", &TicketApi::Audit);
  tickets.Add("RecordCallback", &TicketApi::RecordCallback);
  tickets.Add("CloseTicket", &TicketApi::Close);
  tickets.Add("ReopenTicket", &TicketApi::Reopen);
  tickets.Add("ArchiveTicket", &TicketApi::Archive);
  tickets.Add("RequestExtension", &TicketApi::RequestExtension);
  tickets.Add("DecideExtension", &TicketApi::DecideExtension);
  tickets.Add("SuspendTicket", &TicketApi::Suspend);
  tickets.Add("ResumeTicket", &TicketApi::Resume);
  tickets.Add("TerminateTicket", &TicketApi::Terminate);
  tickets.Add("MergeTicket", &TicketApi::Merge);
  tickets.Add("SplitTicket", &TicketApi::Split);
  tickets.Add("WithdrawTicket", &TicketApi::Withdraw);
  tickets.Add("SelfSolveTicket", &TicketApi::SelfSolve);
  tickets.Add("TransferTicket", &TicketApi::Transfer);
  tickets.Add("RevealContact", &TicketApi::Reveal);
  tickets.Add("ExplainClock", &TicketApi::ExplainClock);
  tickets.Add("ListTicketEvents", &TicketApi::ListEvents);
  tickets.Add("GetTicketCounts", &TicketApi::Counts);
  tickets.Add("GetFigures", &TicketApi::Figures);
  tickets.service().ServerStream<v1::WatchTicketsRequest, v1::WatchTicketsResponse>(
      "WatchTickets", std::bind_front(&TicketApi::Watch, api));
  services.push_back(tickets.Take());
}

// Of the office: the rules, what is left out of the figures, finding orders.
void AddOffice(const Handlers& handlers, rpc::Runtime* runtime, Services& services) {
  Table policies("baimi.ticket.v1.TicketPolicyService", handlers.policies, runtime);
  policies.Add("CreateTicketPolicy", &PolicyApi::Create);
  policies.Add("GetTicketPolicy", &PolicyApi::Get);
  policies.Add("ListTicketPolicies", &PolicyApi::List);
  services.push_back(policies.Take());
  Table exclusions("baimi.ticket.v1.ExclusionService", handlers.exclusions, runtime);
  exclusions.Add("RequestExclusion", &ExclusionApi::Request);
  exclusions.Add("DecideExclusion", &ExclusionApi::Decide);
  exclusions.Add("ListExclusions", &ExclusionApi::List);
  services.push_back(exclusions.Take());
  Table search("baimi.ticket.v1.TicketSearchService", handlers.search, runtime);
  search.Add("FindDuplicates", &SearchApi::FindDuplicates);
  search.Add("QueryTickets", &SearchApi::Query);
  search.service().Unary<v1::BulkTicketsRequest, v1::BulkTicketsResponse>(
      "BulkTickets", std::bind_front(&TicketApi::Bulk, handlers.tickets));
  services.push_back(search.Take());
  Table clusters("baimi.ticket.v1.ClusterService", handlers.clusters, runtime);
  clusters.Add("ListClusters", &ClusterApi::List);
  clusters.Add("SettleCluster", &ClusterApi::Settle);
  services.push_back(clusters.Take());
}

// Of those who are told: callers, and the units at their desks.
void AddTelling(const Handlers& handlers, rpc::Runtime* runtime, Services& services) {
  Table citizen("baimi.ticket.v1.CitizenService", handlers.citizen, runtime);
  citizen.Add("LookUpCitizenTicket", &CitizenApi::LookUp);
  citizen.Add("RateCitizenTicket", &CitizenApi::Rate);
  citizen.Add("UrgeCitizenTicket", &CitizenApi::Urge);
  citizen.Add("IssueCitizenReceipt", &CitizenApi::Receipt);
  services.push_back(citizen.Take());
  Table receipts("baimi.ticket.v1.ReceiptService", handlers.receipts, runtime);
  receipts.Add("GetReceipt", &Receipts::Get);
  receipts.Add("GetReceiptKey", &Receipts::GetKey);
  services.push_back(receipts.Take());
  Table desk("baimi.ticket.v1.DeskService", handlers.desk, runtime);
  desk.Add("ListDeskTickets", &DeskApi::List);
  desk.Add("AssignTicket", &DeskApi::Assign);
  desk.Add("HandOverDesk", &DeskApi::HandOver);
  services.push_back(desk.Take());
  Table rating("baimi.ticket.v1.RatingService", handlers.desk, runtime);
  rating.Add("VerifyBadRating", &DeskApi::VerifyBadRating);
  rating.Add("DecideBadRating", &DeskApi::DecideBadRating);
  services.push_back(rating.Take());
  Table notices("baimi.ticket.v1.NoticeService", handlers.notices, runtime);
  notices.Add("ListNotices", &NoticeApi::List);
  notices.Add("GetNotice", &NoticeApi::Get);
  notices.Add("ReadNotice", &NoticeApi::Read);
  notices.Add("RecordDelivery", &NoticeApi::RecordDelivery);
  notices.Add("ListTellingDuties", &NoticeApi::ListDuties);
  notices.Add("TellCaller", &NoticeApi::TellCaller);
  services.push_back(notices.Take());
}

void AddSupervision(SupervisionApi* api, rpc::Runtime* runtime, Services& services) {
  Table supervisions("baimi.ticket.v1.SupervisionService", api, runtime);
  supervisions.Add("RaiseSupervision", &SupervisionApi::Raise);
  supervisions.Add("GetSupervision", &SupervisionApi::Get);
  supervisions.Add("ListSupervisions", &SupervisionApi::List);
  supervisions.Add("AcknowledgeSupervision", &SupervisionApi::Acknowledge);
  supervisions.Add("ReportSupervision", &SupervisionApi::Report);
  supervisions.Add("UrgeTicket", &SupervisionApi::Urge);
  services.push_back(supervisions.Take());
}

// Of those who take orders in, and what they answer from.
void AddIntake(const Handlers& handlers, rpc::Runtime* runtime, Services& services) {
  Table intake("baimi.ticket.v1.IntakeService", handlers.intake, runtime);
  intake.Add("ReclassifyTicket", &IntakeApi::Reclassify);
  intake.Add("GetQuestions", &IntakeApi::GetQuestions);
  services.push_back(intake.Take());
  Table knowledge("baimi.ticket.v1.KnowledgeService", handlers.knowledge, runtime);
  knowledge.Add("CreateArticle", &KnowledgeApi::CreateArticle);
  knowledge.Add("GetArticle", &KnowledgeApi::GetArticle);
  knowledge.Add("ListArticles", &KnowledgeApi::ListArticles);
  knowledge.Add("SearchArticles", &KnowledgeApi::SearchArticles);
  knowledge.Add("UpdateArticle", &KnowledgeApi::UpdateArticle);
  knowledge.Add("WithdrawArticle", &KnowledgeApi::WithdrawArticle);
  knowledge.Add("CreateAnswerTemplate", &KnowledgeApi::CreateTemplate);
  knowledge.Add("GetAnswerTemplate", &KnowledgeApi::GetTemplate);
  knowledge.Add("ListAnswerTemplates", &KnowledgeApi::ListTemplates);
  knowledge.Add("UpdateAnswerTemplate", &KnowledgeApi::UpdateTemplate);
  knowledge.Add("WithdrawAnswerTemplate", &KnowledgeApi::WithdrawTemplate);
  knowledge.Add("DraftAnswer", &KnowledgeApi::DraftAnswer);
  services.push_back(knowledge.Take());
}

}  // namespace

Services GrpcServices(const Handlers& handlers, rpc::Runtime* runtime) {
  Services services;
  AddTickets(handlers.tickets, handlers.cached_reads, runtime, services);
  AddOffice(handlers, runtime, services);
  AddTelling(handlers, runtime, services);
  AddSupervision(handlers.supervisions, runtime, services);
  AddIntake(handlers, runtime, services);
  return services;
}

}  // namespace baimi::ticket::api
