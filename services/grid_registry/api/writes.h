// What the writes of all four resources share.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_API_WRITES_H_
#define BAIMI_SERVICES_GRID_REGISTRY_API_WRITES_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/journal/writer.h"
#include "common/privacy/key_ring.h"
#include "common/resource/etag.h"
#include "common/resource/update.h"
#include "services/grid_registry/domain/row.h"
#include "services/grid_registry/domain/rules.h"
#include "services/grid_registry/domain/scope.h"
#include "services/grid_registry/store/registry_store.h"

namespace baimi::registry::api {

// Rules ask the tables, inside the transaction. Lives as long as `tx`.
domain::Facts FactsOf(journal::Tx& tx, const store::RegistryStore* store);

// ALREADY_EXISTS with reason RESOURCE_EXISTS.
absl::Status Exists(absl::string_view name);

// The row after `event`, which is saved and recorded.
template <typename T, typename Event>
absl::StatusOr<T> Commit(journal::Tx& tx, const store::Table<T>& table, const T* current,
                         const Event& event) {
  BAIMI_ASSIGN_OR_RETURN(T row, domain::Apply(current, event));
  BAIMI_RETURN_IF_ERROR(table.Save(tx.sql(), tx.county(), row, tx.next_seq()));
  BAIMI_RETURN_IF_ERROR(tx.Record(row.name(), event, privacy::kNoKey).status());
  return row;
}

// The stored row of `id` with the masked fields of `update` put over it, decided and saved.
// `decide` is called with (current row, wanted row). Nothing is written when nothing differs.
template <typename T, typename Decide>
absl::StatusOr<T> UpdateRow(journal::Tx& tx, const store::Table<T>& table, const std::string& id,
                            const T& update, const google::protobuf::FieldMask& mask,
                            const Decide& decide) {
  BAIMI_ASSIGN_OR_RETURN(const std::optional<T> current, table.Load(tx.sql(), tx.county(), id));
  if (!current || !domain::Sees(tx.call().scope, *current)) {
    return NotFound(update.name());
  }
  BAIMI_RETURN_IF_ERROR(resource::CheckEtag(update.etag(), domain::VersionOf(&*current)));
  T wanted = *current;
  BAIMI_RETURN_IF_ERROR(resource::ApplyUpdate(update, mask, &wanted));
  BAIMI_ASSIGN_OR_RETURN(const auto event, decide(&*current, std::move(wanted)));
  const T& row = domain::RowOf(event);
  // Nobody moves a row to where they may not write.
  if (!domain::Sees(tx.call().scope, row)) {
    return NotFound(row.name());
  }
  if (domain::SameContent(*current, row)) {
    return *current;
  }
  return Commit(tx, table, &*current, event);
}

// Creates the row of `id` unless there is one.
template <typename T, typename Decide>
absl::StatusOr<T> CreateRow(journal::Tx& tx, const store::Table<T>& table, const std::string& id,
                            const Decide& decide) {
  BAIMI_ASSIGN_OR_RETURN(const auto event, decide());
  const T& row = domain::RowOf(event);
  if (!domain::Sees(tx.call().scope, row)) {
    return NotFound(row.name());
  }
  BAIMI_ASSIGN_OR_RETURN(const bool exists, table.Exists(tx.sql(), tx.county(), id));
  if (exists) {
    return Exists(row.name());
  }
  return Commit(tx, table, static_cast<const T*>(nullptr), event);
}

}  // namespace baimi::registry::api

#endif  // BAIMI_SERVICES_GRID_REGISTRY_API_WRITES_H_
