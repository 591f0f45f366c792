// One order, all the way, through every door.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using ticket::v1::Ticket;
using ticket::v1::TicketService;
using Stub = TicketService::Stub;

// The facts of a whole life, in order.
std::vector<std::string> FactsOf(const ticket::v1::ListTicketEventsResponse& events) {
  std::vector<std::string> facts;
  for (const ticket::v1::TicketEvent& event : events.events()) {
    const auto* descriptor = event.fact().GetDescriptor();
    const auto* chosen = event.fact().GetReflection()->GetOneofFieldDescriptor(
        event.fact(), descriptor->FindOneofByName("fact"));
    facts.push_back(absl::StrCat(event.fact().transition(), " ", chosen ? chosen->name() : "-"));
  }
  return facts;
}

class LifecycleTest : public SuiteTest {
 protected:
  std::vector<std::string> History(const std::string& name) {
    ticket::v1::ListTicketEventsRequest request;
    request.set_parent(name);
    const auto events = As("admin")(&Stub::ListTicketEvents, request);
    EXPECT_TRUE(events.ok()) << events.status();
    return events.ok() ? FactsOf(*events) : std::vector<std::string>();
  }

  // "state=count" of all units, without zeros, by state.
  std::string Counts(const std::string& lead = "") {
    ticket::v1::GetTicketCountsRequest request;
    request.set_parent(kCounty);
    request.set_lead(lead);
    const auto counts = As("admin")(&Stub::GetTicketCounts, request);
    EXPECT_TRUE(counts.ok()) << counts.status();
    std::map<std::string, int64_t> by_state;
    int64_t total = 0;
    for (const auto& count : counts->counts()) {
      by_state[TicketState_Name(count.state())] += count.count();
      total += count.count();
    }
    EXPECT_EQ(counts->total(), total);
    std::string text;
    for (const auto& [state, count] : by_state) {
      if (count != 0) {
        absl::StrAppend(&text, text.empty() ? "" : " ", state, "=", count);
      }
    }
    return text;
  }

  // One step of the order over HTTP as `key`.
  Ticket Post(const std::string& key, const std::string& name, const std::string& verb,
              const std::string& body) {
    const auto answer = Http("POST", absl::StrCat("/v1/", name, ":", verb), body, key);
    EXPECT_EQ(answer.status, 200) << verb << ": " << answer.body;
    EXPECT_NE(answer.header("Baimi-Seq"), "") << verb;
    return FromJson<Ticket>(answer.body);
  }
};

TEST_F(LifecycleTest, Grpc_WholeLife_EndsInTheArchiveWithEveryStepOnRecord) {
  const Ticket filed = File(LiftRequest("file-1"));
  EXPECT_EQ(filed.name(), "counties/469030/tickets/20261123-000001");
  EXPECT_EQ(filed.state(), ticket::v1::PENDING_DISPATCH);
  EXPECT_EQ(filed.place().grid(), kGrid);
  EXPECT_THAT(filed.place().explanation(), HasSubstr("珉华小区"));
  EXPECT_EQ(Counts(), "PENDING_DISPATCH=1");

  clock().Advance(absl::Minutes(20));
  const Ticket dispatched = Advance(filed);
  EXPECT_EQ(dispatched.assignment().lead(), kLead);
  EXPECT_THAT(dispatched.assignment().helpers(), ElementsAre("counties/469030/units/yingbei"));
  EXPECT_TRUE(dispatched.assignment().direct());
  EXPECT_EQ(dispatched.assignment().rule(), "elevator");
  EXPECT_FALSE(dispatched.assignment().explanation().empty());
  EXPECT_EQ(Counts(kLead), "DISPATCHED=1");

  Ticket ticket = dispatched;
  for (const auto state :
       {ticket::v1::SIGNED, ticket::v1::REPLIED, ticket::v1::PENDING_CALLBACK,
        ticket::v1::PENDING_CALLBACK, ticket::v1::CLOSED, ticket::v1::ARCHIVED}) {
    clock().Advance(absl::Minutes(30));
    const std::string etag = ticket.etag();
    ticket = Advance(ticket);
    ASSERT_EQ(ticket.state(), state);
    EXPECT_NE(ticket.etag(), etag);
    EXPECT_EQ(Get(ticket.name()).SerializeAsString(), ticket.SerializeAsString());
  }
  for (const ticket::v1::Clock& clock : ticket.clocks()) {
    EXPECT_TRUE(clock.has_stop_time()) << clock.ShortDebugString();
    EXPECT_FALSE(clock.rule().empty());
  }
  EXPECT_EQ(ticket.callbacks_size(), 1);
  EXPECT_EQ(ticket.rework_count(), 0);
  EXPECT_EQ(Counts(), "ARCHIVED=1");
  EXPECT_THAT(History(ticket.name()),
              ElementsAre("T0 filed", "T1 accepted", "T5 queued", "T6 dispatched", "T7 signed",
                          "T13 replied", "T14 audit_passed", "T16 callback_recorded", "T16 closed",
                          "T17 archived"));
}

TEST_F(LifecycleTest, Http_WholeLife_EachStepByTheOneWhoMay) {
  const auto created = Http("POST", "/v1/counties/469030/tickets?requestId=h-1",
                            R"({"type":"HELP","channel":"PHONE","category":"020301",
                                "title":"电梯停运","caller":{"name":"李某","phone":"13900139000"},
                                "place":{"address":"珉华小区3栋"}})",
                            "clerk");
  ASSERT_EQ(created.status, 200) << created.body;
  const std::string name = FromJson<Ticket>(created.body).name();
  EXPECT_EQ(Post("clerk", name, "dispatch", "{}").assignment().lead(), kLead);
  EXPECT_EQ(Post("unit-zhujianju", name, "sign", "{}").state(), ticket::v1::SIGNED);
  Post("unit-zhujianju", name, "reply", R"({"reply":{"result":"已修好","callerContacted":true}})");
  Post("clerk", name, "audit", R"({"pass":true})");
  Post("clerk", name, "callback",
       R"({"callback":{"outcome":"REACHED","solved":"YES","rating":"VERY_SATISFIED"}})");
  EXPECT_EQ(Post("clerk", name, "close", "{}").state(), ticket::v1::CLOSED);
  Post("clerk", name, "archive", "{}");

  const auto read = Http("GET", absl::StrCat("/v1/", name));
  ASSERT_EQ(read.status, 200);
  EXPECT_EQ(FromJson<Ticket>(read.body).state(), ticket::v1::ARCHIVED);
  const auto events = Http("GET", absl::StrCat("/v1/", name, "/events?pageSize=3"));
  ASSERT_EQ(events.status, 200) << events.body;
  EXPECT_THAT(events.body, HasSubstr("\"nextPageToken\""));
  EXPECT_EQ(History(name).size(), 10);
}

TEST_F(LifecycleTest, Sent_Back_ReturnsToTheUnitAndCountsARework) {
  Ticket ticket = FileUpTo(ticket::v1::REPLIED);
  ticket::v1::AuditTicketRequest audit;
  audit.set_name(ticket.name());
  audit.set_reason("未说明修复时间");
  const auto back = As("clerk")(&Stub::AuditTicket, audit);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->state(), ticket::v1::REWORK);
  EXPECT_EQ(back->rework_count(), 1);
  EXPECT_EQ(Counts(), "REWORK=1");
}

TEST_F(LifecycleTest, Restart_SameDirectory_EverythingIsStillThere) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  StopSuite();
  StartSuite();
  EXPECT_EQ(Get(ticket.name()).SerializeAsString(), ticket.SerializeAsString());
  EXPECT_EQ(Counts(), "SIGNED=1");
  EXPECT_EQ(Advance(ticket).state(), ticket::v1::REPLIED);
}

TEST_F(LifecycleTest, Locate_PointAndText_ExplainTheGrid) {
  const auto point = Http("POST", "/v1/counties/469030/grids:locate",
                          R"({"point":{"latitude":19.035,"longitude":109.835}})");
  ASSERT_EQ(point.status, 200) << point.body;
  const auto inside = FromJson<registry::v1::LocateGridResponse>(point.body);
  EXPECT_EQ(inside.grid().name(), kGrid);
  EXPECT_EQ(inside.reason(), registry::v1::POINT_INSIDE);
  EXPECT_EQ(inside.score(), 1);
  const auto nowhere =
      Http("POST", "/v1/counties/469030/grids:locate", R"({"address":"某处无名路"})");
  EXPECT_EQ(nowhere.status, 404);
  EXPECT_THAT(nowhere.body, HasSubstr("NO_GRID_HERE"));
  EXPECT_THAT(nowhere.body, Not(HasSubstr("无名路")));
}

TEST_F(LifecycleTest, ClockThatRunsOut_IsPutOnRecordOnce) {
  const Ticket filed = FileUpTo(ticket::v1::DISPATCHED);
  EXPECT_EQ(*suite().RingAlarms(), 0) << "nothing is due yet";
  clock().Advance(absl::Hours(24 * 4));
  EXPECT_EQ(*suite().RingAlarms(), 1);
  EXPECT_EQ(*suite().RingAlarms(), 0);
  EXPECT_EQ(History(filed.name()).back(), " clock_ran_out");
  const Ticket late = Get(filed.name());
  EXPECT_EQ(late.state(), ticket::v1::DISPATCHED);
  EXPECT_NE(late.etag(), filed.etag());
  // Whoever signs late stops a clock that is known to have run out.
  const Ticket signed_ = Advance(late);
  for (const ticket::v1::Clock& clock : signed_.clocks()) {
    EXPECT_EQ(clock.has_run_out_time(), clock.kind() == ticket::v1::SIGN) << clock.kind();
  }
}

}  // namespace
}  // namespace baimi::integration
