// Superior platforms on every durable database: each order filed once, each result told once and in
// order, whichever replicas work and whenever one dies.
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "baimi/ticket/v1/police_link_service.grpc.pb.h"
#include "baimi/ticket/v1/superior_service.grpc.pb.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/journal/log.h"
#include "common/sql/migrate.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "services/ticket/domain/proto_time.h"
#include "tests/conformance/sql/backend.h"
#include "tests/conformance/stores/replica.h"

namespace baimi::ticket {
namespace {

using test::HasReason;
using test::IsOk;
using ::testing::ElementsAre;
using Superiors = v1::SuperiorPlatformService::Stub;
using Tickets = v1::TicketService::Stub;

constexpr char kCounty[] = "counties/469030";

// A platform at the other end: what it got, and what it makes of it.
class Platform final : public api::SuperiorCarrier {
 public:
  absl::StatusOr<std::string> Push(const api::SuperiorMessage& message) override {
    absl::Notification* hold = nullptr;
    {
      absl::MutexLock lock(&mu_);
      if (down_) {
        return absl::UnavailableError("platform is away");
      }
      ++pushes_;
      if (known_.insert(message.id).second) {
        effects_.push_back(message.result);
      }
      std::swap(hold, hold_);
    }
    if (hold != nullptr) {
      held_.Notify();
      hold->WaitForNotification();
    }
    return absl::StrCat("r-", message.id);
  }

  void SetDown(bool down) {
    absl::MutexLock lock(&mu_);
    down_ = down;
  }
  // The next push arrives, and its answer waits for `release`.
  void HoldNext(absl::Notification* release) {
    absl::MutexLock lock(&mu_);
    hold_ = release;
  }
  void AwaitHeld() { held_.WaitForNotification(); }
  int pushes() const {
    absl::MutexLock lock(&mu_);
    return pushes_;
  }
  std::vector<v1::SuperiorResult> effects() const {
    absl::MutexLock lock(&mu_);
    return effects_;
  }

 private:
  mutable absl::Mutex mu_;
  bool down_ ABSL_GUARDED_BY(mu_) = false;
  absl::Notification* hold_ ABSL_GUARDED_BY(mu_) = nullptr;
  int pushes_ ABSL_GUARDED_BY(mu_) = 0;
  std::set<std::string> known_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::SuperiorResult> effects_ ABSL_GUARDED_BY(mu_);
  absl::Notification held_;
};

class SuperiorReplicas : public ::testing::TestWithParam<sql::Backend> {
 protected:
  void SetUp() override {
    site_ = GetParam().make_site();
    key_site_ = GetParam().make_site();
    const auto database = *sql::Open(site_->Uri(), {});
    const auto keys = *sql::Open(key_site_->Uri(), {});
    ASSERT_THAT(TicketService::Migrate(*database, clock_), IsOk());
    ASSERT_THAT(sql::Migrate(*keys, "privacy", privacy::KeyRingMigrations(), clock_), IsOk());
    ASSERT_THAT(privacy::MasterKeys::Create(dir_.File("master.key"), *rng_), IsOk());
    a_ = NewReplica(1);
    b_ = NewReplica(2);
    v1::CreateTicketPolicyRequest policy;
    policy.set_parent(kCounty);
    *policy.mutable_ticket_policy() = domain::SamplePolicy();
    v1::SuperiorPlatform& platform =
        *policy.mutable_ticket_policy()->mutable_superior()->add_platforms();
    platform.set_id("hainan");
    platform.set_key("admin");
    platform.set_push(true);
    platform.set_max_attempts(2);
    platform.set_retry_minutes(5);
    *policy.mutable_ticket_policy()->mutable_line()->mutable_acknowledge_emergency() =
        domain::MakePeriod(v1::MINUTES, 5);
    ASSERT_THAT(a_->admin()(&v1::TicketPolicyService::Stub::CreateTicketPolicy, policy), IsOk());
  }

  std::unique_ptr<Replica> NewReplica(uint64_t seed) {
    return std::make_unique<Replica>(site_->Uri(), key_site_->Uri(), dir_.File("master.key"),
                                     &clock_, seed, ExportsOptions{}, nullptr,
                                     SuperiorOptions{.carrier = &platform_});
  }

  static v1::ReceiveSuperiorTicketRequest Request(int number) {
    v1::ReceiveSuperiorTicketRequest request;
    request.set_parent(kCounty);
    request.set_platform("hainan");
    request.set_superior_number(absl::StrCat("HN-", number));
    *request.mutable_ticket() = domain::SampleRequest().ticket();
    return request;
  }

  // Received and dispatched: two results.
  std::string Dispatched(int number) {
    const auto ticket = a_->admin()(&Superiors::ReceiveSuperiorTicket, Request(number));
    EXPECT_THAT(ticket, IsOk());
    v1::DispatchTicketRequest dispatch;
    dispatch.set_name(ticket.ok() ? ticket->name() : "");
    EXPECT_THAT(a_->admin()(&Tickets::DispatchTicket, dispatch), IsOk());
    return dispatch.name();
  }

  v1::SuperiorPush PushOf(const std::string& name) {
    v1::GetTicketRequest request;
    request.set_name(name);
    const auto ticket = b_->admin()(&Tickets::GetTicket, request);
    EXPECT_THAT(ticket, IsOk());
    return ticket.value_or(v1::Ticket()).superior().push();
  }

  // Every result that there is took effect once, those of an order in their sequence.
  void ExpectAllToldOnce(int results) {
    const std::vector<v1::SuperiorResult> effects = platform_.effects();
    EXPECT_EQ(effects.size(), static_cast<size_t>(results));
    std::set<int64_t> seqs;
    std::map<std::string, int64_t> last;
    for (const v1::SuperiorResult& result : effects) {
      seqs.insert(result.seq());
      EXPECT_GT(result.seq(), last[result.ticket()]) << result.ShortDebugString();
      last[result.ticket()] = result.seq();
    }
    ASSERT_EQ(seqs.size(), effects.size());
    EXPECT_EQ(*seqs.begin(), 1);
    EXPECT_EQ(*seqs.rbegin(), results) << "without gaps";
  }

  const test::TempDir dir_;
  SimulatedClock clock_{domain::At("2026-11-23 09:00")};
  const std::unique_ptr<Rng> rng_ = NewSeededRng(5);
  Platform platform_;
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<Replica> a_, b_;
};

INSTANTIATE_TEST_SUITE_P(DurableBackends, SuperiorReplicas,
                         ::testing::ValuesIn(sql::DurableBackends()),
                         ::testing::PrintToStringParamName());

TEST_P(SuperiorReplicas, SameNumberAtTwoReplicasAtOnce_IsOneOrder) {
  constexpr int kSenders = 8;
  std::vector<absl::StatusOr<v1::Ticket>> answers(kSenders, absl::UnknownError(""));
  std::vector<std::thread> senders;
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back([this, i, &answers] {
      Replica& replica = i % 2 == 0 ? *a_ : *b_;
      v1::ReceiveSuperiorTicketRequest request = Request(1);
      request.set_request_id(absl::StrCat("try-", i));
      do {
        answers[i] = replica.admin()(&Superiors::ReceiveSuperiorTicket, request);
      } while (absl::IsUnavailable(answers[i].status()) || absl::IsAborted(answers[i].status()));
    });
  }
  for (std::thread& sender : senders) {
    sender.join();
  }
  for (const absl::StatusOr<v1::Ticket>& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->name(), answers[0]->name());
  }
  v1::ReceiveSuperiorTicketRequest other = Request(1);
  other.mutable_ticket()->set_title("另一件事");
  EXPECT_THAT(b_->admin()(&Superiors::ReceiveSuperiorTicket, other).status(),
              HasReason("SUPERIOR_TICKET_DIFFERS"));
  EXPECT_THAT(journal::Verify(a_->database()), IsOk());
}

TEST_P(SuperiorReplicas, ReplicasThatWorkTogether_TellEachResultOnceAndInOrder) {
  constexpr int kOrders = 12;
  for (int i = 0; i < kOrders; ++i) {
    Dispatched(i);
  }
  const auto work = [](Replica& replica) {
    replica.MakeResults();
    replica.Ring();
  };
  std::thread other([&] { work(*b_); });
  work(*a_);
  other.join();
  for (int i = 0; i < 20 && platform_.effects().size() < 2U * kOrders; ++i) {
    clock_.Advance(absl::Minutes(3));
    work(i % 2 == 0 ? *a_ : *b_);
  }
  ExpectAllToldOnce(2 * kOrders);
  EXPECT_EQ(platform_.pushes(), 2 * kOrders);
  EXPECT_THAT(journal::Verify(a_->database()), IsOk());
}

// The platform has the message, and nobody hears that it does: the replica died between the push
// and its record, or hangs there and comes back when it is over.
TEST_P(SuperiorReplicas, ReplicaLostBetweenPushAndRecord_LosesNothingAndDoublesNothing) {
  Dispatched(1);
  a_->MakeResults();
  absl::Notification release;
  platform_.HoldNext(&release);
  std::thread lost([&] { a_->Ring(); });
  platform_.AwaitHeld();
  EXPECT_EQ(platform_.effects().size(), 1U);
  b_->Ring();
  EXPECT_EQ(platform_.pushes(), 1) << "left to who has it, for two minutes";
  clock_.Advance(absl::Minutes(2));
  b_->Ring();
  ExpectAllToldOnce(2);
  EXPECT_EQ(platform_.pushes(), 3) << "the first one again, under the same id";
  release.Notify();
  lost.join();
  clock_.Advance(absl::Minutes(10));
  a_->Ring();
  b_->Ring();
  ExpectAllToldOnce(2);
  EXPECT_EQ(platform_.pushes(), 3);
  EXPECT_THAT(journal::Verify(b_->database()), IsOk());
}

TEST_P(SuperiorReplicas, PushGivenUp_HoldsBackItsOrderAlone_UntilItIsResumed) {
  const std::string first = Dispatched(1);
  platform_.SetDown(true);
  a_->MakeResults();
  a_->Ring();
  clock_.Advance(absl::Minutes(5) - absl::Microseconds(1));
  platform_.SetDown(false);
  a_->Ring();
  EXPECT_EQ(platform_.pushes(), 0) << "not before its time";
  platform_.SetDown(true);
  clock_.Advance(absl::Microseconds(1));
  b_->Ring();
  EXPECT_EQ(PushOf(first), v1::SUPERIOR_PUSH_STOPPED);
  platform_.SetDown(false);
  Dispatched(2);
  clock_.Advance(absl::Hours(5));
  a_->MakeResults();
  a_->Ring();
  EXPECT_EQ(platform_.effects().size(), 2U) << "those of the second order";
  v1::ListSuperiorPlatformsRequest list;
  list.set_parent(kCounty);
  const auto platforms = b_->admin()(&Superiors::ListSuperiorPlatforms, list);
  ASSERT_THAT(platforms, IsOk());
  EXPECT_EQ(platforms->platforms(0).given_up(), 1);
  EXPECT_EQ(platforms->platforms(0).waiting(), 2);
  v1::ResumeSuperiorPushRequest resume;
  resume.set_name(absl::StrCat(kCounty, "/superiorPlatforms/hainan"));
  ASSERT_THAT(b_->admin()(&Superiors::ResumeSuperiorPush, resume), IsOk());
  b_->Ring();
  ExpectAllToldOnce(4);
  EXPECT_EQ(PushOf(first), v1::SUPERIOR_PUSH_RESUMED);
}

TEST_P(SuperiorReplicas, AcknowledgedResult_IsNotPushedAndFreesItsOrder) {
  const std::string name = Dispatched(1);
  platform_.SetDown(true);
  a_->MakeResults();
  a_->Ring();
  clock_.Advance(absl::Minutes(5));
  a_->Ring();
  ASSERT_EQ(PushOf(name), v1::SUPERIOR_PUSH_STOPPED);
  platform_.SetDown(false);
  v1::AcknowledgeSuperiorResultsRequest request;
  request.set_parent(kCounty);
  request.set_platform("hainan");
  request.set_up_to_seq(3);
  EXPECT_TRUE(
      absl::IsOutOfRange(b_->admin()(&Superiors::AcknowledgeSuperiorResults, request).status()));
  request.set_up_to_seq(1);
  const auto status = b_->admin()(&Superiors::AcknowledgeSuperiorResults, request);
  ASSERT_THAT(status, IsOk());
  EXPECT_EQ(status->acknowledged_seq(), 1);
  EXPECT_EQ(status->waiting(), 1);
  b_->Ring();
  ASSERT_EQ(platform_.effects().size(), 1U);
  EXPECT_EQ(platform_.effects()[0].seq(), 2);
  EXPECT_EQ(PushOf(name), v1::SUPERIOR_PUSH_RESUMED);
}

TEST_P(SuperiorReplicas, EmergencyWithoutReceipt_IsOnRecordOnceAndExactlyThen) {
  v1::CreatePoliceLinkRequest request;
  request.set_parent(kCounty);
  request.mutable_police_link()->set_kind(v1::LINK_EMERGENCY);
  request.mutable_police_link()->set_text("请立即到场");
  const auto link = a_->admin()(&v1::PoliceLinkService::Stub::CreatePoliceLink, request);
  ASSERT_THAT(link, IsOk());
  const auto alarms = [&] {
    int64_t count = 0;
    EXPECT_THAT(a_->database().Read({},
                                    [&](sql::Reader& reader) {
                                      return journal::ReadResource(
                                          reader, "469030", link->name(), 0, 100,
                                          [&](const type::v1::JournalRecord& record) {
                                            v1::PoliceLinkFact fact;
                                            fact.ParseFromString(record.payload());
                                            count += fact.has_ran_out() ? 1 : 0;
                                            return absl::OkStatus();
                                          });
                                    }),
                IsOk());
    return count;
  };
  clock_.Advance(absl::Minutes(5) - absl::Microseconds(1));
  a_->Ring();
  b_->Ring();
  EXPECT_EQ(alarms(), 0);
  clock_.Advance(absl::Microseconds(1));
  std::thread other([&] { b_->Ring(); });
  a_->Ring();
  other.join();
  clock_.Advance(absl::Minutes(1));
  a_->Ring();
  b_->Ring();
  EXPECT_EQ(alarms(), 1);
}

}  // namespace
}  // namespace baimi::ticket
