// A journal on one of the databases of the SQL suite, with real sealing.
#ifndef BAIMI_TESTS_CONFORMANCE_JOURNAL_FIXTURE_H_
#define BAIMI_TESTS_CONFORMANCE_JOURNAL_FIXTURE_H_

#include <memory>
#include <string>

#include "baimi/ticket/v1/events.pb.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/journal/log.h"
#include "common/journal/writer.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "common/sql/faulty.h"
#include "gtest/gtest.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::journal {

inline constexpr char kCounty[] = "469030";

// The table that the tests write: (county, value), unique.
inline constexpr sql::Statement kInsertThing = {
    "test.insert", "INSERT INTO things (county, value) VALUES ($1, $2)"};

// Adds to a tally of the test's other table, (county, name).
inline constexpr sql::Statement kTally = {
    "test.tally",
    "INSERT INTO tallies (county, name, n) VALUES ($1, $2, $3) "
    "ON CONFLICT (county, name) DO UPDATE SET n = tallies.n + $3 RETURNING n"};

// A process of its own, as far as the database can tell.
struct Replica {
  // Without faults until a test gives it a plan.
  std::unique_ptr<sql::FaultyDatabase> database;
  std::unique_ptr<sql::Database> key_database;
  std::unique_ptr<privacy::KeyRing> keys;
  std::unique_ptr<privacy::Vault> vault;
  std::unique_ptr<Writer> writer;

  // Adds a row "value" to the test's table and records a fact about it.
  Async<ticket::v1::Ticket> Add(const Call& call, const std::string& value);
};

class JournalFixture : public testing::Test {
 protected:
  ~JournalFixture() override;

  // Makes a place of `backend` and opens it.
  void Open(const sql::Backend& backend);

  // Opens the database anew and starts a writer on it.
  void Restart(const WriterOptions& options = {});

  // Another one on the same databases.
  std::unique_ptr<Replica> NewReplica(const WriterOptions& options = {});

  Call MakeCall(const std::string& request_id = "") const;
  // Adds a row "value" to the test's table and records a fact about it, under a new key.
  Async<ticket::v1::Ticket> Add(const Call& call, const std::string& value);
  Async<ticket::v1::Ticket> Add(const Call& call, const std::string& value, privacy::KeyId key);
  int64_t Rows();
  // 0 when there is none.
  int64_t Tally(absl::string_view name);
  int64_t Head(const std::string& stream = "main");
  void ExpectChainWhole();

  bool durable_ = false;
  std::unique_ptr<sql::Site> site_;
  std::unique_ptr<sql::Site> key_site_;
  SimulatedClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  std::unique_ptr<Rng> rng_ = NewSeededRng(7);
  std::string master_path_;
  // Without faults until a test gives it a plan.
  std::unique_ptr<sql::FaultyDatabase> database_;
  std::unique_ptr<sql::Database> key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<Writer> writer_;
};

class JournalTest : public JournalFixture, public testing::WithParamInterface<sql::Backend> {
 protected:
  void SetUp() override { Open(GetParam()); }
};

}  // namespace baimi::journal

#endif  // BAIMI_TESTS_CONFORMANCE_JOURNAL_FIXTURE_H_
