// Following the county's orders live.
#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"
#include "tests/integration/watch.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using ticket::v1::Ticket;
using ticket::v1::TicketEvent;
using ticket::v1::TicketService;

class WatchTest : public SuiteTest {
 protected:
  // In the area of the key "township".
  static ticket::v1::CreateTicketRequest MarketRequest() {
    auto request = LiftRequest("");
    request.mutable_ticket()->set_category("0401");
    request.mutable_ticket()->mutable_place()->set_address("国兴社区集市旁");
    return request;
  }

  // Sequences of the orders' events with seq > `after`, as their histories have them.
  std::vector<int64_t> Recorded(const std::vector<std::string>& names, int64_t after) {
    std::vector<int64_t> all;
    for (const std::string& name : names) {
      ticket::v1::ListTicketEventsRequest request;
      request.set_parent(name);
      const auto events = As("admin")(&TicketService::Stub::ListTicketEvents, request);
      EXPECT_TRUE(events.ok()) << events.status();
      for (const TicketEvent& event : events->events()) {
        if (event.seq() > after) {
          all.push_back(event.seq());
        }
      }
    }
    std::sort(all.begin(), all.end());
    return all;
  }
};

TEST_F(WatchTest, Start_WithoutCursor_GreetsWithTheHeadAndShowsWhatComes) {
  File(LiftRequest(""));
  Watch watch(As("admin"), "");
  const auto greeting = watch.Next();
  ASSERT_TRUE(greeting.has_value()) << watch.End();
  EXPECT_FALSE(greeting->has_event());
  EXPECT_EQ(greeting->cursor(), absl::StrCat(Head()));
  const Ticket ticket = File(LiftRequest(""));
  const TicketEvent event = watch.NextEvent();
  EXPECT_EQ(event.ticket(), ticket.name());
  EXPECT_TRUE(event.fact().has_filed());
  EXPECT_EQ(event.fact().filed().ticket().caller().phone(), "13800138000");
}

TEST_F(WatchTest, Reconnect_AtEachCursor_NothingIsMissedOrSeenTwice) {
  std::vector<std::string> names;
  std::vector<int64_t> seen;
  std::string cursor = "0";
  for (int round = 0; round < 6; ++round) {
    // While nobody watches, and while somebody does.
    names.push_back(FileUpTo(ticket::v1::SIGNED).name());
    Watch watch(As("admin"), cursor);
    std::string during;
    std::thread filing([&] { during = FileUpTo(ticket::v1::DISPATCHED).name(); });
    // Five events are there already; the connection ends somewhere among the rest.
    for (int i = 0; i < 5 + round; ++i) {
      seen.push_back(watch.NextEvent().seq());
    }
    cursor = watch.cursor();
    watch.Cancel();
    filing.join();
    names.push_back(during);
  }
  const int64_t head = Head();
  Watch rest(As("admin"), cursor);
  while (seen.back() < head) {
    seen.push_back(rest.NextEvent().seq());
  }
  EXPECT_EQ(seen, Recorded(names, 0));
}

TEST_F(WatchTest, Quiet_SendsItsCursorOnceAnInterval) {
  File(LiftRequest(""));
  Watch watch(As("admin"), "");
  ASSERT_TRUE(watch.Next().has_value()) << watch.End();
  for (int beat = 0; beat < 3; ++beat) {
    clock().Advance(absl::Seconds(15));
    const auto heartbeat = watch.Next();
    ASSERT_TRUE(heartbeat.has_value()) << watch.End();
    EXPECT_FALSE(heartbeat->has_event());
    EXPECT_EQ(heartbeat->cursor(), absl::StrCat(Head()));
  }
  // It still tells what comes.
  const Ticket ticket = File(LiftRequest(""));
  EXPECT_EQ(watch.NextEvent().ticket(), ticket.name());
}

TEST_F(WatchTest, Cursor_BadOrAhead_IsRefused) {
  for (const char* bad : {"x", "-1", "1.5", "99999999999999999999"}) {
    Watch watch(As("admin"), bad);
    EXPECT_FALSE(watch.Next().has_value()) << bad;
    EXPECT_TRUE(absl::IsInvalidArgument(watch.End())) << bad << ": " << watch.End();
  }
  Watch ahead(As("admin"), "1000000");
  EXPECT_FALSE(ahead.Next().has_value());
  EXPECT_TRUE(absl::IsOutOfRange(ahead.End())) << ahead.End();
  EXPECT_EQ(ReasonOf(ahead.End()), "CURSOR_TOO_OLD");
}

TEST_F(WatchTest, Masking_StaffView_HidesTheCaller) {
  Watch watch(As("clerk"), "0");
  File(LiftRequest(""));
  const TicketEvent event = watch.NextEvent();
  EXPECT_EQ(event.fact().filed().ticket().caller().phone(), "138****8000");
  EXPECT_EQ(event.fact().filed().ticket().caller().name(), "王**");
}

TEST_F(WatchTest, Scope_TownshipKey_SeesItsOwnOrdersOnly) {
  Watch watch(As("township"), "0");
  File(LiftRequest(""));
  const Ticket ticket = File(MarketRequest());
  ASSERT_EQ(ticket.place().area(), "counties/469030/areas/469030100004");
  EXPECT_EQ(watch.NextEvent().ticket(), ticket.name());
}

TEST_F(WatchTest, Scope_ManyOrders_EveryOwnEventOnce) {
  Watch watch(As("township"), "0");
  std::vector<std::string> own;
  for (int i = 0; i < 20; ++i) {
    File(LiftRequest(""));
    own.push_back(File(MarketRequest()).name());
  }
  std::vector<int64_t> seen;
  while (seen.size() < 3 * own.size()) {
    const TicketEvent event = watch.NextEvent();
    ASSERT_GT(event.seq(), 0);
    seen.push_back(event.seq());
  }
  EXPECT_EQ(seen, Recorded(own, 0));
}

TEST_F(WatchTest, Stop_OpenWatch_EndsWithServerDraining) {
  Watch watch(As("admin"), "");
  ASSERT_TRUE(watch.Next().has_value());
  std::thread stopping([this] { EXPECT_TRUE(suite().Stop()); });
  EXPECT_FALSE(watch.Next().has_value());
  EXPECT_TRUE(absl::IsUnavailable(watch.End())) << watch.End();
  EXPECT_EQ(ReasonOf(watch.End()), "SERVER_DRAINING");
  stopping.join();
}

TEST_F(WatchTest, Http_EventStream_CarriesIdsAndResumes) {
  const Ticket ticket = FileUpTo(ticket::v1::SIGNED);
  const auto read_ids = [&](const std::vector<http::Header>& extra, const std::string& query,
                            size_t count) {
    std::vector<http::Header> headers = extra;
    headers.push_back({"Authorization", "Bearer " + Token("admin")});
    absl::StatusOr<http::testing::Client> client = absl::UnknownError("none");
    absl::StatusOr<http::testing::ClientResponse> head = absl::UnknownError("none");
    do {
      client = http::testing::Client::Connect(suite().http_port());
      EXPECT_TRUE(
          client->Send("GET", "/v1/counties/469030/tickets:watch" + query, "", headers).ok());
      head = client->ReadHead();
    } while (FaultsOfThisRun() != kNoFaults && Persistence::IsWorthRepeating(*head));
    EXPECT_EQ(head->status, 200);
    EXPECT_EQ(head->header("Content-Type"), "text/event-stream");
    std::string text;
    std::vector<int64_t> ids;
    while (ids.size() < count) {
      const auto chunk = client->ReadChunk();
      if (!chunk.ok() || chunk->empty()) {
        ADD_FAILURE() << chunk.status() << " after " << text;
        break;
      }
      text += *chunk;
      for (size_t end; (end = text.find("\n\n")) != std::string::npos; text.erase(0, end + 2)) {
        int64_t id = 0;
        EXPECT_TRUE(absl::StartsWith(text, "id: ")) << text;
        EXPECT_TRUE(absl::SimpleAtoi(text.substr(4, text.find('\n') - 4), &id)) << text;
        if (absl::StrContains(text.substr(0, end), "\"event\"")) {
          ids.push_back(id);
        }
      }
    }
    return ids;
  };
  const std::vector<int64_t> all = Recorded({ticket.name()}, 0);
  const std::vector<int64_t> first = read_ids({}, "?cursor=0", 2);
  EXPECT_GE(first.size(), 2);
  EXPECT_EQ(read_ids({{"Last-Event-ID", absl::StrCat(all[1])}}, "", all.size() - 2),
            std::vector<int64_t>(all.begin() + 2, all.end()));
}

TEST_F(WatchTest, Http_RefusedWatch_IsAnOrdinaryError) {
  const auto answer = Http("GET", "/v1/counties/469030/tickets:watch?cursor=x");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("\"cursor\""));
  EXPECT_EQ(Http("GET", "/v1/counties/469030/tickets:watch", "", "").status, 401);
}

}  // namespace
}  // namespace baimi::integration
