#include "services/grid_registry/domain/locate.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/grid_registry/domain/codes.h"

namespace baimi::registry::domain {
namespace {

constexpr double kNearScore = 0.9;
constexpr double kFarScore = 0.5;

struct Finding {
  const v1::Grid* grid = nullptr;
  v1::LocateReason reason = v1::LOCATE_REASON_UNSPECIFIED;
  double score = 0;
  std::string explanation;
};

Finding ByPoint(const LocateIndex& index, const type::v1::GeoPoint& point,
                const LocateOptions& options) {
  Finding finding;
  const geo::PolygonIndex& extents = index.extent->index();
  if (const auto inside = extents.Contains(point); !inside.empty()) {
    finding.grid = Find(index.rows->grids, inside[0]);
    finding.reason = v1::POINT_INSIDE;
    finding.score = 1.0 / static_cast<double>(inside.size());
    finding.explanation = absl::StrCat("坐标在", finding.grid->display_name(), "范围内");
    if (inside.size() > 1) {
      absl::StrAppend(&finding.explanation, "；共有 ", inside.size(),
                      " 个网格范围重叠，取编码最小者");
    }
  } else if (const auto near = extents.Nearest(point, options.tolerance_metres)) {
    finding.grid = Find(index.rows->grids, near->id);
    finding.reason = v1::POINT_NEAREST;
    const double share = options.tolerance_metres > 0 ? near->metres / options.tolerance_metres : 0;
    finding.score = kNearScore - (kNearScore - kFarScore) * share;
    finding.explanation =
        absl::StrCat("坐标不在任何网格范围内，距最近的", finding.grid->display_name(), " ",
                     std::llround(near->metres), " 米");
  } else {
    finding.explanation =
        absl::StrCat("坐标周围 ", std::llround(options.tolerance_metres), " 米内没有网格");
  }
  if (finding.grid != nullptr && finding.grid->synthetic_polygon()) {
    absl::StrAppend(&finding.explanation, "（示例范围，非实测）");
  }
  return finding;
}

absl::Status NoGridHere(absl::string_view explanation) {
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NO_GRID_HERE,
               "point, address: got nothing that leads to one grid, want a point in a grid or an "
               "address with the name of a community, village, estate or grid",
               absl::StrCat("无法确定网格：", explanation))
      .With("explanation", explanation);
}

}  // namespace

absl::StatusOr<LocateIndex> BuildLocateIndex(std::shared_ptr<const CountyRows> rows,
                                             const LocateIndex* previous) {
  LocateIndex index;
  index.rows = std::move(rows);
  BAIMI_ASSIGN_OR_RETURN(
      index.extent,
      Extent::Build(index.rows->grids, previous == nullptr ? nullptr : previous->extent));
  if (previous != nullptr && previous->rows->areas == index.rows->areas &&
      previous->rows->grids == index.rows->grids &&
      previous->rows->estates == index.rows->estates) {
    index.addresses = previous->addresses;
    return index;
  }
  BAIMI_ASSIGN_OR_RETURN(index.addresses, AddressIndex::Build(index.rows));
  return index;
}

absl::StatusOr<v1::LocateGridResponse> Locate(const LocateIndex& index,
                                              const std::optional<type::v1::GeoPoint>& point,
                                              absl::string_view address,
                                              const LocateOptions& options) {
  if (!point && address.empty()) {
    return InvalidField("point", "neither point nor address", "a point, an address or both",
                        "坐标、地址至少填一项");
  }
  AddressFinding named;
  if (!address.empty()) {
    named = index.addresses->Find(address);
  }
  Finding finding;
  if (point) {
    finding = ByPoint(index, *point, options);
  }
  if (finding.grid == nullptr) {
    const std::string prefix =
        point && !address.empty() ? absl::StrCat(finding.explanation, "；") : finding.explanation;
    finding = {named.grid, named.reason, named.score, absl::StrCat(prefix, named.explanation)};
  } else if (named.grid != nullptr &&
             AreaOfGrid(named.grid->code()) != AreaOfGrid(finding.grid->code())) {
    absl::StrAppend(&finding.explanation, "；地址文字指向", named.grid->display_name(), "，请核对");
  }
  if (finding.grid == nullptr) {
    return NoGridHere(finding.explanation);
  }
  v1::LocateGridResponse response;
  *response.mutable_grid() = *finding.grid;
  if (const v1::Area* area = Find(index.rows->areas, AreaOfGrid(finding.grid->code()))) {
    *response.mutable_area() = *area;
  }
  response.set_reason(finding.reason);
  response.set_score(finding.score);
  response.set_explanation(finding.explanation);
  return response;
}

}  // namespace baimi::registry::domain
