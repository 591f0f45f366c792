#include "services/grid_registry/domain/rules.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/codes/area_code.h"
#include "common/geo/polygon.h"
#include "common/text/utf8.h"
#include "services/grid_registry/domain/codes.h"
#include "services/grid_registry/domain/place_name.h"
#include "services/grid_registry/domain/row.h"

namespace baimi::registry::domain {
namespace {

absl::Status ParentUnknown(const std::string& path, absl::string_view code,
                           absl::string_view parent, absl::string_view want_zh) {
  const std::string want = absl::StrCat("a code below a registered area, here ", parent);
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_PARENT_UNKNOWN,
               absl::StrCat(path, ": got ", code, ", want ", want),
               absl::StrCat(path, "：收到 ", code, "，", want_zh, " ", parent, " 尚未登记"))
      .With("parent", parent)
      .Field(path, absl::StrCat("got ", code, ", want ", want));
}

absl::Status OtherCounty(const std::string& path, absl::string_view code,
                         absl::string_view county) {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_PARENT_UNKNOWN,
               absl::StrCat(path, ": got ", code, ", want a code of county ", county),
               absl::StrCat(path, "：收到 ", code, "，应为本县（", county, "）的代码"))
      .With("parent", county)
      .Field(path, absl::StrCat("got ", code, ", want a code of county ", county));
}

absl::Status KindDoesNotFit(const std::string& path, const std::string& kind, v1::AreaLevel level) {
  return InvalidField(
      path, kind,
      absl::StrCat("a kind of level ", v1::AreaLevel_Name(level), ", which the code has"),
      "与代码层级相符的类别");
}

// OK when `name` names an existing row of `collection`.
template <typename Exists>
absl::StatusOr<std::string> Reference(const std::string& path, absl::string_view collection,
                                      absl::string_view name, const Facts& facts,
                                      const Exists& exists) {
  BAIMI_ASSIGN_OR_RETURN(std::string id, IdInCounty(path, collection, facts.county, name));
  BAIMI_ASSIGN_OR_RETURN(const bool found, exists(id));
  if (!found) {
    return InvalidField(path, name, "a resource that is registered", "已登记的资源");
  }
  return id;
}

template <typename T>
void SortUnique(T* list) {
  std::sort(list->begin(), list->end());
  list->erase(std::unique(list->begin(), list->end()), list->end());
}

absl::Status CheckPolygon(const std::string& path, const type::v1::GeoPolygon& polygon) {
  const auto parsed = geo::Polygon::Parse(path, polygon);
  if (parsed.ok()) {
    return absl::OkStatus();
  }
  Error error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_BAD_POLYGON,
              parsed.status().message(),
              absl::StrCat(path, "：网格范围无效，应为不自相交的多边形"));
  if (const auto details = BadRequestOf(parsed.status())) {
    for (const auto& violation : details->field_violations()) {
      error.Field(violation.field(), violation.description());
    }
  }
  return error;
}

}  // namespace

absl::StatusOr<v1::AreaSaved> DecideArea(absl::string_view path, const v1::Area* current,
                                         v1::Area wanted, const Facts& facts) {
  const std::string code_path = absl::StrCat(path, ".code");
  if (!absl::StartsWith(wanted.code(), facts.county)) {
    return OtherCounty(code_path, wanted.code(), facts.county);
  }
  const v1::AreaLevel level = LevelOf(wanted.code());
  if (level == v1::AREA_LEVEL_UNSPECIFIED) {
    return InvalidField(code_path, text::Printable(wanted.code()),
                        "12 digits; a township ends in 000, the county in 000000",
                        "12 位代码，乡镇以 000 结尾，县以 000000 结尾");
  }
  if (LevelOfKind(wanted.kind()) != level) {
    return KindDoesNotFit(absl::StrCat(path, ".kind"), v1::AreaKind_Name(wanted.kind()), level);
  }
  if (const std::string parent = ParentAreaCode(wanted.code()); !parent.empty()) {
    BAIMI_ASSIGN_OR_RETURN(const bool known, facts.has_area(parent));
    if (!known) {
      return ParentUnknown(code_path, wanted.code(), parent, "上级区划");
    }
  }
  BAIMI_RETURN_IF_ERROR(CheckPlaceNames(path, wanted.display_name(), wanted.aliases()));
  wanted.set_name(AreaName(wanted.code()));
  wanted.set_level(level);
  Stamp(current, facts.now, &wanted);
  v1::AreaSaved event;
  event.set_created(current == nullptr);
  *event.mutable_area() = std::move(wanted);
  return event;
}

absl::StatusOr<v1::GridSaved> DecideGrid(absl::string_view path, const v1::Grid* current,
                                         v1::Grid wanted, const Facts& facts) {
  const std::string code_path = absl::StrCat(path, ".code");
  if (!absl::StartsWith(wanted.code(), facts.county)) {
    return OtherCounty(code_path, wanted.code(), facts.county);
  }
  BAIMI_ASSIGN_OR_RETURN(const codes::GridClass kind,
                         codes::ParseGridCode(code_path, wanted.code()));
  const std::string area(AreaOfGrid(wanted.code()));
  BAIMI_ASSIGN_OR_RETURN(const bool known, facts.has_area(area));
  if (!known) {
    return ParentUnknown(code_path, wanted.code(), area, "所属村（社区）");
  }
  if (wanted.has_polygon()) {
    BAIMI_RETURN_IF_ERROR(CheckPolygon(absl::StrCat(path, ".polygon"), wanted.polygon()));
  }
  if (!wanted.unit().empty()) {
    BAIMI_RETURN_IF_ERROR(
        Reference(absl::StrCat(path, ".unit"), kUnits, wanted.unit(), facts, facts.has_unit)
            .status());
  }
  BAIMI_RETURN_IF_ERROR(CheckPlaceNames(path, wanted.display_name(), {}));
  SortUnique(wanted.mutable_layers());
  wanted.set_name(GridName(wanted.code()));
  wanted.set_area(AreaName(area));
  wanted.set_kind(kind == codes::GridClass::kDedicated ? v1::DEDICATED : v1::GENERAL);
  Stamp(current, facts.now, &wanted);
  v1::GridSaved event;
  event.set_created(current == nullptr);
  *event.mutable_grid() = std::move(wanted);
  return event;
}

absl::StatusOr<v1::UnitSaved> DecideUnit(absl::string_view path, const v1::Unit* current,
                                         v1::Unit wanted, absl::string_view name,
                                         const Facts& facts) {
  const std::string area_path = absl::StrCat(path, ".area");
  BAIMI_ASSIGN_OR_RETURN(const std::string area,
                         Reference(area_path, kAreas, wanted.area(), facts, facts.has_area));
  const v1::AreaLevel level = LevelOf(area);
  const bool of_village = wanted.kind() == v1::VILLAGE_COMMITTEE || wanted.kind() == v1::GRID_TEAM;
  if (of_village && level != v1::VILLAGE) {
    return InvalidField(area_path, wanted.area(), "a village or community", "村或社区");
  }
  if (wanted.kind() == v1::TOWNSHIP_GOVERNMENT && level != v1::TOWNSHIP) {
    return InvalidField(area_path, wanted.area(), "a township, whose code ends in 000",
                        "乡镇（街道），代码以 000 结尾");
  }
  SortUnique(wanted.mutable_duty_categories());
  absl::AsciiStrToUpper(wanted.mutable_credit_code());
  wanted.set_name(std::string(name));
  Stamp(current, facts.now, &wanted);
  v1::UnitSaved event;
  event.set_created(current == nullptr);
  *event.mutable_unit() = std::move(wanted);
  return event;
}

absl::StatusOr<v1::EstateSaved> DecideEstate(absl::string_view path, const v1::Estate* current,
                                             v1::Estate wanted, absl::string_view name,
                                             const Facts& facts) {
  BAIMI_RETURN_IF_ERROR(
      Reference(absl::StrCat(path, ".grid"), kGrids, wanted.grid(), facts, facts.has_grid)
          .status());
  BAIMI_RETURN_IF_ERROR(CheckPlaceNames(path, wanted.display_name(), wanted.aliases()));
  absl::flat_hash_set<std::string> labels;
  for (int i = 0; i < wanted.buildings_size(); ++i) {
    const v1::Building& building = wanted.buildings(i);
    const std::string at = absl::StrCat(path, ".buildings[", i, "]");
    if (!labels.insert(PlaceKey(building.label())).second) {
      return InvalidField(absl::StrCat(at, ".label"), text::Printable(building.label()),
                          "a label that no other building of the estate has",
                          "小区内不重复的楼栋号");
    }
    if (!building.grid().empty()) {
      BAIMI_RETURN_IF_ERROR(
          Reference(absl::StrCat(at, ".grid"), kGrids, building.grid(), facts, facts.has_grid)
              .status());
    }
  }
  wanted.set_name(std::string(name));
  Stamp(current, facts.now, &wanted);
  v1::EstateSaved event;
  event.set_created(current == nullptr);
  *event.mutable_estate() = std::move(wanted);
  return event;
}

}  // namespace baimi::registry::domain
