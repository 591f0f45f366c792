#include "services/ticket/api/export_file.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/testing/temp_dir.h"
#include "services/ticket/domain/export.h"

namespace baimi::ticket::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Rows = std::vector<std::vector<std::string>>;

const std::vector<v1::ExportColumn>& Columns() {
  static const auto& columns =
      *new std::vector<v1::ExportColumn>{v1::COLUMN_NUMBER, v1::COLUMN_TITLE};
  return columns;
}

std::string Make(v1::ExportFormat format, const Rows& rows) {
  v1::ExportMetadata metadata;
  metadata.set_format(format);
  metadata.mutable_create_time()->set_seconds(1'790'000'000);
  std::string bytes;
  const auto file = NewExportFile(metadata, Columns(), "", [&](absl::string_view some) {
    absl::StrAppend(&bytes, some);
    return absl::OkStatus();
  });
  EXPECT_TRUE(file.ok()) << file.status();
  for (const std::vector<std::string>& row : rows) {
    EXPECT_TRUE((*file)->AddRow(row).ok());
  }
  EXPECT_TRUE((*file)->Finish().ok());
  return bytes;
}

// A part of an XLSX file as a reader that is not ours has it.
std::string Part(const std::string& xlsx, const std::string& part) {
  const test::TempDir dir;
  const std::string path = dir.path() + "/x.xlsx";
  std::ofstream(path, std::ios::binary) << xlsx;
  const std::string command = "python3 -c \"import sys,zipfile; z=zipfile.ZipFile('" + path +
                              "'); assert z.testzip() is None; sys.stdout.write(z.read('" + part +
                              "').decode())\"";
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char some[4096];
  for (size_t n = 0; (n = fread(some, 1, sizeof(some), pipe)) > 0;) {
    text.append(some, n);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

TEST(ExportFile, Csv_HasMarkHeaderAndRows) {
  EXPECT_EQ(Make(v1::CSV, {{"1", "电梯,停"}, {"2", ""}}),
            "\xEF\xBB\xBF\"工单编号\",\"标题\"\r\n\"1\",\"电梯,停\"\r\n\"2\",\"\"\r\n");
}

TEST(ExportFile, Csv_ManyRows_AreHandedOnInPortions) {
  const Rows rows(5000, {"20261127-000001", std::string(100, 'x')});
  const std::string bytes = Make(v1::CSV, rows);
  EXPECT_EQ(std::count(bytes.begin(), bytes.end(), '\n'), 5001);
}

TEST(ExportFile, Xlsx_IsReadByAnotherReader) {
  const std::string sheet =
      Part(Make(v1::XLSX, {{"20261127-000001", "电梯 <停> & \"运\""}}), "xl/worksheets/sheet1.xml");
  EXPECT_THAT(sheet, HasSubstr("工单编号"));
  EXPECT_THAT(sheet, HasSubstr("20261127-000001"));
  EXPECT_THAT(sheet, HasSubstr("电梯 &lt;停&gt; &amp;"));
}

TEST(ExportFile, Xlsx_NoCell_IsAFormula) {
  const std::string sheet =
      Part(Make(v1::XLSX, {{domain::Defused("=1+1"), domain::Defused("@SUM(1)")}}),
           "xl/worksheets/sheet1.xml");
  EXPECT_THAT(sheet, HasSubstr("'=1+1"));
  EXPECT_THAT(sheet, HasSubstr("'@SUM(1)"));
  EXPECT_THAT(sheet, Not(HasSubstr("<f>")));
}

TEST(ExportFile, Xlsx_SameRows_GiveTheSameBytes) {
  const Rows rows(300, {"1", "二"});
  const std::string once = Make(v1::XLSX, rows);
  EXPECT_THAT(once, StartsWith("PK"));
  EXPECT_EQ(Make(v1::XLSX, rows), once);
}

TEST(ExportFile, Sink_ThatFails_EndsTheFile) {
  v1::ExportMetadata metadata;
  for (const v1::ExportFormat format : {v1::CSV, v1::XLSX}) {
    metadata.set_format(format);
    const auto file = NewExportFile(metadata, Columns(), "", [](absl::string_view) {
      return absl::UnavailableError("disk full");
    });
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE(absl::IsUnavailable((*file)->Finish()));
  }
}

}  // namespace
}  // namespace baimi::ticket::api
