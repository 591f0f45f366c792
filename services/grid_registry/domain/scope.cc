#include "services/grid_registry/domain/scope.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace baimi::registry::domain {
namespace {

// "counties/469030/grids/469030100003001" -> "469030100003001".
absl::string_view IdOf(absl::string_view name) { return name.substr(name.rfind('/') + 1); }

bool Covers(const RowScope& scope, absl::string_view code) {
  return scope.whole_county ||
         std::any_of(scope.area_prefixes.begin(), scope.area_prefixes.end(),
                     [&](const std::string& prefix) {
                       return !prefix.empty() && absl::StartsWith(code, prefix);
                     });
}

}  // namespace

bool Sees(const RowScope& scope, const v1::Area& row) { return Covers(scope, row.code()); }

bool Sees(const RowScope& scope, const v1::Grid& row) { return Covers(scope, row.code()); }

bool Sees(const RowScope& scope, const v1::Unit& row) {
  return Covers(scope, IdOf(row.area())) ||
         std::find(scope.units.begin(), scope.units.end(), IdOf(row.name())) != scope.units.end();
}

bool Sees(const RowScope& scope, const v1::Estate& row) { return Covers(scope, IdOf(row.grid())); }

}  // namespace baimi::registry::domain
