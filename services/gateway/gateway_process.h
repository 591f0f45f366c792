// The gateway as a process of its own: both doors, from a packaged contract, before services that
// run elsewhere.
#ifndef BAIMI_SERVICES_GATEWAY_GATEWAY_PROCESS_H_
#define BAIMI_SERVICES_GATEWAY_GATEWAY_PROCESS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/process/program.h"
#include "common/process/secrets.h"

namespace baimi::gateway {

struct ProcessOptions {
  // Address that the doors listen on.
  std::string address = "127.0.0.1";
  // 0 takes any free port.
  int http_port = 8080;
  int grpc_port = 9090;
  int admin_port = 8081;
  // How long accepted calls may take when the process is told to stop.
  absl::Duration drain = absl::Seconds(20);
  // A FileDescriptorSet as protoc writes it with --include_imports.
  std::string descriptors;
  // "PREFIX=TARGET": where the services are whose full names begin with PREFIX. What has no '=' is
  // one more address of the target before it.
  std::vector<std::string> upstreams = {"baimi.ticket.=dns:///ticket:9090",
                                        "baimi.registry.=dns:///grid-registry:9090"};
  // A connection to a service that has calls on it and has been silent for `keepalive` is asked
  // whether it is alive, and given up after `keepalive_timeout` without an answer: its calls are
  // made again elsewhere where that is safe. At least 10 s, or the services close it. Default: 20
  // s, 5 s.
  absl::Duration keepalive = absl::Seconds(20);
  absl::Duration keepalive_timeout = absl::Seconds(5);
  // With the key file of callers, bad keys are refused here; all other files are not looked at.
  process::SecretPaths secrets;
  // Calls under way on the gRPC door.
  int max_calls = 4096;
};

// INVALID_ARGUMENT naming the entry that begins with no prefix or comes twice.
absl::StatusOr<std::map<std::string, std::string>> ParseUpstreams(
    const std::vector<std::string>& entries);

absl::StatusOr<std::unique_ptr<process::Running>> StartProcess(
    const ProcessOptions& options, const process::Environment& environment);

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_GATEWAY_PROCESS_H_
