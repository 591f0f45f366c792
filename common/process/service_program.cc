#include "common/process/service_program.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/process/program.h"
#include "common/rpc/quota_config.h"

namespace baimi::process {
namespace {

struct Settings {
  NodeOptions node;
  std::string database;
  SecretPaths secrets;
};

class RunningNode final : public Running {
 public:
  explicit RunningNode(std::unique_ptr<Node> node) : node_(std::move(node)) {}
  std::string Doors() const override {
    const std::string& address = node_->options().address;
    return absl::StrCat("grpc=", Door(address, node_->grpc_port()),
                        " admin=", Door(address, node_->admin_port()));
  }
  bool Stop() override {
    const bool whole = node_->Drain(node_->options().drain);
    node_->Close();
    return whole;
  }

 private:
  const std::unique_ptr<Node> node_;
};

// Not by the table: --healthcheck needs neither.
absl::Status CheckUris(const Settings& settings) {
  for (const auto& [field, uri] : {std::pair("database", &settings.database),
                                   std::pair("keys.database", &settings.node.keys_database)}) {
    if (uri->empty()) {
      return InvalidField(field, "none", "sqlite:/path or postgresql://...",
                          "sqlite:/路径 或 postgresql://...");
    }
  }
  return absl::OkStatus();
}

absl::Status Migrate(const ServiceProgram& program, const Settings& settings, const Clock& clock) {
  BAIMI_RETURN_IF_ERROR(CheckUris(settings));
  BAIMI_RETURN_IF_ERROR(MigrateKeys(settings.node.keys_database, clock));
  BAIMI_ASSIGN_OR_RETURN(const auto database, sql::Open(settings.database, {}));
  return program.migrate(*database, clock);
}

absl::StatusOr<std::unique_ptr<Running>> Start(const ServiceProgram& program,
                                               const Settings& settings,
                                               const Environment& environment) {
  BAIMI_RETURN_IF_ERROR(CheckUris(settings));
  BAIMI_ASSIGN_OR_RETURN(Secrets secrets, Secrets::Load(settings.secrets, environment.clock));
  BAIMI_ASSIGN_OR_RETURN(
      std::unique_ptr<Node> node,
      Node::Open(settings.node, std::move(secrets), environment.clock, environment.rng));
  BAIMI_ASSIGN_OR_RETURN(sql::Database * database, node->OpenDatabase(settings.database));
  BAIMI_RETURN_IF_ERROR(program.host(*node, database));
  BAIMI_RETURN_IF_ERROR(node->Start());
  BAIMI_RETURN_IF_ERROR(node->Begin());
  return std::make_unique<RunningNode>(std::move(node));
}

}  // namespace

std::string Door(const std::string& address, int port) {
  const bool bare_v6 = address.find(':') != std::string::npos && address.front() != '[';
  return bare_v6 ? absl::StrCat("[", address, "]:", port) : absl::StrCat(address, ":", port);
}

void DeclareNode(const config::Section& root, NodeOptions* options) {
  root.String("keys.database", &options->keys_database, "URI of the database of the data keys.",
              {.redact = config::Redact::kUriPassword});
  root.String("cache", &options->cache,
              "\"memory:\", or the URI of a Redis that the replicas share.",
              {.redact = config::Redact::kUriPassword});
  root.Bytes("cache.memory", &options->cache_bytes, "Memory of a \"memory:\" cache.");
  root.String("redis.password_file", &options->redis.password_file,
              "File with the password of that Redis; empty: none is asked for.");
  root.String("redis.user", &options->redis.user, "Its user; empty: Redis's default user.");
  root.Duration("redis.connect_timeout", &options->redis.connect_timeout,
                "How long a connect to it may take.", {.min = absl::Milliseconds(1)});
  root.Duration("redis.command_timeout", &options->redis.command_timeout,
                "How long a command of it may take.", {.min = absl::Milliseconds(1)});
  rpc::DeclareQuota(root.Under("quota"), &options->quota);
  root.String("address", &options->address, "Address that all doors listen on.");
  root.Int("grpc.port", &options->grpc_port, "gRPC door; 0 takes a free port.",
           {.min = 0, .max = 65535});
  root.Int("admin.port", &options->admin_port, "Metrics and health; 0 takes a free port.",
           {.min = 0, .max = 65535});
  root.Duration("drain", &options->drain, "How long accepted calls may take at the end.");
  root.Int("lanes.interactive.threads", &options->lanes.interactive.threads,
           "Threads for requests that people wait for, each service.", {.min = 1, .max = 256});
  root.Int("lanes.interactive.queue", &options->lanes.interactive.queue,
           "Requests that may wait for them.", {.min = 0, .max = 100000});
  root.Bool("log.every_call", &options->log_every_call,
            "Log reads too, not only changes, errors and slow calls.");
}

int RunService(const ServiceProgram& program, int argc, const char* const* argv) {
  Settings settings;
  const auto declare = [&](config::Table& table) {
    const config::Section root = table.root();
    root.String("database", &settings.database,
                "URI of the service's own database: sqlite:/path or postgresql://...",
                {.redact = config::Redact::kUriPassword});
    DeclareSecrets(root, &settings.secrets);
    DeclareNode(root, &settings.node);
    if (program.declare) {
      program.declare(root);
    }
  };
  return RunProgram(
      {.name = program.name,
       .summary = program.summary,
       .service = program.service,
       .declare = declare,
       .start =
           [&](const Environment& environment) { return Start(program, settings, environment); },
       .commands = {{"migrate", "Bring the schema up to date and exit.",
                     [&](const Environment& environment) {
                       return Migrate(program, settings, *environment.clock);
                     }}},
       .address = &settings.node.address,
       .admin_port = &settings.node.admin_port},
      argc, argv);
}

}  // namespace baimi::process
