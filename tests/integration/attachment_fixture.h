// What the tests of attachments share: uploads, files read back, the directory that they lie in.
#ifndef BAIMI_TESTS_INTEGRATION_ATTACHMENT_FIXTURE_H_
#define BAIMI_TESTS_INTEGRATION_ATTACHMENT_FIXTURE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/attachment_events.pb.h"
#include "baimi/ticket/v1/attachment_service.grpc.pb.h"
#include "common/testing/temp_dir.h"
#include "tests/integration/export_fixture.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {

// The centre is admin, who acts for no unit; handlers are unit-zhujianju and clerk, whose unit is
// not the fallback one of this county.
class AttachmentTest : public SuiteTest {
 protected:
  using Stub = ticket::v1::AttachmentService::Stub;

  AttachmentTest();

  // Sends `bytes` in several messages.
  absl::StatusOr<ticket::v1::Blob> Upload(const std::string& bytes, const std::string& media_type,
                                          const std::string& key = "admin",
                                          std::string request_id = "");
  // The same, and takes it for granted. The name of the blob.
  std::string Blob(const std::string& bytes, const std::string& media_type = "application/pdf",
                   const std::string& key = "admin");
  // `size` bytes that begin as a PDF.
  static std::string Pdf(size_t size, char fill = 'x');

  absl::StatusOr<ticket::v1::Attachment> Attach(
      const std::string& ticket, const std::string& blob, const std::string& key = "admin",
      ticket::v1::AttachmentKind kind = ticket::v1::ATTACHMENT_REQUEST);
  absl::StatusOr<ticket::v1::Attachment> Look(const std::string& name,
                                              const std::string& key = "admin");
  std::vector<std::string> List(const std::string& ticket, const std::string& key = "admin");
  absl::StatusOr<std::string> Read(const std::string& name, const std::string& key = "admin",
                                   bool original = false, const std::string& purpose = "");
  absl::StatusOr<std::string> Download(const std::string& name, const std::string& key = "admin");
  absl::StatusOr<ticket::v1::Attachment> SetVisibility(const std::string& name,
                                                       ticket::v1::AttachmentVisibility visibility,
                                                       const std::string& key = "admin");
  absl::StatusOr<ticket::v1::Attachment> Redact(const std::string& name, const std::string& blob,
                                                const std::string& key = "admin");
  absl::StatusOr<ticket::v1::Attachment> Remove(const std::string& name,
                                                const std::string& key = "admin");

  BlockedContent& content() { return content_; }
  // All files below the directory, and what they hold.
  std::map<std::string, std::string> Files() const;
  // Destroys what is due, for as long as `hours` from now go by.
  void Work(int hours);
  // Records of the access journal of this type.
  template <typename Event>
  std::vector<Event> Recorded() const;
  // Another policy, in force at once.
  void SetPolicy(const std::function<void(ticket::v1::TicketPolicy&)>& change);

 private:
  // Of the type, as stored.
  std::vector<std::string> AccessRecords(const std::string& type) const;

  const test::TempDir dir_;
  BlockedContent content_;
  int uploads_ = 0;
};

template <typename Event>
std::vector<Event> AttachmentTest::Recorded() const {
  std::vector<Event> events;
  for (const std::string& payload : AccessRecords(Event::descriptor()->full_name())) {
    EXPECT_TRUE(events.emplace_back().ParseFromString(payload));
  }
  return events;
}

}  // namespace baimi::integration

#endif  // BAIMI_TESTS_INTEGRATION_ATTACHMENT_FIXTURE_H_
