// 督办 by the clock on every durable database: once however many replicas look, and never lost with
// one that dies.
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/supervision_service.grpc.pb.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/journal/log.h"
#include "common/privacy/key_ring.h"
#include "common/sql/migrate.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/conformance/sql/backend.h"
#include "tests/conformance/stores/replica.h"

namespace baimi::ticket {
namespace {

using test::IsOk;
using ::testing::ElementsAre;
using Tickets = v1::TicketService::Stub;
using Supervisions = v1::SupervisionService::Stub;

constexpr char kCounty[] = "counties/469030";

class SupervisionReplicas : public ::testing::TestWithParam<sql::Backend> {
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
    *policy.mutable_ticket_policy() = domain::SupervisedPolicy();
    ASSERT_THAT(a_->admin()(&v1::TicketPolicyService::Stub::CreateTicketPolicy, policy), IsOk());
  }

  std::unique_ptr<Replica> NewReplica(uint64_t seed) {
    return std::make_unique<Replica>(site_->Uri(), key_site_->Uri(), dir_.File("master.key"),
                                     &clock_, seed);
  }

  // Dispatched, and signed by nobody.
  std::string Dispatched() {
    const auto filed = a_->admin()(&Tickets::CreateTicket, domain::SampleRequest());
    EXPECT_THAT(filed, IsOk());
    v1::DispatchTicketRequest dispatch;
    dispatch.set_name(filed->name());
    const auto ticket = a_->admin()(&Tickets::DispatchTicket, dispatch);
    EXPECT_THAT(ticket, IsOk());
    for (const v1::Clock& clock : ticket->clocks()) {
      if (clock.kind() == v1::SIGN) {
        sign_due_ = absl::FromUnixSeconds(clock.due_time().seconds());
      }
    }
    return filed->name();
  }

  std::vector<int> Levels(Replica& replica, const std::string& name) {
    v1::ListSupervisionsRequest request;
    request.set_parent(kCounty);
    request.set_ticket(name);
    const auto list = replica.admin()(&Supervisions::ListSupervisions, request);
    EXPECT_THAT(list, IsOk());
    std::vector<int> levels;
    for (const v1::Supervision& supervision : list->supervisions()) {
      levels.push_back(supervision.level() - 1);
    }
    return levels;
  }

  // Of the order's history.
  int Raised(const std::string& name) {
    v1::ListTicketEventsRequest request;
    request.set_parent(name);
    request.set_page_size(1000);
    const auto events = b_->admin()(&Tickets::ListTicketEvents, request);
    EXPECT_THAT(events, IsOk());
    int raised = 0;
    for (const v1::TicketEvent& event : events->events()) {
      raised += event.fact().has_supervision_raised() ? 1 : 0;
    }
    return raised;
  }

  test::TempDir dir_;
  SimulatedClock clock_{domain::At("2026-11-23 09:00")};
  std::unique_ptr<Rng> rng_ = NewSeededRng(5);
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<Replica> a_, b_;
  absl::Time sign_due_;
};

INSTANTIATE_TEST_SUITE_P(DurableBackends, SupervisionReplicas,
                         ::testing::ValuesIn(sql::DurableBackends()),
                         ::testing::PrintToStringParamName());

TEST_P(SupervisionReplicas, ReplicasThatLookTogether_RaiseEachLevelOnce) {
  constexpr int kOrders = 40;
  std::vector<std::string> names;
  for (int i = 0; i < kOrders; ++i) {
    names.push_back(Dispatched());
  }
  clock_.Advance(sign_due_ - absl::Microseconds(1) - clock_.Now());
  EXPECT_EQ(a_->Ring() + b_->Ring(), 0) << "a tick too early";
  clock_.Advance(absl::Microseconds(1));
  std::atomic<int> rang{0};
  std::thread other([&] { rang += b_->Ring(); });
  rang += a_->Ring();
  other.join();
  // SQLite's readers may find the file busy; what was leased and not rung comes after the lease.
  clock_.Advance(absl::Seconds(30));
  rang += a_->Ring() + b_->Ring();
  EXPECT_EQ(rang.load(), kOrders);
  for (const std::string& name : names) {
    EXPECT_THAT(Levels(*b_, name), ElementsAre(1, 0)) << name;
    EXPECT_EQ(Raised(name), 2) << name;
  }
  EXPECT_THAT(journal::Verify(a_->database()), IsOk());
}

TEST_P(SupervisionReplicas, ReplicaThatDiesBetweenLeaseAndEffect_IsFinishedByAnotherOnce) {
  const std::string name = Dispatched();
  clock_.Advance(sign_due_ - clock_.Now());
  // What the alarm clock of a replica does first; then that replica is gone.
  const store::TicketStore store(a_->vault());
  std::vector<journal::Alarm> leased;
  ASSERT_THAT(a_->database().Write({},
                                   [&](sql::Tx& tx) {
                                     auto alarms = store.LeaseAlarms(
                                         tx, clock_.Now(), clock_.Now() + absl::Seconds(30), 8);
                                     leased = alarms.value_or(std::vector<journal::Alarm>());
                                     return alarms.status();
                                   }),
              IsOk());
  ASSERT_EQ(leased.size(), 1U);
  a_.reset();
  EXPECT_EQ(b_->Ring(), 0);
  clock_.Advance(absl::Seconds(30) - absl::Microseconds(1));
  EXPECT_EQ(b_->Ring(), 0) << "still leased";
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(b_->Ring(), 1);
  a_ = NewReplica(3);
  EXPECT_EQ(a_->Ring() + b_->Ring(), 0);
  EXPECT_THAT(Levels(*a_, name), ElementsAre(1, 0));
  EXPECT_EQ(Raised(name), 2);
}

TEST_P(SupervisionReplicas, List_FiltersAndPagesNewestFirst) {
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) {
    names.push_back(Dispatched());
  }
  clock_.Advance(sign_due_ - clock_.Now());
  EXPECT_EQ(a_->Ring(), 5);
  v1::ListSupervisionsRequest request;
  request.set_parent(kCounty);
  request.set_unit(domain::UnitName("zhujianju"));
  request.add_levels(v1::S1_PHONE_URGE);
  request.set_page_size(2);
  std::vector<std::string> found;
  do {
    const auto page = b_->admin()(&Supervisions::ListSupervisions, request);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->supervisions_size(), 2);
    for (const v1::Supervision& supervision : page->supervisions()) {
      EXPECT_EQ(supervision.level(), v1::S1_PHONE_URGE);
      found.push_back(supervision.ticket());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(found, ElementsAre(names[4], names[3], names[2], names[1], names[0]));

  v1::ReportSupervisionRequest report;
  report.set_name(absl::StrCat("counties/469030/supervisions/",
                               names[0].substr(names[0].rfind('/') + 1), "-1"));
  report.mutable_report()->set_text("已联系来电人");
  ASSERT_THAT(b_->admin()(&Supervisions::ReportSupervision, report), IsOk());
  v1::ListSupervisionsRequest waiting;
  waiting.set_parent(kCounty);
  waiting.mutable_answer_due_before()->set_seconds(
      absl::ToUnixSeconds(clock_.Now() + absl::Hours(24 * 7)));
  auto late = a_->admin()(&Supervisions::ListSupervisions, waiting);
  ASSERT_THAT(late, IsOk());
  EXPECT_EQ(late->supervisions_size(), 9) << "all but the one that was reported";
  waiting.mutable_answer_due_before()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
  late = a_->admin()(&Supervisions::ListSupervisions, waiting);
  ASSERT_THAT(late, IsOk());
  EXPECT_EQ(late->supervisions_size(), 0);
}

}  // namespace
}  // namespace baimi::ticket
