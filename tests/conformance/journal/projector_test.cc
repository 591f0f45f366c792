// Projections on every database: each record once and in order, however many replicas make them.
#include "common/journal/projector.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "tests/conformance/journal/fixture.h"

namespace baimi::journal {
namespace {

using testing::ElementsAre;

constexpr sql::Statement kSeen = {
    "test.seen",
    "SELECT value FROM things WHERE county = $1 AND value LIKE 'seen-%' ORDER BY value"};

ProjectorOptions ByHand(int batch = 200) {
  ProjectorOptions options;
  options.poll = absl::InfiniteDuration();
  options.batch = batch;
  return options;
}

// A row for each record; the unique index refuses a second one.
absl::Status See(sql::Tx& tx, const std::string& county,
                 absl::Span<const type::v1::JournalRecord> records) {
  for (const type::v1::JournalRecord& record : records) {
    BAIMI_RETURN_IF_ERROR(
        tx.Execute(kInsertThing, {county, absl::StrCat("seen-", record.seq())}).status());
  }
  return absl::OkStatus();
}

class ProjectorTest : public JournalTest {
 protected:
  void Write(int count) {
    for (int i = 0; i < count; ++i) {
      const auto added = Add(MakeCall(), absl::StrCat("v", ++values_)).Wait();
      ASSERT_TRUE(added.ok()) << added.status();
    }
  }
  size_t Seen() {
    size_t seen = 0;
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) {
      return reader.Query(kSeen, {kCounty}, [&](const sql::Row&) {
        ++seen;
        return absl::OkStatus();
      });
    });
    EXPECT_TRUE(status.ok()) << status;
    return seen;
  }
  int64_t Cursor(const std::string& name) {
    int64_t cursor = -1;
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(cursor, Projector::Cursor(reader, name, kCounty));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return cursor;
  }

  int values_ = 0;
};

INSTANTIATE_TEST_SUITE_P(AllBackends, ProjectorTest, testing::ValuesIn(sql::AllBackends()),
                         testing::PrintToStringParamName());

TEST_P(ProjectorTest, CatchUp_GivesEveryRecordOnceInOrderInBatches) {
  Write(7);
  std::vector<size_t> sizes;
  std::vector<int64_t> seqs;
  Projector projector(
      database_.get(), "figures",
      [&](sql::Tx& tx, const std::string& county, absl::Span<const type::v1::JournalRecord> some) {
        sizes.push_back(some.size());
        for (const type::v1::JournalRecord& record : some) {
          seqs.push_back(record.seq());
        }
        return See(tx, county, some);
      },
      ByHand(3));
  EXPECT_EQ(projector.CatchUp().value_or(-1), 7);
  EXPECT_THAT(sizes, ElementsAre(3, 3, 1));
  EXPECT_THAT(seqs, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(Cursor("figures"), 7);
  EXPECT_EQ(projector.CatchUp().value_or(-1), 0);
  Write(1);
  EXPECT_EQ(projector.CatchUp().value_or(-1), 1);
  EXPECT_EQ(Seen(), 8U);
}

TEST_P(ProjectorTest, FailedApply_IsUndoneAndGoesOnFromThere) {
  Write(4);
  bool fail = true;
  Projector projector(
      database_.get(), "figures",
      [&](sql::Tx& tx, const std::string& county, absl::Span<const type::v1::JournalRecord> some) {
        BAIMI_RETURN_IF_ERROR(See(tx, county, some));
        return fail && some[0].seq() > 2 ? absl::InternalError("planned") : absl::OkStatus();
      },
      ByHand(2));
  EXPECT_FALSE(projector.CatchUp().ok());
  EXPECT_EQ(Cursor("figures"), 2);
  EXPECT_EQ(Seen(), 2U);
  fail = false;
  EXPECT_EQ(projector.CatchUp().value_or(-1), 2);
  EXPECT_EQ(Seen(), 4U);
}

TEST_P(ProjectorTest, OtherName_StartsAtTheFirstRecord) {
  Write(3);
  int64_t first = 0;
  const auto count = [&](sql::Tx&, const std::string&,
                         absl::Span<const type::v1::JournalRecord> some) {
    first = some[0].seq();
    return absl::OkStatus();
  };
  Projector one(database_.get(), "figures", count, ByHand());
  EXPECT_EQ(one.CatchUp().value_or(-1), 3);
  Projector other(database_.get(), "search", count, ByHand());
  EXPECT_EQ(Cursor("search"), 0);
  EXPECT_EQ(other.CatchUp().value_or(-1), 3);
  EXPECT_EQ(first, 1);
}

class ProjectorReplicas : public ProjectorTest {};
INSTANTIATE_TEST_SUITE_P(DurableBackends, ProjectorReplicas,
                         testing::ValuesIn(sql::DurableBackends()),
                         testing::PrintToStringParamName());

TEST_P(ProjectorReplicas, Together_ApplyEveryRecordOnce) {
  Write(60);
  constexpr int kReplicas = 3;
  std::vector<std::unique_ptr<sql::Database>> databases;
  std::vector<std::unique_ptr<Projector>> projectors;
  for (int i = 0; i < kReplicas; ++i) {
    databases.push_back(*sql::Open(site_->Uri(), {}));
    projectors.push_back(
        std::make_unique<Projector>(databases.back().get(), "figures", See, ByHand(2)));
  }
  std::atomic<int64_t> applied{0};
  std::vector<std::thread> threads;
  for (auto& projector : projectors) {
    threads.emplace_back([&] {
      const auto some = projector->CatchUp();
      EXPECT_TRUE(some.ok()) << some.status();
      applied += some.value_or(0);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  // One that finds the county taken leaves it; whoever has it goes on to the end.
  EXPECT_EQ(applied.load(), 60);
  EXPECT_EQ(Cursor("figures"), 60);
  EXPECT_EQ(Seen(), 60U);
}

}  // namespace
}  // namespace baimi::journal
