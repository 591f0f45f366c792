#include "tests/integration/export_fixture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/ticket/api/file_content.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::integration {

namespace fs = std::filesystem;
using ticket::v1::ExportOperation;

BlockedContent::BlockedContent(const std::string& directory)
    : files_(*ticket::api::NewFileContent(directory)) {}

absl::Status BlockedContent::Put(absl::string_view place, absl::string_view name,
                                 absl::string_view bytes) {
  {
    absl::MutexLock lock(&mu_);
    if (blocked_ != nullptr && absl::StartsWith(name, blocked_)) {
      return absl::UnavailableError("the disk is full");
    }
    ++puts_[std::string(name)];
  }
  return files_->Put(place, name, bytes);
}

absl::StatusOr<std::string> BlockedContent::Get(absl::string_view place, absl::string_view name) {
  return files_->Get(place, name);
}

absl::Status BlockedContent::Prune(absl::string_view place, absl::string_view keep) {
  return files_->Prune(place, keep);
}

void BlockedContent::Block(const char* prefix) {
  absl::MutexLock lock(&mu_);
  blocked_ = prefix;
}

std::map<std::string, int> BlockedContent::puts() const {
  absl::MutexLock lock(&mu_);
  return puts_;
}

Table ParseCsv(absl::string_view bytes) {
  EXPECT_TRUE(absl::ConsumePrefix(&bytes, "\xEF\xBB\xBF")) << "no mark";
  Table table;
  std::vector<std::string> row;
  while (!bytes.empty()) {
    EXPECT_TRUE(absl::ConsumePrefix(&bytes, "\"")) << bytes.substr(0, 40);
    std::string cell;
    while (!bytes.empty()) {
      if (absl::ConsumePrefix(&bytes, "\"\"")) {
        cell += '"';
      } else if (absl::ConsumePrefix(&bytes, "\"")) {
        break;
      } else {
        cell += bytes.front();
        bytes.remove_prefix(1);
      }
    }
    row.push_back(std::move(cell));
    if (absl::ConsumePrefix(&bytes, ",")) {
      continue;
    }
    if (!absl::ConsumePrefix(&bytes, "\r\n")) {
      ADD_FAILURE() << "no end of line: " << bytes.substr(0, 40);
      return table;
    }
    table.push_back(std::exchange(row, {}));
  }
  return table;
}

ExportTest::ExportTest() : content_(dir_.path()) {
  options().ticket.exports.content = &content_;
  options().ticket.exports.page = 7;
}

std::string ExportTest::NumberOf(const ticket::v1::Ticket& ticket) {
  return ticket.name().substr(ticket.name().rfind('/') + 1);
}

std::vector<std::string> ExportTest::FileMany(int n) {
  std::vector<std::string> numbers;
  for (int i = 0; i < n; ++i) {
    numbers.push_back(NumberOf(File(LiftRequest(""))));
  }
  std::reverse(numbers.begin(), numbers.end());
  return numbers;
}

ticket::v1::ExportTicketsRequest ExportTest::Request(ticket::v1::ExportFormat format) {
  ticket::v1::ExportTicketsRequest request;
  request.set_parent(kCounty);
  request.set_format(format);
  request.set_purpose("月度分析报告");
  return request;
}

absl::StatusOr<ExportOperation> ExportTest::Start(const ticket::v1::ExportTicketsRequest& request,
                                                  const std::string& key) {
  return As(key)(&Exports::ExportTickets, request);
}

absl::StatusOr<ExportOperation> ExportTest::Poll(const std::string& name, const std::string& key) {
  ticket::v1::GetExportOperationRequest request;
  request.set_name(name);
  return As(key)(&Exports::GetExportOperation, request);
}

void ExportTest::Work() {
  absl::StatusOr<int> steps = suite().RingAlarms();
  for (int i = 0; i < 100 && !steps.ok(); ++i) {
    steps = suite().RingAlarms();
  }
  EXPECT_TRUE(steps.ok()) << steps.status();
}

ExportOperation ExportTest::WorkUntil(const std::string& name,
                                      absl::FunctionRef<bool(const ExportOperation&)> is_enough,
                                      const std::string& key) {
  absl::StatusOr<ExportOperation> operation = Poll(name, key);
  for (int i = 0; i < 200 && operation.ok() && !is_enough(*operation); ++i) {
    if (i > 0) {
      clock().Advance(absl::Minutes(1));
    }
    Work();
    operation = Poll(name, key);
  }
  EXPECT_TRUE(operation.ok() && is_enough(*operation)) << operation.status();
  return operation.value_or(ExportOperation());
}

void ExportTest::WorkUntilNoFiles() {
  for (int i = 0; i < 200 && !Files().empty(); ++i) {
    Work();
    clock().Advance(absl::Minutes(1));
  }
  EXPECT_TRUE(Files().empty());
}

void ExportTest::Index() {
  absl::StatusOr<int64_t> indexed = suite().IndexSearch();
  for (int i = 0; i < 100 && !indexed.ok(); ++i) {
    indexed = suite().IndexSearch();
  }
  EXPECT_TRUE(indexed.ok()) << indexed.status();
}

ExportOperation ExportTest::Make(const ticket::v1::ExportTicketsRequest& request,
                                 const std::string& key) {
  const absl::StatusOr<ExportOperation> operation = Start(request, key);
  EXPECT_TRUE(operation.ok()) << operation.status();
  return operation.ok() ? WorkUntil(operation->name(), IsDone, key) : ExportOperation();
}

std::string ExportTest::Read(const ExportOperation& operation, const std::string& key) {
  std::string bytes;
  ticket::v1::ReadExportRequest request;
  request.set_name(operation.name());
  for (;;) {
    request.set_offset(static_cast<int64_t>(bytes.size()));
    const auto chunk = As(key)(&Exports::ReadExport, request);
    EXPECT_TRUE(chunk.ok()) << chunk.status();
    if (!chunk.ok()) {
      return bytes;
    }
    bytes += chunk->data();
    EXPECT_EQ(chunk->next_offset(), static_cast<int64_t>(bytes.size()));
    if (chunk->last()) {
      return bytes;
    }
  }
}

Table ExportTest::Rows(const ticket::v1::ExportTicketsRequest& request, const std::string& key) {
  Table table = ParseCsv(Read(Make(request, key), key));
  EXPECT_FALSE(table.empty());
  if (!table.empty()) {
    table.erase(table.begin());
  }
  return table;
}

std::vector<std::string> ExportTest::Column(const Table& table, size_t column) {
  std::vector<std::string> cells;
  for (const std::vector<std::string>& row : table) {
    EXPECT_GT(row.size(), column);
    cells.push_back(row.size() > column ? row[column] : "");
  }
  return cells;
}

std::map<std::string, std::string> ExportTest::Files() const {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
    if (entry.is_regular_file()) {
      std::ostringstream bytes;
      bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      files[fs::relative(entry.path(), dir_.path()).string()] = bytes.str();
    }
  }
  return files;
}

void ExportTest::SetPolicy(const ticket::v1::ExportPolicy* exports) {
  ticket::v1::CreateTicketPolicyRequest request;
  request.set_parent(kCounty);
  *request.mutable_ticket_policy() = ticket::domain::SamplePolicy();
  request.mutable_ticket_policy()->clear_exports();
  if (exports != nullptr) {
    *request.mutable_ticket_policy()->mutable_exports() = *exports;
  }
  clock().Advance(absl::Seconds(1));
  const auto created =
      As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, request);
  EXPECT_TRUE(created.ok()) << created.status();
}

}  // namespace baimi::integration
