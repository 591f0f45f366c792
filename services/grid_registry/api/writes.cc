#include "services/grid_registry/api/writes.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace baimi::registry::api {

domain::Facts FactsOf(journal::Tx& tx, const store::RegistryStore* store) {
  domain::Facts facts;
  facts.county = std::string(tx.county());
  facts.now = tx.now();
  facts.has_area = [&tx, store](absl::string_view code) {
    return store->areas.Exists(tx.sql(), tx.county(), code);
  };
  facts.has_grid = [&tx, store](absl::string_view code) {
    return store->grids.Exists(tx.sql(), tx.county(), code);
  };
  facts.has_unit = [&tx, store](absl::string_view id) {
    return store->units.Exists(tx.sql(), tx.county(), id);
  };
  return facts;
}

absl::Status Exists(absl::string_view name) {
  return Error(absl::StatusCode::kAlreadyExists, type::v1::ERROR_REASON_RESOURCE_EXISTS,
               absl::StrCat("name: got ", name, ", want one that is not registered yet"),
               absl::StrCat("已存在：", name))
      .With("resource", name);
}

}  // namespace baimi::registry::api
