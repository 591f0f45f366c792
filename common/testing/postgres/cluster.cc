#include "common/testing/postgres/cluster.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace baimi::pgtest {
namespace {

constexpr absl::string_view kReady = "database system is ready to accept connections";
constexpr absl::string_view kReadyStandby = "ready to accept read-only connections";
constexpr absl::Duration kPatience = absl::Seconds(60);

absl::StatusOr<std::string> NewDirectory() {
  // Short, since a socket's path holds 107 bytes.
  std::string directory = "/tmp/baimi_pg_XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::InternalError(absl::StrCat("cannot create ", directory));
  }
  BAIMI_RETURN_IF_ERROR(GiveToServer(directory));
  return directory;
}

std::vector<std::string> SettingsOf(const ClusterOptions& options) {
  std::vector<std::string> settings = {
      "max_connections=200", "shared_buffers=32MB", "autovacuum=off",
      "listen_addresses=",   "wal_log_hints=on",    "max_wal_size=256MB"};
  if (!options.fsync) {
    settings.insert(settings.end(), {"fsync=off", "full_page_writes=off"});
  }
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  return settings;
}

}  // namespace

Cluster::Cluster(std::string directory, std::string binaries, std::vector<std::string> settings)
    : directory_(std::move(directory)),
      binaries_(std::move(binaries)),
      settings_(std::move(settings)) {}

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Start(const ClusterOptions& options) {
  BAIMI_ASSIGN_OR_RETURN(const std::string binaries, BinaryDirectory());
  BAIMI_ASSIGN_OR_RETURN(const std::string directory, NewDirectory());
  auto cluster = std::unique_ptr<Cluster>(new Cluster(directory, binaries, SettingsOf(options)));
  BAIMI_RETURN_IF_ERROR(
      RunProgram({binaries + "/initdb", "-A", "trust", "-U", "postgres", "--encoding=UTF8",
                  "--locale=C.UTF-8", "--no-sync", "-D", directory + "/data"}));
  BAIMI_RETURN_IF_ERROR(cluster->Launch(kReady));
  return cluster;
}

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::StartStandby(const Cluster& primary,
                                                               const std::string& name) {
  BAIMI_ASSIGN_OR_RETURN(const std::string directory, NewDirectory());
  auto cluster =
      std::unique_ptr<Cluster>(new Cluster(directory, primary.binaries_, primary.settings_));
  BAIMI_RETURN_IF_ERROR(RunProgram(
      {primary.binaries_ + "/pg_basebackup", "-R", "-X", "stream", "-c", "fast", "--no-sync", "-D",
       directory + "/data", "-d",
       absl::StrCat("host=", primary.directory_, " user=postgres application_name=", name)}));
  BAIMI_RETURN_IF_ERROR(cluster->Launch(kReadyStandby));
  return cluster;
}

Cluster::~Cluster() {
  if (server_ != nullptr) {
    // Nobody will read this cluster again.
    server_->Signal(SIGQUIT);
    server_->Wait();
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

absl::Status Cluster::Launch(absl::string_view ready) {
  std::vector<std::string> argv = {binaries_ + "/postgres", "-D", directory_ + "/data", "-k",
                                   directory_};
  for (const std::string& setting : settings_) {
    argv.insert(argv.end(), {"-c", setting});
  }
  BAIMI_ASSIGN_OR_RETURN(server_, Process::Start(argv));
  if (!server_->AwaitOutput(ready, kPatience)) {
    return absl::InternalError(absl::StrCat("PostgreSQL did not start:\n", server_->output()));
  }
  return absl::OkStatus();
}

std::string Cluster::Uri(absl::string_view query) const {
  return absl::StrCat("postgresql:///postgres?host=", directory_, "&user=postgres", query);
}

absl::StatusOr<std::string> Cluster::Run(const std::string& sql) const {
  struct Finish {
    void operator()(PGconn* conn) const { PQfinish(conn); }
    void operator()(PGresult* result) const { PQclear(result); }
  };
  const std::unique_ptr<PGconn, Finish> conn(PQconnectdb(Uri().c_str()));
  const std::unique_ptr<PGresult, Finish> result(PQexec(conn.get(), sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    return absl::InternalError(PQerrorMessage(conn.get()));
  }
  return PQntuples(result.get()) > 0 ? std::string(PQgetvalue(result.get(), 0, 0)) : "";
}

absl::StatusOr<std::string> Cluster::NewSchema() {
  const std::string schema = absl::StrCat("test", ++schemas_);
  BAIMI_RETURN_IF_ERROR(Run("CREATE SCHEMA " + schema).status());
  return Uri(absl::StrCat("&options=-csearch_path%3D", schema));
}

void Cluster::Kill() {
  server_->KillAll();
  server_->Wait();
}

void Cluster::Stop() {
  server_->Signal(SIGINT);
  server_->Wait();
}

absl::Status Cluster::StartAgain() { return Launch(kReady); }

absl::Status Cluster::Promote() {
  BAIMI_RETURN_IF_ERROR(Run("SELECT pg_promote(false)").status());
  return server_->AwaitOutput(kReady, kPatience)
             ? absl::OkStatus()
             : absl::InternalError(absl::StrCat("no promotion:\n", server_->output()));
}

Cluster& SharedCluster() {
  static const std::unique_ptr<Cluster> cluster = [] {
    auto started = Cluster::Start();
    if (!started.ok()) {
      std::fprintf(stderr, "%s\n", started.status().ToString().c_str());
      std::abort();
    }
    return *std::move(started);
  }();
  return *cluster;
}

}  // namespace baimi::pgtest
