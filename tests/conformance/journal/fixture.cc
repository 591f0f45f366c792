#include "tests/conformance/journal/fixture.h"

#include <filesystem>

#include "common/base/status_macros.h"
#include "common/sql/migrate.h"

namespace baimi::journal {
namespace {

constexpr sql::Migration kTable[] = {
    {1, "test",
     "CREATE TABLE things (county TEXT NOT NULL, value TEXT NOT NULL, "
     "PRIMARY KEY (county, value)) STRICT;",
     "CREATE TABLE things (county varchar(6) NOT NULL, value text NOT NULL, "
     "PRIMARY KEY (county, value));"}};
constexpr sql::Statement kInsert = {"test.insert",
                                    "INSERT INTO things (county, value) VALUES ($1, $2)"};
constexpr sql::Statement kCount = {"test.count", "SELECT count(*) FROM things"};

}  // namespace

void JournalTest::SetUp() {
  site_ = GetParam().make_site();
  key_site_ = GetParam().make_site();
  master_path_ = testing::TempDir() + "/master-" + NewUuid(*NewSystemRng()) + ".key";
  ASSERT_TRUE(privacy::MasterKeys::Create(master_path_, *rng_).ok());
  Restart();
}

void JournalTest::TearDown() {
  writer_.reset();
  std::filesystem::remove(master_path_);
}

void JournalTest::Restart(const WriterOptions& options) {
  writer_.reset();
  vault_.reset();
  keys_.reset();
  if (database_ == nullptr || GetParam().durable) {
    database_.reset();
    key_database_.reset();
    database_ =
        std::make_unique<sql::FaultyDatabase>(*sql::Open(site_->Uri(), {}), sql::FaultPlan{});
    key_database_ = *sql::Open(key_site_->Uri(), {});
  }
  ASSERT_TRUE(sql::Migrate(*database_, "journal", JournalMigrations(), clock_).ok());
  ASSERT_TRUE(sql::Migrate(*database_, "test", kTable, clock_).ok());
  ASSERT_TRUE(sql::Migrate(*key_database_, "privacy", privacy::KeyRingMigrations(), clock_).ok());
  auto masters = privacy::MasterKeys::Load(master_path_);
  ASSERT_TRUE(masters.ok()) << masters.status();
  auto keys =
      privacy::KeyRing::Open(key_database_.get(), *std::move(masters), &clock_, rng_.get(), {});
  ASSERT_TRUE(keys.ok()) << keys.status();
  keys_ = *std::move(keys);
  vault_ = std::make_unique<privacy::Vault>(keys_.get(), rng_.get());
  writer_ = Writer::Create(database_.get(), vault_.get(), &clock_, options);
}

Call JournalTest::MakeCall(const std::string& request_id) const {
  Call call;
  call.actor.set_id("tester");
  call.county = kCounty;
  call.method = "/test.Service/Add";
  call.request_id = request_id;
  call.fingerprint = request_id.empty() ? "" : "same";
  call.now = clock_.Now();
  call.committed_seq = std::make_shared<std::atomic<int64_t>>(0);
  return call;
}

Async<ticket::v1::Ticket> JournalTest::Add(const Call& call, const std::string& value) {
  const privacy::KeyId key = *keys_->NewKey();
  return writer_->Execute<ticket::v1::Ticket>(
      call, [value, key](Tx& tx) -> absl::StatusOr<ticket::v1::Ticket> {
        BAIMI_RETURN_IF_ERROR(tx.sql().Execute(kInsert, {tx.county(), value}).status());
        ticket::v1::TicketFact fact;
        fact.set_transition("T1");
        fact.mutable_filed()->mutable_ticket()->set_title(value);
        BAIMI_RETURN_IF_ERROR(tx.Record("things/" + value, fact, key).status());
        tx.SealAnswerUnder(key);
        ticket::v1::Ticket answer;
        answer.set_name("things/" + value);
        answer.set_title(value);
        return answer;
      });
}

int64_t JournalTest::Rows() {
  int64_t rows = 0;
  EXPECT_TRUE(database_
                  ->Read({},
                         [&](sql::Reader& reader) {
                           return reader
                               .QueryOne(kCount, {},
                                         [&](const sql::Row& row) {
                                           rows = row.Int64(0);
                                           return absl::OkStatus();
                                         })
                               .status();
                         })
                  .ok());
  return rows;
}

int64_t JournalTest::Head(const std::string& stream) {
  int64_t head = -1;
  EXPECT_TRUE(database_
                  ->Read({},
                         [&](sql::Reader& reader) -> absl::Status {
                           BAIMI_ASSIGN_OR_RETURN(head, HeadSeq(reader, kCounty, stream));
                           return absl::OkStatus();
                         })
                  .ok());
  return head;
}

void JournalTest::ExpectChainWhole() {
  const auto reports = Verify(*database_);
  EXPECT_TRUE(reports.ok()) << reports.status();
}

}  // namespace baimi::journal
