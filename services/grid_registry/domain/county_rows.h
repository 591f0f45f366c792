// All rows of a county in memory, in order of their codes and ids. Rows are shared between
// successive versions, so that a change costs its own rows only. Immutable once published.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_COUNTY_ROWS_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_COUNTY_ROWS_H_

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "baimi/registry/v1/resources.pb.h"

namespace baimi::registry::domain {

template <typename T>
using Rows = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

struct CountyRows {
  Rows<v1::Area> areas;      // By 12-digit code.
  Rows<v1::Grid> grids;      // By 15-digit code.
  Rows<v1::Unit> units;      // By id.
  Rows<v1::Estate> estates;  // By id.
};

// Null when there is none.
template <typename T>
const T* Find(const Rows<T>& rows, absl::string_view id) {
  const auto found = rows.find(id);
  return found == rows.end() ? nullptr : found->second.get();
}

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_COUNTY_ROWS_H_
