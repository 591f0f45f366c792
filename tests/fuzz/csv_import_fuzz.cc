// The area file of an import.
#include "common/base/error.h"
#include "services/grid_registry/domain/area_import.h"
#include "services/grid_registry/domain/csv.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using baimi::fuzz::Require;
  namespace domain = baimi::registry::domain;
  const absl::string_view text = baimi::fuzz::Text(data, size);
  int line = 0;
  for (const domain::CsvRecord& record : domain::ParseCsv(text)) {
    Require(record.line > line, "lines grow");
    Require(!record.fields.empty(), "a record has a field");
    line = record.line;
  }
  const auto file = domain::ParseAreaCsv(text, "469030");
  if (file.ok()) {
    for (const domain::AreaRow& row : file->rows) {
      Require(row.area.code().substr(0, 6) == "469030", "rows are of the county");
      Require(!row.area.display_name().empty(), "rows have names");
    }
  } else {
    Require(!baimi::ReasonOf(file.status()).empty(), "a refusal has a reason");
  }
  return 0;
}
