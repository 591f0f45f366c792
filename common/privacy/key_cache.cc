#include "common/privacy/key_cache.h"

#include <openssl/crypto.h>

#include <utility>

namespace baimi::privacy {

std::optional<std::string> KeyCache::Find(int64_t id, absl::Time now) {
  const auto it = index_.find(id);
  if (it == index_.end()) {
    return std::nullopt;
  }
  // Read in the future: the clock was set back, and its age is not known.
  if (now - it->second->read > ttl_ || now < it->second->read) {
    Erase(id);
    return std::nullopt;
  }
  recent_.splice(recent_.begin(), recent_, it->second);
  return it->second->key;
}

void KeyCache::Put(int64_t id, std::string key, absl::Time now) {
  Erase(id);
  recent_.push_front(Entry{id, std::move(key), now});
  index_[id] = recent_.begin();
  if (index_.size() > capacity_) {
    Erase(recent_.back().id);
  }
}

void KeyCache::Erase(int64_t id) {
  const auto it = index_.find(id);
  if (it == index_.end()) {
    return;
  }
  std::string& key = it->second->key;
  OPENSSL_cleanse(key.data(), key.size());
  recent_.erase(it->second);
  index_.erase(it);
}

}  // namespace baimi::privacy
