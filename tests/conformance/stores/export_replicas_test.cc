// Exports on every durable database: each made once, whichever replicas work on it.
#include <algorithm>
#include <functional>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "baimi/ticket/v1/export_service.grpc.pb.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/base/digest.h"
#include "common/journal/log.h"
#include "common/sql/migrate.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "services/ticket/api/file_content.h"
#include "tests/conformance/sql/backend.h"
#include "tests/conformance/stores/replica.h"

namespace baimi::ticket {
namespace {

using test::IsOk;
using Tickets = v1::TicketService::Stub;
using Operations = v1::TicketExportService::Stub;

constexpr char kCounty[] = "counties/469030";
constexpr int kFoundOrders = 25;

class ExportReplicas : public ::testing::TestWithParam<sql::Backend> {
 protected:
  void SetUp() override {
    site_ = GetParam().make_site();
    key_site_ = GetParam().make_site();
    const auto database = *sql::Open(site_->Uri(), {});
    const auto keys = *sql::Open(key_site_->Uri(), {});
    ASSERT_THAT(TicketService::Migrate(*database, clock_), IsOk());
    ASSERT_THAT(sql::Migrate(*keys, "privacy", privacy::KeyRingMigrations(), clock_), IsOk());
    ASSERT_THAT(privacy::MasterKeys::Create(dir_.File("master.key"), *rng_), IsOk());
    content_ = *api::NewFileContent(dir_.File("exports"));
    a_ = NewReplica(1);
    b_ = NewReplica(2);
    v1::CreateTicketPolicyRequest policy;
    policy.set_parent(kCounty);
    *policy.mutable_ticket_policy() = domain::SamplePolicy();
    ASSERT_THAT(a_->admin()(&v1::TicketPolicyService::Stub::CreateTicketPolicy, policy), IsOk());
    for (int i = 0; i < kFoundOrders; ++i) {
      ASSERT_THAT(a_->admin()(&Tickets::CreateTicket, domain::SampleRequest()), IsOk());
    }
  }

  std::unique_ptr<Replica> NewReplica(uint64_t seed) {
    return std::make_unique<Replica>(
        site_->Uri(), key_site_->Uri(), dir_.File("master.key"), &clock_, seed,
        ExportsOptions{.content = content_.get(), .maker = {.page = 4}});
  }

  std::string Start() {
    v1::ExportTicketsRequest request;
    request.set_parent(kCounty);
    request.set_format(v1::CSV);
    request.set_purpose("月度分析报告");
    request.add_columns(v1::COLUMN_NUMBER);
    const auto operation = a_->admin()(&Operations::ExportTickets, request);
    EXPECT_THAT(operation, IsOk());
    return operation.ok() ? operation->name() : "";
  }

  v1::ExportOperation Poll(Replica& replica, const std::string& name) {
    v1::GetExportOperationRequest request;
    request.set_name(name);
    const auto operation = replica.admin()(&Operations::GetExportOperation, request);
    EXPECT_THAT(operation, IsOk());
    return operation.value_or(v1::ExportOperation());
  }

  // Whole, as `replica` reads it, and put on record as ended once.
  void ExpectWhole(Replica& replica, const std::string& name) {
    const v1::ExportOperation operation = Poll(replica, name);
    ASSERT_TRUE(operation.done());
    EXPECT_EQ(operation.response().orders(), kFoundOrders);
    v1::ReadExportRequest request;
    request.set_name(name);
    const auto chunk = replica.admin()(&Operations::ReadExport, request);
    ASSERT_THAT(chunk, IsOk());
    EXPECT_EQ(absl::BytesToHexString(Sha256(chunk->data())), operation.response().sha256());
    const std::vector<std::string> lines = absl::StrSplit(chunk->data(), "\r\n");
    ASSERT_EQ(lines.size(), kFoundOrders + 2U);
    EXPECT_TRUE(std::is_sorted(lines.begin() + 1, lines.end() - 1, std::greater<>()));
    int ended = 0;
    EXPECT_THAT(replica.database().Read({},
                                        [&](sql::Reader& reader) {
                                          ended = 0;
                                          return journal::ReadStream(
                                              reader, "469030", journal::kAccessStream, 0, 1000,
                                              [&](const type::v1::JournalRecord& record) {
                                                ended += record.resource() == name &&
                                                                 absl::EndsWith(record.type(),
                                                                                ".ExportEnded")
                                                             ? 1
                                                             : 0;
                                                return absl::OkStatus();
                                              });
                                        }),
                IsOk());
    EXPECT_EQ(ended, 1);
  }

  const test::TempDir dir_;
  SimulatedClock clock_{domain::At("2026-11-23 09:00")};
  const std::unique_ptr<Rng> rng_ = NewSeededRng(5);
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<api::Content> content_;
  std::unique_ptr<Replica> a_, b_;
};

INSTANTIATE_TEST_SUITE_P(DurableBackends, ExportReplicas,
                         ::testing::ValuesIn(sql::DurableBackends()),
                         ::testing::PrintToStringParamName());

TEST_P(ExportReplicas, ReplicasThatWorkTogether_MakeEachFileOnceAndWhole) {
  const std::string first = Start();
  const std::string second = Start();
  std::thread other([&] { b_->Ring(); });
  a_->Ring();
  other.join();
  // SQLite's readers may find the file busy; what was leased and not done comes after the lease.
  for (int i = 0; i < 20 && !(Poll(*a_, first).done() && Poll(*a_, second).done()); ++i) {
    clock_.Advance(absl::Minutes(1));
    a_->Ring();
  }
  ExpectWhole(*a_, first);
  ExpectWhole(*b_, second);
  EXPECT_THAT(journal::Verify(a_->database()), IsOk());
}

TEST_P(ExportReplicas, ReplicaThatDiesOverAStep_IsFollowedByAnotherAndWritesNothingMore) {
  const std::string name = Start();
  // What a replica does first; then nobody hears of it for a while.
  const store::ExportStore store(a_->vault());
  std::vector<journal::Alarm> leased;
  store::ExportRow row;
  ASSERT_THAT(a_->database().Write({},
                                   [&](sql::Tx& tx) -> absl::Status {
                                     auto alarms = store.Lease(tx, clock_.Now(),
                                                               clock_.Now() + absl::Seconds(30), 1);
                                     leased = alarms.value_or(std::vector<journal::Alarm>());
                                     auto loaded = store.Load(tx, name);
                                     row = loaded.value_or(store::ExportRow());
                                     return alarms.ok() ? loaded.status() : alarms.status();
                                   }),
              IsOk());
  ASSERT_EQ(leased.size(), 1U);
  EXPECT_EQ(b_->Ring(), 0) << "still leased";
  clock_.Advance(absl::Seconds(30));
  EXPECT_GT(b_->Ring(), 0);
  for (int i = 0; i < 20 && !Poll(*b_, name).done(); ++i) {
    clock_.Advance(absl::Minutes(1));
    b_->Ring();
  }
  ExpectWhole(*b_, name);
  row.work.mutable_operation()->mutable_error()->set_code(2);
  EXPECT_TRUE(absl::IsAborted(a_->database().Write({}, [&](sql::Tx& tx) {
    return store.Update(tx, row.work, row.attempt, clock_.Now());
  }))) << "it comes back too late";
  ExpectWhole(*a_, name);
}

}  // namespace
}  // namespace baimi::ticket
