// baimi-gateway: the doors of Baimi as a process of their own.
#include <filesystem>
#include <system_error>

#include "common/rpc/server.h"
#include "services/gateway/gateway_process.h"

namespace baimi::gateway {
namespace {

// Where it is installed: bin/baimi-gateway, share/baimi/contracts.binpb.
std::string PackagedContract() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path().parent_path() / "share" / "baimi" / "contracts.binpb").string();
}

void Declare(const config::Section& root, ProcessOptions* options) {
  root.String("address", &options->address, "Address that all doors listen on.");
  root.Int("http.port", &options->http_port, "HTTP/JSON door; 0 takes a free port.",
           {.min = 0, .max = 65535});
  root.Int("grpc.port", &options->grpc_port, "gRPC door; 0 takes a free port.",
           {.min = 0, .max = 65535});
  root.Int("admin.port", &options->admin_port, "Metrics and health; 0 takes a free port.",
           {.min = 0, .max = 65535});
  root.String("descriptors", &options->descriptors,
              "The contract: a FileDescriptorSet with all imports.");
  root.List("upstreams", &options->upstreams,
            "PREFIX=TARGET of each service, e.g. baimi.ticket.=dns:///ticket:9090.");
  root.Duration("upstream.keepalive", &options->keepalive,
                "A service that was silent for so long during calls is asked whether it is alive.",
                {.min = rpc::kLeastKeepalive});
  root.Duration("upstream.keepalive_timeout", &options->keepalive_timeout,
                "How long it may take to answer before its connection is given up.",
                {.min = absl::Milliseconds(100)});
  root.Int("limits.calls", &options->max_calls, "Calls under way on the gRPC door.",
           {.min = 1, .max = 1000000});
  root.Duration("drain", &options->drain, "How long accepted calls may take at the end.");
  process::DeclareSecrets(root, &options->secrets);
}

int Main(int argc, char** argv) {
  ProcessOptions options;
  options.descriptors = PackagedContract();
  return process::RunProgram(
      {.name = "baimi-gateway",
       .summary = "Baimi's gateway: HTTP/JSON and gRPC.",
       .service = "gateway",
       .declare = [&](config::Table& table) { Declare(table.root(), &options); },
       .start =
           [&](const process::Environment& environment) {
             return StartProcess(options, environment);
           },
       .address = &options.address,
       .admin_port = &options.admin_port},
      argc, argv);
}

}  // namespace
}  // namespace baimi::gateway

int main(int argc, char** argv) { return baimi::gateway::Main(argc, argv); }
