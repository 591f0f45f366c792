#include "common/sql/sqlite/checkpointer.h"

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace baimi::sql::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr int kLimitPages = 16;
constexpr Statement kBegin = {"begin", "BEGIN"};
constexpr Statement kEnd = {"end", "COMMIT"};
constexpr Statement kCreate = {"create", "CREATE TABLE t(id INTEGER PRIMARY KEY, x BLOB) STRICT"};
constexpr Statement kAdd = {"add", "INSERT INTO t(x) VALUES (zeroblob(40000))"};
constexpr Statement kCount = {"count", "SELECT count(*) FROM t"};

class CheckpointerTest : public testing::Test {
 protected:
  CheckpointerTest() : directory_(testing::TempDir() + "baimi_checkpoint_XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    writer_ = Open();
    EXPECT_EQ(writer_->Control(kCreate), absl::OkStatus());
    checkpointer_ = std::make_unique<Checkpointer>(Open(), *writer_, writers_, kLimitPages);
  }
  ~CheckpointerTest() override {
    checkpointer_.reset();
    writer_.reset();
    fs::remove_all(directory_);
  }

  std::unique_ptr<Connection> Open() {
    auto connection = Connection::Open(directory_ + "/a.db", 64, [](absl::string_view) {});
    EXPECT_EQ(connection.status(), absl::OkStatus());
    return *std::move(connection);
  }
  // Ten pages, committed.
  void Add() {
    const FairLockHold hold(writers_, absl::InfiniteFuture());
    EXPECT_EQ(writer_->Execute(kAdd, {}).status(), absl::OkStatus());
  }
  // Writes until `more` further checkpoints are done.
  void AddUntilRuns(int64_t more) {
    const int64_t want = checkpointer_->runs() + more;
    while (checkpointer_->runs() < want) {
      Add();
    }
  }
  static void StartSnapshot(Connection& reader) {
    EXPECT_EQ(reader.Control(kBegin), absl::OkStatus());
    EXPECT_EQ(reader.Query(kCount, {}, false, [](const Row&) { return true; }), absl::OkStatus());
  }
  uintmax_t LogSize() const { return fs::file_size(directory_ + "/a.db-wal"); }
  uintmax_t FileSize() const { return fs::file_size(directory_ + "/a.db"); }

  std::string directory_;
  FairLock writers_;
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<Checkpointer> checkpointer_;
};

TEST_F(CheckpointerTest, LogAtTheLimit_IsMovedIntoTheFile) {
  const uintmax_t before = FileSize();
  AddUntilRuns(1);
  EXPECT_GT(FileSize(), before);
}

TEST_F(CheckpointerTest, LogBelowTheLimit_IsLeftAlone) {
  Add();
  EXPECT_EQ(checkpointer_->runs(), 0);
}

TEST_F(CheckpointerTest, OldReader_LetsTheLogGrowAndStopsNobody) {
  const auto reader = Open();
  StartSnapshot(*reader);
  AddUntilRuns(int64_t{2} * Checkpointer::kPatience);
  const uintmax_t grown = LogSize();
  EXPECT_GT(grown, uintmax_t{4096} * kLimitPages * Checkpointer::kPatience);
  EXPECT_EQ(reader->Control(kEnd), absl::OkStatus());
  // The first one after the reader has gone moves all of it, and the log starts over.
  AddUntilRuns(2);
  Add();
  const uintmax_t then = LogSize();
  AddUntilRuns(4);
  EXPECT_EQ(LogSize(), then) << "the file is used again from its beginning";
}

TEST_F(CheckpointerTest, ReadersWithoutAGap_DoNotKeepTheLogGrowing) {
  std::unique_ptr<Connection> readers[] = {Open(), Open()};
  StartSnapshot(*readers[0]);
  std::atomic<bool> stop = false;
  // One snapshot is always open, none for long: a log that starts over only when nobody reads
  // never would.
  std::thread relay([&] {
    for (int i = 0; !stop; ++i) {
      StartSnapshot(*readers[(i + 1) % 2]);
      EXPECT_EQ(readers[i % 2]->Control(kEnd), absl::OkStatus());
    }
  });
  AddUntilRuns(60);
  stop = true;
  relay.join();
  EXPECT_LT(LogSize(), FileSize() / 2);
}

}  // namespace
}  // namespace baimi::sql::sqlite
