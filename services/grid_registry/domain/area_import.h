// ImportAreas: CSV text to areas, and areas to events, all or nothing. Pure.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_AREA_IMPORT_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_AREA_IMPORT_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/registry/v1/events.pb.h"
#include "baimi/registry/v1/registry_service.pb.h"
#include "services/grid_registry/domain/row_errors.h"
#include "services/grid_registry/domain/rules.h"

namespace baimi::registry::domain {

// Most rows of one import: it is one transaction and must not hold others up.
inline constexpr size_t kMaxImportRows = 5000;

// A parsed row; only fields of the file are set.
struct AreaRow {
  // Of the CSV: rows[index] is the first data row when 0.
  size_t index = 0;
  int line = 0;
  v1::Area area;
  // The file gave an `aliases` column.
  bool has_aliases = false;
};

struct AreaFile {
  std::vector<AreaRow> rows;
  // Also those of refused rows, so that one bad row does not make its children bad.
  std::set<std::string> codes;
  RowErrors errors;
};

// Columns "code,name,kind" and optionally "aliases" (separated by '|'), in any order; blanks around
// values do not count. Refuses (in `errors`, at "rows[i].<column>" with line, column, got and want)
// broken quotes, a wrong number of columns, a code that is none or of another county, an empty or
// too long name, a kind nobody knows or of another level than the code, and a code given twice. A
// header that does not fit, no rows and more than kMaxImportRows are an error of their own.
absl::StatusOr<AreaFile> ParseAreaCsv(absl::string_view csv, absl::string_view county);

using AreaMap = std::map<std::string, v1::Area>;

struct AreaImport {
  // In code order, so that parents come first.
  std::vector<v1::AreaSaved> events;
  v1::ImportResponse response;
};

// Upserts by code: name and kind (and aliases, when the file has them) as given, `source` on every
// row. `stored` are the areas of the county by code; a parent may also stand in the file. Refuses
// with all errors of the file and of the rules together.
absl::StatusOr<AreaImport> DecideAreaImport(const AreaFile& file, const AreaMap& stored,
                                            absl::string_view source, const Facts& facts);

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_AREA_IMPORT_H_
