// Attachments through the suite's doors: what is taken, what becomes of it, what is left of it.
#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/media/testing_pictures.h"
#include "tests/integration/attachment_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using ticket::v1::Attachment;
using ticket::v1::Ticket;
using Tickets = ticket::v1::TicketService::Stub;

TEST_F(AttachmentTest, UploadAndAttach_GiveBackTheBytes) {
  const Ticket ticket = File(LiftRequest(""));
  const std::string bytes = Pdf(700'000);
  const auto blob = Upload(bytes, "application/pdf");
  ASSERT_TRUE(blob.ok()) << blob.status();
  EXPECT_EQ(blob->media().media_type(), "application/pdf");
  EXPECT_EQ(blob->media().size(), 700'000);
  EXPECT_EQ(blob->media().sha256(), absl::BytesToHexString(Sha256(bytes)));
  EXPECT_EQ(blob->media().sm3(), absl::BytesToHexString(Sm3(bytes)));
  EXPECT_FALSE(blob->media().metadata_removed()) << "documents are kept as they come";
  const auto attachment = Attach(ticket.name(), blob->name());
  ASSERT_TRUE(attachment.ok()) << attachment.status();
  EXPECT_EQ(attachment->name(), ticket.name() + "/attachments/1");
  EXPECT_EQ(attachment->media().sha256(), blob->media().sha256());
  EXPECT_EQ(attachment->file_name(), "IMG_1.jpg");
  EXPECT_EQ(Get(ticket.name()).attachment_count(), 1);
  EXPECT_THAT(List(ticket.name()), ElementsAre(attachment->name()));
  EXPECT_TRUE(absl::IsNotFound(Read(attachment->name(), "unit-zhujianju").status()))
      << "before the dispatch the unit does not see the order";
  EXPECT_EQ(*Read(attachment->name(), "clerk"), bytes);
  EXPECT_EQ(*Download(attachment->name(), "clerk"), bytes);
  for (const auto& [file, stored] : Files()) {
    EXPECT_THAT(stored, Not(HasSubstr("%PDF"))) << file;
    EXPECT_THAT(stored, Not(HasSubstr("xxxxxxxxxxxxxxxx"))) << file;
  }
}

TEST_F(AttachmentTest, Picture_LosesWhereItWasTaken) {
  const std::string taken = media::WithMetadata(media::PlainJpeg(), 6);
  ASSERT_THAT(taken, HasSubstr(std::string(media::kSecret)));
  const auto blob = Upload(taken, "image/jpeg");
  ASSERT_TRUE(blob.ok()) << blob.status();
  EXPECT_TRUE(blob->media().metadata_removed());
  EXPECT_LT(blob->media().size(), static_cast<int64_t>(taken.size()));
  const Ticket ticket = File(LiftRequest(""));
  const auto attachment = Attach(ticket.name(), blob->name());
  ASSERT_TRUE(attachment.ok()) << attachment.status();
  const auto bytes = Read(attachment->name());
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_THAT(*bytes, Not(HasSubstr(std::string(media::kSecret))));
  EXPECT_EQ(blob->media().sha256(), absl::BytesToHexString(Sha256(*bytes)))
      << "the hash is that of what is stored";
  // Header, how it is held, and the picture.
  std::vector<int> markers;
  for (const auto& [marker, body] : media::JpegSegments(*bytes)) {
    markers.push_back(marker);
  }
  EXPECT_THAT(markers, ElementsAre(0xE0, 0xE1, 0xDB, 0xC0, 0xC4, 0xDA));
}

TEST_F(AttachmentTest, WhatIsNotTaken_IsRefusedAndLeavesNothing) {
  const struct {
    std::string bytes;
    const char* media_type;
    const char* reason;
    const char* message;
  } kCases[] = {
      {media::PlainPng(), "image/jpeg", "BAD_MEDIA", "got image/jpeg, want image/png"},
      {"<html><script>", "image/jpeg", "BAD_MEDIA", "of no type that is known"},
      {"", "image/jpeg", "BAD_MEDIA", "got nothing"},
      {media::PlainJpeg().substr(0, 60), "image/jpeg", "BAD_MEDIA", "cannot be read"},
      {std::string("\0\0\0\x18"
                   "ftypisom\0\0\2\0",
                   16),
       "video/mp4", "ATTACHMENTS_NOT_ALLOWED", "got video/mp4, want one of"},
      {Pdf(1'000'001), "application/pdf", "ATTACHMENT_LIMIT", "more than 1000000 bytes"},
  };
  for (const auto& c : kCases) {
    const absl::Status refused = Upload(c.bytes, c.media_type).status();
    EXPECT_EQ(ReasonOf(refused), c.reason) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(c.message));
  }
  Work(2);
  EXPECT_THAT(Files(), IsEmpty());
  EXPECT_THAT(Recorded<ticket::v1::BlobUploaded>(), IsEmpty());
  SetPolicy([](ticket::v1::TicketPolicy& policy) { policy.clear_attachments(); });
  EXPECT_EQ(ReasonOf(Upload(Pdf(10), "application/pdf").status()), "ATTACHMENTS_NOT_ALLOWED");
}

TEST_F(AttachmentTest, Blob_IsOfItsUploaderForSomeHours) {
  const Ticket ticket = File(LiftRequest(""));
  const std::string blob = Blob(Pdf(300'000), "application/pdf", "clerk");
  EXPECT_TRUE(absl::IsNotFound(Attach(ticket.name(), blob, "admin").status()));
  ASSERT_TRUE(Attach(ticket.name(), blob, "clerk").ok());
  EXPECT_EQ(ReasonOf(Attach(ticket.name(), blob, "clerk").status()), "BLOB_TAKEN");
  EXPECT_TRUE(absl::IsNotFound(Attach(ticket.name(), blob, "admin").status())) << "still not";
  const std::string late = Blob(Pdf(300'000), "application/pdf", "clerk");
  clock().Advance(absl::Hours(24));
  EXPECT_TRUE(absl::IsNotFound(Attach(ticket.name(), late, "clerk").status()));
  Work(2);
  EXPECT_THAT(Files(), SizeIs(2)) << "those of the attachment";
  EXPECT_THAT(Recorded<ticket::v1::BlobRemoved>(), SizeIs(1));
  EXPECT_TRUE(absl::IsNotFound(Attach(ticket.name(), late, "clerk").status()));
}

TEST_F(AttachmentTest, Filing_TakesAllItsPhotosOrFilesNothing) {
  auto request = LiftRequest("filing-1");
  const std::string first = Blob(media::PlainJpeg(), "image/jpeg");
  const std::string foreign = Blob(media::PlainPng(), "image/png", "clerk");
  request.add_blobs(first);
  request.add_blobs(foreign);
  const auto refused = As("admin")(&Tickets::CreateTicket, request);
  EXPECT_TRUE(absl::IsNotFound(refused.status())) << refused.status();
  *request.mutable_blobs(1) = Blob(media::PlainPng(), "image/png");
  const auto filed = As("admin")(&Tickets::CreateTicket, request);
  ASSERT_TRUE(filed.ok()) << filed.status();
  EXPECT_EQ(filed->attachment_count(), 2);
  EXPECT_THAT(List(filed->name()), SizeIs(2));
  const auto attachment = Look(filed->name() + "/attachments/2");
  ASSERT_TRUE(attachment.ok()) << attachment.status();
  EXPECT_EQ(attachment->kind(), ticket::v1::ATTACHMENT_REQUEST);
  EXPECT_EQ(attachment->media().media_type(), "image/png");
  const auto again = As("admin")(&Tickets::CreateTicket, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->name(), filed->name());
  auto twice = LiftRequest("filing-2");
  twice.add_blobs(first);
  EXPECT_EQ(ReasonOf(As("admin")(&Tickets::CreateTicket, twice).status()), "BLOB_TAKEN");
  const std::string once = Blob(Pdf(10));
  auto doubled = LiftRequest("filing-3");
  doubled.add_blobs(once);
  doubled.add_blobs(once);
  EXPECT_EQ(ReasonOf(As("admin")(&Tickets::CreateTicket, doubled).status()), "BLOB_TAKEN");
  auto checked = LiftRequest("filing-4");
  checked.add_blobs(once);
  checked.set_validate_only(true);
  EXPECT_TRUE(As("admin")(&Tickets::CreateTicket, checked).ok());
  EXPECT_TRUE(Attach(filed->name(), once).ok()) << "checks use nothing up";
}

TEST_F(AttachmentTest, Limit_IsThatOfTheOrder) {
  const Ticket ticket = File(LiftRequest(""));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Attach(ticket.name(), Blob(Pdf(10))).ok());
  }
  const std::string blob = Blob(Pdf(10));
  EXPECT_EQ(ReasonOf(Attach(ticket.name(), blob).status()), "ATTACHMENT_LIMIT");
  ASSERT_TRUE(Remove(ticket.name() + "/attachments/2").ok());
  const auto next = Attach(ticket.name(), blob);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->name(), ticket.name() + "/attachments/4") << "numbers are not used again";
  EXPECT_THAT(List(ticket.name()), SizeIs(4));
}

TEST_F(AttachmentTest, Upload_AgainWithItsRequestId_IsTheSameBlob) {
  const auto once = Upload(Pdf(300'000), "application/pdf", "admin", "photo-1");
  const auto again = Upload(Pdf(300'000), "application/pdf", "admin", "photo-1");
  ASSERT_TRUE(once.ok() && again.ok()) << once.status() << again.status();
  EXPECT_EQ(once->name(), again->name());
  EXPECT_EQ(ReasonOf(Upload(Pdf(300'000, 'y'), "application/pdf", "admin", "photo-1").status()),
            "REQUEST_ID_REUSED");
  const Ticket ticket = File(LiftRequest(""));
  ASSERT_TRUE(Attach(ticket.name(), once->name()).ok());
  Work(2);
  EXPECT_THAT(Files(), SizeIs(2)) << "the second and the third left nothing for ever";
}

// The disk, the process: whatever ends an upload, its bytes are gone when its time is over.
TEST_F(AttachmentTest, UploadThatEndsInTheMiddle_LeavesNothingForEver) {
  content().Block("part-2");
  const std::string bytes = Pdf(700'000);
  if (FaultsOfThisRun() == kNoFaults) {
    EXPECT_TRUE(absl::IsUnavailable(Upload(bytes, "application/pdf").status()));
    EXPECT_THAT(Files(), SizeIs(2));
  }
  content().Block(nullptr);
  StopSuite();
  StartSuite();
  const std::string whole = Blob(bytes);
  Work(2);
  EXPECT_THAT(Files(), SizeIs(3)) << "those of the second one";
  const Ticket ticket = File(LiftRequest(""));
  const auto attachment = Attach(ticket.name(), whole);
  ASSERT_TRUE(attachment.ok()) << attachment.status();
  Work(48);
  EXPECT_EQ(*Read(attachment->name()), bytes);
}

TEST_F(AttachmentTest, BytesThatWereChangedOnDisk_AreNotGivenOut) {
  const Ticket ticket = File(LiftRequest(""));
  const auto attachment = Attach(ticket.name(), Blob(Pdf(100)));
  ASSERT_TRUE(attachment.ok()) << attachment.status();
  ASSERT_THAT(Files(), SizeIs(1));
  const std::string path = Files().begin()->first;
  std::string bytes = Files().begin()->second;
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(content().Put(path.substr(0, path.find('/')), "part-0", bytes).ok());
  EXPECT_TRUE(absl::IsInternal(Read(attachment->name()).status()));
}

TEST_F(AttachmentTest, Remove_DestroysTheBytesAndKeepsTheFact) {
  const Ticket ticket = File(LiftRequest(""));
  const auto attachment = Attach(ticket.name(), Blob(Pdf(300'000)));
  ASSERT_TRUE(attachment.ok()) << attachment.status();
  const std::string& name = attachment->name();
  ASSERT_TRUE(Redact(name, Blob(Pdf(10))).ok());
  EXPECT_EQ(ReasonOf(Remove(name, "unit-zhujianju").status()), "PERMISSION_MISSING");
  EXPECT_EQ(ReasonOf(Remove(name, "clerk").status()), "UNDERTAKER_MAY_NOT_DECIDE")
      << "its unit is not the centre here";
  const auto removed = Remove(name);
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(removed->state(), ticket::v1::ATTACHMENT_REMOVED);
  EXPECT_EQ(removed->media().sha256(), absl::BytesToHexString(Sha256(Pdf(10))));
  EXPECT_EQ(ReasonOf(Read(name).status()), "DATA_SHREDDED") << "at once";
  EXPECT_EQ(ReasonOf(Read(name, "admin", true, "核对原件").status()), "DATA_SHREDDED");
  Work(1);
  EXPECT_THAT(Files(), IsEmpty());
  EXPECT_EQ(Get(ticket.name()).attachment_count(), 0);
  EXPECT_EQ(Look(name)->change_reason(), "误传他人证件");
  EXPECT_EQ(ReasonOf(Redact(name, Blob(Pdf(10))).status()), "DATA_SHREDDED");
  EXPECT_THAT(Recorded<ticket::v1::BlobRemoved>(), IsEmpty()) << "the order's record tells of it";
}

TEST_F(AttachmentTest, Evidence_ThatNamesAnAttachment_MustBeOneOfTheOrder) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  const Ticket other = File(LiftRequest(""));
  const auto own = Attach(ticket.name(), Blob(Pdf(10), "application/pdf", "unit-zhujianju"),
                          "unit-zhujianju", ticket::v1::ATTACHMENT_EVIDENCE);
  ASSERT_TRUE(own.ok()) << own.status();
  const auto foreign = Attach(other.name(), Blob(Pdf(10)));
  const auto gone = Attach(ticket.name(), Blob(Pdf(10)));
  ASSERT_TRUE(foreign.ok() && gone.ok());
  ASSERT_TRUE(Remove(gone->name()).ok());
  ticket::v1::ReplyTicketRequest request;
  request.set_name(ticket.name());
  request.mutable_reply()->set_result("电梯已修复并通过检验");
  request.mutable_reply()->set_caller_contacted(true);
  request.mutable_reply()->add_evidence("维修单 2026-118");
  request.mutable_reply()->add_evidence(own->name());
  request.mutable_reply()->add_evidence("");
  for (const std::string& bad : {foreign->name(), gone->name(), ticket.name() + "/attachments/9",
                                 ticket.name(), std::string("counties/469030/units/zhujianju")}) {
    *request.mutable_reply()->mutable_evidence(2) = bad;
    const auto refused = As("unit-zhujianju")(&Tickets::ReplyTicket, request);
    EXPECT_TRUE(absl::IsInvalidArgument(refused.status())) << bad;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("reply.evidence[2]"));
  }
  request.mutable_reply()->mutable_evidence()->RemoveLast();
  const auto replied = As("unit-zhujianju")(&Tickets::ReplyTicket, request);
  ASSERT_TRUE(replied.ok()) << replied.status();
  EXPECT_THAT(replied->reply().evidence(), ElementsAre("维修单 2026-118", own->name()));
}

TEST_F(AttachmentTest, HttpBody_IsTheFile) {
  const std::string taken = media::WithMetadata(media::PlainJpeg(), 6);
  const auto upload = [&](const std::string& bytes, const char* media_type) {
    return Http("POST", "/v1/counties/469030/blobs?requestId=body-1", bytes, "admin",
                {{"Content-Type", media_type}});
  };
  const auto blob = upload(taken, "image/jpeg");
  ASSERT_EQ(blob.status, 200) << blob.body;
  EXPECT_THAT(blob.body, HasSubstr(R"("metadataRemoved":true)"));
  EXPECT_EQ(upload(taken, "image/jpeg").body, blob.body) << "again";
  EXPECT_THAT(upload(taken, "image/png").body, HasSubstr("BAD_MEDIA"));
  const size_t begin = blob.body.find("counties/469030/blobs/");
  const std::string name = blob.body.substr(begin, 22 + 32);
  const auto attachment = Attach(File(LiftRequest("")).name(), name);
  ASSERT_TRUE(attachment.ok()) << attachment.status();
  EXPECT_THAT(*Read(attachment->name()), Not(HasSubstr(std::string(media::kSecret))));
}

TEST_F(AttachmentTest, Json_AddsReadsAndRemoves) {
  const Ticket ticket = File(LiftRequest(""));
  const std::string blob = Blob(media::PlainJpeg(), "image/jpeg");
  const std::string body =
      absl::StrCat(R"({"requestId":"json-1","blob":")", blob, R"(","kind":"ATTACHMENT_REQUEST"})");
  const auto created = Http("POST", absl::StrCat("/v1/", ticket.name(), "/attachments"), body);
  ASSERT_EQ(created.status, 200) << created.body;
  EXPECT_THAT(created.body, HasSubstr(R"("mediaType":"image/jpeg")"));
  const std::string name = ticket.name() + "/attachments/1";
  const auto read = Http("GET", absl::StrCat("/v1/", name, ":read"));
  ASSERT_EQ(read.status, 200) << read.body;
  EXPECT_THAT(read.body, HasSubstr(absl::Base64Escape(media::PlainJpeg())));
  const auto download = Http("GET", absl::StrCat("/v1/", name, ":download"));
  EXPECT_THAT(download.body, HasSubstr(absl::Base64Escape(media::PlainJpeg())));
  const auto changed = Http("PATCH", absl::StrCat("/v1/", name, "?updateMask=visibility"),
                            R"({"visibility":"CENTRE_ONLY"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  const auto removed = Http("POST", absl::StrCat("/v1/", name, ":remove"),
                            R"({"requestId":"json-2","reason":"误传"})");
  ASSERT_EQ(removed.status, 200) << removed.body;
  EXPECT_THAT(removed.body, HasSubstr("ATTACHMENT_REMOVED"));
}

}  // namespace
}  // namespace baimi::integration
