#include "tests/bench/servers.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "tests/bench/child.h"

namespace baimi::bench {

absl::StatusOr<std::unique_ptr<TempFolder>> TempFolder::Make() {
  std::string path = (std::filesystem::temp_directory_path() / "baimi-bench-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    return absl::UnavailableError("cannot make a temporary directory");
  }
  return std::unique_ptr<TempFolder>(new TempFolder(path));
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

absl::StatusOr<std::unique_ptr<pgtest::Cluster>> StartPostgres(Report& report) {
  BAIMI_ASSIGN_OR_RETURN(
      auto cluster, pgtest::Cluster::Start({.fsync = true,
                                            .settings = {"shared_buffers=256MB", "max_wal_size=4GB",
                                                         "autovacuum=on"}}));
  std::vector<std::string> settings;
  for (const char* name : {"server_version", "fsync", "synchronous_commit", "full_page_writes",
                           "wal_sync_method", "shared_buffers", "max_wal_size", "autovacuum"}) {
    BAIMI_ASSIGN_OR_RETURN(const std::string value, cluster->Run(absl::StrCat("SHOW ", name)));
    settings.push_back(absl::StrCat(name, "=", value));
  }
  report.Note("PostgreSQL", absl::StrJoin(settings, " "));
  return cluster;
}

absl::Duration CpuTime(const pgtest::Cluster& cluster) {
  pid_t server = 0;
  std::ifstream(cluster.directory() + "/data/postmaster.pid") >> server;
  absl::Duration sum = CpuTimeOf(server, Dead::kWith);
  std::ifstream children(absl::StrCat("/proc/", server, "/task/", server, "/children"));
  for (pid_t child = 0; children >> child;) {
    sum += CpuTimeOf(child, Dead::kWithout);
  }
  return sum;
}

}  // namespace baimi::bench
