#include "tests/conformance/journal/fixture.h"

#include <filesystem>

#include "common/base/status_macros.h"
#include "common/sql/migrate.h"

namespace baimi::journal {
namespace {

constexpr sql::Migration kTable[] = {
    {1, "test",
     "CREATE TABLE things (county TEXT NOT NULL, value TEXT NOT NULL, "
     "PRIMARY KEY (county, value)) STRICT;"
     "CREATE TABLE tallies (county TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, "
     "PRIMARY KEY (county, name)) STRICT;",
     "CREATE TABLE things (county varchar(6) NOT NULL, value text NOT NULL, "
     "PRIMARY KEY (county, value));"
     "CREATE TABLE tallies (county varchar(6) NOT NULL, name text NOT NULL, n bigint NOT NULL, "
     "PRIMARY KEY (county, name));"}};
constexpr sql::Statement kReadTally = {"test.read_tally",
                                       "SELECT n FROM tallies WHERE county = $1 AND name = $2"};
constexpr sql::Statement kCount = {"test.count", "SELECT count(*) FROM things"};

Async<ticket::v1::Ticket> AddThing(Writer& writer, privacy::KeyId key, const Call& call,
                                   const std::string& value) {
  return writer.Execute<ticket::v1::Ticket>(
      call, [value, key](Tx& tx) -> absl::StatusOr<ticket::v1::Ticket> {
        BAIMI_RETURN_IF_ERROR(tx.sql().Execute(kInsertThing, {tx.county(), value}).status());
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

}  // namespace

void JournalFixture::Open(const sql::Backend& backend) {
  durable_ = backend.durable;
  site_ = backend.make_site();
  key_site_ = backend.make_site();
  master_path_ = testing::TempDir() + "/master-" + NewUuid(*NewSystemRng()) + ".key";
  ASSERT_TRUE(privacy::MasterKeys::Create(master_path_, *rng_).ok());
  Restart();
}

JournalFixture::~JournalFixture() {
  writer_.reset();
  std::filesystem::remove(master_path_);
}

void JournalFixture::Restart(const WriterOptions& options) {
  writer_.reset();
  vault_.reset();
  keys_.reset();
  if (database_ == nullptr || durable_) {
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

Call JournalFixture::MakeCall(const std::string& request_id) const {
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

std::unique_ptr<Replica> JournalFixture::NewReplica(const WriterOptions& options) {
  auto replica = std::make_unique<Replica>();
  replica->database =
      std::make_unique<sql::FaultyDatabase>(*sql::Open(site_->Uri(), {}), sql::FaultPlan{});
  replica->key_database = *sql::Open(key_site_->Uri(), {});
  replica->keys =
      *privacy::KeyRing::Open(replica->key_database.get(), *privacy::MasterKeys::Load(master_path_),
                              &clock_, rng_.get(), {});
  replica->vault = std::make_unique<privacy::Vault>(replica->keys.get(), rng_.get());
  replica->writer = Writer::Create(replica->database.get(), replica->vault.get(), &clock_, options);
  return replica;
}

Async<ticket::v1::Ticket> Replica::Add(const Call& call, const std::string& value) {
  return AddThing(*writer, *keys->NewKey(), call, value);
}

Async<ticket::v1::Ticket> JournalFixture::Add(const Call& call, const std::string& value) {
  return Add(call, value, *keys_->NewKey());
}

Async<ticket::v1::Ticket> JournalFixture::Add(const Call& call, const std::string& value,
                                              privacy::KeyId key) {
  return AddThing(*writer_, key, call, value);
}

int64_t JournalFixture::Rows() {
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

int64_t JournalFixture::Tally(absl::string_view name) {
  int64_t n = 0;
  const absl::Status status = database_->Read({}, [&](sql::Reader& reader) {
    return reader
        .QueryOne(kReadTally, {kCounty, name},
                  [&](const sql::Row& row) {
                    n = row.Int64(0);
                    return absl::OkStatus();
                  })
        .status();
  });
  EXPECT_TRUE(status.ok()) << status;
  return n;
}

int64_t JournalFixture::Head(const std::string& stream) {
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

void JournalFixture::ExpectChainWhole() {
  const auto reports = Verify(*database_);
  EXPECT_TRUE(reports.ok()) << reports.status();
}

}  // namespace baimi::journal
