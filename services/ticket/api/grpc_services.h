// The gRPC services of the ticket service: which handler answers which method.
#ifndef BAIMI_SERVICES_TICKET_API_GRPC_SERVICES_H_
#define BAIMI_SERVICES_TICKET_API_GRPC_SERVICES_H_

#include <memory>
#include <vector>

#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "services/ticket/api/citizen_api.h"
#include "services/ticket/api/cluster_api.h"
#include "services/ticket/api/desk_api.h"
#include "services/ticket/api/exclusion_api.h"
#include "services/ticket/api/intake_api.h"
#include "services/ticket/api/knowledge_api.h"
#include "services/ticket/api/notice_api.h"
#include "services/ticket/api/receipts.h"
#include "services/ticket/api/search_api.h"
#include "services/ticket/api/supervision_api.h"
#include "services/ticket/api/ticket_api.h"

namespace baimi::ticket::api {

// None is null; all outlive the services.
struct Handlers {
  TicketApi* tickets = nullptr;
  PolicyApi* policies = nullptr;
  ExclusionApi* exclusions = nullptr;
  SearchApi* search = nullptr;
  CitizenApi* citizen = nullptr;
  Receipts* receipts = nullptr;
  DeskApi* desk = nullptr;
  NoticeApi* notices = nullptr;
  SupervisionApi* supervisions = nullptr;
  ClusterApi* clusters = nullptr;
  IntakeApi* intake = nullptr;
  KnowledgeApi* knowledge = nullptr;
  // Cached orders are answered on gRPC's thread: only where that waits for nothing.
  bool cached_reads = false;
};

std::vector<std::unique_ptr<rpc::Service>> GrpcServices(const Handlers& handlers,
                                                        rpc::Runtime* runtime);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_GRPC_SERVICES_H_
