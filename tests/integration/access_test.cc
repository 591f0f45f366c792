// Who may call what, and which rows they see.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

class AccessTest : public SuiteTest {
 protected:
  std::vector<std::string> ListAs(const std::string& key) {
    const auto list =
        As(key)(&Stub::ListTickets,
                Text<ticket::v1::ListTicketsRequest>(R"pb(parent: "counties/469030")pb"));
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> names;
    for (const Ticket& ticket : list->tickets()) {
      names.push_back(ticket.name());
    }
    return names;
  }
};

TEST_F(AccessTest, Credentials_MissingOrUnknown_Are401) {
  const std::vector<std::vector<http::Header>> bad = {{},
                                                      {{"Authorization", "Bearer nobody"}},
                                                      {{"Authorization", "Basic YTpi"}},
                                                      {{"Authorization", "Bearer"}},
                                                      {{"Authorization", Token("admin")}}};
  for (const auto& headers : bad) {
    auto client = http::testing::Client::Connect(suite().http_port());
    const auto answer = client->Call("GET", "/v1/counties/469030/tickets", "", headers);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, 401);
    EXPECT_NE(answer->header("WWW-Authenticate"), "");
    EXPECT_THAT(answer->body, HasSubstr("\"BAD_CREDENTIALS\""));
  }
  const Caller nobody(suite().Channel(), "nobody");
  const auto refused = nobody(&Stub::CreateTicket, LiftRequest(""));
  EXPECT_TRUE(absl::IsUnauthenticated(refused.status())) << refused.status();
}

TEST_F(AccessTest, Permission_NotGranted_Is403AndChangesNothing) {
  const Ticket ticket = File(LiftRequest(""));
  const int64_t head = Head();
  struct Case {
    const char* key;
    const char* method;
    std::string path;
    const char* body;
  };
  const std::string name = "/v1/" + ticket.name();
  const std::vector<Case> cases = {
      {"platform", "POST", name + ":dispatch", "{}"},
      {"unit-zhujianju", "POST", name + ":audit", R"({"pass":true})"},
      {"clerk", "POST", name + ":sign", "{}"},
      {"resident", "POST", name + ":revealContact", R"({"purpose":"核实情况"})"},
      {"clerk", "POST", "/v1/counties/469030/units?unitId=x", R"({"displayName":"x"})"},
      {"elsewhere", "GET", name, ""},
      {"elsewhere", "GET", "/v1/counties/469030/tickets", ""},
  };
  for (const Case& test : cases) {
    const auto answer = Http(test.method, test.path, test.body, test.key);
    EXPECT_EQ(answer.status, 403) << test.key << " " << test.path << ": " << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("\"PERMISSION_MISSING\"")) << test.path;
  }
  EXPECT_EQ(Head(), head);
}

TEST_F(AccessTest, Internal_Methods_AreNotForStaff) {
  const auto answer =
      As("admin")(&registry::v1::DirectoryService::Stub::ResolveUnits,
                  Text<registry::v1::ResolveUnitsRequest>(R"pb(parent: "counties/469030")pb"));
  EXPECT_TRUE(absl::IsPermissionDenied(answer.status())) << answer.status();
}

TEST_F(AccessTest, Scope_UnitKey_SeesTheOrdersItLeads) {
  const Ticket lead = FileUpTo(ticket::v1::DISPATCHED);
  const Ticket pending = File(LiftRequest(""));
  EXPECT_THAT(ListAs("unit-zhujianju"), ElementsAre(lead.name()));
  EXPECT_THAT(ListAs("unit-chengguanju"), ElementsAre());
  EXPECT_THAT(ListAs("clerk"), ElementsAre(pending.name(), lead.name()));

  for (const Ticket& hidden : {lead, pending}) {
    const auto answer = Http("GET", "/v1/" + hidden.name(), "", "unit-chengguanju");
    EXPECT_EQ(answer.status, 404) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("\"RESOURCE_NOT_FOUND\""));
    const auto sign = Http("POST", "/v1/" + hidden.name() + ":sign", "{}", "unit-chengguanju");
    EXPECT_EQ(sign.status, 404) << sign.body;
    EXPECT_EQ(Http("GET", "/v1/" + hidden.name() + "/events", "", "unit-chengguanju").status, 404);
    const auto reveal = Http("POST", "/v1/" + hidden.name() + ":revealContact",
                             R"({"purpose":"核实情况"})", "unit-chengguanju");
    EXPECT_EQ(reveal.status, 404) << reveal.body;
  }
  // An order that does not exist looks the same.
  const auto absent =
      Http("GET", "/v1/counties/469030/tickets/20261123-999999", "", "unit-chengguanju");
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(Head("access"), 0);
}

TEST_F(AccessTest, Scope_AfterTheCache_StillHolds) {
  const Ticket ticket = FileUpTo(ticket::v1::DISPATCHED);
  Get(ticket.name());
  Get(ticket.name());  // From memory now.
  EXPECT_EQ(Http("GET", "/v1/" + ticket.name(), "", "unit-chengguanju").status, 404);
  EXPECT_EQ(Http("GET", "/v1/" + ticket.name(), "", "unit-zhujianju").status, 200);
}

TEST_F(AccessTest, Scope_AreaKey_SeesItsAreaAndActsThere) {
  const Ticket elsewhere = File(LiftRequest(""));
  auto request = LiftRequest("");
  request.mutable_ticket()->mutable_place()->set_address("国兴社区集市旁");
  const Ticket own = File(request);
  EXPECT_THAT(ListAs("township"), ElementsAre(own.name()));
  EXPECT_EQ(Http("POST", "/v1/" + elsewhere.name() + ":dispatch", "{}", "township").status, 404);
  EXPECT_EQ(Http("POST", "/v1/" + own.name() + ":dispatch", "{}", "township").status, 200);
}

TEST_F(AccessTest, Lead_OfAnotherUnit_MayNotSign) {
  const Ticket ticket = FileUpTo(ticket::v1::DISPATCHED);
  // Helps, and so is not the lead: the order is outside its scope.
  const auto answer =
      Http("POST", "/v1/" + ticket.name() + ":reply",
           R"({"reply":{"result":"已办","callerContacted":true}})", "unit-chengguanju");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(Get(ticket.name()).state(), ticket::v1::DISPATCHED);
}

}  // namespace
}  // namespace baimi::integration
