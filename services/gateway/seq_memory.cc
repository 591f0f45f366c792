#include "services/gateway/seq_memory.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"

namespace baimi::gateway {
namespace {

std::string Flat(const SeqMemory::Key& key) {
  return absl::StrCat(Sha256(key.credentials), key.service, "/", key.county);
}

}  // namespace

void SeqMemory::Changed(const Key& key, int64_t seq) {
  std::string flat = Flat(key);
  absl::MutexLock lock(&mu_);
  const auto found = index_.find(flat);
  if (found != index_.end()) {
    found->second->seq = std::max(found->second->seq, seq);
    order_.splice(order_.begin(), order_, found->second);
    return;
  }
  if (index_.size() >= entries_) {
    index_.erase(order_.back().key);
    order_.pop_back();
  }
  order_.push_front({flat, seq});
  index_.emplace(std::move(flat), order_.begin());
}

int64_t SeqMemory::Last(const Key& key) {
  const std::string flat = Flat(key);
  absl::MutexLock lock(&mu_);
  const auto found = index_.find(flat);
  if (found == index_.end()) {
    return 0;
  }
  order_.splice(order_.begin(), order_, found->second);
  return found->second->seq;
}

}  // namespace baimi::gateway
