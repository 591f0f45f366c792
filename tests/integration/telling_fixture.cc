#include "tests/integration/telling_fixture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/ticket/domain/testing_order.h"

namespace baimi::integration {

using ticket::domain::MakePeriod;
using ticket::v1::CitizenProof;
using ticket::v1::CitizenService;
using ticket::v1::CitizenTicket;
using ticket::v1::CreateTicketPolicyRequest;
using ticket::v1::ListNoticesRequest;
using ticket::v1::LookUpCitizenTicketRequest;
using ticket::v1::Notice;
using ticket::v1::NoticePolicy;
using ticket::v1::NoticeService;
using ticket::v1::RateCitizenTicketRequest;
using ticket::v1::Rating;
using ticket::v1::RatingPolicy;
using ticket::v1::Ticket;
using ticket::v1::TicketPolicy;
using ticket::v1::TicketPolicyService;

void TellingTest::SetUp() {
  options().ticket.sms_directory =
      (std::filesystem::temp_directory_path() / ("baimi_sms_" + NewUuid(*NewSystemRng()))).string();
  SuiteTest::SetUp();
  clock().Advance(absl::Minutes(1));
  CreatePolicy(TellingPolicy());
}

void TellingTest::CreatePolicy(const TicketPolicy& policy) {
  CreateTicketPolicyRequest request;
  request.set_parent(kCounty);
  *request.mutable_ticket_policy() = policy;
  const auto created = As("admin")(&TicketPolicyService::Stub::CreateTicketPolicy, request);
  ASSERT_TRUE(created.ok()) << created.status();
}

TicketPolicy TellingTest::TellingPolicy() {
  TicketPolicy policy = ticket::domain::SamplePolicy();
  *policy.mutable_notices() = test::Text<NoticePolicy>(R"pb(
    quiet_from_minute: 1320
    quiet_to_minute: 480
    max_attempts: 3
    retry_minutes: 5
    templates { id: "filed" event: NOTICE_FILED reader: TO_CALLER text: "诉求{number}已受理" }
    templates {
      id: "channel"
      event: NOTICE_REFUSED
      refusal: LEGAL_CHANNEL
      reader: TO_CALLER
      text: "诉求{number}请向{channel}反映"
    }
    templates { id: "new" event: NOTICE_DISPATCHED reader: TO_LEAD text: "新工单{number}，{due}前" }
    templates { id: "help" event: NOTICE_DISPATCHED reader: TO_HELPERS text: "协办{number}" }
    templates { id: "copy" event: NOTICE_DISPATCHED reader: TO_COPIED text: "抄送{number}" }
    templates {
      id: "extended"
      event: NOTICE_EXTENDED
      reader: TO_CALLER
      text: "{number}延期至{due}"
    }
    templates { id: "yours" event: NOTICE_ASSIGNED reader: TO_ASSIGNEE text: "{number}由您经办" }
    templates { id: "bad" event: NOTICE_BADLY_RATED reader: TO_CENTRE text: "{number}收到差评" }
    templates { id: "urged" event: NOTICE_URGED reader: TO_LEAD text: "{number}被催办" }
  )pb");
  *policy.mutable_ratings() = test::Text<RatingPolicy>(R"pb(
    tags { id: "slow" display_name: "办理太慢" bad: true }
    tags { id: "kind" display_name: "态度好" }
    max_loops: 2
    rate_days: 15
  )pb");
  *policy.mutable_ratings()->mutable_contact_within() = MakePeriod(ticket::v1::WORKING_HOURS, 4);
  *policy.mutable_ratings()->mutable_fix_within() = MakePeriod(ticket::v1::WORKING_DAYS, 5);
  policy.mutable_citizen()->set_urge_after_hours(24);
  policy.mutable_citizen()->set_urge_every_hours(24);
  policy.mutable_citizen()->set_max_urges(3);
  return policy;
}

void TellingTest::MakeNotices() {
  absl::StatusOr<int64_t> made = suite().MakeNotices();
  for (int i = 0; i < 100 && !made.ok(); ++i) {
    made = suite().MakeNotices();
  }
  EXPECT_TRUE(made.ok()) << made.status();
}

void TellingTest::SendDue() {
  MakeNotices();
  absl::StatusOr<int> sent = suite().RingAlarms();
  for (int i = 0; i < 100 && !sent.ok(); ++i) {
    sent = suite().RingAlarms();
  }
  EXPECT_TRUE(sent.ok()) << sent.status();
}

std::vector<std::string> TellingTest::Messages() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(options().ticket.sms_directory)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> lines;
  for (const std::string& file : files) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    lines.push_back(text.str());
  }
  return lines;
}

std::vector<Notice> TellingTest::Inbox(const std::string& unit, const std::string& key) {
  MakeNotices();
  ListNoticesRequest request;
  request.set_parent(kCounty);
  request.set_unit(unit);
  const auto list = As(key)(&NoticeService::Stub::ListNotices, request);
  EXPECT_TRUE(list.ok()) << list.status();
  return list.ok() ? std::vector<Notice>(list->notices().begin(), list->notices().end())
                   : std::vector<Notice>();
}

CitizenProof TellingTest::Proof(const Ticket& ticket, const std::string& phone) {
  CitizenProof proof;
  proof.set_number(ticket.name().substr(ticket.name().rfind('/') + 1));
  proof.set_phone(phone);
  return proof;
}

absl::StatusOr<CitizenTicket> TellingTest::LookUp(const CitizenProof& proof) {
  LookUpCitizenTicketRequest request;
  request.set_parent(kCounty);
  *request.mutable_proof() = proof;
  return As("miniprogram")(&CitizenService::Stub::LookUpCitizenTicket, request);
}

absl::StatusOr<CitizenTicket> TellingTest::Rate(const Ticket& ticket, Rating rating) {
  RateCitizenTicketRequest request;
  request.set_parent(kCounty);
  *request.mutable_proof() = Proof(ticket);
  request.set_rating(rating);
  request.set_channel(ticket::v1::WECHAT);
  return As("miniprogram")(&CitizenService::Stub::RateCitizenTicket, request);
}

}  // namespace baimi::integration
