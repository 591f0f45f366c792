// Exports through the suite's doors: what is in the file, who gets it, what stays when things stop.
#include <gmock/gmock.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/arbitration_service.grpc.pb.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/journal/log.h"
#include "google/protobuf/util/json_util.h"
#include "tests/integration/export_fixture.h"

namespace baimi::integration {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using ticket::v1::ExportOperation;
using ticket::v1::ExportTicketsRequest;
using ticket::v1::Ticket;
using ExportsStub = ticket::v1::TicketExportService::Stub;

template <typename Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

// A part of an XLSX file, by a reader that is not ours.
std::string PartOf(const std::string& xlsx, const std::string& part) {
  const test::TempDir dir;
  const std::string path = dir.File("tickets.xlsx");
  std::ofstream(path, std::ios::binary) << xlsx;
  const std::string command = absl::StrCat(
      "python3 -c \"import sys,zipfile; z=zipfile.ZipFile('", path,
      "'); assert z.testzip() is None; sys.stdout.buffer.write(z.read('", part, "'))\"");
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char some[4096];
  for (size_t n = 0; (n = fread(some, 1, sizeof(some), pipe)) > 0;) {
    text.append(some, n);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

TEST_F(ExportTest, SeveralPages_HoldWhatTheListShowsInItsOrder) {
  const std::vector<std::string> numbers = FileMany(23);
  ExportTicketsRequest request = Request();
  request.add_columns(ticket::v1::COLUMN_NUMBER);
  request.add_columns(ticket::v1::COLUMN_CALLER_PHONE);
  request.add_columns(ticket::v1::COLUMN_STATE);
  const ExportOperation operation = Make(request);
  EXPECT_EQ(operation.metadata().stage(), ticket::v1::ENDED);
  EXPECT_EQ(operation.metadata().orders_total(), 23);
  EXPECT_EQ(operation.metadata().orders_written(), 23);
  EXPECT_EQ(operation.metadata().requester().id(), "clerk");
  EXPECT_EQ(operation.response().orders(), 23);
  EXPECT_THAT(operation.response().file_name(), testing::MatchesRegex("tickets-20261123-.*.csv"));
  const std::string bytes = Read(operation);
  EXPECT_EQ(operation.response().size(), static_cast<int64_t>(bytes.size()));
  EXPECT_EQ(operation.response().sha256(), absl::BytesToHexString(Sha256(bytes)));
  const Table table = ParseCsv(bytes);
  ASSERT_THAT(table, SizeIs(24));
  EXPECT_THAT(table[0], ElementsAre("工单编号", "联系电话", "状态"));
  EXPECT_THAT(Column({table.begin() + 1, table.end()}, 0), ElementsAreArray(numbers));
  EXPECT_THAT(table[1], ElementsAre(numbers[0], "138****8000", "待派单"));
  for (const char* page : {"page-0", "page-1", "page-2", "page-3"}) {
    EXPECT_GE(content().puts()[page], 1) << page;
  }
}

TEST_F(ExportTest, Filter_FindsWhatListAndQueryFind) {
  const Ticket dispatched = FileUpTo(ticket::v1::DISPATCHED);
  const Ticket waiting = File(LiftRequest(""));
  ExportTicketsRequest request = Request();
  request.mutable_filter()->add_states(ticket::v1::DISPATCHED);
  EXPECT_THAT(Column(Rows(request), 0), ElementsAre(NumberOf(dispatched)));
  request.mutable_filter()->clear_states();
  request.mutable_filter()->set_lead("counties/469030/units/chengguanju");
  EXPECT_THAT(Rows(request), IsEmpty()) << "a file without rows";
  auto other = LiftRequest("");
  other.mutable_ticket()->set_title("路灯不亮");
  const Ticket lamp = File(other);
  Index();
  request.mutable_filter()->clear_lead();
  request.mutable_filter()->set_text("路灯");
  EXPECT_THAT(Column(Rows(request), 0), ElementsAre(NumberOf(lamp)));
}

TEST_F(ExportTest, Xlsx_AnotherReader_FindsTheCellsAndNoFormula) {
  auto request = LiftRequest("");
  request.mutable_ticket()->set_title("=HYPERLINK(\"http://x\")");
  request.mutable_ticket()->set_description("+1 @SUM");
  const Ticket ticket = File(request);
  FileMany(9);
  const ExportOperation operation = Make(Request(ticket::v1::XLSX), "admin");
  EXPECT_THAT(operation.response().media_type(), HasSubstr("spreadsheetml"));
  const std::string sheet = PartOf(Read(operation, "admin"), "xl/worksheets/sheet1.xml");
  EXPECT_THAT(sheet, HasSubstr("工单编号"));
  EXPECT_THAT(sheet, HasSubstr(NumberOf(ticket)));
  EXPECT_THAT(sheet, HasSubstr("'=HYPERLINK"));
  EXPECT_THAT(sheet, HasSubstr("'+1 @SUM"));
  EXPECT_THAT(sheet, Not(HasSubstr("<f>")));
  EXPECT_THAT(sheet, HasSubstr("<row r=\"11\""));
  EXPECT_THAT(sheet, Not(HasSubstr("<row r=\"12\"")));
}

TEST_F(ExportTest, Csv_CellsThatCouldRun_GetAnApostrophe) {
  auto request = LiftRequest("");
  request.mutable_ticket()->set_title("=cmd|' /C calc'!A0");
  File(request);
  ExportTicketsRequest titles = Request();
  titles.add_columns(ticket::v1::COLUMN_TITLE);
  EXPECT_THAT(Column(Rows(titles), 0), ElementsAre("'=cmd|' /C calc'!A0"));
}

TEST_F(ExportTest, Masks_AreThoseOfTheCaller) {
  File(LiftRequest(""));
  ExportTicketsRequest request = Request();
  request.add_columns(ticket::v1::COLUMN_CALLER_PHONE);
  request.add_columns(ticket::v1::COLUMN_TITLE);
  request.add_columns(ticket::v1::COLUMN_CALLER_NAME);
  EXPECT_THAT(Rows(request, "admin"),
              ElementsAre(ElementsAre("13800138000", "电梯停运三天", "王某某")));
  EXPECT_THAT(Rows(request, "clerk"),
              ElementsAre(ElementsAre("138****8000", "电梯停运三天", "王**")));
  EXPECT_THAT(Rows(request, "blind-clerk"), ElementsAre(ElementsAre("138****8000", "", "王**")));
  request.mutable_filter()->set_text("电梯");
  EXPECT_EQ(ReasonOf(Start(request, "blind-clerk").status()), "SEARCH_NOT_ALLOWED");
}

TEST_F(ExportTest, Scope_LimitsWhatIsInTheFile) {
  FileMany(3);
  EXPECT_THAT(Rows(Request(), "township"), IsEmpty()) << "of another community";
  EXPECT_THAT(Rows(Request(), "unit-yinggen"), SizeIs(3)) << "of its township";
}

// §1.10: in no export of the unit complained of, nor of who works for it with wider rights.
TEST_F(ExportTest, Reports_NeverReachTheUnitComplainedOf) {
  auto report = LiftRequest("");
  report.mutable_ticket()->set_type(ticket::v1::REPORT);
  report.mutable_ticket()->set_subject_unit("counties/469030/units/yinggen");
  const std::string secret = NumberOf(File(report));
  const std::vector<std::string> others = FileMany(8);
  Index();
  ExportTicketsRequest request = Request();
  EXPECT_THAT(Column(Rows(request, "clerk"), 0), Contains(secret));
  EXPECT_THAT(Column(Rows(request, "unit-yinggen"), 0), ElementsAreArray(others));
  const ExportOperation operation = Make(request, "curious");
  EXPECT_EQ(operation.metadata().orders_total(), 8) << "not even counted";
  EXPECT_THAT(Read(operation, "curious"), Not(HasSubstr(secret)));
  request.mutable_filter()->set_text("电梯");
  EXPECT_THAT(Column(Rows(request, "curious"), 0), Not(Contains(secret)));
  EXPECT_THAT(Column(Rows(request, "clerk"), 0), Contains(secret));
}

// Set aside between finding and reading.
TEST_F(ExportTest, Order_ThatLeavesTheCallersSightMeanwhile_IsLeftOut) {
  const Ticket ticket = FileUpTo(ticket::v1::DISPATCHED);
  FileMany(8);
  content().Block("page-");
  const auto operation = Start(Request(), "curious");
  ASSERT_TRUE(operation.ok()) << operation.status();
  WorkUntil(
      operation->name(),
      [](const ExportOperation& now) { return now.metadata().stage() == ticket::v1::WRITING; },
      "curious");
  auto recuse = Named<ticket::v1::RecuseUnitRequest>(ticket.name());
  recuse.set_unit("counties/469030/units/yinggen");
  recuse.set_ground(ticket::v1::DIRECT_INTEREST);
  recuse.set_reason("来电人投诉该镇处置不力");
  const auto recused = As("admin")(&ticket::v1::ArbitrationService::Stub::RecuseUnit, recuse);
  ASSERT_TRUE(recused.ok()) << recused.status();
  content().Block(nullptr);
  const ExportOperation done = WorkUntil(operation->name(), IsDone, "curious");
  EXPECT_EQ(done.metadata().orders_total(), 9);
  EXPECT_EQ(done.response().orders(), 8);
  EXPECT_THAT(Read(done, "curious"), Not(HasSubstr(NumberOf(ticket))));
}

// Who took which orders out, why, and how many: before anything leaves.
TEST_F(ExportTest, AccessJournal_HasRequestEndAndEveryRead) {
  FileMany(2);
  ExportTicketsRequest request = Request();
  request.mutable_filter()->set_type(ticket::v1::HELP);
  const ExportOperation operation = Make(request);
  Read(operation);
  const auto database = *sql::Open(data().DatabaseUri("ticket"), {});
  std::vector<std::string> told;
  const absl::Status read = database->Read({}, [&](sql::Reader& reader) {
    return journal::ReadStream(
        reader, "469030", journal::kAccessStream, 0, 100,
        [&](const type::v1::JournalRecord& record) -> absl::Status {
          EXPECT_EQ(record.resource(), operation.name());
          ticket::v1::ExportRequested requested;
          ticket::v1::ExportEnded ended;
          ticket::v1::ExportRead part;
          if (record.type() == requested.GetTypeName()) {
            EXPECT_TRUE(requested.ParseFromString(record.payload()));
            told.push_back(absl::StrCat("asked ", record.actor().id(), " ", requested.purpose(),
                                        " type ", requested.filter().type()));
          } else if (record.type() == ended.GetTypeName()) {
            EXPECT_TRUE(ended.ParseFromString(record.payload()));
            told.push_back(absl::StrCat("ended ", ended.requester().id(), " ", ended.purpose(), " ",
                                        ended.orders(), " ", ended.sha256()));
          } else if (record.type() == part.GetTypeName()) {
            EXPECT_TRUE(part.ParseFromString(record.payload()));
            told.push_back(absl::StrCat("read ", record.actor().id(), " ", part.bytes()));
          }
          return absl::OkStatus();
        });
  });
  ASSERT_TRUE(read.ok()) << read;
  ASSERT_GE(told.size(), 3U);
  EXPECT_EQ(told[0], "asked clerk 月度分析报告 type 2");
  EXPECT_EQ(told[1], absl::StrCat("ended clerk 月度分析报告 2 ", operation.response().sha256()));
  EXPECT_EQ(told[2], absl::StrCat("read clerk ", operation.response().size()));
}

TEST_F(ExportTest, Files_ShowNothingInClearAndTellNoName) {
  const Ticket ticket = File(LiftRequest(""));
  const ExportOperation operation = Make(Request(), "admin");
  ASSERT_THAT(Read(operation, "admin"), HasSubstr("13800138000"));
  ASSERT_THAT(Files(), Not(IsEmpty()));
  const std::string id = operation.name().substr(operation.name().rfind('/') + 1);
  for (const auto& [path, bytes] : Files()) {
    EXPECT_THAT(bytes, Not(HasSubstr("13800138000"))) << path;
    EXPECT_THAT(bytes, Not(HasSubstr(NumberOf(ticket)))) << path;
    EXPECT_THAT(path, Not(HasSubstr(id))) << "not to be guessed from the name";
  }
}

TEST_F(ExportTest, Download_StreamsTheFileFromAnyOffset) {
  auto request = LiftRequest("");
  request.mutable_ticket()->set_description(std::string(3900, 'x'));
  for (int i = 0; i < 80; ++i) {
    File(request);
  }
  const ExportOperation operation = Make(Request());
  const std::string whole = Read(operation);
  ASSERT_GT(whole.size(), 300'000U) << "more than a chunk";
  for (const size_t offset : {size_t{0}, size_t{1000}, size_t{262'144}, whole.size()}) {
    const Caller clerk = As("clerk");
    auto stub = ticket::v1::TicketExportService::NewStub(clerk.channel());
    auto download = Named<ticket::v1::DownloadExportRequest>(operation.name());
    download.set_offset(static_cast<int64_t>(offset));
    absl::Status end = absl::UnavailableError("not begun");
    std::string bytes;
    for (int i = 0; i < 100 && Persistence::IsWorthRepeating(end); ++i) {
      bytes.clear();
      grpc::ClientContext context;
      clerk.Prepare(&context);
      const auto reader = stub->DownloadExport(&context, download);
      ticket::v1::ExportChunk chunk;
      while (reader->Read(&chunk)) {
        bytes += chunk.data();
      }
      end = rpc::FromGrpc(reader->Finish());
    }
    ASSERT_TRUE(end.ok()) << end;
    EXPECT_EQ(bytes, whole.substr(offset)) << offset;
  }
}

TEST_F(ExportTest, OverHttp_AskPollReadAndDelete) {
  FileMany(3);
  const auto asked = Http("POST", "/v1/counties/469030/tickets:export",
                          R"({"format": "CSV", "purpose": "月度分析报告",
                              "columns": ["COLUMN_NUMBER"]})",
                          "clerk");
  ASSERT_EQ(asked.status, 200) << asked.body;
  ExportOperation operation;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(asked.body, &operation).ok());
  const std::string path = "/v1/" + operation.name();
  WorkUntil(operation.name(), IsDone);
  EXPECT_THAT(Http("GET", path, "", "clerk").body, HasSubstr("\"done\":true"));
  const auto part = Http("GET", path + ":read?offset=3", "", "clerk");
  ASSERT_EQ(part.status, 200) << part.body;
  ticket::v1::ExportChunk chunk;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(part.body, &chunk).ok());
  EXPECT_THAT(chunk.data(), testing::StartsWith("\"工单编号\"\r\n"));
  EXPECT_TRUE(chunk.last());
  EXPECT_EQ(Http("GET", path + ":read?offset=100000", "", "clerk").status, 400);
  const auto events = Http("GET", path + ":download", "", "clerk");
  EXPECT_EQ(events.status, 200) << events.body;
  EXPECT_THAT(events.body, HasSubstr("\"last\""));
  EXPECT_EQ(Http("DELETE", path, "", "clerk").status, 200);
  EXPECT_EQ(Http("GET", path, "", "clerk").status, 404);
}

}  // namespace
}  // namespace baimi::integration
