// Several threads on one database.
#include <thread>

#include "absl/synchronization/notification.h"
#include "common/base/status_macros.h"
#include "tests/conformance/sql/fixture.h"

namespace baimi::sql {
namespace {

constexpr Statement kSum = {"concurrency_sum",
                            "SELECT CAST(sum(balance) AS bigint), count(*) FROM accounts"};

void RunThreads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back(body, i);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

// The caller's side of ABORTED.
absl::Status WriteUntilDone(Database& database, absl::FunctionRef<absl::Status(Tx&)> body) {
  for (;;) {
    absl::Status status = database.Write({}, body);
    if (!absl::IsAborted(status)) {
      return status;
    }
  }
}

TEST_P(SqlConformance, Concurrency_WritersOnOneRow_LoseNoUpdate) {
  ASSERT_OK(AddAccount(1, 0));
  RunThreads(4, [&](int) {
    for (int i = 0; i < 50; ++i) {
      EXPECT_OK(WriteUntilDone(*db_, [&](Tx& tx) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const std::optional<int64_t> balance, Balance(tx, 1));
        return tx.Execute(kSetBalance, {1, *balance + 1}).status();
      }));
    }
  });
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    EXPECT_EQ(*Balance(reader, 1), 200);
    return absl::OkStatus();
  }));
}

TEST_P(SqlConformance, Concurrency_SameKeyFromManyThreads_HasOneWinner) {
  std::atomic<int> winners = 0;
  RunThreads(4, [&](int thread) {
    for (int64_t id = 0; id < 20; ++id) {
      const absl::Status status = WriteUntilDone(*db_, [&](Tx& tx) {
        return tx.Execute(kAddAccount, {id, thread}).status();
      });
      winners += status.ok() ? 1 : 0;
      EXPECT_TRUE(status.ok() || absl::IsAlreadyExists(status)) << status;
    }
  });
  EXPECT_EQ(winners, 20);
}

TEST_P(SqlConcurrency, Read_DuringAWrite_KeepsItsSnapshotAndDoesNotWait) {
  ASSERT_OK(AddAccount(1, 10));
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    EXPECT_EQ(*Balance(reader, 1), 10);
    std::thread([&] {
      EXPECT_OK(db_->Write({}, [&](Tx& tx) { return tx.Execute(kSetBalance, {1, 20}).status(); }));
    }).join();
    EXPECT_EQ(*Balance(reader, 1), 10) << "the snapshot holds";
    return absl::OkStatus();
  }));
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    EXPECT_EQ(*Balance(reader, 1), 20) << "a later read sees what was committed before it";
    return absl::OkStatus();
  }));
}

TEST_P(SqlConcurrency, Read_BesideAnOpenWrite_DoesNotSeeIt) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    EXPECT_OK(tx.Execute(kAddAccount, {1, 1}).status());
    std::thread([&] { EXPECT_TRUE(AccountIds().empty()); }).join();
    return absl::OkStatus();
  }));
  EXPECT_EQ(AccountIds(), std::vector<int64_t>{1});
}

TEST_P(SqlConcurrency, Readers_WhileWriting_SeeOnlyWholeTransactions) {
  ASSERT_OK(AddAccount(1, 1000));
  ASSERT_OK(AddAccount(2, 1000));
  absl::Notification written;
  std::atomic<int> reads = 0;
  RunThreads(4, [&](int thread) {
    if (thread == 0) {
      for (int i = 0; i < 300 || reads < 30; ++i) {
        EXPECT_OK(db_->Write({}, [&](Tx& tx) {
          EXPECT_OK(tx.Execute(kSetBalance, {1, 1000 - i % 1000}).status());
          return tx.Execute(kSetBalance, {2, 1000 + i % 1000}).status();
        }));
      }
      written.Notify();
      return;
    }
    while (!written.HasBeenNotified()) {
      EXPECT_OK(db_->Read({}, [&](Reader& reader) {
        return reader.Query(kSum, {}, [&](const Row& row) {
          EXPECT_EQ(row.Int64(0), 2000);
          EXPECT_EQ(row.Int64(1), 2);
          return absl::OkStatus();
        });
      }));
      ++reads;
    }
  });
}

TEST_P(SqlConcurrency, MoreReadersThanConnections_AllGetTheirTurn) {
  ASSERT_OK(AddAccount(1, 1));
  std::atomic<int> reads = 0;
  RunThreads(12, [&](int) {
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(AccountIds(), std::vector<int64_t>{1});
      ++reads;
    }
  });
  EXPECT_EQ(reads, 240);
}

}  // namespace
}  // namespace baimi::sql
