// The grid registry as one object: what its own process and the suite both start.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_GRID_REGISTRY_H_
#define BAIMI_SERVICES_GRID_REGISTRY_GRID_REGISTRY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/journal/writer.h"
#include "common/privacy/vault.h"
#include "common/process/node.h"
#include "common/process/part.h"
#include "common/rpc/runtime.h"
#include "common/rpc/service.h"
#include "common/sql/database.h"
#include "services/grid_registry/api/county_cache.h"
#include "services/grid_registry/domain/locate.h"

namespace baimi::grid_registry {

struct Options {
  // All required; must outlive the registry. The database is migrated with Migrate below.
  sql::Database* database = nullptr;
  privacy::Vault* vault = nullptr;
  const Clock* clock = nullptr;
  Rng* rng = nullptr;
  // 32 bytes, the same for every replica.
  std::string page_token_key = {};
  registry::domain::LocateOptions locate = {};
  registry::api::CountyCacheOptions cache = {};
  journal::WriterOptions writer = {};
};

// Thread-safe.
class GridRegistry final : public process::Part {
 public:
  static absl::Status Migrate(sql::Database& database, const Clock& clock);

  // FAILED_PRECONDITION when the schema is not the one this build knows.
  static absl::StatusOr<std::unique_ptr<GridRegistry>> Create(const Options& options);
  // The same on `node`, with what the node has.
  static absl::Status HostOn(process::Node& node, sql::Database* database);
  // Finishes the writes that were accepted.
  ~GridRegistry() override;

  std::vector<std::unique_ptr<rpc::Service>> Services(rpc::Runtime* runtime) override;
  absl::Status Check() override;

  journal::Writer& writer();

 private:
  struct Impl;
  explicit GridRegistry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baimi::grid_registry

#endif  // BAIMI_SERVICES_GRID_REGISTRY_GRID_REGISTRY_H_
