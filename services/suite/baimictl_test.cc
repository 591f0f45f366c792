// Drives the finished baimictl, which stands in ../bin beside this test's folder.
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/journal/writer.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"
#include "common/sql/migrate.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::suite {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr sql::Statement kTamper = {
    "test.tamper", "UPDATE journal SET time_us = time_us + 1 WHERE county = '469030' AND seq = 2"};

struct Outcome {
  int exit_code;
  std::string text;  // Both streams.
};

class Baimictl : public ::testing::Test {
 protected:
  Outcome Run(const std::string& arguments) {
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    const std::string tool = (self.parent_path().parent_path() / "bin" / "baimictl").string();
    const std::string log = dir_.File("output");
    const int status =
        std::system(("env -i " + tool + " " + arguments + " >" + log + " 2>&1").c_str());
    std::ifstream in(log);
    std::ostringstream text;
    text << in.rdbuf();
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text.str()};
  }
  std::string Data() const { return "--data " + dir_.path(); }
  std::unique_ptr<sql::Database> Open(const std::string& file) {
    return *sql::Open("sqlite:" + dir_.File(file), {});
  }

  // Master and data keys, and a journal of `records` in each service's database.
  void MakeData(int records) {
    ASSERT_TRUE(privacy::MasterKeys::Create(dir_.File("master.key"), *rng_).ok());
    const auto key_database = Open("data-keys.db");
    ASSERT_TRUE(sql::Migrate(*key_database, "privacy", privacy::KeyRingMigrations(), clock_).ok());
    const auto keys = *privacy::KeyRing::Open(key_database.get(),
                                              *privacy::MasterKeys::Load(dir_.File("master.key")),
                                              &clock_, rng_.get(), {});
    privacy::Vault vault(keys.get(), rng_.get());
    for (const char* file : {"registry.db", "ticket.db"}) {
      const auto database = Open(file);
      ASSERT_TRUE(sql::Migrate(*database, "journal", journal::JournalMigrations(), clock_).ok());
      const auto writer = journal::Writer::Create(database.get(), &vault, &clock_, {});
      for (int i = 0; i < records; ++i) {
        ASSERT_TRUE(Record(*writer, *keys->NewKey()).ok());
      }
    }
  }

  absl::Status Record(journal::Writer& writer, privacy::KeyId key) {
    Call call;
    call.actor.set_id("tester");
    call.county = "469030";
    call.method = "/test.Service/Add";
    call.now = clock_.Now();
    call.committed_seq = std::make_shared<std::atomic<int64_t>>(0);
    return writer
        .Execute<ticket::v1::Ticket>(
            call,
            [key](journal::Tx& tx) -> absl::StatusOr<ticket::v1::Ticket> {
              ticket::v1::TicketFact fact;
              fact.set_transition("T1");
              fact.mutable_filed()->mutable_ticket()->set_title("路灯不亮");
              BAIMI_RETURN_IF_ERROR(tx.Record("things/1", fact, key).status());
              return ticket::v1::Ticket();
            })
        .Wait()
        .status();
  }

  test::TempDir dir_;
  SimulatedClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  std::unique_ptr<Rng> rng_ = NewSystemRng();
};

TEST_F(Baimictl, Verify_WholeChains_ALineEach) {
  MakeData(3);
  // As while a suite runs: its databases are open.
  const auto held = Open("ticket.db");
  const Outcome outcome = Run("verify " + Data());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text;
  for (const char* file : {"registry.db", "ticket.db"}) {
    EXPECT_THAT(outcome.text,
                ::testing::ContainsRegex(std::string(file) +
                                         " +county 469030 stream main +records +3 head [0-9a-f]"));
  }
}

TEST_F(Baimictl, Verify_ARecordChanged_NamesItAndExitsWithOne) {
  MakeData(3);
  ASSERT_TRUE(Open("ticket.db")
                  ->Write({}, [](sql::Tx& tx) { return tx.Execute(kTamper, {}).status(); })
                  .ok());
  const Outcome outcome = Run("verify " + Data());
  EXPECT_EQ(outcome.exit_code, 1) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr("ticket.db: journal of county 469030, stream main, seq 2"));
  EXPECT_THAT(outcome.text, Not(HasSubstr("registry.db: ")));
}

TEST_F(Baimictl, Verify_NoDatabase_SaysSoAndMakesNone) {
  const Outcome outcome = Run("verify " + Data());
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.text, HasSubstr("ticket.db: no such database"));
  EXPECT_FALSE(std::filesystem::exists(dir_.File("ticket.db")));
}

TEST_F(Baimictl, RewrapKeys_NewMasterFirst_ChangesEveryKey) {
  MakeData(1);
  std::ifstream in(dir_.File("master.key"));
  std::ostringstream old;
  old << in.rdbuf();
  std::ofstream(dir_.File("master.key")) << "m2 " << std::string(64, 'a') << "\n" << old.str();

  Outcome outcome = Run("rewrap-keys " + Data());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr("under master key m2"));
  EXPECT_THAT(outcome.text, Not(HasSubstr("rewrapped 0 ")));
  outcome = Run("rewrap-keys " + Data());
  EXPECT_THAT(outcome.text, HasSubstr("rewrapped 0 keys")) << "the second time finds none";
}

TEST_F(Baimictl, Init_MakesSecretsOnceAndRefusesHalves) {
  const std::string secrets = "--secrets " + dir_.File("secrets");
  const std::string master = dir_.File("secrets/master.key");
  const auto read = [](const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  Outcome outcome = Run("init " + secrets);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text;
  const std::string made = read(master);
  EXPECT_FALSE(made.empty());
  EXPECT_EQ(read(dir_.File("secrets/page.key")).size(), 32U);
  EXPECT_TRUE(std::filesystem::exists(dir_.File("secrets/tokens/service")));

  EXPECT_EQ(Run("init " + secrets).exit_code, 0);
  EXPECT_EQ(read(master), made) << "the second time leaves them alone";

  std::filesystem::remove(dir_.File("secrets/page.key"));
  outcome = Run("init " + secrets);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.text, HasSubstr("page.key is missing"));

  std::filesystem::remove_all(dir_.File("secrets/tokens"));
  std::filesystem::remove(dir_.File("secrets/complete"));
  outcome = Run("init " + secrets);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.text, HasSubstr("master.key is there"));
  EXPECT_EQ(read(master), made);
}

TEST_F(Baimictl, CommandLine_Everything_IsExplained) {
  EXPECT_THAT(Run("new-key").text, ::testing::ContainsRegex("token  bmk_.*\nsha256 [0-9a-f]+\n"));
  EXPECT_THAT(Run("version").text, ::testing::StartsWith("baimictl "));
  EXPECT_THAT(Run("--help").text, HasSubstr("rewrap-keys"));
  EXPECT_EQ(Run("").exit_code, 2);
  const Outcome wrong = Run("verfy " + Data());
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.text, HasSubstr("verify")) << "the nearest command";
}

}  // namespace
}  // namespace baimi::suite
