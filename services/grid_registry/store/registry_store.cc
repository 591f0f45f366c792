#include "services/grid_registry/store/registry_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/resource/etag.h"
#include "services/grid_registry/domain/codes.h"
#include "services/grid_registry/domain/row.h"

namespace baimi::registry::store {
namespace {

constexpr TableSql kAreas = {
    {"registry.load_area", "SELECT version, bytes FROM areas WHERE county = $1 AND id = $2"},
    {"registry.area_exists", "SELECT 1 FROM areas WHERE county = $1 AND id = $2"},
    {"registry.save_area",
     "INSERT INTO areas (county, id, parent, kind, seq, version, bytes) "
     "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (county, id) DO UPDATE "
     "SET parent = $3, kind = $4, seq = $5, version = $6, bytes = $7"},
    {"registry.changed_areas",
     "SELECT id, version, bytes FROM areas WHERE county = $1 AND seq > $2 ORDER BY id"}};

constexpr TableSql kGrids = {
    {"registry.load_grid", "SELECT version, bytes FROM grids WHERE county = $1 AND id = $2"},
    {"registry.grid_exists", "SELECT 1 FROM grids WHERE county = $1 AND id = $2"},
    {"registry.save_grid",
     "INSERT INTO grids (county, id, parent, kind, seq, version, bytes) "
     "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (county, id) DO UPDATE "
     "SET parent = $3, kind = $4, seq = $5, version = $6, bytes = $7"},
    {"registry.changed_grids",
     "SELECT id, version, bytes FROM grids WHERE county = $1 AND seq > $2 ORDER BY id"}};

constexpr TableSql kUnits = {
    {"registry.load_unit", "SELECT version, bytes FROM units WHERE county = $1 AND id = $2"},
    {"registry.unit_exists", "SELECT 1 FROM units WHERE county = $1 AND id = $2"},
    {"registry.save_unit",
     "INSERT INTO units (county, id, parent, kind, seq, version, bytes) "
     "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (county, id) DO UPDATE "
     "SET parent = $3, kind = $4, seq = $5, version = $6, bytes = $7"},
    {"registry.changed_units",
     "SELECT id, version, bytes FROM units WHERE county = $1 AND seq > $2 ORDER BY id"}};

constexpr TableSql kEstates = {
    {"registry.load_estate", "SELECT version, bytes FROM estates WHERE county = $1 AND id = $2"},
    {"registry.estate_exists", "SELECT 1 FROM estates WHERE county = $1 AND id = $2"},
    {"registry.save_estate",
     "INSERT INTO estates (county, id, parent, kind, seq, version, bytes) "
     "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (county, id) DO UPDATE "
     "SET parent = $3, kind = $4, seq = $5, version = $6, bytes = $7"},
    {"registry.changed_estates",
     "SELECT id, version, bytes FROM estates WHERE county = $1 AND seq > $2 ORDER BY id"}};

const TableSql& SqlOf(const v1::Area*) { return kAreas; }
const TableSql& SqlOf(const v1::Grid*) { return kGrids; }
const TableSql& SqlOf(const v1::Unit*) { return kUnits; }
const TableSql& SqlOf(const v1::Estate*) { return kEstates; }

template <typename T>
const TableSql& Sql() {
  return SqlOf(static_cast<const T*>(nullptr));
}

std::string LastSegment(absl::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1));
}

std::string ParentOf(const v1::Area& row) { return domain::ParentAreaCode(row.code()); }
std::string ParentOf(const v1::Grid& row) { return std::string(domain::AreaOfGrid(row.code())); }
std::string ParentOf(const v1::Unit& row) { return LastSegment(row.area()); }
std::string ParentOf(const v1::Estate& row) { return LastSegment(row.grid()); }

template <typename T>
int KindOf(const T& row) {
  return static_cast<int>(row.kind());
}
int KindOf(const v1::Estate&) { return 0; }

template <typename T>
absl::Status Read(const sql::Row& row, int first_column, T* message) {
  const absl::string_view bytes = row.Bytes(first_column + 1);
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Internal(absl::StrCat("a row of ", T::descriptor()->name(), " does not parse"));
  }
  message->set_etag(resource::Etag(row.Int64(first_column)));
  return absl::OkStatus();
}

absl::Status SecondOffice(absl::string_view area) {
  return Error(absl::StatusCode::kAlreadyExists, type::v1::ERROR_REASON_RESOURCE_EXISTS,
               absl::StrCat("unit.area: got ", area,
                            ", want an area that has no township government or village committee "
                            "yet"),
               absl::StrCat("区划 ", area, " 已登记了乡镇政府或村（居）委会，不能再登记一个"))
      .With("area", area);
}

}  // namespace

template <typename T>
absl::StatusOr<std::optional<T>> Table<T>::Load(sql::Reader& reader, absl::string_view county,
                                                absl::string_view id) const {
  std::optional<T> result;
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(Sql<T>().load, {county, id},
                                      [&](const sql::Row& row) {
                                        result.emplace();
                                        return Read(row, 0, &*result);
                                      })
                            .status());
  return result;
}

template <typename T>
absl::StatusOr<bool> Table<T>::Exists(sql::Reader& reader, absl::string_view county,
                                      absl::string_view id) const {
  return reader.QueryOne(Sql<T>().exists, {county, id},
                         [](const sql::Row&) { return absl::OkStatus(); });
}

template <typename T>
absl::Status Table<T>::Save(sql::Tx& tx, absl::string_view county, const T& row,
                            int64_t seq) const {
  const std::string id = LastSegment(row.name());
  const std::string parent = ParentOf(row);
  const absl::Status status =
      tx.Execute(Sql<T>().save, {county, id, parent, KindOf(row), seq, domain::VersionOf(&row),
                                 sql::Param::Bytes(row.SerializeAsString())})
          .status();
  return absl::IsAlreadyExists(status) ? SecondOffice(parent) : status;
}

template <typename T>
absl::Status Table<T>::Changed(sql::Reader& reader, absl::string_view county, int64_t seq,
                               absl::FunctionRef<void(std::string id, T row)> on_row) const {
  return reader.Query(Sql<T>().changed, {county, seq}, [&](const sql::Row& row) -> absl::Status {
    T message;
    BAIMI_RETURN_IF_ERROR(Read(row, 1, &message));
    on_row(std::string(row.Text(0)), std::move(message));
    return absl::OkStatus();
  });
}

template class Table<v1::Area>;
template class Table<v1::Grid>;
template class Table<v1::Unit>;
template class Table<v1::Estate>;

}  // namespace baimi::registry::store
