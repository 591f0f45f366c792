// One shard of the memory cache: a hash set of entries that hang in one of two lists, values
// (evicted from the back, those read since get a second chance) and tombstones in order of age.
#ifndef BAIMI_COMMON_CACHE_SHARD_H_
#define BAIMI_COMMON_CACHE_SHARD_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/cache/cache.h"

namespace baimi::cache::internal {

// Aligned so that the locks of two shards do not share a cache line. Thread-safe; the semantics are
// those of the port, `now` is the cache's clock.
class alignas(64) Shard {
 public:
  Shard(size_t budget, absl::Duration guard) : budget_(budget), guard_(guard) {}

  Value Get(absl::string_view key, int64_t min_version, absl::Time now);
  void Put(absl::string_view key, Value value, int64_t version, absl::Time expires, absl::Time now);
  void Invalidate(absl::string_view key, int64_t version, absl::Time now);
  void Delete(absl::string_view key);
  void Clear();
  void AddTo(CacheStats& stats) const;

 private:
  struct Link {
    Link* previous = this;
    Link* next = this;
  };
  struct Entry : Link {
    std::string key;
    // Null: a tombstone.
    Value value;
    // Read since it was last passed over for eviction. A hit sets this instead of moving the entry
    // in its list: half the memory traffic.
    bool used = false;
    int64_t version = 0;
    // Of the value.
    absl::Time expires = absl::InfinitePast();
    // Until then nothing older than `version` may take this key, value or not.
    absl::Time guarded_until = absl::InfinitePast();
    // Until then nothing at all may take it: a guard that was forgotten may be higher.
    absl::Time closed_until = absl::InfinitePast();
  };
  struct EntryHash {
    using is_transparent = void;
    size_t operator()(absl::string_view key) const { return absl::Hash<absl::string_view>()(key); }
    size_t operator()(const std::unique_ptr<Entry>& entry) const { return (*this)(entry->key); }
  };
  struct EntryEqual {
    using is_transparent = void;
    static absl::string_view Key(absl::string_view key) { return key; }
    static absl::string_view Key(const std::unique_ptr<Entry>& entry) { return entry->key; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Key(a) == Key(b);
    }
  };

  static void Unlink(Link& link);
  static void PushFront(Link& list, Link& link);
  static size_t SizeOf(absl::string_view key, const Value& value);

  Entry* Find(absl::string_view key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // A tombstone of version 0 without a guard.
  Entry& Insert(absl::string_view key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Gives the entry this value (null: none) and the front place of the right list.
  void Assign(Entry& entry, Value value) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Erase(Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Takes the value away, and the entry too unless its guard still holds.
  void DropValue(Entry& entry, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Adds the entry's size to the counts, or takes it away.
  void Count(const Entry& entry, bool add) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void MakeRoom(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const size_t budget_;
  const absl::Duration guard_;
  mutable absl::Mutex mu_;
  absl::flat_hash_set<std::unique_ptr<Entry>, EntryHash, EntryEqual> entries_ ABSL_GUARDED_BY(mu_);
  // Newest first.
  Link values_ ABSL_GUARDED_BY(mu_);
  Link tombstones_ ABSL_GUARDED_BY(mu_);
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  size_t tombstone_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  // Until then a key without entry may have had a guard that had to be forgotten.
  absl::Time fenced_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  CacheStats stats_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi::cache::internal

#endif  // BAIMI_COMMON_CACHE_SHARD_H_
