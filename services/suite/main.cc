// baimi-suite: all of Baimi in one process.
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/process/program.h"
#include "common/process/service_program.h"
#include "services/suite/data_dir.h"
#include "services/suite/sample.h"
#include "services/suite/suite.h"

namespace baimi::suite {
namespace {

struct Options {
  SuiteOptions suite;
  std::string data = ".data";
  Databases databases;
  process::SecretPaths secrets;
  bool sample = false;
  std::string sample_dir = "deploy/sample";
};

void Declare(const config::Section& root, Options& options) {
  root.String("data", &options.data,
              "Directory of everything that is not given a place of its own; made when missing.");
  constexpr char kDatabase[] = "URI of its database. Default: a file in the data directory.";
  root.String("ticket.database", &options.databases.ticket, kDatabase,
              {.redact = config::Redact::kUriPassword});
  root.String("registry.database", &options.databases.registry, kDatabase,
              {.redact = config::Redact::kUriPassword});
  process::DeclareSecrets(root, &options.secrets);
  root.Bool("sample", &options.sample, "Load the sample county into a new data directory.");
  root.String("sample_dir", &options.sample_dir, "Where the sample's files stand.");
  root.Int("http.port", &options.suite.http_port, "HTTP/JSON door; 0 takes a free port.",
           {.min = 0, .max = 65535});
  ticket::DeclareHost(root, &options.suite.ticket);
  process::DeclareNode(root, &options.suite.node);
}

// Where everything is; the directory only when something is in it.
struct Site {
  std::optional<DataDir> data;
  Databases databases;
  process::SecretPaths secrets;
  bool all_in_data = false;
};

absl::StatusOr<Site> Find(const Options& options, Rng& rng) {
  Site site{.data = {}, .databases = options.databases, .secrets = options.secrets};
  Databases& uris = site.databases;
  uris.keys = options.suite.node.keys_database;
  const int given = (uris.keys.empty() ? 0 : 1) + (uris.registry.empty() ? 0 : 1) +
                    (uris.ticket.empty() ? 0 : 1) + (site.secrets.directory.empty() ? 0 : 1);
  if (given == 4) {
    return site;
  }
  BAIMI_ASSIGN_OR_RETURN(DataDir data, DataDir::Prepare(options.data, rng));
  const Databases own = data.databases();
  uris.keys = uris.keys.empty() ? own.keys : uris.keys;
  uris.registry = uris.registry.empty() ? own.registry : uris.registry;
  uris.ticket = uris.ticket.empty() ? own.ticket : uris.ticket;
  if (site.secrets.directory.empty()) {
    site.secrets.directory = data.secrets().directory;
  }
  site.all_in_data = given == 0;
  site.data.emplace(std::move(data));
  return site;
}

absl::StatusOr<std::string> LoadInto(const Site& site, const Options& options, Rng* rng) {
  return LoadSample(options.sample_dir, options.suite.node, site.databases, site.secrets, rng);
}

void Tell(const std::string& told, const std::string& http, const std::string& grpc) {
  std::fputs(absl::StrReplaceAll(told, {{"{http}", http}, {"{grpc}", grpc}}).c_str(), stdout);
}

absl::Status LoadSampleOnly(const Options& options, const process::Environment& environment) {
  BAIMI_ASSIGN_OR_RETURN(const Site site, Find(options, *environment.rng));
  BAIMI_ASSIGN_OR_RETURN(const std::string told, LoadInto(site, options, environment.rng));
  const std::string& address = options.suite.node.address;
  Tell(told, process::Door(address, options.suite.http_port),
       process::Door(address, options.suite.node.grpc_port));
  return absl::OkStatus();
}

class RunningSuite final : public process::Running {
 public:
  RunningSuite(std::optional<DataDir> data, std::unique_ptr<Suite> suite, std::string address)
      : data_(std::move(data)), suite_(std::move(suite)), address_(std::move(address)) {}
  std::string Http() const { return process::Door(address_, suite_->http_port()); }
  std::string Grpc() const { return process::Door(address_, suite_->grpc_port()); }
  std::string Doors() const override {
    return absl::StrCat("http=", Http(), " grpc=", Grpc(),
                        " admin=", process::Door(address_, suite_->admin_port()));
  }
  bool Stop() override { return suite_->Stop(); }

 private:
  // Its lock is held for as long as the suite runs.
  const std::optional<DataDir> data_;
  const std::unique_ptr<Suite> suite_;
  const std::string address_;
};

absl::StatusOr<std::unique_ptr<process::Running>> Start(const Options& options,
                                                        const process::Environment& environment) {
  BAIMI_ASSIGN_OR_RETURN(Site site, Find(options, *environment.rng));
  std::string told;
  if (options.sample) {
    BAIMI_ASSIGN_OR_RETURN(
        told, site.all_in_data ? LoadSampleOnce(options.sample_dir, *site.data, environment.rng)
                               : LoadInto(site, options, environment.rng));
  }
  BAIMI_ASSIGN_OR_RETURN(process::Secrets secrets,
                         process::Secrets::Load(site.secrets, environment.clock));
  SuiteOptions chosen = options.suite;
  if (chosen.ticket.exports.directory.empty() && site.data) {
    chosen.ticket.exports.directory = site.data->File("exports");
  }
  if (chosen.ticket.attachments.directory.empty() && site.data) {
    chosen.ticket.attachments.directory = site.data->File("attachments");
  }
  BAIMI_ASSIGN_OR_RETURN(
      std::unique_ptr<Suite> suite,
      Suite::Start(chosen, site.databases, std::move(secrets), environment.clock, environment.rng));
  auto running = std::make_unique<RunningSuite>(std::move(site.data), std::move(suite),
                                                options.suite.node.address);
  Tell(told, running->Http(), running->Grpc());
  return running;
}

int Main(int argc, char** argv) {
  Options options;
  return process::RunProgram(
      {.name = "baimi-suite",
       .summary = "All of Baimi in one process.",
       .service = "suite",
       .log_level = "WARNING",
       .declare = [&](config::Table& table) { Declare(table.root(), options); },
       .start =
           [&](const process::Environment& environment) { return Start(options, environment); },
       .commands = {{"load-sample",
                     "Migrate the databases, load the sample county unless it is there, and exit.",
                     [&](const process::Environment& environment) {
                       return LoadSampleOnly(options, environment);
                     }}},
       .address = &options.suite.node.address,
       .admin_port = &options.suite.node.admin_port},
      argc, argv);
}

}  // namespace
}  // namespace baimi::suite

int main(int argc, char** argv) { return baimi::suite::Main(argc, argv); }
