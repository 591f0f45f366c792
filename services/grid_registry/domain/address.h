// Which grid an address names, by the longest registered names in it. Scores and rules: locate.h.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_ADDRESS_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_ADDRESS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/registry/v1/registry_service.pb.h"
#include "common/text/place_matcher.h"
#include "services/grid_registry/domain/county_rows.h"

namespace baimi::registry::domain {

struct AddressFinding {
  // Null when the address decides nothing; the explanation then says what was understood.
  const v1::Grid* grid = nullptr;
  v1::LocateReason reason = v1::LOCATE_REASON_UNSPECIFIED;
  double score = 0;
  // zh-CN; holds registered names only, never the address.
  std::string explanation;
};

// Immutable, thread-safe.
class AddressIndex {
 public:
  // Looks for: names and aliases of areas (registered and as shown: 营北社区居委会, 营北社区),
  // names of grids, names and aliases of estates, and those with a building's label behind them.
  // INTERNAL when a stored name is too short to look for.
  static absl::StatusOr<std::shared_ptr<const AddressIndex>> Build(
      std::shared_ptr<const CountyRows> rows);

  // The grid points into the rows of this index.
  AddressFinding Find(absl::string_view address) const;

  const CountyRows& rows() const { return *rows_; }

 private:
  std::shared_ptr<const CountyRows> rows_;
  text::PlaceMatcher matcher_;
};

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_ADDRESS_H_
