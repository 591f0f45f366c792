#include "services/grid_registry/domain/codes.h"

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/codes/area_code.h"
#include "common/resource/name.h"

namespace baimi::registry::domain {
namespace {

struct Term {
  absl::string_view text;
  v1::AreaKind kind;
};

// The first term of a kind is the one it is shown by.
constexpr std::array kTerms = {
    Term{"县", v1::COUNTY_SEAT},
    Term{"市", v1::COUNTY_SEAT},
    Term{"区", v1::COUNTY_SEAT},
    Term{"镇", v1::TOWN},
    Term{"乡", v1::RURAL_TOWNSHIP},
    Term{"街道", v1::SUBDISTRICT},
    Term{"政企合一单位", v1::SPECIAL_TOWNSHIP},
    Term{"开发区", v1::SPECIAL_TOWNSHIP},
    Term{"社区", v1::COMMUNITY},
    Term{"行政村", v1::ADMINISTRATIVE_VILLAGE},
    Term{"村", v1::ADMINISTRATIVE_VILLAGE},
    Term{"农场居", v1::FARM_COMMUNITY},
    Term{"林区单位", v1::SPECIAL_VILLAGE},
    Term{"特殊单位", v1::SPECIAL_VILLAGE},
};

constexpr size_t kAreaDigits = 12;

}  // namespace

absl::string_view Unpadded(absl::string_view code12) {
  while (code12.size() > 6 && absl::EndsWith(code12, "000")) {
    code12.remove_suffix(3);
  }
  return code12;
}

v1::AreaLevel LevelOf(absl::string_view code12) {
  if (code12.size() != kAreaDigits) {
    return v1::AREA_LEVEL_UNSPECIFIED;
  }
  const auto level = codes::ParseAreaCode("code", Unpadded(code12));
  if (!level.ok()) {
    return v1::AREA_LEVEL_UNSPECIFIED;
  }
  switch (*level) {
    case codes::AreaLevel::kCounty:
      return v1::COUNTY;
    case codes::AreaLevel::kTownship:
      return v1::TOWNSHIP;
    case codes::AreaLevel::kArea:
    case codes::AreaLevel::kGrid:
      break;
  }
  return v1::VILLAGE;
}

std::string ParentAreaCode(absl::string_view code12) {
  std::string parent(codes::ParentCode(Unpadded(code12)));
  if (!parent.empty()) {
    parent.resize(kAreaDigits, '0');
  }
  return parent;
}

absl::string_view AreaOfGrid(absl::string_view code15) { return code15.substr(0, kAreaDigits); }

std::string TownshipOf(absl::string_view code) { return absl::StrCat(code.substr(0, 9), "000"); }

v1::AreaLevel LevelOfKind(v1::AreaKind kind) {
  switch (kind) {
    case v1::COUNTY_SEAT:
      return v1::COUNTY;
    case v1::TOWN:
    case v1::RURAL_TOWNSHIP:
    case v1::SUBDISTRICT:
    case v1::SPECIAL_TOWNSHIP:
      return v1::TOWNSHIP;
    case v1::COMMUNITY:
    case v1::ADMINISTRATIVE_VILLAGE:
    case v1::FARM_COMMUNITY:
    case v1::SPECIAL_VILLAGE:
      return v1::VILLAGE;
    default:
      return v1::AREA_LEVEL_UNSPECIFIED;
  }
}

v1::AreaKind ParseAreaKind(absl::string_view text) {
  for (const Term& term : kTerms) {
    if (term.text == text) {
      return term.kind;
    }
  }
  v1::AreaKind kind = v1::AREA_KIND_UNSPECIFIED;
  return v1::AreaKind_Parse(std::string(text), &kind) ? kind : v1::AREA_KIND_UNSPECIFIED;
}

absl::string_view AreaKindTerm(v1::AreaKind kind) {
  for (const Term& term : kTerms) {
    if (term.kind == kind) {
      return term.text;
    }
  }
  return "";
}

std::string AreaName(absl::string_view code12) {
  return resource::FormatName(code12.substr(0, 6), kAreas, code12);
}

std::string GridName(absl::string_view code15) {
  return resource::FormatName(code15.substr(0, 6), kGrids, code15);
}

absl::StatusOr<std::string> IdInCounty(absl::string_view path, absl::string_view collection,
                                       absl::string_view county, absl::string_view name) {
  BAIMI_ASSIGN_OR_RETURN(resource::CountyResource parsed,
                         resource::ParseName(path, collection, name));
  if (parsed.county != county) {
    return InvalidField(path, parsed.county, absl::StrCat("a name in county ", county),
                        absl::StrCat("本县（", county, "）的资源名"));
  }
  return std::move(parsed.id);
}

}  // namespace baimi::registry::domain
