#include "services/grid_registry/domain/extent.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "google/protobuf/util/message_differencer.h"

namespace baimi::registry::domain {
namespace {

bool SamePolygon(const v1::Grid& a, const v1::Grid& b) {
  return &a == &b || google::protobuf::util::MessageDifferencer::Equals(a.polygon(), b.polygon());
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Extent>> Extent::Build(
    const Rows<v1::Grid>& grids, const std::shared_ptr<const Extent>& previous) {
  auto extent = std::make_shared<Extent>();
  bool changed = previous == nullptr;
  for (const auto& [code, grid] : grids) {
    if (!grid->has_polygon()) {
      continue;
    }
    if (previous != nullptr) {
      const auto known = previous->parsed_.find(code);
      if (known != previous->parsed_.end() && SamePolygon(*known->second.grid, *grid)) {
        extent->parsed_.emplace(code, Parsed{grid, known->second.polygon});
        continue;
      }
    }
    changed = true;
    auto polygon = geo::Polygon::Parse("polygon", grid->polygon());
    if (!polygon.ok()) {
      return Internal(absl::StrCat(grid->name(), ": ", polygon.status().message()));
    }
    extent->parsed_.emplace(code, Parsed{grid, *std::move(polygon)});
  }
  if (!changed && previous->parsed_.size() == extent->parsed_.size()) {
    return previous;
  }
  std::vector<geo::IndexEntry> entries;
  entries.reserve(extent->parsed_.size());
  for (const auto& [code, parsed] : extent->parsed_) {
    entries.push_back({code, parsed.polygon});
  }
  extent->index_ = geo::PolygonIndex(std::move(entries));
  return extent;
}

}  // namespace baimi::registry::domain
