#include "tests/integration/attachment_fixture.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::integration {

namespace fs = std::filesystem;
using ticket::v1::Attachment;

namespace {

// Of one message: smaller than a chunk of the content.
constexpr size_t kPortion = 100'000;

absl::StatusOr<ticket::v1::Blob> UploadOnce(const Caller& caller,
                                            ticket::v1::UploadBlobRequest first,
                                            absl::string_view bytes) {
  ticket::v1::AttachmentService::Stub stub(caller.channel());
  grpc::ClientContext context;
  caller.Prepare(&context);
  ticket::v1::Blob blob;
  const auto stream = stub.UploadBlob(&context, &blob);
  do {
    first.set_data(std::string(bytes.substr(0, kPortion)));
    bytes.remove_prefix(first.data().size());
    if (!stream->Write(first)) {
      break;  // Finish says why.
    }
    first.Clear();
  } while (!bytes.empty());
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  return status.ok() ? absl::StatusOr<ticket::v1::Blob>(std::move(blob)) : rpc::FromGrpc(status);
}

absl::StatusOr<std::string> DownloadOnce(const Caller& caller, const std::string& name) {
  ticket::v1::AttachmentService::Stub stub(caller.channel());
  grpc::ClientContext context;
  caller.Prepare(&context);
  ticket::v1::DownloadAttachmentRequest request;
  request.set_name(name);
  const auto stream = stub.DownloadAttachment(&context, request);
  std::string bytes;
  ticket::v1::AttachmentChunk chunk;
  while (stream->Read(&chunk)) {
    EXPECT_EQ(chunk.offset(), static_cast<int64_t>(bytes.size()));
    bytes += chunk.data();
  }
  const grpc::Status status = stream->Finish();
  return status.ok() ? absl::StatusOr<std::string>(std::move(bytes)) : rpc::FromGrpc(status);
}

}  // namespace

AttachmentTest::AttachmentTest() : content_(dir_.path()) {
  options().ticket.attachments.content = &content_;
}

absl::StatusOr<ticket::v1::Blob> AttachmentTest::Upload(const std::string& bytes,
                                                        const std::string& media_type,
                                                        const std::string& key,
                                                        std::string request_id) {
  const Caller caller = As(key);
  if (request_id.empty() && caller.persistent()) {
    request_id = absl::StrCat("upload-", ++uploads_);
  }
  ticket::v1::UploadBlobRequest first;
  first.set_parent(kCounty);
  first.set_media_type(media_type);
  first.set_file_name("IMG_1.jpg");
  first.set_request_id(request_id);
  absl::StatusOr<ticket::v1::Blob> blob = UploadOnce(caller, first, bytes);
  for (int i = 0; caller.persistent() && i < Persistence::kAttempts && !blob.ok() &&
                  Persistence::IsWorthRepeating(blob.status());
       ++i) {
    blob = UploadOnce(caller, first, bytes);
  }
  return blob;
}

std::string AttachmentTest::Blob(const std::string& bytes, const std::string& media_type,
                                 const std::string& key) {
  const auto blob = Upload(bytes, media_type, key);
  EXPECT_TRUE(blob.ok()) << blob.status();
  return blob.ok() ? blob->name() : "";
}

std::string AttachmentTest::Pdf(size_t size, char fill) {
  std::string bytes = "%PDF-1.7\n";
  for (size_t i = bytes.size(); i < size; ++i) {
    bytes.push_back(i % 64 == 0 ? static_cast<char>(i / 64) : fill);
  }
  return bytes;
}

absl::StatusOr<Attachment> AttachmentTest::Attach(const std::string& ticket,
                                                  const std::string& blob, const std::string& key,
                                                  ticket::v1::AttachmentKind kind) {
  ticket::v1::CreateAttachmentRequest request;
  request.set_parent(ticket);
  request.set_blob(blob);
  request.set_kind(kind);
  request.set_description("珉华小区电梯口");
  return As(key)(&Stub::CreateAttachment, request);
}

absl::StatusOr<Attachment> AttachmentTest::Look(const std::string& name, const std::string& key) {
  ticket::v1::GetAttachmentRequest request;
  request.set_name(name);
  return As(key)(&Stub::GetAttachment, request);
}

std::vector<std::string> AttachmentTest::List(const std::string& ticket, const std::string& key) {
  ticket::v1::ListAttachmentsRequest request;
  request.set_parent(ticket);
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    const auto page = As(key)(&Stub::ListAttachments, request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) {
      break;
    }
    for (const Attachment& attachment : page->attachments()) {
      names.push_back(attachment.name());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return names;
}

absl::StatusOr<std::string> AttachmentTest::Read(const std::string& name, const std::string& key,
                                                 bool original, const std::string& purpose) {
  ticket::v1::ReadAttachmentRequest request;
  request.set_name(name);
  request.set_original(original);
  request.set_purpose(purpose);
  std::string bytes;
  for (;;) {
    request.set_offset(static_cast<int64_t>(bytes.size()));
    const auto chunk = As(key)(&Stub::ReadAttachment, request);
    if (!chunk.ok()) {
      return chunk.status();
    }
    bytes += chunk->data();
    EXPECT_EQ(chunk->next_offset(), static_cast<int64_t>(bytes.size()));
    if (chunk->last()) {
      return bytes;
    }
  }
}

absl::StatusOr<std::string> AttachmentTest::Download(const std::string& name,
                                                     const std::string& key) {
  const Caller caller = As(key);
  absl::StatusOr<std::string> bytes = DownloadOnce(caller, name);
  for (int i = 0; caller.persistent() && i < Persistence::kAttempts && !bytes.ok() &&
                  Persistence::IsWorthRepeating(bytes.status());
       ++i) {
    bytes = DownloadOnce(caller, name);
  }
  return bytes;
}

absl::StatusOr<Attachment> AttachmentTest::SetVisibility(
    const std::string& name, ticket::v1::AttachmentVisibility visibility, const std::string& key) {
  ticket::v1::UpdateAttachmentRequest request;
  request.mutable_attachment()->set_name(name);
  request.mutable_attachment()->set_visibility(visibility);
  return As(key)(&Stub::UpdateAttachment, request);
}

absl::StatusOr<Attachment> AttachmentTest::Redact(const std::string& name, const std::string& blob,
                                                  const std::string& key) {
  ticket::v1::RedactAttachmentRequest request;
  request.set_name(name);
  request.set_blob(blob);
  request.set_reason("遮盖车牌");
  return As(key)(&Stub::RedactAttachment, request);
}

absl::StatusOr<Attachment> AttachmentTest::Remove(const std::string& name, const std::string& key) {
  ticket::v1::RemoveAttachmentRequest request;
  request.set_name(name);
  request.set_reason("误传他人证件");
  return As(key)(&Stub::RemoveAttachment, request);
}

std::map<std::string, std::string> AttachmentTest::Files() const {
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

void AttachmentTest::Work(int hours) {
  // Leases of steps that failed run out in between.
  for (int minutes = 0; minutes <= hours * 60; minutes += 10) {
    (void)suite().RingAlarms();
    clock().Advance(absl::Minutes(10));
  }
}

std::vector<std::string> AttachmentTest::AccessRecords(const std::string& type) const {
  std::vector<std::string> payloads;
  const auto database = *sql::Open(data().DatabaseUri("ticket"), {});
  const absl::Status read = database->Read({}, [&](sql::Reader& reader) {
    payloads.clear();
    return journal::ReadStream(reader, "469030", journal::kAccessStream, 0, 10'000,
                               [&](const type::v1::JournalRecord& record) {
                                 if (record.type() == type) {
                                   payloads.push_back(record.payload());
                                 }
                                 return absl::OkStatus();
                               });
  });
  EXPECT_TRUE(read.ok()) << read;
  return payloads;
}

void AttachmentTest::SetPolicy(const std::function<void(ticket::v1::TicketPolicy&)>& change) {
  ticket::v1::CreateTicketPolicyRequest request;
  request.set_parent(kCounty);
  *request.mutable_ticket_policy() = ticket::domain::SamplePolicy();
  change(*request.mutable_ticket_policy());
  clock().Advance(absl::Seconds(1));
  const auto created =
      As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, request);
  EXPECT_TRUE(created.ok()) << created.status();
}

}  // namespace baimi::integration
