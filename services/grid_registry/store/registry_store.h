// The tables of the registry: areas, grids, units, estates. A row is its message in wire form and
// the columns that are looked up by. All methods run inside the caller's transaction and touch one
// county only.
//
// Nothing in the registry is personal (privacy::HasPii is false for every row type, a test says
// so), so rows stand in clear.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_STORE_REGISTRY_STORE_H_
#define BAIMI_SERVICES_GRID_REGISTRY_STORE_REGISTRY_STORE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baimi/registry/v1/resources.pb.h"
#include "common/sql/database.h"
#include "common/sql/migrate.h"

namespace baimi::registry::store {

// Component "registry".
absl::Span<const sql::Migration> RegistryMigrations();

// The statements of one table.
struct TableSql {
  sql::Statement load;
  sql::Statement exists;
  sql::Statement save;
  sql::Statement changed;
};

// T is Area, Grid (ids are codes), Unit or Estate (ids as in their names). Stateless, thread-safe.
template <typename T>
class Table {
 public:
  // nullopt when there is none. The etag is made from the row's version.
  absl::StatusOr<std::optional<T>> Load(sql::Reader& reader, absl::string_view county,
                                        absl::string_view id) const;
  absl::StatusOr<bool> Exists(sql::Reader& reader, absl::string_view county,
                              absl::string_view id) const;

  // Writes `row` as version VersionOf(its etag), recorded at county sequence `seq`. ALREADY_EXISTS
  // RESOURCE_EXISTS when a second unit becomes the township government or the village committee of
  // one area.
  absl::Status Save(sql::Tx& tx, absl::string_view county, const T& row, int64_t seq) const;

  // Rows recorded after `seq`, by id; 0 gives all of them.
  absl::Status Changed(sql::Reader& reader, absl::string_view county, int64_t seq,
                       absl::FunctionRef<void(std::string id, T row)> on_row) const;
};

extern template class Table<v1::Area>;
extern template class Table<v1::Grid>;
extern template class Table<v1::Unit>;
extern template class Table<v1::Estate>;

struct RegistryStore {
  Table<v1::Area> areas;
  Table<v1::Grid> grids;
  Table<v1::Unit> units;
  Table<v1::Estate> estates;
};

}  // namespace baimi::registry::store

#endif  // BAIMI_SERVICES_GRID_REGISTRY_STORE_REGISTRY_STORE_H_
