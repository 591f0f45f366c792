// baimi-ticket: the ticket service as a process of its own.
#include <string>

#include "common/process/service_program.h"
#include "common/rpc/peer.h"
#include "services/ticket/ticket_service.h"

int main(int argc, char** argv) {
  using baimi::ticket::TicketService;
  namespace process = baimi::process;
  std::string registry = "dns:///grid-registry:9090";
  baimi::ticket::HostOptions host;
  return process::RunService(
      {.name = "baimi-ticket",
       .summary = "Baimi's ticket service.",
       .service = "ticket",
       .declare =
           [&](const baimi::config::Section& root) {
             root.String("registry", &registry, "Where the grid registry is: a name or addresses.");
             baimi::ticket::DeclareHost(root, &host);
           },
       .migrate = TicketService::Migrate,
       .host =
           [&](process::Node& node, baimi::sql::Database* database) {
             return TicketService::HostOn(
                        node, database,
                        baimi::ticket::api::NewRegistryPeer(baimi::rpc::PeerAt(
                            registry, node.service_token(), node.clock(), node.rng())),
                        host)
                 .status();
           }},
      argc, argv);
}
