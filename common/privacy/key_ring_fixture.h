// A key ring for tests, on a database file of its own or on another place.
#ifndef BAIMI_COMMON_PRIVACY_KEY_RING_FIXTURE_H_
#define BAIMI_COMMON_PRIVACY_KEY_RING_FIXTURE_H_

#include <sys/stat.h>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/privacy/key_ring.h"
#include "common/sql/faulty.h"
#include "common/sql/migrate.h"
#include "common/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace baimi::privacy {

class KeyRingFixture : public testing::Test {
 protected:
  // `uri` empty: a file.
  explicit KeyRingFixture(const std::string& uri = "")
      : uri_(uri.empty() ? "sqlite:" + DatabaseFile() : uri) {
    OpenDatabase();
    WriteMasters("m1 " + std::string(64, '1') + "\n");
  }

  void OpenDatabase() {
    auto database = sql::Open(uri_, {});
    EXPECT_TRUE(database.ok()) << database.status();
    EXPECT_TRUE(sql::Migrate(**database, "privacy", KeyRingMigrations(), clock_).ok());
    database_ = std::make_unique<sql::FaultyDatabase>(*std::move(database), sql::FaultPlan{});
  }

  std::string DatabaseFile() const { return dir_.File("keys.db"); }

  // Everything but the index key.
  void WriteMasters(const std::string& lines) {
    const std::string path = dir_.File("master.keys");
    std::ofstream(path) << lines << "index " << std::string(64, 'f') << "\n";
    EXPECT_EQ(chmod(path.c_str(), 0600), 0);
  }

  MasterKeys Masters() const { return *MasterKeys::Load(dir_.File("master.keys")); }

  std::unique_ptr<KeyRing> OpenRing(const KeyRingOptions& options = {}) {
    auto ring = KeyRing::Open(database_.get(), Masters(), &clock_, rng_.get(), options);
    EXPECT_TRUE(ring.ok()) << ring.status();
    return *std::move(ring);
  }

  int64_t Count(const sql::Statement& statement) {
    int64_t count = -1;
    EXPECT_TRUE(database_
                    ->Read({},
                           [&](sql::Reader& reader) {
                             return reader
                                 .QueryOne(statement, {},
                                           [&](const sql::Row& row) {
                                             count = row.Int64(0);
                                             return absl::OkStatus();
                                           })
                                 .status();
                           })
                    .ok());
    return count;
  }

  test::TempDir dir_;
  const std::string uri_;
  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::unique_ptr<Rng> rng_ = NewSystemRng();
  std::unique_ptr<sql::FaultyDatabase> database_;
};

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_KEY_RING_FIXTURE_H_
