// Who sees attachments: centre, handlers, units that are set aside, the public (domain.md §1.10).
#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "tests/integration/attachment_fixture.h"
#include "tests/integration/watch.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using ticket::v1::Attachment;
using ticket::v1::Ticket;

constexpr char kWords[] = "珉华小区电梯口";

class AttachmentSightTest : public AttachmentTest {
 protected:
  // Dispatched to zhujianju, with one photo of the caller.
  Ticket WithPhoto(const ticket::v1::CreateTicketRequest& request) {
    Ticket ticket = Advance(File(request));
    EXPECT_EQ(ticket.assignment().lead(), kLead);
    const auto attached = Attach(ticket.name(), Blob(Pdf(100)));
    EXPECT_TRUE(attached.ok()) << attached.status();
    name_ = ticket.name() + "/attachments/1";
    return ticket;
  }
  std::string Events(const Ticket& ticket, const std::string& key) {
    return Http("GET", absl::StrCat("/v1/", ticket.name(), "/events?pageSize=100"), "", key).body;
  }
  void ExpectHidden(const Ticket& ticket, const std::string& key) {
    EXPECT_THAT(List(ticket.name(), key), IsEmpty()) << key;
    EXPECT_TRUE(absl::IsNotFound(Look(name_, key).status())) << key;
    EXPECT_TRUE(absl::IsNotFound(Read(name_, key).status())) << key;
    EXPECT_TRUE(absl::IsNotFound(Read(name_, key, true, "核对原件").status())) << key;
    EXPECT_TRUE(absl::IsNotFound(Download(name_, key).status())) << key;
    const std::string events = Events(ticket, key);
    EXPECT_THAT(events, HasSubstr("attachmentAdded"));
    EXPECT_THAT(events, Not(HasSubstr(kWords))) << key;
    EXPECT_THAT(events, Not(HasSubstr("IMG_1"))) << key;
    EXPECT_THAT(events, Not(HasSubstr(sha256_))) << key;
  }
  void ExpectShown(const Ticket& ticket, const std::string& key) {
    EXPECT_THAT(List(ticket.name(), key), ElementsAre(name_)) << key;
    const auto attachment = Look(name_, key);
    ASSERT_TRUE(attachment.ok()) << key << attachment.status();
    EXPECT_EQ(attachment->description(), kWords);
    EXPECT_EQ(*Read(name_, key), Pdf(100)) << key;
  }

  std::string name_;
  const std::string sha256_ = absl::BytesToHexString(Sha256(Pdf(100)));
};

TEST_F(AttachmentSightTest, Ordinary_IsSeenByWhoSeesTheOrder) {
  const Ticket ticket = WithPhoto(LiftRequest(""));
  for (const char* key : {"admin", "clerk", "unit-zhujianju"}) {
    ExpectShown(ticket, key);
  }
  EXPECT_THAT(Events(ticket, "admin"), HasSubstr(kWords));
  for (const char* key : {"unit-chengguanju", "township"}) {
    EXPECT_TRUE(absl::IsNotFound(Look(name_, key).status())) << "out of its scope: " << key;
    EXPECT_TRUE(absl::IsNotFound(Read(name_, key).status())) << key;
  }
}

TEST_F(AttachmentSightTest, OfGuardedCallers_StaysWithTheCentreUntilItOpensThem) {
  auto report = LiftRequest("");
  report.mutable_ticket()->set_type(ticket::v1::REPORT);
  report.mutable_ticket()->set_subject_unit("counties/469030/units/yinggen");
  auto confidential = LiftRequest("");
  confidential.mutable_ticket()->mutable_caller()->set_confidential(true);
  for (const auto& request : {report, confidential}) {
    const Ticket ticket = WithPhoto(request);
    for (const char* key : {"clerk", "unit-zhujianju"}) {
      ExpectHidden(ticket, key);
    }
    EXPECT_EQ(ReasonOf(SetVisibility(name_, ticket::v1::HANDLERS, "unit-zhujianju").status()),
              "PERMISSION_MISSING");
    EXPECT_TRUE(absl::IsNotFound(SetVisibility(name_, ticket::v1::HANDLERS, "clerk").status()));
    EXPECT_TRUE(absl::IsInvalidArgument(Read(name_).status())) << "for a purpose only";
    EXPECT_EQ(*Read(name_, "admin", false, "核实举报线索"), Pdf(100));
    ASSERT_TRUE(SetVisibility(name_, ticket::v1::HANDLERS).ok());
    ExpectShown(ticket, "unit-zhujianju");
    ASSERT_TRUE(SetVisibility(name_, ticket::v1::CENTRE_ONLY).ok());
    ExpectHidden(ticket, "unit-zhujianju");
  }
  const auto reads = Recorded<ticket::v1::AttachmentRead>();
  ASSERT_GE(reads.size(), 2U);
  EXPECT_EQ(reads[0].purpose(), "核实举报线索");
  EXPECT_EQ(reads[0].bytes(), 100);
}

TEST_F(AttachmentSightTest, CentresUnit_SeesWhatTheCentreSees) {
  SetPolicy([](ticket::v1::TicketPolicy& policy) {
    policy.set_fallback_unit("counties/469030/units/hotline");
  });
  auto confidential = LiftRequest("");
  confidential.mutable_ticket()->mutable_caller()->set_confidential(true);
  const Ticket ticket = WithPhoto(confidential);
  EXPECT_TRUE(Look(name_, "clerk").ok());
  EXPECT_EQ(*Read(name_, "clerk", false, "核实举报线索"), Pdf(100));
  EXPECT_THAT(Events(ticket, "clerk"), HasSubstr(kWords));
  EXPECT_TRUE(SetVisibility(name_, ticket::v1::HANDLERS, "clerk").ok());
}

TEST_F(AttachmentSightTest, RecusedUnits_SeeNone) {
  auto report = LiftRequest("");
  report.mutable_ticket()->set_type(ticket::v1::REPORT);
  report.mutable_ticket()->set_subject_unit("counties/469030/units/yinggen");
  WithPhoto(report);
  ASSERT_TRUE(SetVisibility(name_, ticket::v1::HANDLERS).ok());
  for (const char* key : {"unit-yinggen", "curious"}) {
    EXPECT_TRUE(absl::IsNotFound(Look(name_, key).status())) << key;
    EXPECT_TRUE(absl::IsNotFound(Read(name_, key).status())) << key;
    EXPECT_TRUE(absl::IsNotFound(
        Attach(name_.substr(0, name_.find("/attach")), Blob(Pdf(10), "application/pdf", key), key)
            .status()))
        << key;
  }
  EXPECT_TRUE(absl::IsNotFound(Remove(name_, "curious").status()));
}

TEST_F(AttachmentSightTest, PublicView_GetsNoBytes) {
  const Ticket ticket = WithPhoto(LiftRequest(""));
  const auto attachment = Look(name_, "blind-clerk");
  ASSERT_TRUE(attachment.ok()) << attachment.status();
  EXPECT_EQ(attachment->description(), "");
  EXPECT_EQ(attachment->file_name(), "");
  EXPECT_EQ(ReasonOf(Read(name_, "blind-clerk").status()), "CONTENT_NOT_SHOWN");
  EXPECT_EQ(ReasonOf(Download(name_, "blind-clerk").status()), "CONTENT_NOT_SHOWN");
  EXPECT_EQ(ReasonOf(Read(name_, "resident").status()), "PERMISSION_MISSING");
}

TEST_F(AttachmentSightTest, Redacted_ShowsTheOriginalToTheCentreOnRecordOnly) {
  const Ticket ticket = WithPhoto(LiftRequest(""));
  EXPECT_EQ(
      ReasonOf(Redact(name_, Blob(Pdf(50, 'b'), "application/pdf", "clerk"), "clerk").status()),
      "UNDERTAKER_MAY_NOT_DECIDE");
  const auto redacted = Redact(name_, Blob(Pdf(50, 'b')));
  ASSERT_TRUE(redacted.ok()) << redacted.status();
  EXPECT_TRUE(redacted->redacted());
  EXPECT_EQ(redacted->original().size(), 100);
  for (const char* key : {"admin", "clerk", "unit-zhujianju"}) {
    EXPECT_EQ(*Read(name_, key), Pdf(50, 'b')) << key;
  }
  EXPECT_FALSE(Look(name_, "unit-zhujianju")->has_original());
  EXPECT_EQ(ReasonOf(Read(name_, "unit-zhujianju", true, "核对原件").status()),
            "CONTENT_NOT_SHOWN");
  EXPECT_THAT(Recorded<ticket::v1::AttachmentRead>(), IsEmpty());
  EXPECT_TRUE(absl::IsInvalidArgument(Read(name_, "admin", true).status()));
  EXPECT_EQ(*Read(name_, "admin", true, "核对原件"), Pdf(100));
  const auto reads = Recorded<ticket::v1::AttachmentRead>();
  ASSERT_GE(reads.size(), 1U);
  EXPECT_EQ(reads[0].attachment(), name_);
  EXPECT_TRUE(reads[0].original());
  EXPECT_EQ(reads[0].purpose(), "核对原件");
  // A second redaction destroys the first one's bytes, not the original.
  ASSERT_TRUE(Redact(name_, Blob(Pdf(60, 'c'))).ok());
  Work(1);
  EXPECT_THAT(Files(), SizeIs(3)) << "original, second, and the one of the refused call";
  EXPECT_EQ(*Read(name_, "clerk"), Pdf(60, 'c'));
  EXPECT_EQ(*Read(name_, "admin", true, "核对原件"), Pdf(100));
}

// The stream shows units no more than their events do.
TEST_F(AttachmentSightTest, Watch_HidesWhatTheUnitDoesNotSee) {
  auto confidential = LiftRequest("");
  confidential.mutable_ticket()->mutable_caller()->set_confidential(true);
  const Ticket ticket = WithPhoto(confidential);
  for (const auto& [key, shown] : {std::pair{"clerk", false}, std::pair{"admin", true}}) {
    Watch watch(As(key), "0");
    ticket::v1::TicketEvent event = watch.NextEvent();
    while (!event.fact().has_attachment_added()) {
      event = watch.NextEvent();
    }
    const Attachment& seen = event.fact().attachment_added().attachment();
    EXPECT_EQ(seen.name(), name_) << key;
    EXPECT_EQ(seen.has_media(), shown) << key;
    EXPECT_EQ(!seen.description().empty(), shown) << key;
  }
}

}  // namespace
}  // namespace baimi::integration
