// Drafts of field staff, filed in one call with what became of the others.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/sync_service.grpc.pb.h"
#include "common/base/error.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using ticket::v1::SyncDraft;
using ticket::v1::SyncResult;
using ticket::v1::SyncTicketsRequest;
using ticket::v1::SyncTicketsResponse;
using ticket::v1::Ticket;
using ticket::v1::TicketSyncService;
using Stub = ticket::v1::TicketService::Stub;

constexpr char kWorker[] = "grid-yingbei";

class SyncTest : public SuiteTest {
 protected:
  // Rubbish at another house each, written down before the clock began.
  static SyncDraft Draft(absl::string_view id, absl::string_view title = "楼下垃圾无人清运") {
    SyncDraft draft;
    draft.set_request_id(std::string(id));
    *draft.mutable_client_time() = ticket::domain::ToProto(ticket::domain::At("2026-11-23 07:30"));
    Ticket& ticket = *draft.mutable_ticket();
    ticket.set_type(ticket::v1::COMPLAINT);
    ticket.set_channel(ticket::v1::GRID_WORKER);
    ticket.set_category("0401");
    ticket.set_title(std::string(title));
    ticket.mutable_caller()->set_name("李某");
    ticket.mutable_caller()->set_phone("13700137001");
    ticket.mutable_place()->set_address("营根镇珉华小区3栋2单元");
    return draft;
  }
  static SyncTicketsRequest Request(const std::vector<SyncDraft>& drafts,
                                    const std::string& cursor = "") {
    SyncTicketsRequest request;
    request.set_parent(kCounty);
    request.set_cursor(cursor);
    for (const SyncDraft& draft : drafts) {
      *request.add_drafts() = draft;
    }
    return request;
  }
  absl::StatusOr<SyncTicketsResponse> Try(const SyncTicketsRequest& request,
                                          const std::string& key = kWorker) {
    return As(key)(&TicketSyncService::Stub::SyncTickets, request);
  }
  SyncTicketsResponse Sync(const SyncTicketsRequest& request, const std::string& key = kWorker) {
    const auto answer = Try(request, key);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : SyncTicketsResponse();
  }
  // Where a call may be made again after it was done, what it filed was filed before.
  static bool Filed(const SyncResult& result) {
    return result.outcome() == ticket::v1::FILED ||
           (FaultsOfThisRun() != kNoFaults && result.outcome() == ticket::v1::ALREADY_FILED);
  }
  int Orders() {
    ticket::v1::ListTicketsRequest list;
    list.set_parent(kCounty);
    const auto tickets = As("admin")(&Stub::ListTickets, list);
    EXPECT_TRUE(tickets.ok()) << tickets.status();
    return tickets.ok() ? tickets->tickets_size() : -1;
  }
};

TEST_F(SyncTest, Drafts_AreFiledOneByOne_AndWhatIsWrongStopsNoOther) {
  SyncDraft nowhere = Draft("b");
  nowhere.mutable_ticket()->set_category("88");
  SyncDraft tomorrow = Draft("e");
  *tomorrow.mutable_client_time() = ticket::domain::ToProto(ticket::domain::At("2030-01-01 00:00"));
  const auto answer =
      Sync(Request({Draft("a"), nowhere, Draft("c", "短"), Draft("d", "路灯不亮"), tomorrow}));
  ASSERT_EQ(answer.results_size(), 5);
  for (const int i : {0, 3, 4}) {
    EXPECT_TRUE(Filed(answer.results(i))) << answer.results(i).ShortDebugString();
    EXPECT_EQ(answer.results(i).state(), ticket::v1::PENDING_DISPATCH);
  }
  EXPECT_LT(answer.results(0).ticket(), answer.results(3).ticket());
  EXPECT_EQ(Orders(), 3);
  const SyncResult& unknown = answer.results(1);
  EXPECT_EQ(unknown.request_id(), "b");
  EXPECT_EQ(unknown.outcome(), ticket::v1::NOT_FILED);
  EXPECT_EQ(unknown.reason(), "UNKNOWN_CATEGORY");
  EXPECT_THAT(unknown.message(), HasSubstr("88"));
  EXPECT_THAT(unknown.message_zh(), HasSubstr("类别"));
  // What the contract alone refuses is refused for the draft alone.
  const SyncResult& too_short = answer.results(2);
  EXPECT_EQ(too_short.reason(), "INVALID_FIELD");
  EXPECT_THAT(too_short.message(), HasSubstr("ticket.title"));
  EXPECT_THAT(too_short.message_zh(), Not(IsEmpty()));

  const Ticket filed = Get(answer.results(0).ticket());
  EXPECT_EQ(ticket::domain::FromProto(filed.marks().draft_time()),
            ticket::domain::At("2026-11-23 07:30"));
  EXPECT_EQ(ticket::domain::FromProto(filed.create_time()), clock().Now());
  EXPECT_EQ(filed.marks().filer().id(), kWorker);
  EXPECT_EQ(filed.clocks(0).start_time().seconds(), filed.create_time().seconds());
  EXPECT_EQ(filed.place().grid(), kGrid);
  EXPECT_EQ(ticket::domain::FromProto(Get(answer.results(4).ticket()).marks().draft_time()),
            clock().Now())
      << "a clock that is ahead";
}

TEST_F(SyncTest, Outcome_OfAFirstCall_IsFiled) {
  const auto answer = Sync(Request({Draft("a"), Draft("b", "路灯不亮")}));
  EXPECT_EQ(answer.filed(), 2);
  EXPECT_EQ(answer.results(0).outcome(), ticket::v1::FILED);
  EXPECT_EQ(answer.results(1).outcome(), ticket::v1::FILED);
}

TEST_F(SyncTest, SentAgain_OneOrderAndTheSameName_AlsoAfterCreateTicket) {
  const auto first = Sync(Request({Draft("a")}));
  // The net went away: the app tries again, with more.
  ticket::v1::CreateTicketRequest online;
  online.set_parent(kCounty);
  online.set_request_id("b");
  *online.mutable_ticket() = Draft("b").ticket();
  const auto created = As(kWorker)(&Stub::CreateTicket, online);
  ASSERT_TRUE(created.ok()) << created.status();
  clock().Advance(absl::Hours(1));
  const auto again = Sync(Request({Draft("a"), Draft("b"), Draft("c", "路灯不亮")}));
  EXPECT_EQ(again.results(0).outcome(), ticket::v1::ALREADY_FILED);
  EXPECT_EQ(again.results(0).ticket(), first.results(0).ticket());
  EXPECT_EQ(again.results(1).outcome(), ticket::v1::ALREADY_FILED);
  EXPECT_EQ(again.results(1).ticket(), created->name());
  EXPECT_TRUE(Filed(again.results(2)));
  EXPECT_EQ(Orders(), 3);
  const auto changed = Sync(Request({Draft("a", "另一件事情")}));
  EXPECT_EQ(changed.results(0).outcome(), ticket::v1::NOT_FILED);
  EXPECT_EQ(changed.results(0).reason(), "REQUEST_ID_REUSED");
  EXPECT_EQ(Orders(), 3);
}

TEST_F(SyncTest, Events_AreThoseOfTheOrdersThatTheCallerFiled) {
  const std::string begin = Sync(Request({})).cursor();
  const auto filed = Sync(Request({Draft("a")}, begin));
  const std::string own = filed.results(0).ticket();
  ASSERT_GE(filed.events_size(), 3) << "filed, accepted, queued";
  for (const auto& event : filed.events()) {
    EXPECT_EQ(event.ticket(), own);
  }
  // In its community, but of somebody else.
  const Ticket other = File(LiftRequest(""));
  Advance(Get(own));
  const auto next = Sync(Request({}, filed.cursor()));
  ASSERT_EQ(next.events_size(), 1);
  EXPECT_EQ(next.events(0).ticket(), own);
  EXPECT_TRUE(next.events(0).fact().has_dispatched());
  EXPECT_FALSE(next.more());
  EXPECT_EQ(next.cursor(), absl::StrCat(Head()));
  EXPECT_EQ(Sync(Request({}, next.cursor())).events_size(), 0);
  EXPECT_EQ(Sync(Request({}, "0")).events_size(), filed.events_size() + 1);
  EXPECT_EQ(Sync(Request({})).events_size(), 0) << "from now on";
}

TEST_F(SyncTest, Events_ComeInPortions) {
  std::vector<SyncDraft> drafts;
  for (int i = 0; i < 50; ++i) {
    drafts.push_back(Draft(absl::StrCat("d", i), absl::StrCat("第", i, "处垃圾无人清运")));
  }
  for (int round = 0; round < 2; ++round) {
    for (SyncDraft& draft : drafts) {
      draft.set_request_id(absl::StrCat(round, draft.request_id()));
    }
    Sync(Request(drafts));
  }
  std::string cursor = "0";
  int events = 0;
  int calls = 0;
  bool more = true;
  for (; more && calls < 100; ++calls) {
    const auto answer = Sync(Request({}, cursor));
    EXPECT_LE(answer.events_size(), 200);
    events += answer.events_size();
    cursor = answer.cursor();
    more = answer.more();
  }
  EXPECT_EQ(events, 300);
  EXPECT_EQ(calls, 2);
}

TEST_F(SyncTest, Duplicates_AreNamedAndADecisionOfPeople) {
  const Ticket lift = File(LiftRequest(""));
  SyncDraft same = Draft("a", "电梯停运三天");
  same.mutable_ticket()->set_type(ticket::v1::HELP);
  same.mutable_ticket()->set_category("020301");
  same.mutable_ticket()->set_description("老人上下楼不便");
  const auto answer = Sync(Request({same}));
  if (answer.results(0).outcome() == ticket::v1::FILED) {
    ASSERT_EQ(answer.results(0).duplicates_size(), 1);
    EXPECT_EQ(answer.results(0).duplicates(0).ticket(), lift.name());
    EXPECT_EQ(answer.results(0).duplicates(0).advice(), ticket::v1::MERGE);
    EXPECT_EQ(answer.results(0).duplicates(0).target(), lift.name());
  }
  EXPECT_EQ(Orders(), 2) << "filed all the same";
}

TEST_F(SyncTest, Http_SameRouteAndRules) {
  const auto post = [&](const std::string& body, const std::string& key) {
    return Http("POST", absl::StrCat("/v1/", kCounty, "/tickets:sync"), body, key);
  };
  const std::string draft =
      R"({"requestId":"h1","ticket":{"type":"CONSULT","channel":"GRID_WORKER","category":"0401",)"
      R"("title":"垃圾分类怎么投放","caller":{"phone":"13700137001"},"state":"CLOSED"}})";
  const auto answer = post(absl::StrCat(R"({"drafts":[)", draft, "]}"), kWorker);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto response = FromJson<SyncTicketsResponse>(answer.body);
  EXPECT_TRUE(Filed(response.results(0)));
  EXPECT_EQ(response.results(0).state(), ticket::v1::PENDING_DISPATCH)
      << "nobody sets the state himself";
  const auto twice = post(absl::StrCat(R"({"drafts":[)", draft, ",", draft, "]}"), kWorker);
  EXPECT_EQ(twice.status, 400);
  EXPECT_THAT(twice.body, HasSubstr("drafts[1].request_id"));
  EXPECT_EQ(post(R"({"drafts":[{"requestId":"h2"}]})", kWorker).status, 400) << "no order";
  EXPECT_EQ(post(absl::StrCat(R"({"drafts":[)", draft, "]}"), "unit-zhujianju").status, 403);
  EXPECT_EQ(post(R"({"cursor":"99999999"})", kWorker).status, 400) << "another journal";
  EXPECT_EQ(post(R"({"cursor":"x"})", kWorker).status, 400);
  std::string many;
  for (int i = 0; i < 51; ++i) {
    absl::StrAppend(&many, i == 0 ? "" : ",", R"({"requestId":"m)", i,
                    R"(","ticket":{"type":"OTHER"}})");
  }
  const auto over = post(absl::StrCat(R"({"drafts":[)", many, "]}"), kWorker);
  EXPECT_EQ(over.status, 400);
  EXPECT_THAT(over.body, HasSubstr("max_bulk"));
}

TEST_F(SyncTest, SelfSolving_IsForTheGridWorkerWhoFiledIt) {
  const std::string solved = R"({"reply": {"result": "现场清理了垃圾"}})";
  const auto answer = Sync(Request({Draft("a")}));
  const std::string target = absl::StrCat("/v1/", answer.results(0).ticket(), ":selfSolve");
  const auto by_admin = Http("POST", target, solved, "admin");
  EXPECT_EQ(by_admin.status, 403);
  EXPECT_THAT(by_admin.body, HasSubstr("NOT_THE_FILER"));
  EXPECT_THAT(by_admin.body, HasSubstr("网格员"));
  const auto done = Http("POST", target, solved, kWorker);
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(FromJson<Ticket>(done.body).state(), ticket::v1::SELF_SOLVED);
  // Its role files, settles and reads what is of its community, and nothing else.
  const std::string name = answer.results(0).ticket();
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", name), "", kWorker).status, 200);
  EXPECT_EQ(Http("POST", absl::StrCat("/v1/", name, ":archive"), "{}", kWorker).status, 403);
  auto elsewhere = LiftRequest("");
  elsewhere.mutable_ticket()->clear_place();
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", File(elsewhere).name()), "", kWorker).status, 404);
}

}  // namespace
}  // namespace baimi::integration
