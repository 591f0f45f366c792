// Personal data: who sees how much, what is recorded, and that nothing stands in clear.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/observe/log.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using testing::Not;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

// What must never stand anywhere in clear.
constexpr const char* kPersonal[] = {"欧阳晓岚",     "13907651234",  "珉华小区7栋",
                                     "2单元502",     "89886223377",  "邻居陈大强",
                                     "已联系陈大强", "电话里说可以", "补充说明陈"};

class KeptLogs final : public observe::LogSink {
 public:
  void Write(const observe::LogRecord&, absl::string_view line) override {
    absl::MutexLock lock(&mu_);
    text_.append(line.data(), line.size());
  }
  std::string text() const {
    absl::MutexLock lock(&mu_);
    return text_;
  }

 private:
  mutable absl::Mutex mu_;
  std::string text_ ABSL_GUARDED_BY(mu_);
};

class PrivacyTest : public SuiteTest {
 protected:
  void SetUp() override {
    options().node.log_every_call = true;
    SuiteTest::SetUp();
  }

  static ticket::v1::CreateTicketRequest Personal(const char* id) {
    auto request = LiftRequest(id);
    Ticket& ticket = *request.mutable_ticket();
    ticket.set_title("邻居陈大强反映电梯停运");
    ticket.set_description("可打0898-86223377或13907651234，补充说明陈某行动不便");
    ticket.mutable_caller()->set_name("欧阳晓岚");
    ticket.mutable_caller()->set_phone("139 0765 1234");
    ticket.mutable_place()->set_address("营根镇营北社区珉华小区7栋2单元502");
    return request;
  }
};

TEST_F(PrivacyTest, Masking_EachView_ShowsItsShare) {
  const Ticket ticket = File(Personal(""));
  EXPECT_EQ(ticket.caller().phone(), "13907651234");
  EXPECT_EQ(ticket.caller().name(), "欧阳晓岚");

  const Ticket staff = Get(ticket.name(), "clerk");
  EXPECT_EQ(staff.caller().phone(), "139****1234");
  EXPECT_EQ(staff.caller().name(), "欧阳**");
  EXPECT_EQ(staff.place().address(), "营根镇营北社区珉华小区7栋");
  EXPECT_THAT(staff.description(), HasSubstr("补充说明"));
  EXPECT_THAT(staff.description(), Not(HasSubstr("13907651234")));
  EXPECT_THAT(staff.description(), Not(HasSubstr("86223377")));

  const Ticket resident = Get(ticket.name(), "resident");
  EXPECT_EQ(resident.caller().phone(), "139****1234");
  EXPECT_EQ(resident.place().address(), "营根镇营北社区");
  EXPECT_EQ(resident.title(), "");
  EXPECT_EQ(resident.description(), "");
  EXPECT_EQ(resident.state(), ticket.state());
}

TEST_F(PrivacyTest, RevealContact_WithPurpose_IsOnTheAccessStreamFirst) {
  const Ticket ticket = File(Personal(""));
  const int64_t head = Head();
  ticket::v1::RevealContactRequest request;
  request.set_name(ticket.name());
  const auto without = As("clerk")(&Stub::RevealContact, request);
  EXPECT_TRUE(absl::IsInvalidArgument(without.status())) << without.status();
  EXPECT_EQ(Head("access"), 0);

  request.set_purpose("回访核实处理结果");
  const auto revealed = As("clerk")(&Stub::RevealContact, request);
  ASSERT_TRUE(revealed.ok()) << revealed.status();
  EXPECT_EQ(revealed->caller().phone(), "13907651234");
  EXPECT_EQ(revealed->place().address(), "营根镇营北社区珉华小区7栋2单元502");
  EXPECT_EQ(Head("access"), 1);
  // Those who follow the orders do not see who read what.
  EXPECT_EQ(Head(), head);
}

// §1.10: of who asked for it, and of whoever reports a unit.
TEST_F(PrivacyTest, Confidential_StaysWithTheCentre) {
  auto asked = Personal("confidential-1");
  asked.mutable_ticket()->mutable_caller()->set_confidential(true);
  auto report = Personal("confidential-2");
  report.mutable_ticket()->set_type(ticket::v1::REPORT);
  report.mutable_ticket()->set_subject_unit("counties/469030/units/yinggen");
  for (const auto& request : {asked, report}) {
    const Ticket ticket = Advance(File(request));
    ASSERT_EQ(ticket.assignment().lead(), "counties/469030/units/zhujianju");
    ticket::v1::RevealContactRequest reveal;
    reveal.set_name(ticket.name());
    reveal.set_purpose("上门前联系");
    const auto refused = As("unit-zhujianju")(&Stub::RevealContact, reveal);
    EXPECT_EQ(ReasonOf(refused.status()), "CONTACT_CONFIDENTIAL");
    const auto events = Http("GET", "/v1/" + ticket.name() + "/events", "", "unit-zhujianju");
    EXPECT_THAT(events.body, HasSubstr("filed"));
    for (const char* key : {"unit-zhujianju", "clerk"}) {
      const Ticket seen = Get(ticket.name(), key);
      EXPECT_TRUE(seen.caller().confidential());
      EXPECT_EQ(seen.caller().name(), "") << key;
      EXPECT_EQ(seen.caller().phone(), "") << key;
      EXPECT_NE(seen.description(), "") << "the matter itself is shown";
    }
    EXPECT_THAT(events.body, HasSubstr(R"("caller":{"name":"","phone":"")"));
    EXPECT_THAT(events.body, Not(HasSubstr("欧阳")));
    const auto revealed = As("admin")(&Stub::RevealContact, reveal);
    ASSERT_TRUE(revealed.ok()) << revealed.status();
    EXPECT_EQ(revealed->caller().phone(), "13907651234");
  }
}

TEST_F(PrivacyTest, Everything_OnDiskLogsAndMetrics_HoldsNoPersonalField) {
  KeptLogs logs;
  observe::SetLogLevel(observe::LogLevel::kDebug);
  std::string name;
  std::string metrics;
  {
    const observe::ScopedLogSink sink(&logs);
    Ticket ticket = File(Personal("scan-1"));
    name = ticket.name();
    File(Personal("scan-1"));
    ticket = Advance(Advance(ticket));
    ticket::v1::ReplyTicketRequest reply;
    reply.set_name(name);
    reply.set_request_id("scan-2");
    reply.mutable_reply()->set_result("已联系陈大强，电梯恢复运行");
    reply.mutable_reply()->set_caller_contacted(true);
    ticket = *As("admin")(&Stub::ReplyTicket, reply);
    ticket = Advance(ticket);
    ticket::v1::RecordCallbackRequest callback;
    callback.set_name(name);
    callback.mutable_callback()->set_outcome(ticket::v1::REACHED);
    callback.mutable_callback()->set_note("欧阳晓岚电话里说可以");
    ASSERT_TRUE(As("admin")(&Stub::RecordCallback, callback).ok());
    // Refused calls, and searches, repeat no value either.
    auto bad = Personal("");
    bad.mutable_ticket()->set_category("9999");
    EXPECT_FALSE(As("admin")(&Stub::CreateTicket, bad).ok());
    bad = Personal("");
    bad.mutable_ticket()->mutable_caller()->set_anonymous(true);
    EXPECT_FALSE(As("admin")(&Stub::CreateTicket, bad).ok());
    const auto found =
        Http("POST", "/v1/counties/469030/tickets:search", R"({"callerPhone":"13907651234"})");
    EXPECT_EQ(FromJson<ticket::v1::ListTicketsResponse>(found.body).tickets_size(), 1);
    metrics = Admin("/metrics").body;
  }
  observe::SetLogLevel(observe::LogLevel::kInfo);

  std::map<std::string, std::string> places = {{"logs", logs.text()}, {"metrics", metrics}};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data().File(""))) {
    if (entry.is_regular_file()) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream content;
      content << in.rdbuf();
      places[entry.path().filename().string()] = content.str();
    }
  }
  for (const auto& [place, content] : places) {
    for (const char* value : kPersonal) {
      EXPECT_EQ(content.find(value), std::string::npos) << value << " stands in " << place;
    }
  }
  // The scan sees what is there: the order's name is not personal.
  EXPECT_THAT(places["ticket.db"] + places["ticket.db-wal"], HasSubstr("20261123-000001"));
  EXPECT_THAT(places["logs"], HasSubstr("/baimi.ticket.v1.TicketService/CreateTicket"));
  EXPECT_THAT(places["metrics"], HasSubstr("baimi_rpc_served_total"));
}

TEST_F(PrivacyTest, Error_AboutAPersonalField_DoesNotRepeatIt) {
  auto request = Personal("");
  request.mutable_ticket()->mutable_caller()->set_phone("1390765123");
  const auto answer = As("admin")(&Stub::CreateTicket, request);
  EXPECT_TRUE(absl::IsInvalidArgument(answer.status()));
  EXPECT_THAT(answer.status().ToString(), Not(HasSubstr("1390765123")));
  const auto violations = BadRequestOf(answer.status());
  ASSERT_TRUE(violations.has_value());
  EXPECT_EQ(violations->field_violations(0).field(), "ticket.caller.phone");
}

}  // namespace
}  // namespace baimi::integration
