// The operators' port of a process: metrics, health, build, calls under way. Answers from memory on
// its own io thread, so it answers when every lane is full. Never routed to the outside.
#ifndef BAIMI_COMMON_RPC_ADMIN_H_
#define BAIMI_COMMON_RPC_ADMIN_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/http/server.h"
#include "common/observe/metrics.h"
#include "common/rpc/runtime.h"

namespace baimi::rpc {

struct AdminOptions {
  http::ServerOptions http;
  // Must outlive the server. Required.
  observe::Registry* metrics = nullptr;
  // For /requestz; must outlive the server.
  std::vector<Runtime*> runtimes;
  // For /readyz. Must not block.
  std::function<bool()> ready;
  // For /buildz: which contract a process works from that links none; hexadecimal. May be empty.
  std::string contract_hash;
};

// GET /metrics (Prometheus text), /healthz (the process is up), /readyz, /buildz (JSON),
// /requestz (calls under way, oldest first, JSON).
absl::StatusOr<std::unique_ptr<http::Server>> StartAdmin(const AdminOptions& options);

// "0.1.0 (gcc 12.2.0, release)".
std::string BuildVersion();

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_ADMIN_H_
