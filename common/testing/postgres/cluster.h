// Real PostgreSQL servers for tests: made by initdb in a directory of their own, reached by a unix
// socket there, stopped and removed with the object. A missing server is an error, never a skip.
#ifndef BAIMI_COMMON_TESTING_POSTGRES_CLUSTER_H_
#define BAIMI_COMMON_TESTING_POSTGRES_CLUSTER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/testing/postgres/process.h"

namespace baimi::pgtest {

struct ClusterOptions {
  // Flush to the disk as in production; otherwise a commit survives the death of every process, but
  // not of the machine. Default: off.
  bool fsync = false;
  // More server settings, "name=value".
  std::vector<std::string> settings = {};
};

// Not thread-safe.
class Cluster {
 public:
  // A new cluster, running.
  static absl::StatusOr<std::unique_ptr<Cluster>> Start(const ClusterOptions& options = {});
  // A streaming standby of `primary`, running, under the name `name` for
  // synchronous_standby_names.
  static absl::StatusOr<std::unique_ptr<Cluster>> StartStandby(const Cluster& primary,
                                                               const std::string& name);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Where its socket stands: the `host` of a URI.
  const std::string& directory() const { return directory_; }
  // Of the database "postgres"; `query` continues it, "&name=value".
  std::string Uri(absl::string_view query = "") const;

  // Runs commands separated by semicolons as the superuser. The first column of the last result's
  // first row, "" when there is none.
  absl::StatusOr<std::string> Run(const std::string& sql) const;

  // An empty schema, and the URI whose search path it is.
  absl::StatusOr<std::string> NewSchema();

  // Every process at once, as a power cut would for this server alone.
  void Kill();
  // Shuts down in an orderly way, breaking connections.
  void Stop();
  // After Kill or Stop.
  absl::Status StartAgain();
  // A standby becomes a primary; returns when it takes writes.
  absl::Status Promote();

 private:
  Cluster(std::string directory, std::string binaries, std::vector<std::string> settings);
  absl::Status Launch(absl::string_view ready);

  const std::string directory_;
  const std::string binaries_;
  const std::vector<std::string> settings_;
  int schemas_ = 0;
  std::unique_ptr<Process> server_;
};

// The one of this test binary, started when first asked for, stopped at its end. Aborts the test
// program with the reason when it cannot be started.
Cluster& SharedCluster();

}  // namespace baimi::pgtest

#endif  // BAIMI_COMMON_TESTING_POSTGRES_CLUSTER_H_
