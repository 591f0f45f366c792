// What the benches share: temporary folders and a PostgreSQL server as in production.
#ifndef BAIMI_TESTS_BENCH_SERVERS_H_
#define BAIMI_TESTS_BENCH_SERVERS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/testing/postgres/cluster.h"
#include "tests/bench/report.h"

namespace baimi::bench {

// A new folder, removed with everything in it at the end.
class TempFolder {
 public:
  static absl::StatusOr<std::unique_ptr<TempFolder>> Make();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  // URI of an SQLite file in it.
  std::string Sqlite(const std::string& name) const {
    return "sqlite:" + path_ + "/" + name + ".db";
  }

 private:
  explicit TempFolder(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

// A server that flushes every commit to the disk and cleans up behind updates. Notes its version
// and settings in `report`.
absl::StatusOr<std::unique_ptr<pgtest::Cluster>> StartPostgres(Report& report);

// CPU time of the server and its backends so far.
absl::Duration CpuTime(const pgtest::Cluster& cluster);

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_SERVERS_H_
