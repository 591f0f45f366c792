// Exports that stop in the middle, are cancelled, grow old, are too many; and whose they are.
#include <gmock/gmock.h>

#include "common/base/error.h"
#include "tests/integration/export_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using ticket::v1::ExportOperation;
using ticket::v1::ExportTicketsRequest;
using ExportsStub = ticket::v1::TicketExportService::Stub;

template <typename Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

bool IsHalfWritten(const ExportOperation& operation) {
  return operation.metadata().orders_written() >= 14;
}

TEST_F(ExportTest, Restart_InTheMiddle_GoesOnWhereItWas) {
  const std::vector<std::string> numbers = FileMany(23);
  content().Block("page-2");
  const auto operation = Start(Request());
  ASSERT_TRUE(operation.ok()) << operation.status();
  WorkUntil(operation->name(), IsHalfWritten);
  const auto half = Poll(operation->name());
  ASSERT_TRUE(half.ok()) << half.status();
  EXPECT_FALSE(half->done());
  EXPECT_EQ(half->metadata().stage(), ticket::v1::WRITING);
  EXPECT_EQ(half->metadata().orders_total(), 23);
  EXPECT_EQ(half->metadata().orders_written(), 14);
  StopSuite();
  content().Block(nullptr);
  StartSuite();
  FileMany(1);  // After the orders were found: not in it.
  const ExportOperation done = WorkUntil(operation->name(), IsDone);
  Table table = ParseCsv(Read(done));
  table.erase(table.begin());
  EXPECT_THAT(Column(table, 0), ElementsAreArray(numbers));
  if (FaultsOfThisRun() == kNoFaults) {
    EXPECT_EQ(content().puts()["page-0"], 1) << "what was written is not read again";
    EXPECT_EQ(content().puts()["page-1"], 1);
  }
}

TEST_F(ExportTest, PagesThatAreLost_AreReadAgain) {
  FileMany(9);
  content().Block("file-");
  const auto operation = Start(Request());
  ASSERT_TRUE(operation.ok()) << operation.status();
  WorkUntil(operation->name(), [](const ExportOperation& now) {
    return now.metadata().stage() == ticket::v1::PACKING;
  });
  for (const auto& [path, bytes] : Files()) {
    ASSERT_TRUE(content().Prune(path.substr(0, path.find('/')), "").ok());
  }
  content().Block(nullptr);
  const ExportOperation done = WorkUntil(operation->name(), IsDone);
  EXPECT_EQ(done.response().orders(), 9);
}

TEST_F(ExportTest, Cancel_EndsItAndRemovesWhatWasWritten) {
  FileMany(23);
  content().Block("page-2");
  const auto operation = Start(Request());
  ASSERT_TRUE(operation.ok()) << operation.status();
  const std::string& name = operation->name();
  WorkUntil(name, IsHalfWritten);
  EXPECT_THAT(Files(), Not(IsEmpty()));
  EXPECT_EQ(ReasonOf(As("clerk")(&ExportsStub::DeleteExportOperation,
                                 Named<ticket::v1::DeleteExportOperationRequest>(name))
                         .status()),
            "EXPORT_NOT_DONE");
  const auto cancel = [&] {
    return As("clerk")(&ExportsStub::CancelExportOperation,
                       Named<ticket::v1::CancelExportOperationRequest>(name));
  };
  const auto cancelled = cancel();
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_TRUE(cancelled->done());
  EXPECT_EQ(cancelled->error().code(), 1);
  content().Block(nullptr);
  WorkUntilNoFiles();
  EXPECT_EQ(Poll(name)->error().code(), 1) << "stays as it is";
  EXPECT_EQ(cancel()->error().code(), 1) << "again";
  EXPECT_EQ(
      ReasonOf(As("clerk")(&ExportsStub::ReadExport, Named<ticket::v1::ReadExportRequest>(name))
                   .status()),
      "EXPORT_NOT_DONE");
}

TEST_F(ExportTest, CancelAndDelete_OfOneThatIsDone_KeepAndRemoveIt) {
  FileMany(2);
  const ExportOperation operation = Make(Request());
  const auto kept = As("clerk")(&ExportsStub::CancelExportOperation,
                                Named<ticket::v1::CancelExportOperationRequest>(operation.name()));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE(kept->has_response());
  const auto deleted =
      As("clerk")(&ExportsStub::DeleteExportOperation,
                  Named<ticket::v1::DeleteExportOperationRequest>(operation.name()));
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_TRUE(absl::IsNotFound(Poll(operation.name()).status()));
  WorkUntilNoFiles();
}

TEST_F(ExportTest, Expiry_RemovesOperationAndFile) {
  FileMany(2);
  const ExportOperation operation = Make(Request());
  clock().Advance(absl::Hours(24 * 3));
  EXPECT_TRUE(absl::IsNotFound(Poll(operation.name()).status())) << "its time is over";
  WorkUntilNoFiles();
}

TEST_F(ExportTest, Others_DoNotKnowOfIt) {
  FileMany(2);
  const ExportOperation operation = Make(Request());
  for (const char* key : {"admin", "township", "unit-yinggen", "blind-clerk"}) {
    EXPECT_TRUE(absl::IsNotFound(Poll(operation.name(), key).status())) << key;
    EXPECT_TRUE(absl::IsNotFound(
        As(key)(&ExportsStub::ReadExport, Named<ticket::v1::ReadExportRequest>(operation.name()))
            .status()))
        << key;
    ticket::v1::ListExportOperationsRequest list;
    list.set_parent(kCounty);
    EXPECT_EQ(As(key)(&ExportsStub::ListExportOperations, list)->operations_size(), 0) << key;
  }
}

TEST_F(ExportTest, List_IsPagedNewestFirst) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    clock().Advance(absl::Seconds(1));
    names.insert(names.begin(), Make(Request()).name());
  }
  ticket::v1::ListExportOperationsRequest list;
  list.set_parent(kCounty);
  list.set_page_size(2);
  std::vector<std::string> listed;
  do {
    const auto page = As("clerk")(&ExportsStub::ListExportOperations, list);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const ExportOperation& operation : page->operations()) {
      listed.push_back(operation.name());
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(listed, names);
}

TEST_F(ExportTest, Limits_AreThoseOfThePolicy) {
  FileMany(8);
  ticket::v1::ExportPolicy limits;
  limits.set_max_orders(7);
  limits.set_keep_days(1);
  limits.set_max_running(1);
  SetPolicy(&limits);
  const auto first = Start(Request());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReasonOf(Start(Request()).status()), "EXPORTS_FULL");
  const ExportOperation done = WorkUntil(first->name(), IsDone);
  EXPECT_EQ(done.error().reason(), "EXPORT_TOO_LARGE");
  EXPECT_THAT(done.error().message_zh(), HasSubstr("7件"));
  SetPolicy(nullptr);
  EXPECT_EQ(ReasonOf(Start(Request()).status()), "EXPORT_NOT_ALLOWED");
}

TEST_F(ExportTest, SameRequestId_IsTheSameOperation) {
  ExportTicketsRequest request = Request();
  request.set_request_id("monthly-1");
  const auto once = Start(request);
  const auto again = Start(request);
  ASSERT_TRUE(once.ok() && again.ok()) << once.status() << again.status();
  EXPECT_EQ(once->name(), again->name());
}

TEST_F(ExportTest, BadRequests_AreRefused) {
  ExportTicketsRequest request = Request();
  request.clear_purpose();
  EXPECT_TRUE(absl::IsInvalidArgument(Start(request).status()));
  request = Request();
  request.set_format(ticket::v1::EXPORT_FORMAT_UNSPECIFIED);
  EXPECT_TRUE(absl::IsInvalidArgument(Start(request).status()));
  request = Request();
  request.mutable_filter()->set_order(ticket::v1::RELEVANCE);
  EXPECT_TRUE(absl::IsInvalidArgument(Start(request).status()));
  request = Request();
  request.add_columns(ticket::v1::COLUMN_TITLE);
  request.add_columns(ticket::v1::COLUMN_TITLE);
  EXPECT_TRUE(absl::IsInvalidArgument(Start(request).status()));
}

}  // namespace
}  // namespace baimi::integration
