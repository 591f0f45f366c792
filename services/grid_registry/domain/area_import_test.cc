#include "services/grid_registry/domain/area_import.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "common/text/unit_name.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/grid_registry/domain/csv.h"
#include "services/grid_registry/testing/sample_county.h"

namespace baimi::registry::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kCounty[] = "469030";

Facts Nothing() {
  static const CountyRows* const kEmpty = new CountyRows();
  return testing::FactsIn(*kEmpty);
}

absl::StatusOr<AreaImport> Import(absl::string_view csv, const AreaMap& stored = {}) {
  auto file = ParseAreaCsv(csv, kCounty);
  return file.ok() ? DecideAreaImport(*file, stored, "test", Nothing()) : file.status();
}

AreaMap After(const AreaImport& import) {
  AreaMap map;
  for (const auto& event : import.events) {
    map[event.area().code()] = event.area();
  }
  return map;
}

// "path: description" of every violation.
std::vector<std::string> Violations(const absl::Status& status) {
  std::vector<std::string> lines;
  if (const auto details = BadRequestOf(status)) {
    for (const auto& violation : details->field_violations()) {
      lines.push_back(absl::StrCat(violation.field(), ": ", violation.description()));
    }
  }
  return lines;
}

constexpr char kUpper[] = "469030000000,琼中,县\n469030100000,营根镇,镇\n";

TEST(ParseCsv, Rfc4180_Records) {
  const auto records = ParseCsv(
      "\xEF\xBB\xBF"
      "a,\"b,\"\"c\"\"\r\nd\",\r\n\r\ne,f,g");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_THAT(records[0].fields, ElementsAre("a", "b,\"c\"\r\nd", ""));
  EXPECT_EQ(records[0].line, 1);
  EXPECT_THAT(records[1].fields, ElementsAre("e", "f", "g"));
  EXPECT_EQ(records[1].line, 4);
  EXPECT_TRUE(ParseCsv("").empty());
  EXPECT_TRUE(ParseCsv("\n\r\n\n").empty());
}

TEST(ParseCsv, BrokenQuotes_FaultOfThatRecord) {
  EXPECT_THAT(ParseCsv("a\"b\n")[0].fault, HasSubstr("inside a field"));
  EXPECT_THAT(ParseCsv("\"a\"b\n")[0].fault, HasSubstr("behind a closing quote"));
  EXPECT_THAT(ParseCsv("\"a\n")[0].fault, HasSubstr("never closed"));
  EXPECT_EQ(ParseCsv("\"a\"\n")[0].fault, "");
}

TEST(ImportAreas, RealUnits_AllIn) {
  const std::string units = testing::ReadFile("deploy/sample/data/units.csv");
  std::string csv = absl::StrCat("kind,name,code\n", "县,琼中,469030000000\n");
  std::map<std::string, std::string> towns;
  std::map<std::string, int> kinds;
  for (const CsvRecord& record : ParseCsv(units)) {
    if (record.fields[0] == kCounty) {
      const std::string kind =
          absl::StrReplaceAll(record.fields[5], {{"特殊单位(林场分局)", "特殊单位"}});
      ++kinds[kind];
      absl::StrAppend(&csv, kind, ",\"", record.fields[4], "\",", record.fields[3], "\r\n");
      towns[record.fields[1]] = record.fields[2];
    }
  }
  for (const auto& [code, name] : towns) {
    const char digit = code[6];
    absl::StrAppend(&csv,
                    digit == '1'   ? "镇"
                    : digit == '2' ? "乡"
                                   : "SPECIAL_TOWNSHIP",
                    ",", name, ",", code, "000\n");
  }
  const auto import = Import(csv);
  ASSERT_TRUE(import.ok()) << import.status();
  EXPECT_EQ(import->response.created(), 1 + 11 + 125);
  EXPECT_EQ(kinds["行政村"], 100);
  EXPECT_EQ(kinds["社区"], 13);
  EXPECT_EQ(kinds["农场居"], 10);
  EXPECT_TRUE(std::is_sorted(
      import->events.begin(), import->events.end(),
      [](const auto& a, const auto& b) { return a.area().code() < b.area().code(); }));
  // 新伟南居委会 is a 社区 with a code like a village's neighbour: the kind is what the file says.
  EXPECT_EQ(After(*import)["469030105004"].kind(), v1::COMMUNITY);
  EXPECT_EQ(After(*import)["469030500400"].kind(), v1::SPECIAL_VILLAGE);
}

TEST(ImportAreas, SampleFile_NamesAreTheRealOnes) {
  const auto import = Import(testing::ReadFile("deploy/sample/registry/areas.csv"));
  ASSERT_TRUE(import.ok()) << import.status();
  AreaMap areas = After(*import);
  int compared = 0;
  for (const CsvRecord& record : ParseCsv(testing::ReadFile("deploy/sample/data/units.csv"))) {
    if (record.fields[0] == kCounty) {
      EXPECT_EQ(areas[record.fields[3]].display_name(), text::DisplayName(record.fields[4]));
      ++compared;
    }
  }
  EXPECT_EQ(compared, 125);
  EXPECT_EQ(areas["469030100003"].aliases(0), "营北");
}

TEST(ImportAreas, SecondTime_Unchanged) {
  const std::string csv = testing::ReadFile("deploy/sample/registry/areas.csv");
  const auto first = Import(csv);
  ASSERT_TRUE(first.ok());
  const auto second = Import(csv, After(*first));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->response.unchanged(), first->response.created());
  EXPECT_TRUE(second->events.empty());
}

TEST(ImportAreas, ChangedName_KeepsWhatTheFileDoesNotHave) {
  const auto first =
      Import(absl::StrCat("code,name,kind,aliases\n", "469030000000,琼中,县,琼中县| 琼崖 |\n"));
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Import("name,code,kind\n琼中县,469030000000,COUNTY_SEAT\n", After(*first));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->response.updated(), 1);
  const v1::Area& area = second->events[0].area();
  EXPECT_EQ(area.display_name(), "琼中县");
  EXPECT_THAT(area.aliases(), ElementsAre("琼中县", "琼崖"));
  EXPECT_EQ(area.etag(), "v2");
  EXPECT_FALSE(second->events[0].created());
}

TEST(ImportAreas, Aliases_AreBoundedAsInTheContract) {
  std::string many = "名字0";
  for (int i = 1; i < 20; ++i) {
    absl::StrAppend(&many, "|名字", i);
  }
  const auto with = [](const std::string& aliases) {
    return Import(absl::StrCat("code,name,kind,aliases\n469030000000,琼中,县,", aliases, "\n"));
  };
  EXPECT_TRUE(with(many).ok());
  EXPECT_THAT(Violations(with(many + "|名字20").status()),
              ElementsAre(HasSubstr("rows[0].aliases: line 2, column 4: got '名字0|")));
  std::string name;
  for (int i = 0; i < 256; ++i) {
    name += "长";
  }
  EXPECT_TRUE(with(name).ok());
  EXPECT_THAT(Violations(with(name + "长").status()), ElementsAre(HasSubstr("rows[0].aliases")));
}

TEST(ImportAreas, BadRows_AllListedWithLineColumnGotWant) {
  const auto import = Import(absl::StrCat("code,name,kind\n", kUpper,
                                          "469030100003,营北社区,小区\n"  // line 4
                                          "46903010000,短,社区\n"         // line 5
                                          "469030100004,,社区\n"          // line 6
                                          "469030100005,升坡村,镇\n"      // line 7
                                          "211202001001,青年社区,社区\n"  // line 8
                                          "469030100003,又一个,社区\n"    // line 9
                                          "469030100006,少一列\n"         // line 10
                                          "469030100007,\"x\"y,社区\n"    // line 11
                                          "469030999001,无上级,社区\n"    // line 12
                                          "469030100008,社,社区\n"));     // line 13
  EXPECT_EQ(ReasonOf(import.status()), "IMPORT_ROWS_REFUSED");
  EXPECT_TRUE(absl::IsInvalidArgument(import.status()));
  EXPECT_EQ(ErrorInfoOf(import.status())->metadata().at("errors"), "10");
  EXPECT_THAT(
      Violations(import.status()),
      ElementsAre(
          "rows[2].kind: line 4, column 3: got '小区', want an AreaKind or its Chinese term, e.g. "
          "COMMUNITY or 社区",
          "rows[3].code: line 5, column 1: got '46903010000', want 12 digits; a township ends in "
          "000, the county in 000000",
          "rows[4].name: line 6, column 2: got '', want 1 to 80 characters",
          "rows[5].kind: line 7, column 3: got '镇', want a kind of level VILLAGE, which the code "
          "has",
          "rows[6].code: line 8, column 1: got '211202001001', want a code of county 469030",
          "rows[7].code: line 9, column 1: got '469030100003', want each code once; line 4 has it "
          "already",
          "rows[8]: line 10: got 2 columns, want 3",
          "rows[9]: line 11: got text behind a closing quote, want quotes as in RFC 4180",
          HasSubstr("rows[11].display_name: line 13: got '社', want at least 2 characters"),
          "rows[10].code: line 12: got 469030999001, want a code below a registered area, here "
          "469030999000"));
}

TEST(ImportAreas, RefusedParent_DoesNotRefuseItsChildren) {
  const auto import = Import(
      "code,name,kind\n469030000000,琼中,县\n469030100000,营根镇,大镇\n469030100003,营北社区,"
      "社区\n");
  EXPECT_EQ(Violations(import.status()).size(), 1U);
}

TEST(ImportAreas, ManyErrors_HundredListedAllCounted) {
  std::string csv = "code,name,kind\n";
  for (int i = 0; i < 250; ++i) {
    absl::StrAppend(&csv, "1,x,社区\n");
  }
  const auto import = Import(csv);
  EXPECT_EQ(Violations(import.status()).size(), RowErrors::kMaxListed);
  EXPECT_EQ(ErrorInfoOf(import.status())->metadata().at("errors"), "250");
}

TEST(ImportAreas, UnusableFile_RefusedAsAWhole) {
  std::string many = "code,name,kind\n";
  for (size_t i = 0; i <= kMaxImportRows; ++i) {
    absl::StrAppend(&many, "469030100003,营北社区,社区\n");
  }
  const std::string bad[] = {"",
                             "code,name,kind\n",
                             "code,name\n469030000000,琼中\n",
                             "code,name,kind,town\n469030000000,琼中,县,x\n",
                             "code,code,kind\n469030000000,琼中,县\n",
                             "Code,name,kind\n469030000000,琼中,县\n",
                             many};
  for (const std::string& csv : bad) {
    const auto status = Import(csv).status();
    EXPECT_EQ(ReasonOf(status), "INVALID_FIELD") << csv.substr(0, 60);
    EXPECT_THAT(Violations(status), ElementsAre(HasSubstr("csv: ")));
  }
}

}  // namespace
}  // namespace baimi::registry::domain
