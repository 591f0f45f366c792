// The program of one service: the settings that all of them share, `migrate`, and one Node around
// the service's Part.
#ifndef BAIMI_COMMON_PROCESS_SERVICE_PROGRAM_H_
#define BAIMI_COMMON_PROCESS_SERVICE_PROGRAM_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/config/config.h"
#include "common/process/node.h"
#include "common/process/secrets.h"
#include "common/sql/database.h"

namespace baimi::process {

struct ServiceProgram {
  // As in Program.
  const char* name;
  const char* summary;
  const char* service;
  // Settings beyond the shared ones. May be empty.
  std::function<void(config::Section)> declare = {};
  std::function<absl::Status(sql::Database&, const Clock&)> migrate;
  // Hosts the service on the node.
  std::function<absl::Status(Node&, sql::Database*)> host;
};

// Settings: --database, --keys.database, --secrets, --cache, --cache.memory, --address,
// --grpc.port,
// --admin.port, --drain, --lanes..., --log.... The command `migrate` brings the service's database
// and that of the keys up to date; the server itself never changes a schema.
int RunService(const ServiceProgram& program, int argc, const char* const* argv);

// Those of a node; `root` of whatever process it stands in.
void DeclareNode(const config::Section& root, NodeOptions* options);
// "127.0.0.1:9090", "[::1]:9090".
std::string Door(const std::string& address, int port);

}  // namespace baimi::process

#endif  // BAIMI_COMMON_PROCESS_SERVICE_PROGRAM_H_
