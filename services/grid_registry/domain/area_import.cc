#include "services/grid_registry/domain/area_import.h"

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/text/utf8.h"
#include "services/grid_registry/domain/codes.h"
#include "services/grid_registry/domain/csv.h"
#include "services/grid_registry/domain/row.h"

namespace baimi::registry::domain {
namespace {

// As the contract has them for one area.
constexpr size_t kMaxNameLength = 80;
constexpr size_t kMaxAliasLength = 256;
constexpr int kMaxAliases = 20;
constexpr absl::string_view kWantHeader = "code,name,kind and optionally aliases, each once";

struct Columns {
  size_t code = 0;
  size_t name = 0;
  size_t kind = 0;
  std::optional<size_t> aliases;
  size_t count = 0;
};

absl::StatusOr<Columns> ParseHeader(const CsvRecord& header) {
  const auto refuse = [&] {
    return InvalidField(
        "csv",
        absl::StrCat("header '", text::Printable(absl::StrJoin(header.fields, ","), 80), "'"),
        kWantHeader, "表头 code,name,kind（可加 aliases），顺序不限");
  };
  absl::flat_hash_map<std::string, size_t> found;
  for (size_t i = 0; i < header.fields.size(); ++i) {
    if (!found.emplace(absl::StripAsciiWhitespace(header.fields[i]), i).second) {
      return refuse();
    }
  }
  Columns columns;
  columns.count = header.fields.size();
  if (const auto aliases = found.find("aliases"); aliases != found.end()) {
    columns.aliases = aliases->second;
  }
  const size_t want = columns.aliases ? 4 : 3;
  if (!header.fault.empty() || columns.count != want || !found.contains("code") ||
      !found.contains("name") || !found.contains("kind")) {
    return refuse();
  }
  columns.code = found["code"];
  columns.name = found["name"];
  columns.kind = found["kind"];
  return columns;
}

// Checks one record and keeps what is wrong with it.
class RowReader {
 public:
  RowReader(const Columns& columns, absl::string_view county, RowErrors* errors)
      : columns_(columns), county_(county), errors_(errors) {}

  // False when the record was refused.
  bool Read(const CsvRecord& record, AreaRow* row) {
    record_ = &record;
    row_ = row;
    const size_t before = errors_->count();
    if (!record.fault.empty()) {
      errors_->Add(Path(""), absl::StrCat("line ", record.line, ": got ", record.fault,
                                          ", want quotes as in RFC 4180"));
      return false;
    }
    if (record.fields.size() != columns_.count) {
      errors_->Add(Path(""), absl::StrCat("line ", record.line, ": got ", record.fields.size(),
                                          " columns, want ", columns_.count));
      return false;
    }
    const v1::AreaLevel level = ReadCode();
    ReadName();
    ReadKind(level);
    ReadAliases();
    return errors_->count() == before;
  }

  std::set<std::string> codes() const {
    std::set<std::string> codes;
    for (const auto& [code, line] : seen_) {
      codes.insert(code);
    }
    return codes;
  }

 private:
  std::string Path(absl::string_view column) const {
    return absl::StrCat("rows[", row_->index, "]", column);
  }

  absl::string_view Value(size_t column) const {
    return absl::StripAsciiWhitespace(record_->fields[column]);
  }

  void Refuse(absl::string_view name, size_t column, absl::string_view want) {
    errors_->Add(Path(absl::StrCat(".", name)),
                 absl::StrCat("line ", record_->line, ", column ", column + 1, ": got '",
                              text::Printable(Value(column)), "', want ", want));
  }

  // UNSPECIFIED when the code was refused.
  v1::AreaLevel ReadCode() {
    const std::string code(Value(columns_.code));
    const v1::AreaLevel level = LevelOf(code);
    if (level == v1::AREA_LEVEL_UNSPECIFIED) {
      Refuse("code", columns_.code, "12 digits; a township ends in 000, the county in 000000");
      return level;
    }
    if (!absl::StartsWith(code, county_)) {
      Refuse("code", columns_.code, absl::StrCat("a code of county ", county_));
      return v1::AREA_LEVEL_UNSPECIFIED;
    }
    if (const auto [first, added] = seen_.emplace(code, record_->line); !added) {
      Refuse("code", columns_.code,
             absl::StrCat("each code once; line ", first->second, " has it already"));
    }
    row_->area.set_code(code);
    return level;
  }

  void ReadName() {
    const absl::string_view name = Value(columns_.name);
    if (name.empty() || text::Utf8Length(name) > kMaxNameLength) {
      Refuse("name", columns_.name, absl::StrCat("1 to ", kMaxNameLength, " characters"));
      return;
    }
    row_->area.set_display_name(std::string(name));
  }

  void ReadKind(v1::AreaLevel level) {
    const v1::AreaKind kind = ParseAreaKind(Value(columns_.kind));
    if (kind == v1::AREA_KIND_UNSPECIFIED) {
      Refuse("kind", columns_.kind, "an AreaKind or its Chinese term, e.g. COMMUNITY or 社区");
    } else if (level != v1::AREA_LEVEL_UNSPECIFIED && LevelOfKind(kind) != level) {
      Refuse("kind", columns_.kind,
             absl::StrCat("a kind of level ", v1::AreaLevel_Name(level), ", which the code has"));
    }
    row_->area.set_kind(kind);
  }

  void ReadAliases() {
    if (!columns_.aliases) {
      return;
    }
    row_->has_aliases = true;
    for (const absl::string_view part :
         absl::StrSplit(Value(*columns_.aliases), '|', absl::SkipWhitespace())) {
      const absl::string_view alias = absl::StripAsciiWhitespace(part);
      if (row_->area.aliases_size() == kMaxAliases || text::Utf8Length(alias) > kMaxAliasLength) {
        Refuse("aliases", *columns_.aliases,
               absl::StrCat("at most ", kMaxAliases, " names of at most ", kMaxAliasLength,
                            " characters"));
        return;
      }
      row_->area.add_aliases(std::string(alias));
    }
  }

  const Columns columns_;
  const std::string county_;
  RowErrors* const errors_;
  absl::flat_hash_map<std::string, int> seen_;
  const CsvRecord* record_ = nullptr;
  AreaRow* row_ = nullptr;
};

// The stored row with what the file says put over it.
v1::Area Merged(const AreaRow& row, const v1::Area* current, absl::string_view source) {
  v1::Area area = current == nullptr ? v1::Area() : *current;
  area.set_code(row.area.code());
  area.set_display_name(row.area.display_name());
  area.set_kind(row.area.kind());
  area.set_source(std::string(source));
  if (row.has_aliases) {
    *area.mutable_aliases() = row.area.aliases();
  }
  return area;
}

}  // namespace

absl::StatusOr<AreaFile> ParseAreaCsv(absl::string_view csv, absl::string_view county) {
  const std::vector<CsvRecord> records = ParseCsv(csv);
  if (records.size() < 2) {
    return InvalidField("csv", absl::StrCat(records.size(), " lines"),
                        "a header line and at least one row", "表头和至少一行数据");
  }
  if (records.size() - 1 > kMaxImportRows) {
    return InvalidField("csv", absl::StrCat(records.size() - 1, " rows"),
                        absl::StrCat("at most ", kMaxImportRows, " rows in one import"),
                        absl::StrCat("每次导入不超过 ", kMaxImportRows, " 行"));
  }
  BAIMI_ASSIGN_OR_RETURN(const Columns columns, ParseHeader(records[0]));
  AreaFile file;
  RowReader reader(columns, county, &file.errors);
  for (size_t i = 1; i < records.size(); ++i) {
    AreaRow row;
    row.index = i - 1;
    row.line = records[i].line;
    if (reader.Read(records[i], &row)) {
      file.rows.push_back(std::move(row));
    }
  }
  file.codes = reader.codes();
  return file;
}

absl::StatusOr<AreaImport> DecideAreaImport(const AreaFile& file, const AreaMap& stored,
                                            absl::string_view source, const Facts& facts) {
  std::map<std::string, const AreaRow*> wanted;
  for (const AreaRow& row : file.rows) {
    wanted.emplace(row.area.code(), &row);
  }
  Facts with_file = facts;
  with_file.has_area = [&](absl::string_view code) -> absl::StatusOr<bool> {
    const std::string key(code);
    return stored.count(key) > 0 || file.codes.count(key) > 0;
  };
  AreaImport result;
  RowErrors errors = file.errors;
  for (const auto& [code, row] : wanted) {
    const auto found = stored.find(code);
    const v1::Area* current = found == stored.end() ? nullptr : &found->second;
    auto event = DecideArea(absl::StrCat("rows[", row->index, "]"), current,
                            Merged(*row, current, source), with_file);
    if (!event.ok()) {
      errors.Add(event.status(), absl::StrCat("line ", row->line, ": "));
    } else if (current != nullptr && SameContent(*current, event->area())) {
      result.response.set_unchanged(result.response.unchanged() + 1);
    } else {
      current == nullptr ? result.response.set_created(result.response.created() + 1)
                         : result.response.set_updated(result.response.updated() + 1);
      result.events.push_back(*std::move(event));
    }
  }
  if (!errors.empty()) {
    return errors.Build();
  }
  return result;
}

}  // namespace baimi::registry::domain
