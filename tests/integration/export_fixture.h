// What the tests of exports share: a county with orders, exports driven by hand, files read back.
#ifndef BAIMI_TESTS_INTEGRATION_EXPORT_FIXTURE_H_
#define BAIMI_TESTS_INTEGRATION_EXPORT_FIXTURE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "baimi/ticket/v1/export_events.pb.h"
#include "baimi/ticket/v1/export_service.grpc.pb.h"
#include "common/testing/temp_dir.h"
#include "services/ticket/api/content.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {

// Files in a directory, some of which cannot be put. Thread-safe.
class BlockedContent final : public ticket::api::Content {
 public:
  explicit BlockedContent(const std::string& directory);

  absl::Status Put(absl::string_view place, absl::string_view name,
                   absl::string_view bytes) override;
  absl::StatusOr<std::string> Get(absl::string_view place, absl::string_view name) override;
  absl::Status Prune(absl::string_view place, absl::string_view keep) override;

  // Names that begin with `prefix` cannot be put; null: all can.
  void Block(const char* prefix);
  // How often each name was put.
  std::map<std::string, int> puts() const;

 private:
  const std::unique_ptr<ticket::api::Content> files_;
  mutable absl::Mutex mu_;
  const char* blocked_ ABSL_GUARDED_BY(mu_) = nullptr;
  std::map<std::string, int> puts_ ABSL_GUARDED_BY(mu_);
};

using Table = std::vector<std::vector<std::string>>;
// Of RFC 4180, with the mark; fails the test on anything else.
Table ParseCsv(absl::string_view bytes);

class ExportTest : public SuiteTest {
 protected:
  using Exports = ticket::v1::TicketExportService::Stub;

  // Pages of 7 orders.
  ExportTest();

  // `n` orders; returns their numbers, newest first.
  std::vector<std::string> FileMany(int n);
  static std::string NumberOf(const ticket::v1::Ticket& ticket);

  static ticket::v1::ExportTicketsRequest Request(
      ticket::v1::ExportFormat format = ticket::v1::CSV);
  absl::StatusOr<ticket::v1::ExportOperation> Start(const ticket::v1::ExportTicketsRequest& request,
                                                    const std::string& key = "clerk");
  absl::StatusOr<ticket::v1::ExportOperation> Poll(const std::string& name,
                                                   const std::string& key = "clerk");
  // Every step that is due.
  void Work();
  // The same again and again, a minute between, until `is_enough`.
  static bool IsDone(const ticket::v1::ExportOperation& operation) { return operation.done(); }
  ticket::v1::ExportOperation WorkUntil(
      const std::string& name,
      absl::FunctionRef<bool(const ticket::v1::ExportOperation&)> is_enough,
      const std::string& key = "clerk");
  void WorkUntilNoFiles();
  void Index();
  // Starts it and lets it run to its end.
  ticket::v1::ExportOperation Make(const ticket::v1::ExportTicketsRequest& request,
                                   const std::string& key = "clerk");
  std::string Read(const ticket::v1::ExportOperation& operation, const std::string& key = "clerk");
  // Made and read; the cells below the header.
  Table Rows(const ticket::v1::ExportTicketsRequest& request, const std::string& key = "clerk");
  static std::vector<std::string> Column(const Table& table, size_t column);

  BlockedContent& content() { return content_; }
  // Names of all files below the directory of the exports, and what they hold.
  std::map<std::string, std::string> Files() const;
  // Another policy, in force at once; null: without exports.
  void SetPolicy(const ticket::v1::ExportPolicy* exports);

 private:
  const test::TempDir dir_;
  BlockedContent content_;
};

}  // namespace baimi::integration

#endif  // BAIMI_TESTS_INTEGRATION_EXPORT_FIXTURE_H_
