// The province's platform, through the doors: orders in, once each; results out, pushed and
// fetched.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/superior_service.grpc.pb.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using ticket::domain::At;
using ticket::domain::FromProto;
using ticket::v1::SuperiorPlatformService;
using ticket::v1::SuperiorResult;
using ticket::v1::Ticket;
using Stub = SuperiorPlatformService::Stub;
namespace fs = std::filesystem;

constexpr char kReceive[] = "/v1/counties/469030/superiorTickets:receive";
constexpr char kAmend[] = "/v1/counties/469030/superiorTickets:amend";
constexpr char kResults[] = "/v1/counties/469030/superiorResults";

class SuperiorTest : public SuiteTest {
 protected:
  void SetUp() override {
    options().ticket.superior.directory =
        (fs::temp_directory_path() / ("baimi_superior_" + NewUuid(*NewSystemRng()))).string();
    SuiteTest::SetUp();
    clock().Advance(absl::Minutes(1));
    SetPlatforms(R"pb(
      platforms {
        id: "hainan"
        key: "platform"
        display_name: "海南12345"
        margin_minutes: 120
        push: true
        max_attempts: 3
        retry_minutes: 5
      }
      platforms { id: "haikou" key: "another" }
    )pb");
  }
  ~SuperiorTest() override { fs::remove_all(options().ticket.superior.directory); }

  void SetPlatforms(const char* platforms) {
    ticket::v1::CreateTicketPolicyRequest request;
    request.set_parent(kCounty);
    *request.mutable_ticket_policy() = ticket::domain::SamplePolicy();
    *request.mutable_ticket_policy()->mutable_superior() =
        Text<ticket::v1::SuperiorPolicy>(platforms);
    const auto created =
        As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  http::testing::ClientResponse Receive(const std::string& number, const std::string& more = "",
                                        const std::string& key = "platform",
                                        const std::string& title = "电梯停运三天") {
    return Http("POST", kReceive,
                absl::StrCat(R"({"platform":"hainan","superiorNumber":")", number,
                             R"(","ticket":{"type":"HELP","channel":"PHONE","category":"020301",)",
                             R"("title":")", title,
                             R"(","caller":{"name":"王某某","phone":"13800138000"},)",
                             R"("place":{"address":"营根镇珉华小区3栋2单元"}},)",
                             R"("superiorDueTime":"2026-11-26T10:00:00Z")", more, "}"),
                key);
  }
  Ticket Received(const std::string& number) {
    const auto answer = Receive(number);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return FromJson<Ticket>(answer.body);
  }
  // `update` of the order, in JSON.
  http::testing::ClientResponse Amend(const std::string& number, const std::string& update) {
    return Http("POST", kAmend,
                absl::StrCat(R"({"platform":"hainan","superiorNumber":")", number, R"(","update":)",
                             update, "}"),
                "platform");
  }
  void UpTo(ticket::v1::TicketState state, Ticket* ticket) {
    *ticket = Get(ticket->name());
    while (ticket->state() != state) {
      *ticket = Advance(*ticket);
    }
  }

  void MakeResults() {
    absl::StatusOr<int64_t> made = suite().MakeSuperiorResults();
    for (int i = 0; i < 100 && !made.ok(); ++i) {
      made = suite().MakeSuperiorResults();
    }
    EXPECT_TRUE(made.ok()) << made.status();
  }
  std::vector<SuperiorResult> Results(const std::string& more = "",
                                      const std::string& key = "platform",
                                      const std::string& platform = "hainan") {
    MakeResults();
    const auto answer = Http("GET", absl::StrCat(kResults, "?platform=", platform, more), "", key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto list = FromJson<ticket::v1::ListSuperiorResultsResponse>(answer.body);
    return {list.results().begin(), list.results().end()};
  }
  std::vector<int> Kinds(const std::string& more = "") {
    std::vector<int> kinds;
    for (const SuperiorResult& result : Results(more)) {
      kinds.push_back(result.kind());
    }
    return kinds;
  }
  // Pushes what is due; what is in the platform's directory, by file.
  std::vector<std::string> Push() {
    MakeResults();
    // Under faults a push that was not recorded is leased, and made again when the lease is over.
    for (int i = 0; i < (FaultsOfThisRun() == kNoFaults ? 1 : 20); ++i) {
      const absl::StatusOr<int> rang = suite().RingAlarms();
      EXPECT_TRUE(rang.ok() || FaultsOfThisRun() != kNoFaults) << rang.status();
      if (FaultsOfThisRun() != kNoFaults) {
        clock().Advance(absl::Minutes(3));
      }
    }
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(options().ticket.superior.directory)) {
      files.push_back(entry.path().filename().string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  std::string Pushed(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(options().ticket.superior.directory + "/" + file).rdbuf();
    return text.str();
  }
};

TEST_F(SuperiorTest, Order_FromItsReceiptToItsEnd_IsToldInFullAndInOrder) {
  Ticket ticket = Received("HN-2026-1");
  EXPECT_EQ(ticket.channel(), ticket::v1::SUPERIOR_PLATFORM);
  EXPECT_EQ(ticket.superior().number(), "HN-2026-1");
  EXPECT_EQ(ticket.caller().phone(), "138****8000") << "as the key may see";
  ASSERT_EQ(Amend("HN-2026-1", R"({"number":"1","kind":"SUPERIOR_URGE","text":"请尽快"})").status,
            200);
  UpTo(ticket::v1::SIGNED, &ticket);
  for (const auto& clock : ticket.clocks()) {
    if (clock.kind() == ticket::v1::HANDLE) {
      EXPECT_EQ(FromProto(clock.due_time()), At("2026-11-26 16:00")) << "two hours before 18:00";
      EXPECT_EQ(clock.rule(), "handle/superior");
    }
  }
  const auto account =
      Http("GET", absl::StrCat("/v1/", ticket.name(), ":explainClock"), "", "admin");
  EXPECT_THAT(account.body, HasSubstr("不晚于上级平台时限"));
  UpTo(ticket::v1::CLOSED, &ticket);
  ASSERT_EQ(Http("POST", absl::StrCat("/v1/", ticket.name(), ":reopen"), R"({"reason":"又坏了"})",
                 "admin")
                .status,
            200);

  EXPECT_THAT(Kinds(), ElementsAre(ticket::v1::SUPERIOR_ACCEPTED, ticket::v1::SUPERIOR_DISPATCHED,
                                   ticket::v1::SUPERIOR_REPLIED, ticket::v1::SUPERIOR_CALLED_BACK,
                                   ticket::v1::SUPERIOR_CLOSED, ticket::v1::SUPERIOR_REOPENED));
  const std::vector<SuperiorResult> results = Results();
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].seq(), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(results[i].superior_number(), "HN-2026-1");
    EXPECT_EQ(results[i].ticket(), ticket.name());
  }
  EXPECT_EQ(results[1].lead(), kLead);
  EXPECT_EQ(results[2].text(), "已修复并试运行");
  EXPECT_EQ(results[3].solved(), ticket::v1::YES);
  EXPECT_EQ(results[3].rating(), ticket::v1::SATISFIED);

  const std::vector<std::string> files = Push();
  ASSERT_THAT(files, SizeIs(6));
  EXPECT_EQ(files[0], "469030-hainan-1.json");
  EXPECT_THAT(Pushed(files[2]), HasSubstr("已修复并试运行"));
  EXPECT_THAT(Push(), SizeIs(6)) << "each once";
  EXPECT_EQ(Results()[5].delivery().state(), ticket::v1::SUPERIOR_PUSHED);
  EXPECT_EQ(Results("&cursor=4").size(), 2U);
  EXPECT_EQ(Get(ticket.name()).superior().push(), ticket::v1::SUPERIOR_PUSH_UNSPECIFIED)
      << "nothing went wrong";
}

TEST_F(SuperiorTest, SameOrderSentAgain_IsTheSameOrder_OtherContentIsRefusedByName) {
  const Ticket first = Received("HN-1");
  const auto again = Receive("HN-1", R"(,"requestId":"another-try")");
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(FromJson<Ticket>(again.body).name(), first.name());
  Ticket moved = first;
  UpTo(ticket::v1::SIGNED, &moved);
  EXPECT_EQ(FromJson<Ticket>(Receive("HN-1").body).state(), ticket::v1::SIGNED)
      << "as it stands now";
  const auto other = Receive("HN-1", "", "platform", "电梯停运四天");
  EXPECT_EQ(other.status, 409);
  EXPECT_THAT(other.body, HasSubstr("SUPERIOR_TICKET_DIFFERS"));
  EXPECT_THAT(other.body, HasSubstr("ticket.title"));
  EXPECT_THAT(other.body, Not(HasSubstr("ticket.caller")));
  EXPECT_NE(Received("HN-2").name(), first.name());
}

TEST_F(SuperiorTest, UpdateSentAgain_IsTakenOnce) {
  const Ticket ticket = Received("HN-1");
  const char* update = R"({"number":"7","kind":"SUPERIOR_SUPPLEMENT","text":"另有两户被困"})";
  ASSERT_EQ(Amend("HN-1", update).status, 200);
  ASSERT_EQ(Amend("HN-1", update).status, 200);
  const Ticket now = Get(ticket.name());
  ASSERT_EQ(now.superior().updates_size(), 1);
  EXPECT_EQ(now.superior().updates(0).text(), "另有两户被困");
  const auto other = Amend("HN-1", R"({"number":"7","kind":"SUPERIOR_URGE"})");
  EXPECT_EQ(other.status, 409);
  EXPECT_THAT(other.body, HasSubstr("update.kind"));
  EXPECT_EQ(Amend("HN-9", update).status, 404);
  ASSERT_EQ(Amend("HN-1", R"({"number":"8","kind":"SUPERIOR_WITHDRAW","text":"已解决"})").status,
            200);
  EXPECT_EQ(Get(ticket.name()).state(), ticket::v1::WITHDRAWN);
  EXPECT_THAT(Kinds(), ElementsAre(ticket::v1::SUPERIOR_ACCEPTED, ticket::v1::SUPERIOR_WITHDRAWN));
}

TEST_F(SuperiorTest, Platform_SeesItsOwnOrdersAndResultsOnly) {
  const Ticket ticket = Received("HN-1");
  for (const char* key : {"clerk", "admin"}) {
    EXPECT_EQ(Receive("HN-1", "", key).status, 403) << key;
  }
  const auto look = [&](const std::string& platform, const std::string& number,
                        const std::string& key) {
    return Http("GET",
                absl::StrCat("/v1/counties/469030/superiorTickets:lookUp?platform=", platform,
                             "&superiorNumber=", number),
                "", key);
  };
  EXPECT_EQ(look("hainan", "HN-1", "platform").status, 200);
  EXPECT_EQ(look("hainan", "HN-2", "platform").status, 404);
  EXPECT_EQ(look("haikou", "HN-1", "platform").status, 403);
  EXPECT_EQ(look("hainan", "HN-1", "admin").status, 403) << "the key of nobody";
  EXPECT_THAT(look("nowhere", "HN-1", "admin").body, HasSubstr("NOT_THE_PLATFORM"));
  EXPECT_EQ(Http("GET", absl::StrCat(kResults, "?platform=haikou"), "", "platform").status, 403);
  EXPECT_EQ(Http("GET", absl::StrCat("/v1/", ticket.name()), "", "platform").status, 403)
      << "the county's own reads are not the platform's";
  EXPECT_EQ(Http("GET", "/v1/counties/469030/tickets", "", "platform").status, 403);
}

TEST_F(SuperiorTest, Refusal_TellsCodeAndChannel_AndAnotherCountysMatterGoesBack) {
  Ticket refused = Received("HN-1");
  ASSERT_EQ(Http("POST", absl::StrCat("/v1/", refused.name(), ":reject"),
                 R"({"refusal":{"code":"LEGAL_CHANNEL","reason":"已立案","channel":"县人民法院"}})",
                 "clerk")
                .status,
            200);
  const Ticket elsewhere = Received("HN-2");
  ASSERT_EQ(Http("POST", absl::StrCat("/v1/", elsewhere.name(), ":transfer"),
                 R"({"outReference":"屯昌-5"})", "clerk")
                .status,
            200);
  const std::vector<SuperiorResult> results = Results();
  ASSERT_THAT(results, SizeIs(4));
  EXPECT_EQ(results[1].kind(), ticket::v1::SUPERIOR_REFUSED);
  EXPECT_EQ(results[1].refusal_code(), ticket::v1::LEGAL_CHANNEL);
  EXPECT_EQ(results[1].channel(), "县人民法院");
  EXPECT_EQ(results[3].kind(), ticket::v1::SUPERIOR_RETURNED);
  EXPECT_EQ(results[3].out_reference(), "屯昌-5");
}

TEST_F(SuperiorTest, MergedOrder_IsToldWhatHappensToTheOneThatGoesOn) {
  Ticket into = File(LiftRequest(""));
  const Ticket merged = Received("HN-1");
  ASSERT_EQ(Http("POST", absl::StrCat("/v1/", merged.name(), ":merge"),
                 absl::StrCat(R"({"into":")", into.name(), R"("})"), "clerk")
                .status,
            200);
  MakeResults();
  UpTo(ticket::v1::SIGNED, &into);
  ASSERT_EQ(Http("POST", absl::StrCat("/v1/", into.name(), ":reply"),
                 R"({"reply":{"result":"已联系王某某13800138000并修复","callerContacted":true}})",
                 "admin")
                .status,
            200);
  UpTo(ticket::v1::PENDING_CALLBACK, &into);
  EXPECT_THAT(Kinds(), ElementsAre(ticket::v1::SUPERIOR_ACCEPTED, ticket::v1::SUPERIOR_MERGED,
                                   ticket::v1::SUPERIOR_DISPATCHED, ticket::v1::SUPERIOR_REPLIED));
  const std::string text = Results()[3].text();
  EXPECT_THAT(text, HasSubstr("修复"));
  EXPECT_THAT(text, Not(HasSubstr("王某某"))) << "another caller's name";
  EXPECT_THAT(text, Not(HasSubstr("8000")));
}

TEST_F(SuperiorTest, ConfidentialCaller_NoWordOfHimLeaves) {
  const auto sent = Http(
      "POST", kReceive,
      R"({"platform":"hainan","superiorNumber":"HN-1","ticket":{"type":"COMPLAINT",)"
      R"("channel":"PHONE",)"
      R"("category":"020301","title":"电梯停运三天","caller":{"name":"王某某",)"
      R"("phone":"13800138000","confidential":true},"place":{"address":"营根镇珉华小区3栋"}}})",
      "platform");
  ASSERT_EQ(sent.status, 200) << sent.body;
  EXPECT_THAT(sent.body, Not(HasSubstr("8000")));
  Ticket ticket = FromJson<Ticket>(sent.body);
  UpTo(ticket::v1::SIGNED, &ticket);
  ASSERT_EQ(Http("POST", absl::StrCat("/v1/", ticket.name(), ":reply"),
                 R"({"reply":{"result":"已回复王某某（13800138000），备用13907651234",)"
                 R"("callerContacted":true}})",
                 "admin")
                .status,
            200);
  UpTo(ticket::v1::PENDING_CALLBACK, &ticket);
  const std::vector<std::string> files = Push();
  ASSERT_THAT(files, SizeIs(3));
  for (const std::string& file : files) {
    EXPECT_THAT(Pushed(file), Not(HasSubstr("王某某"))) << file;
    EXPECT_THAT(Pushed(file), Not(HasSubstr("138"))) << file;
    EXPECT_THAT(Pushed(file), Not(HasSubstr("13907651234"))) << file;
  }
  EXPECT_THAT(Pushed(files[2]), HasSubstr("已回复"));
}

TEST_F(SuperiorTest, Acknowledged_UpToASeq_IsNotPushedAndShownAsSuch) {
  Ticket ticket = Received("HN-1");
  UpTo(ticket::v1::DISPATCHED, &ticket);
  ASSERT_THAT(Results(), SizeIs(2));
  const auto acknowledge = [&](int seq) {
    return Http("POST", absl::StrCat(kResults, ":acknowledge"),
                absl::StrCat(R"({"platform":"hainan","upToSeq":")", seq, "\"}"), "platform");
  };
  EXPECT_EQ(acknowledge(3).status, 400) << "out of range";
  const auto done = acknowledge(2);
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(acknowledge(1).status, 200) << "known already";
  EXPECT_THAT(Push(), IsEmpty());
  for (const SuperiorResult& result : Results()) {
    EXPECT_EQ(result.delivery().state(), ticket::v1::SUPERIOR_ACKNOWLEDGED);
    EXPECT_TRUE(result.delivery().has_acknowledge_time());
  }
  const auto platforms = Http("GET", "/v1/counties/469030/superiorPlatforms", "", "clerk");
  EXPECT_THAT(platforms.body, HasSubstr(R"("acknowledgedSeq":"2")"));
}

TEST_F(SuperiorTest, Watch_TellsWhatIsThereAndWhatComes) {
  Ticket ticket = Received("HN-1");
  ticket::v1::WatchSuperiorResultsRequest request;
  request.set_parent(kCounty);
  request.set_platform("hainan");
  const auto stub = SuperiorPlatformService::NewStub(As("platform").channel());
  std::vector<int64_t> seqs;
  const auto watch = [&](size_t want) {
    // Under faults a watch may break; it goes on with its cursor.
    for (int tries = 0; seqs.size() < want && tries < 200; ++tries) {
      grpc::ClientContext context;
      As("platform").Prepare(&context);
      request.set_cursor(seqs.empty() ? 0 : seqs.back());
      auto reader = stub->WatchSuperiorResults(&context, request);
      ticket::v1::WatchSuperiorResultsResponse message;
      while (seqs.size() < want && reader->Read(&message)) {
        if (message.has_result()) {
          seqs.push_back(message.result().seq());
        }
      }
      context.TryCancel();
      (void)reader->Finish();
    }
  };
  MakeResults();
  watch(1);
  UpTo(ticket::v1::DISPATCHED, &ticket);
  MakeResults();
  watch(2);
  EXPECT_THAT(seqs, ElementsAre(1, 2));
  const auto stranger = Http("GET", absl::StrCat(kResults, ":watch?platform=hainan"), "", "clerk");
  EXPECT_EQ(stranger.status, 403);
}

TEST_F(SuperiorTest, PlatformThatWantsOnlyReplies_GetsNothingElse) {
  clock().Advance(absl::Minutes(1));
  SetPlatforms(R"pb(platforms { id: "hainan" key: "platform" results: SUPERIOR_REPLIED })pb");
  Ticket ticket = Received("HN-1");
  UpTo(ticket::v1::CLOSED, &ticket);
  const std::vector<SuperiorResult> results = Results();
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].kind(), ticket::v1::SUPERIOR_REPLIED);
  EXPECT_EQ(results[0].seq(), 1);
  EXPECT_THAT(Push(), IsEmpty()) << "not pushed by this policy";
}

}  // namespace
}  // namespace baimi::integration
