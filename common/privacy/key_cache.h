// Unwrapped data keys in memory, bounded in number and age.
#ifndef BAIMI_COMMON_PRIVACY_KEY_CACHE_H_
#define BAIMI_COMMON_PRIVACY_KEY_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace baimi::privacy {

// Least recently used out first. Not thread-safe.
class KeyCache {
 public:
  // `capacity` >= 1.
  KeyCache(size_t capacity, absl::Duration ttl) : capacity_(capacity), ttl_(ttl) {}

  // nullopt when absent, or put in more than `ttl` before `now` or after it.
  std::optional<std::string> Find(int64_t id, absl::Time now);
  void Put(int64_t id, std::string key, absl::Time now);
  void Erase(int64_t id);
  size_t size() const { return index_.size(); }

 private:
  struct Entry {
    int64_t id;
    std::string key;
    absl::Time read;
  };
  size_t capacity_;
  absl::Duration ttl_;
  std::list<Entry> recent_;  // Most recently used first.
  absl::flat_hash_map<int64_t, std::list<Entry>::iterator> index_;
};

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_KEY_CACHE_H_
