#include "tests/conformance/sql/backend.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "common/testing/postgres/cluster.h"
#include "gtest/gtest.h"

namespace baimi::sql {
namespace {

class SqliteFile final : public Site {
 public:
  SqliteFile() : directory_(testing::TempDir() + "baimi_sql_XXXXXX") {
    if (mkdtemp(directory_.data()) == nullptr) {
      ADD_FAILURE() << "cannot create " << directory_;
    }
  }
  ~SqliteFile() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string Uri() const override { return "sqlite:" + directory_ + "/test.db"; }

 private:
  std::string directory_;
};

class SqliteMemory final : public Site {
 public:
  std::string Uri() const override { return "sqlite::memory:"; }
};

class PostgresSchema final : public Site {
 public:
  PostgresSchema() {
    absl::StatusOr<std::string> uri = pgtest::SharedCluster().NewSchema();
    if (!uri.ok()) {
      ADD_FAILURE() << uri.status();
      return;
    }
    uri_ = *std::move(uri);
  }
  std::string Uri() const override { return uri_; }

 private:
  std::string uri_;
};

std::vector<Backend> Only(std::initializer_list<bool Backend::*> abilities) {
  std::vector<Backend> backends = AllBackends();
  for (bool Backend::*able : abilities) {
    backends.erase(std::remove_if(backends.begin(), backends.end(),
                                  [able](const Backend& b) { return !(b.*able); }),
                   backends.end());
  }
  return backends;
}

}  // namespace

std::vector<Backend> AllBackends() {
  return {
      {"sqlite_file", [] { return std::make_unique<SqliteFile>(); }},
      {"sqlite_memory", [] { return std::make_unique<SqliteMemory>(); }, false, false},
      {"postgres", [] { return std::make_unique<PostgresSchema>(); }},
  };
}

std::vector<Backend> ConcurrentBackends() { return Only({&Backend::concurrent}); }
std::vector<Backend> DurableBackends() { return Only({&Backend::durable}); }

std::vector<Backend> ReplicaBackends() { return Only({&Backend::concurrent, &Backend::durable}); }

std::ostream& operator<<(std::ostream& out, const Backend& backend) { return out << backend.name; }

}  // namespace baimi::sql
