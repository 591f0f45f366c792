// Readers, fillers and writers at once against a small pretended database.
#include <array>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/conformance/cache/cache_suite.h"

namespace baimi::cache {
namespace {

constexpr int kKeys = 8;
constexpr int kWrites = 1000;

// A row is its version, written out; the cached value must say the version it claims.
struct Row {
  // In the database.
  std::atomic<int64_t> committed{0};
  // The newest version whose Invalidate has returned: nothing older may be read from then on.
  std::atomic<int64_t> invalidated{0};
};

class Hammer {
 public:
  Hammer(Cache& cache, std::function<void()> settle) : cache_(cache), settle_(std::move(settle)) {}

  // Runs everything; `keep_order` demands also that no reader sees a key go back at all.
  void Run(bool keep_order) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([this, t] { Write(t); });
      threads.emplace_back([this, t] { Fill(t); });
      threads.emplace_back([this, keep_order] { Read(keep_order); });
    }
    for (auto& thread : threads) {
      thread.join();
    }
    EXPECT_EQ(behind_, 0) << "values older than an invalidation that had returned";
    EXPECT_EQ(backwards_, 0) << "values older than one this reader had seen";
    EXPECT_EQ(too_old_, 0) << "values older than the reader asked for";
    EXPECT_GT(read_, 0) << "no reader hit anything: nothing was tested";
  }

 private:
  static std::string Key(size_t k) { return absl::StrCat("row/", k); }

  void Put(size_t k, int64_t version) {
    cache_.PutIfNewer(Key(k), std::make_shared<const std::string>(absl::StrCat(version)), version,
                      absl::Hours(1));
  }

  // Writer `t` owns every second key, so that versions of a key are invalidated in order. Goes on
  // until somebody has read something.
  void Write(int t) {
    for (int i = 0; i < kWrites || (read_ == 0 && i < 100 * kWrites); ++i) {
      const auto k = static_cast<size_t>(i * 2 + t) % kKeys;
      const int64_t version = ++rows_[k].committed;
      cache_.Invalidate(Key(k), version);
      rows_[k].invalidated = version;
      if (i % 7 == 0) {
        settle_();
        std::this_thread::yield();
      }
    }
    ++done_;
  }

  // Puts what it read, sometimes much later than it read it.
  void Fill(int t) {
    std::vector<std::pair<size_t, int64_t>> late;
    for (int i = 0; done_ < 2; ++i) {
      const auto k = static_cast<size_t>(i + t) % kKeys;
      late.emplace_back(k, rows_[k].committed.load());
      if (i % 3 == 0) {
        Put(k, late.back().second);
      }
      if (late.size() == 64) {
        for (const auto& [row, version] : late) {
          Put(row, version);
        }
        late.clear();
        std::this_thread::yield();
      }
    }
  }

  void Read(bool keep_order) {
    std::array<int64_t, kKeys> seen{};
    for (int i = 0; done_ < 2; ++i) {
      const auto k = static_cast<size_t>(i) % kKeys;
      if (k == 0) {
        std::this_thread::yield();
      }
      const int64_t floor = rows_[k].invalidated;
      const int64_t min_version = i % 3 == 0 ? floor : 0;
      const Value value = cache_.Get(Key(k), min_version);
      if (value == nullptr) {
        continue;
      }
      const int64_t version = std::stoll(*value);
      ++read_;
      behind_ += version < floor ? 1 : 0;
      too_old_ += version < min_version ? 1 : 0;
      backwards_ += keep_order && version < seen[k] ? 1 : 0;
      seen[k] = std::max(seen[k], version);
    }
  }

  Cache& cache_;
  const std::function<void()> settle_;
  std::array<Row, kKeys> rows_;
  std::atomic<int> done_ = 0;
  std::atomic<int64_t> read_ = 0;
  std::atomic<int64_t> behind_ = 0;
  std::atomic<int64_t> backwards_ = 0;
  std::atomic<int64_t> too_old_ = 0;
};

TEST_P(CacheConformance, Hammer_WithRoom_NoReaderGoesBack) {
  Hammer(*cache_, [this] { Settle(); }).Run(true);
}

TEST_P(CacheBudgetConformance, Hammer_WithoutRoom_NoReaderIsBehindAnInvalidation) {
  // Room for a few of the entries only, in one or several shards.
  cache_ = Make({.budget = size_t{16} * 1024});
  Hammer(*cache_, [this] { Settle(); }).Run(/*keep_order=*/false);
  EXPECT_LE(cache_->Stats().bytes, 16u * 1024u);
}

}  // namespace
}  // namespace baimi::cache
