// What leaves the main line: more time, hanging up, ending without a result.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

class ExceptionsTest : public SuiteTest {
 protected:
  // `verb` of the order over HTTP.
  http::testing::ClientResponse Post(const std::string& name, const std::string& verb,
                                     const std::string& body, const std::string& key = "clerk") {
    return Http("POST", absl::StrCat("/v1/", name, ":", verb), body, key);
  }
  Ticket Done(const std::string& name, const std::string& verb, const std::string& body,
              const std::string& key = "clerk") {
    const auto answer = Post(name, verb, body, key);
    EXPECT_EQ(answer.status, 200) << verb << ": " << answer.body;
    return answer.status == 200 ? FromJson<Ticket>(answer.body) : Ticket();
  }
  static const ticket::v1::Clock& LastClock(const Ticket& ticket) {
    return ticket.clocks(ticket.clocks_size() - 1);
  }
  static int64_t HandleDue(const Ticket& ticket) {
    for (const ticket::v1::Clock& clock : ticket.clocks()) {
      if (clock.kind() == ticket::v1::HANDLE && !clock.has_stop_time()) {
        return clock.due_time().seconds();
      }
    }
    return 0;
  }
};

constexpr char kMoreTime[] =
    R"json({"reason": "配件须从外地调运", "period": {"unit": "WORKING_DAYS", "amount": 3}})json";
constexpr char kHangUp[] = R"json({"suspension": {"reason": "NEEDS_FUNDING",
    "targetDate": "2027-06-30", "measures": "已列入下年度预算，先行安全隔离"}})json";

TEST_F(ExceptionsTest, Extension_AskedByTheLeadAndGrantedByTheCentre_MovesTheDueTime) {
  const Ticket taken = FileUpTo(ticket::v1::SIGNED);
  const std::string& name = taken.name();
  EXPECT_EQ(Post(name, "requestExtension", kMoreTime, "unit-chengguanju").status, 404)
      << "not the unit's order";
  const Ticket asked = Done(name, "requestExtension", kMoreTime, "unit-zhujianju");
  EXPECT_EQ(HandleDue(asked), HandleDue(taken));
  EXPECT_FALSE(asked.extension().has_decide_time());
  EXPECT_EQ(Post(name, "decideExtension", R"({"approve": true})", "unit-zhujianju").status, 403);
  const Ticket granted = Done(name, "decideExtension", R"({"approve": true})");
  EXPECT_TRUE(granted.extension().approved());
  EXPECT_GT(HandleDue(granted), HandleDue(taken));
  const auto again = Post(name, "requestExtension", kMoreTime, "unit-zhujianju");
  EXPECT_EQ(again.status, 400) << again.body;
  EXPECT_THAT(again.body, HasSubstr("EXTENSION_NOT_ALLOWED"));
}

TEST_F(ExceptionsTest, Extension_Refused_SaysWhyAndChangesNoClock) {
  const Ticket taken = FileUpTo(ticket::v1::SIGNED);
  Done(taken.name(), "requestExtension", kMoreTime, "unit-zhujianju");
  const auto without = Post(taken.name(), "decideExtension", R"({"approve": false})");
  EXPECT_EQ(without.status, 400);
  EXPECT_THAT(without.body, HasSubstr("\"note\""));
  const Ticket refused = Done(taken.name(), "decideExtension", R"({"note": "材料不足"})");
  EXPECT_FALSE(refused.extension().approved());
  EXPECT_EQ(HandleDue(refused), HandleDue(taken));
}

TEST_F(ExceptionsTest, Suspension_StopsTheHandlingClockAndResumeStartsIt) {
  const std::string name = FileUpTo(ticket::v1::SIGNED).name();
  EXPECT_THAT(Post(name, "suspend", kHangUp).body, HasSubstr("SUSPENSION_NOT_ALLOWED"))
      << "an extension comes first";
  Done(name, "requestExtension", kMoreTime, "unit-zhujianju");
  Done(name, "decideExtension", R"({"note": "一次不够"})");
  const Ticket hung = Done(name, "suspend", kHangUp);
  EXPECT_EQ(hung.state(), ticket::v1::SUSPENDED);
  EXPECT_EQ(HandleDue(hung), 0);
  EXPECT_EQ(LastClock(hung).kind(), ticket::v1::REVIEW);
  EXPECT_EQ(hung.suspension().target_date(), "2027-06-30");
  EXPECT_EQ(Post(name, "resume", "{}").status, 400) << "a reason is wanted";
  clock().Advance(absl::Hours(24 * 7));
  const Ticket resumed = Done(name, "resume", R"({"reason": "资金已到位"})");
  EXPECT_EQ(resumed.state(), ticket::v1::SIGNED);
  EXPECT_EQ(LastClock(resumed).start_time().seconds(), absl::ToUnixSeconds(clock().Now()));
  EXPECT_FALSE(resumed.has_suspension());
}

TEST_F(ExceptionsTest, Termination_IsForCallersWhoMakeHandlingImpossible) {
  const std::string name = FileUpTo(ticket::v1::SIGNED).name();
  const auto wrong = Post(name, "terminate", R"({"refusal": {"code": "UNLAWFUL", "reason": "x"}})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("refusal.code"));
  const Ticket ended =
      Done(name, "terminate",
           R"({"refusal": {"code": "CALLER_NOT_COOPERATING", "reason": "三次拒绝入户"}})");
  EXPECT_EQ(ended.state(), ticket::v1::TERMINATED);
  EXPECT_TRUE(ended.has_close_time());
  EXPECT_EQ(Done(name, "archive", "{}").state(), ticket::v1::ARCHIVED);
}

TEST_F(ExceptionsTest, Withdrawal_AndTransfer_EndWithTheirReasonOnRecord) {
  const std::string taken_back = File(LiftRequest("")).name();
  EXPECT_EQ(Done(taken_back, "withdraw", R"({"reason": "来电人已自行解决"})").state(),
            ticket::v1::WITHDRAWN);
  const std::string elsewhere = File(LiftRequest("")).name();
  EXPECT_EQ(Post(elsewhere, "transfer", "{}").status, 400);
  const Ticket gone = Done(elsewhere, "transfer", R"({"outReference": "460100-20261123-7"})");
  EXPECT_EQ(gone.state(), ticket::v1::TRANSFERRED);
  EXPECT_EQ(gone.out_reference(), "460100-20261123-7");
  for (const std::string& name : {taken_back, elsewhere}) {
    ticket::v1::ListTicketEventsRequest request;
    request.set_parent(name);
    const auto events = As("admin")(&Stub::ListTicketEvents, request);
    ASSERT_TRUE(events.ok()) << events.status();
    const auto& last = events->events(events->events_size() - 1);
    EXPECT_EQ(last.actor().id(), "clerk");
    EXPECT_TRUE(last.fact().has_withdrawn() || last.fact().has_transferred());
  }
}

TEST_F(ExceptionsTest, SelfSolved_IsForOrdersOfGridWorkers) {
  const std::string solved = R"({"reply": {"result": "现场清理了堵塞的雨水口"}})";
  const auto by_phone = Post(File(LiftRequest("")).name(), "selfSolve", solved, "admin");
  EXPECT_THAT(by_phone.body, HasSubstr("NOT_APPLICABLE"));
  auto request = LiftRequest("");
  request.mutable_ticket()->set_channel(ticket::v1::GRID_WORKER);
  const Ticket ended = Done(File(request).name(), "selfSolve", solved, "admin");
  EXPECT_EQ(ended.state(), ticket::v1::SELF_SOLVED);
  EXPECT_EQ(ended.reply().actor().id(), "admin");
  EXPECT_EQ(ended.marks().filer().id(), "admin");
}

TEST_F(ExceptionsTest, Preview_DecidesAsADispatchWouldAndChangesNothing) {
  const Ticket filed = File(LiftRequest(""));
  const auto preview = FromJson<ticket::v1::PreviewDispatchResponse>(
      Post(filed.name(), "previewDispatch", "{}").body);
  EXPECT_EQ(preview.assignment().lead(), kLead);
  EXPECT_EQ(preview.clocks_size(), 2);
  EXPECT_EQ(Get(filed.name()).SerializeAsString(), filed.SerializeAsString());
  EXPECT_THAT(Post(filed.name(), "previewDispatch",
                   R"({"lead": "counties/469030/units/nobody", "note": "x"})")
                  .body,
              HasSubstr("UNKNOWN_UNIT"));
  const Ticket dispatched = Done(filed.name(), "dispatch", "{}");
  EXPECT_EQ(dispatched.assignment().SerializeAsString(), preview.assignment().SerializeAsString());
}

TEST_F(ExceptionsTest, Account_TellsWhoseTimeItWas) {
  Ticket order = File(LiftRequest(""));
  clock().Advance(absl::Minutes(30));
  order = Advance(order);
  clock().Advance(absl::Minutes(90));
  const auto answer = Http("GET", absl::StrCat("/v1/", order.name(), ":explainClock"), "", "clerk");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto account = FromJson<ticket::v1::ExplainClockResponse>(answer.body);
  ASSERT_EQ(account.lines_size(), 2);
  EXPECT_EQ(account.lines(0).elapsed().seconds(), 30 * 60);
  EXPECT_EQ(account.lines(1).holder(), kLead);
  EXPECT_EQ(account.lines(1).elapsed().seconds(), 90 * 60);
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", order.name(), ":explainClock"), "", "unit-chengguanju")
                .status,
            404);
}

}  // namespace
}  // namespace baimi::integration
