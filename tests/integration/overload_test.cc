// A full lane refuses at once and without harm; operators get their answers all the same.
#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

class OverloadTest : public SuiteTest {
 protected:
  void SetUp() override {
    options().node.lanes.interactive = {.threads = 1, .queue = 1};
    SuiteTest::SetUp();
  }
};

// Filing needs a fresh data key. With the key database held from outside and the stock of keys used
// up, the handler waits on its lane's only thread.
TEST_F(OverloadTest, Lane_Full_RefusesWithRetryInfoWhileOperatorsAreAnswered) {
  HeldDatabase keys(data().File("data-keys.db"));
  const int64_t stock = keys.Ask("SELECT count(*) FROM data_keys");
  ASSERT_GT(stock, 0);
  for (int64_t i = 0; i < stock; ++i) {
    File(LiftRequest(""));
  }
  const int64_t head = Head();

  constexpr int kCalls = 8;
  absl::Mutex mu;
  std::vector<absl::Status> refused;
  int taken = 0;
  std::vector<std::thread> threads;
  const Caller admin = As("admin");
  for (int i = 0; i < kCalls; ++i) {
    threads.emplace_back([&] {
      const auto answer = admin(&Stub::CreateTicket, LiftRequest(""));
      absl::MutexLock lock(&mu);
      if (answer.ok()) {
        ++taken;
      } else {
        refused.push_back(answer.status());
      }
    });
  }
  {
    // One runs, at most one waits: the others come back while these two cannot.
    absl::MutexLock lock(&mu);
    const auto most = [&] { return refused.size() >= kCalls - 2; };
    EXPECT_TRUE(mu.AwaitWithTimeout(absl::Condition(&most), absl::Seconds(20)));
    EXPECT_EQ(taken, 0);
    for (const absl::Status& status : refused) {
      EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
      EXPECT_EQ(ReasonOf(status), "LANE_FULL");
      EXPECT_TRUE(RetryAfterOf(status).has_value());
    }
  }
  const auto http = Http("GET", "/v1/counties/469030/tickets");
  EXPECT_EQ(http.status, 429) << http.body;
  EXPECT_NE(http.header("Retry-After"), "");
  EXPECT_THAT(http.body, HasSubstr("RetryInfo"));
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/requestz"}) {
    EXPECT_EQ(Admin(path).status, 200) << path;
  }
  EXPECT_EQ(Http("GET", "/healthz", "", "").status, 200);

  keys.Release();
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(taken + static_cast<int>(refused.size()), kCalls);
  EXPECT_GE(taken, 1);
  // Each order taken is three facts; what was refused left nothing.
  EXPECT_EQ(Head(), head + int64_t{3} * taken);
}

}  // namespace
}  // namespace baimi::integration
