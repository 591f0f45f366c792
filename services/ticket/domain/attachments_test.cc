#include "services/ticket/domain/attachments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/policy.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

v1::StoredBlob Blob(int id = 1, absl::string_view media_type = "image/jpeg") {
  v1::StoredBlob blob;
  blob.mutable_blob()->set_name(absl::StrCat("counties/469030/blobs/b", id));
  blob.mutable_blob()->mutable_media()->set_media_type(std::string(media_type));
  blob.mutable_blob()->mutable_media()->set_size(100 + id);
  blob.set_file_name("IMG_1.jpg");
  return blob;
}

v1::CreateAttachmentRequest Request(v1::AttachmentKind kind = v1::ATTACHMENT_REQUEST) {
  v1::CreateAttachmentRequest request;
  request.set_kind(kind);
  request.set_description("电梯口的照片");
  return request;
}

v1::CreateTicketRequest ReportRequest() {
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->set_type(v1::REPORT);
  return request;
}

v1::CreateTicketRequest ConfidentialRequest() {
  v1::CreateTicketRequest request = SampleRequest();
  request.mutable_ticket()->mutable_caller()->set_confidential(true);
  return request;
}

// An order with one attachment, which the platform gave it.
struct Attached {
  explicit Attached(Order given, const v1::CreateAttachmentRequest& request = Request())
      : order(std::move(given)) {
    Keep(*Attach(order.ticket(), request, Blob(), 1, order.Now()));
  }
  void Keep(const AttachmentDecision& decided) {
    order.Take(decided.decision);
    stored = decided.stored;
  }
  const v1::Attachment& attachment() const { return stored.attachment(); }
  Order order;
  v1::StoredAttachment stored;
};

Order Filed(const v1::CreateTicketRequest& request = SampleRequest()) {
  return Order("2025-09-26 09:30", SampleInForce(), request);
}

v1::Attachment Wanted(v1::AttachmentVisibility visibility) {
  v1::Attachment wanted;
  wanted.set_visibility(visibility);
  return wanted;
}

v1::RemoveAttachmentRequest RemoveRequest() {
  v1::RemoveAttachmentRequest request;
  request.set_reason("误传他人证件");
  return request;
}

TEST(Attachments, KindOf_EveryKnownType_HasOne) {
  EXPECT_EQ(KindOf("image/webp"), v1::MEDIA_PICTURE);
  EXPECT_EQ(KindOf("audio/amr"), v1::MEDIA_SOUND);
  EXPECT_EQ(KindOf("video/mp4"), v1::MEDIA_VIDEO);
  EXPECT_EQ(KindOf("application/pdf"), v1::MEDIA_DOCUMENT);
  for (const char* other : {"", "text/html", "image/svg+xml", "image/JPEG", "video/quicktime"}) {
    EXPECT_EQ(KindOf(other), v1::MEDIA_KIND_UNSPECIFIED) << other;
  }
}

TEST(Attachments, Policy_SaysWhatIsTaken) {
  v1::TicketPolicy policy = SamplePolicy();
  EXPECT_TRUE(MayAttach(policy).ok());
  EXPECT_TRUE(CheckMedia(policy, "image/jpeg").ok());
  const absl::Status video = CheckMedia(policy, "video/mp4");
  EXPECT_EQ(ReasonOf(video), "ATTACHMENTS_NOT_ALLOWED");
  EXPECT_THAT(std::string(video.message()),
              HasSubstr("got video/mp4, want one of MEDIA_PICTURE, MEDIA_SOUND, MEDIA_DOCUMENT"));
  const int64_t most = policy.attachments().max_bytes();
  EXPECT_TRUE(CheckSize(policy, most).ok());
  EXPECT_EQ(ReasonOf(CheckSize(policy, most + 1)), "ATTACHMENT_LIMIT");
  policy.clear_attachments();
  EXPECT_EQ(ReasonOf(MayAttach(policy)), "ATTACHMENTS_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(CheckMedia(policy, "image/jpeg")), "ATTACHMENTS_NOT_ALLOWED");
}

TEST(Attachments, Policy_ThatContradictsItself_IsRefusedByField) {
  const auto broken = [](const std::function<void(v1::AttachmentPolicy&)>& change) {
    v1::TicketPolicy policy = SamplePolicy();
    change(*policy.mutable_attachments());
    std::vector<std::string> paths;
    CheckAttachmentPolicy(policy, [&](absl::string_view path, absl::string_view,
                                      absl::string_view) { paths.emplace_back(path); });
    return paths;
  };
  EXPECT_THAT(broken([](v1::AttachmentPolicy&) {}), IsEmpty());
  EXPECT_THAT(broken([](v1::AttachmentPolicy& policy) { policy.Clear(); }),
              testing::ElementsAre("attachments.max_bytes", "attachments.max_per_ticket",
                                   "attachments.unclaimed_hours", "attachments.kinds"));
  EXPECT_THAT(broken([](v1::AttachmentPolicy& policy) {
                policy.set_max_bytes(200'000'001);
                policy.add_kinds(v1::MEDIA_PICTURE);
              }),
              testing::ElementsAre("attachments.max_bytes", "attachments.kinds[3]"));
}

TEST(Attachments, Attach_IsOneFactAndCounts) {
  const Attached attached(Filed());
  const v1::Attachment& attachment = attached.attachment();
  EXPECT_EQ(attachment.name(), absl::StrCat(kTicketName, "/attachments/1"));
  EXPECT_EQ(attachment.file_name(), "IMG_1.jpg") << "of the upload";
  EXPECT_EQ(attachment.visibility(), v1::HANDLERS);
  EXPECT_EQ(attachment.state(), v1::ATTACHMENT_PRESENT);
  EXPECT_EQ(attachment.media().size(), 101);
  EXPECT_EQ(attachment.etag(), "v1");
  EXPECT_EQ(attached.stored.blob(), "b1");
  EXPECT_EQ(attached.order.ticket().attachment_count(), 1);
  const v1::TicketFact& fact = attached.order.facts().back();
  EXPECT_EQ(fact.attachment_added().attachment().SerializeAsString(),
            attachment.SerializeAsString());
  EXPECT_EQ(fact.state(), fact.state_before()) << "no step of the table";
}

TEST(Attachments, Attach_ToEveryStateButTheArchive) {
  for (const v1::TicketState state : AllStates()) {
    if (PassedThrough(state)) {
      continue;
    }
    Order order = OrderIn(state);
    const auto decided = Attach(order.ticket(), Request(), Blob(), 1, order.Now());
    if (state == v1::ARCHIVED) {
      EXPECT_EQ(ReasonOf(decided.status()), "ILLEGAL_TRANSITION");
    } else {
      EXPECT_TRUE(decided.ok()) << v1::TicketState_Name(state) << decided.status();
    }
  }
}

TEST(Attachments, Attach_UpToTheLimitOfTheOrder_AndAgainAfterARemoval) {
  Attached attached(Filed());
  const int most = SamplePolicy().attachments().max_per_ticket();
  for (int number = 2; number <= most; ++number) {
    attached.order.Take(
        Attach(attached.order.ticket(), Request(), Blob(number), number, attached.order.Now())
            ->decision);
  }
  const auto one_more = [&] {
    return Attach(attached.order.ticket(), Request(), Blob(9), 9, attached.order.Now()).status();
  };
  EXPECT_EQ(ReasonOf(one_more()), "ATTACHMENT_LIMIT");
  attached.Keep(
      *Remove(attached.order.ticket(), attached.stored, RemoveRequest(), attached.order.Now()));
  EXPECT_EQ(attached.order.ticket().attachment_count(), most - 1);
  EXPECT_TRUE(one_more().ok());
}

TEST(Attachments, Attach_WhatIsMissingOrStale_IsRefused) {
  Order order = Filed();
  v1::CreateAttachmentRequest request = Request(v1::ATTACHMENT_KIND_UNSPECIFIED);
  EXPECT_TRUE(
      absl::IsInvalidArgument(Attach(order.ticket(), request, Blob(), 1, order.Now()).status()));
  request = Request();
  request.set_etag("v999");
  EXPECT_TRUE(absl::IsAborted(Attach(order.ticket(), request, Blob(), 1, order.Now()).status()));
}

TEST(Attachments, OfAGuardedCaller_StayWithTheCentre) {
  for (const auto& filed : {ReportRequest(), ConfidentialRequest()}) {
    EXPECT_EQ(Attached(Filed(filed)).attachment().visibility(), v1::CENTRE_ONLY);
    EXPECT_EQ(Attached(Filed(filed), Request(v1::ATTACHMENT_EVIDENCE)).attachment().visibility(),
              v1::HANDLERS)
        << "a handler's own";
    Order order = Filed(filed);
    v1::CreateAttachmentRequest open = Request();
    open.set_visibility(v1::HANDLERS);
    EXPECT_EQ(ReasonOf(Attach(order.ticket(), open, Blob(), 1, order.As("zhujianju")).status()),
              "UNDERTAKER_MAY_NOT_DECIDE");
    for (const char* centre : {"", "xianfuban"}) {
      EXPECT_TRUE(Attach(order.ticket(), open, Blob(), 1, order.As(centre)).ok()) << centre;
    }
  }
  v1::CreateAttachmentRequest closed = Request();
  closed.set_visibility(v1::CENTRE_ONLY);
  EXPECT_EQ(Attached(Filed(), closed).attachment().visibility(), v1::CENTRE_ONLY) << "as asked";
}

TEST(Attachments, IsCentre_ThePlatformAndTheFallbackUnitOnly) {
  Order order = Filed();
  EXPECT_TRUE(IsCentre(order.As("")));
  EXPECT_TRUE(IsCentre(order.As("xianfuban")));
  EXPECT_FALSE(IsCentre(order.As("zhujianju")));
}

TEST(Attachments, Changes_AreTheCentresAndByEtag) {
  Attached attached(Filed());
  const v1::Ticket& ticket = attached.order.ticket();
  v1::RedactAttachmentRequest redact;
  redact.set_reason("遮盖车牌");
  const auto all = [&](const std::string& unit, const std::string& etag) {
    v1::Attachment wanted = Wanted(v1::CENTRE_ONLY);
    wanted.set_etag(etag);
    redact.set_etag(etag);
    v1::RemoveAttachmentRequest remove = RemoveRequest();
    remove.set_etag(etag);
    const Context context = attached.order.As(unit);
    return std::vector<absl::Status>{
        SetVisibility(ticket, attached.stored, wanted, context).status(),
        Redact(ticket, attached.stored, redact, Blob(2), context).status(),
        Remove(ticket, attached.stored, remove, context).status()};
  };
  for (const absl::Status& status : all("zhujianju", "")) {
    EXPECT_EQ(ReasonOf(status), "UNDERTAKER_MAY_NOT_DECIDE");
  }
  for (const absl::Status& status : all("", "v2")) {
    EXPECT_TRUE(absl::IsAborted(status)) << status;
  }
  for (const absl::Status& status : all("", "v1")) {
    EXPECT_TRUE(status.ok()) << status;
  }
  attached.Keep(*Remove(ticket, attached.stored, RemoveRequest(), attached.order.Now()));
  for (const absl::Status& status : all("", "")) {
    EXPECT_EQ(ReasonOf(status), "DATA_SHREDDED");
  }
}

TEST(Attachments, SetVisibility_OpensAndCloses) {
  Attached attached(Filed(ReportRequest()));
  EXPECT_TRUE(MaySee(attached.attachment(), true));
  EXPECT_FALSE(MaySee(attached.attachment(), false));
  attached.Keep(*SetVisibility(attached.order.ticket(), attached.stored, Wanted(v1::HANDLERS),
                               attached.order.Now()));
  EXPECT_TRUE(MaySee(attached.attachment(), false));
  EXPECT_EQ(attached.attachment().etag(), "v2");
  EXPECT_EQ(attached.order.facts().back().attachment_changed().change(), v1::VISIBILITY_CHANGED);
  EXPECT_TRUE(absl::IsInvalidArgument(SetVisibility(attached.order.ticket(), attached.stored,
                                                    Wanted(v1::ATTACHMENT_VISIBILITY_UNSPECIFIED),
                                                    attached.order.Now())
                                          .status()));
}

TEST(Attachments, Redact_KeepsTheFirstBytesAsTheOriginal) {
  Attached attached(Filed());
  v1::RedactAttachmentRequest request;
  request.set_reason("遮盖车牌");
  for (const int blob : {2, 3}) {
    attached.Keep(*Redact(attached.order.ticket(), attached.stored, request, Blob(blob),
                          attached.order.Now()));
    EXPECT_EQ(attached.stored.blob(), absl::StrCat("b", blob));
    EXPECT_EQ(attached.stored.original_blob(), "b1");
    EXPECT_EQ(attached.attachment().media().size(), 100 + blob);
    EXPECT_EQ(attached.attachment().original().size(), 101);
  }
  EXPECT_TRUE(attached.attachment().redacted());
  EXPECT_EQ(attached.order.ticket().attachment_count(), 1);
  EXPECT_TRUE(Shown(attached.attachment(), true).has_original());
  EXPECT_FALSE(Shown(attached.attachment(), false).has_original());
}

TEST(Attachments, Read_WhichBytesAndOnWhichRecord) {
  Attached attached(Filed());
  EXPECT_EQ(Read(attached.stored, false, "", false)->blob, "b1");
  EXPECT_FALSE(Read(attached.stored, false, "", false)->recorded);
  EXPECT_TRUE(absl::IsInvalidArgument(Read(attached.stored, true, "核对原件", true).status()))
      << "there is none";

  v1::RedactAttachmentRequest request;
  attached.Keep(
      *Redact(attached.order.ticket(), attached.stored, request, Blob(2), attached.order.Now()));
  EXPECT_EQ(Read(attached.stored, false, "", false)->blob, "b2");
  EXPECT_EQ(ReasonOf(Read(attached.stored, true, "核对原件", false).status()), "CONTENT_NOT_SHOWN");
  EXPECT_TRUE(absl::IsInvalidArgument(Read(attached.stored, true, "核对", true).status()));
  const auto original = Read(attached.stored, true, "核对原件", true);
  ASSERT_TRUE(original.ok()) << original.status();
  EXPECT_EQ(original->blob, "b1");
  EXPECT_EQ(original->media.size(), 101);
  EXPECT_TRUE(original->recorded);

  attached.Keep(*SetVisibility(attached.order.ticket(), attached.stored, Wanted(v1::CENTRE_ONLY),
                               attached.order.Now()));
  EXPECT_TRUE(absl::IsInvalidArgument(Read(attached.stored, false, "", true).status()));
  EXPECT_TRUE(Read(attached.stored, false, "核对原件", true)->recorded);

  attached.Keep(
      *Remove(attached.order.ticket(), attached.stored, RemoveRequest(), attached.order.Now()));
  EXPECT_EQ(ReasonOf(Read(attached.stored, false, "核对原件", true).status()), "DATA_SHREDDED");
  EXPECT_EQ(attached.stored.blob(), "");
  EXPECT_EQ(attached.stored.original_blob(), "");
}

TEST(Attachments, HideAttachment_LeavesThatItIsThere) {
  Attached attached(Filed(ReportRequest()));
  v1::TicketFact added = attached.order.facts().back();
  HideAttachment(&added);
  const v1::Attachment& left = added.attachment_added().attachment();
  EXPECT_EQ(left.name(), attached.attachment().name());
  EXPECT_EQ(left.visibility(), v1::CENTRE_ONLY);
  EXPECT_EQ(left.description(), "");
  EXPECT_EQ(left.file_name(), "");
  EXPECT_FALSE(left.has_media());
  EXPECT_FALSE(left.has_actor());
  v1::TicketFact other = attached.order.facts().front();
  HideAttachment(&other);
  EXPECT_EQ(other.SerializeAsString(), attached.order.facts().front().SerializeAsString());
}

// Whatever is done to the attachments of an order, its count is that of the present ones, and its
// facts give its row.
TEST(Attachments, RandomLives_CountAndReplay) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Order order = Filed();
    std::vector<v1::StoredAttachment> all;
    for (int step = 0; step < 20; ++step) {
      const auto keep = [&](const absl::StatusOr<AttachmentDecision>& decided, size_t at) {
        if (decided.ok()) {
          order.Take(decided->decision);
          all.resize(std::max(all.size(), at + 1));
          all[at] = decided->stored;
        }
      };
      const size_t at = all.empty() ? 0 : random() % all.size();
      const auto what = random() % 4;
      if (what == 0 || all.empty()) {
        const int number = static_cast<int>(all.size()) + 1;
        keep(Attach(order.ticket(), Request(), Blob(number), number, order.Now()), all.size());
      } else if (what == 1) {
        keep(Remove(order.ticket(), all[at], RemoveRequest(), order.Now()), at);
      } else if (what == 2) {
        keep(Redact(order.ticket(), all[at], {}, Blob(step), order.Now()), at);
      } else {
        keep(SetVisibility(order.ticket(), all[at], Wanted(v1::CENTRE_ONLY), order.Now()), at);
      }
    }
    const auto present = std::count_if(all.begin(), all.end(), [](const auto& stored) {
      return stored.attachment().state() == v1::ATTACHMENT_PRESENT;
    });
    EXPECT_EQ(order.ticket().attachment_count(), present);
    EXPECT_LE(present, SamplePolicy().attachments().max_per_ticket());
    v1::Ticket replayed;
    for (const v1::TicketFact& fact : order.facts()) {
      replayed = Apply(std::move(replayed), fact);
    }
    EXPECT_EQ(replayed.SerializeAsString(), order.ticket().SerializeAsString());
  }
}

TEST(Attachments, Names_LeadFromTheAttachmentToItsOrder) {
  const std::string name = AttachmentName(kTicketName, 12);
  EXPECT_EQ(TicketOf(name), kTicketName);
  EXPECT_TRUE(NamesAttachment(name));
  EXPECT_FALSE(NamesAttachment("photo-1.jpg"));
  EXPECT_TRUE(CheckEvidence("reply.evidence[0]", name, kTicketName, true).ok());
  EXPECT_TRUE(
      absl::IsInvalidArgument(CheckEvidence("reply.evidence[0]", name, kTicketName, false)));
}

}  // namespace
}  // namespace baimi::ticket::domain
