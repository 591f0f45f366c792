// Exports on every database: leases, attempts that overtake each other, pages, lists.
#include <filesystem>

#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/store/export_store.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kCounty[] = "469030";

class ExportStoreTest : public testing::TestWithParam<sql::Backend> {
 protected:
  void SetUp() override {
    site_ = GetParam().make_site();
    key_site_ = GetParam().make_site();
    database_ = *sql::Open(site_->Uri(), {});
    key_database_ = *sql::Open(key_site_->Uri(), {});
    ASSERT_TRUE(sql::Migrate(*database_, "ticket", TicketMigrations(), clock_).ok());
    ASSERT_TRUE(sql::Migrate(*key_database_, "privacy", privacy::KeyRingMigrations(), clock_).ok());
    const std::string master = testing::TempDir() + "/" + NewUuid(*NewSystemRng()) + ".key";
    ASSERT_TRUE(privacy::MasterKeys::Create(master, *rng_).ok());
    keys_ = *privacy::KeyRing::Open(key_database_.get(), *privacy::MasterKeys::Load(master),
                                    &clock_, rng_.get(), {});
    std::filesystem::remove(master);
    vault_ = std::make_unique<privacy::Vault>(keys_.get(), rng_.get());
    store_ = std::make_unique<ExportStore>(vault_.get());
  }

  absl::Status Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    return database_->Write({}, body);
  }
  template <typename T>
  absl::StatusOr<T> Read(absl::FunctionRef<absl::StatusOr<T>(sql::Reader&)> body) {
    absl::StatusOr<T> result = absl::UnknownError("not read");
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) {
      result = body(reader);
      return result.status();
    });
    return status.ok() ? std::move(result) : status;
  }

  static std::string Name(int i) { return ExportName(kCounty, absl::StrFormat("%032x", i)); }
  static std::string AlarmId(int i, int attempt) { return absl::StrFormat("%032x/%d", i, attempt); }

  // Asked for by `requester` in second `i`, due then.
  v1::ExportWork Make(int i, const std::string& requester = "clerk") {
    v1::ExportWork work;
    v1::ExportOperation& operation = *work.mutable_operation();
    operation.set_name(Name(i));
    operation.mutable_metadata()->mutable_requester()->set_id(requester);
    operation.mutable_metadata()->mutable_create_time()->set_seconds(i);
    operation.mutable_metadata()->mutable_filter()->set_text("电梯");
    work.set_record_key(*keys_->NewKey());
    const absl::Status inserted =
        Write([&](sql::Tx& tx) { return store_->Insert(tx, work, At(i)); });
    EXPECT_TRUE(inserted.ok()) << inserted;
    return work;
  }
  static absl::Time At(int second) { return absl::FromUnixSeconds(second); }

  std::vector<std::string> Lease(int now, int until, int limit = 10) {
    std::vector<std::string> ids;
    const absl::Status leased = Write([&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(const auto alarms, store_->Lease(tx, At(now), At(until), limit));
      ids.clear();
      for (const journal::Alarm& alarm : alarms) {
        EXPECT_EQ(alarm.county, kCounty);
        ids.push_back(alarm.id);
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(leased.ok()) << leased;
    return ids;
  }
  absl::StatusOr<ExportRow> Load(int i) {
    return Read<ExportRow>([&](sql::Reader& reader) { return store_->Load(reader, Name(i)); });
  }
  std::vector<std::string> List(const std::string& requester, const ExportKey& after, int limit) {
    const auto found = Read<std::vector<v1::ExportWork>>([&](sql::Reader& reader) {
      return store_->List(reader, kCounty, requester, after, limit);
    });
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<std::string> names;
    for (const v1::ExportWork& work : *found) {
      names.push_back(work.operation().name());
    }
    return names;
  }
  int Running() {
    return Read<int>([&](sql::Reader& reader) { return store_->Running(reader, kCounty); })
        .value_or(-1);
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  const std::unique_ptr<Rng> rng_ = NewSeededRng(7);
  std::unique_ptr<sql::Site> site_;
  std::unique_ptr<sql::Site> key_site_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<sql::Database> key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<ExportStore> store_;
};

TEST_P(ExportStoreTest, Load_AfterInsert_GivesTheWorkWithItsSealedWords) {
  const v1::ExportWork work = Make(1);
  const auto row = Load(1);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->work.SerializeAsString(), work.SerializeAsString());
  EXPECT_EQ(row->attempt, 0);
  EXPECT_TRUE(absl::IsNotFound(Load(2).status()));
  ASSERT_TRUE(keys_->Destroy(work.record_key()).ok());
  EXPECT_FALSE(Load(1).ok()) << "the words are sealed under its key";
}

TEST_P(ExportStoreTest, Lease_GivesEachToOneUntilItsTimeIsOver) {
  Make(1);
  Make(2);
  Make(9);
  EXPECT_THAT(Lease(5, 8, 1), ElementsAre(AlarmId(1, 1))) << "the earliest, one at a time";
  EXPECT_THAT(Lease(5, 8), ElementsAre(AlarmId(2, 1))) << "the first one is leased";
  EXPECT_THAT(Lease(5, 8), IsEmpty());
  EXPECT_THAT(Lease(8, 20), UnorderedElementsAre(AlarmId(1, 2), AlarmId(2, 2)))
      << "a lease ran out";
  EXPECT_THAT(Lease(9, 20), ElementsAre(AlarmId(9, 1))) << "its time has come";
}

TEST_P(ExportStoreTest, Update_OfAnAttemptThatWasOvertaken_ChangesNothing) {
  v1::ExportWork work = Make(1);
  Lease(1, 2);
  Lease(2, 30);
  work.set_pages_found(5);
  const auto update = [&](int64_t attempt) {
    return Write([&](sql::Tx& tx) { return store_->Update(tx, work, attempt, At(40)); });
  };
  EXPECT_TRUE(absl::IsAborted(update(1)));
  EXPECT_EQ(Load(1)->work.pages_found(), 0);
  EXPECT_TRUE(
      absl::IsAborted(Write([&](sql::Tx& tx) { return store_->Renew(tx, Name(1), 1, At(90)); })));
  EXPECT_TRUE(absl::IsAborted(Write([&](sql::Tx& tx) { return store_->Delete(tx, Name(1), 1); })));
  EXPECT_TRUE(update(2).ok());
  EXPECT_EQ(Load(1)->work.pages_found(), 5);
  EXPECT_THAT(Lease(39, 50), IsEmpty()) << "due later";
  EXPECT_THAT(Lease(40, 50), ElementsAre(AlarmId(1, 3))) << "no lease is left";
}

TEST_P(ExportStoreTest, Renew_HoldsTheLease) {
  Make(1);
  Lease(1, 2);
  ASSERT_TRUE(Write([&](sql::Tx& tx) { return store_->Renew(tx, Name(1), 1, At(10)); }).ok());
  EXPECT_THAT(Lease(9, 20), IsEmpty());
  EXPECT_THAT(Lease(10, 20), ElementsAre(AlarmId(1, 2)));
}

TEST_P(ExportStoreTest, Overtake_LeavesTheWorkerWithNothingToWrite) {
  v1::ExportWork work = Make(1);
  Lease(1, 30);
  work.mutable_operation()->set_done(true);
  ASSERT_TRUE(Write([&](sql::Tx& tx) { return store_->Overtake(tx, work, At(3)); }).ok());
  EXPECT_TRUE(
      absl::IsAborted(Write([&](sql::Tx& tx) { return store_->Update(tx, work, 1, At(3)); })));
  EXPECT_TRUE(Load(1)->work.operation().done());
  EXPECT_THAT(Lease(3, 30), ElementsAre(AlarmId(1, 3))) << "the lease ended with it";
}

TEST_P(ExportStoreTest, Running_CountsWhatIsNotDone) {
  v1::ExportWork work = Make(1);
  Make(2);
  EXPECT_EQ(Running(), 2);
  work.mutable_operation()->set_done(true);
  ASSERT_TRUE(Write([&](sql::Tx& tx) { return store_->Update(tx, work, 0, At(9)); }).ok());
  EXPECT_EQ(Running(), 1);
}

TEST_P(ExportStoreTest, Pages_AreKeptInOrderAndGoWithTheirExport) {
  Make(1);
  const auto put = [&](int page, const std::vector<std::string>& numbers) {
    return Write([&](sql::Tx& tx) { return store_->PutPage(tx, Name(1), page, numbers); });
  };
  const auto page = [&](int n) {
    return Read<std::vector<std::string>>(
        [&](sql::Reader& reader) { return store_->LoadPage(reader, Name(1), n); });
  };
  ASSERT_TRUE(put(0, {"20261127-000002", "20261127-000001"}).ok());
  ASSERT_TRUE(put(1, {"x"}).ok());
  ASSERT_TRUE(put(1, {"20261126-000009"}).ok()) << "written over by the next attempt";
  EXPECT_THAT(*page(0), ElementsAre("20261127-000002", "20261127-000001"));
  EXPECT_THAT(*page(1), ElementsAre("20261126-000009"));
  EXPECT_TRUE(absl::IsNotFound(page(2).status()));
  ASSERT_TRUE(Write([&](sql::Tx& tx) { return store_->Delete(tx, Name(1), 0); }).ok());
  EXPECT_TRUE(absl::IsNotFound(Load(1).status()));
  EXPECT_TRUE(absl::IsNotFound(page(0).status()));
}

TEST_P(ExportStoreTest, List_IsOfOneRequesterNewestFirstWithoutWhatIsBeingRemoved) {
  Make(1);
  Make(2, "other");
  Make(3);
  v1::ExportWork removing = Make(4);
  Make(5);
  removing.set_removing(true);
  ASSERT_TRUE(Write([&](sql::Tx& tx) { return store_->Update(tx, removing, 0, At(9)); }).ok());
  EXPECT_THAT(List("clerk", {}, 10), ElementsAre(Name(5), Name(3), Name(1)));
  EXPECT_THAT(List("clerk", {}, 2), ElementsAre(Name(5), Name(3)));
  EXPECT_THAT(List("clerk", {.create_us = 3'000'000, .id = absl::StrFormat("%032x", 3)}, 2),
              ElementsAre(Name(1)));
  EXPECT_THAT(List("nobody", {}, 10), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Backends, ExportStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
