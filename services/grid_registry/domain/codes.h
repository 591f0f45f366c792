// The 12-digit codes of the contract, whose upper levels are padded with zeros ("469030100000" is a
// township), and the unpadded ones of common/codes. Rules: domain.md §2.1, §2.2. Pure.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_CODES_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_CODES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/registry/v1/resources.pb.h"

namespace baimi::registry::domain {

inline constexpr absl::string_view kAreas = "areas";
inline constexpr absl::string_view kGrids = "grids";
inline constexpr absl::string_view kUnits = "units";
inline constexpr absl::string_view kEstates = "estates";

// "469030100000" -> "469030100": 6, 9 or 12 digits. A view into `code12`.
absl::string_view Unpadded(absl::string_view code12);

// Of a well-formed code; AREA_LEVEL_UNSPECIFIED of anything else.
v1::AreaLevel LevelOf(absl::string_view code12);

// "469030100003" -> "469030100000" -> "469030000000" -> "".
std::string ParentAreaCode(absl::string_view code12);

// The first 12 digits of a grid code: its community or village.
absl::string_view AreaOfGrid(absl::string_view code15);
// The township of a 12- or 15-digit code, padded to 12 digits.
std::string TownshipOf(absl::string_view code);

// The level that a kind belongs to. The kind itself is data and is never derived from a code.
v1::AreaLevel LevelOfKind(v1::AreaKind kind);

// By the name of the enum value or the Chinese term: "COMMUNITY", "社区"; also 县 市 区 镇 乡 街道
// 政企合一单位 开发区 行政村 村 农场居 林区单位 特殊单位. UNSPECIFIED when nobody calls a kind so.
v1::AreaKind ParseAreaKind(absl::string_view text);
// "社区", for explanations.
absl::string_view AreaKindTerm(v1::AreaKind kind);

// "counties/469030/areas/469030100003".
std::string AreaName(absl::string_view code12);
std::string GridName(absl::string_view code15);

// The last segment of "counties/469030/<collection>/<id>", INVALID_ARGUMENT at `path` when the name
// has another form or lies in another county.
absl::StatusOr<std::string> IdInCounty(absl::string_view path, absl::string_view collection,
                                       absl::string_view county, absl::string_view name);

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_CODES_H_
