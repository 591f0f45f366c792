// Read-your-writes over several replicas (DESIGN.md §3.3): which sequence an identity's last change
// had, so that its next reads ask for nothing older, whichever replica's cache they meet.
#ifndef BAIMI_SERVICES_GATEWAY_SEQ_MEMORY_H_
#define BAIMI_SERVICES_GATEWAY_SEQ_MEMORY_H_

#include <cstdint>
#include <list>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace baimi::gateway {

// Thread-safe. Holds the identities that changed something most recently; one that is forgotten
// reads with the staleness that every reader has. It is this gateway's own: a caller that changes
// gateways between a change and a read hands `baimi-seq` on as `baimi-min-seq` itself.
class SeqMemory {
 public:
  // Sequences are counted by each service and county.
  struct Key {
    // Whatever tells callers apart; no secret is kept of it but a hash.
    absl::string_view credentials;
    // Backend::prefix.
    absl::string_view service;
    absl::string_view county;
  };

  // `entries` is at least 1. Default: about 10 MB.
  explicit SeqMemory(size_t entries = 65536) : entries_(entries) {}

  // Keeps the greater one.
  void Changed(const Key& key, int64_t seq);
  // 0 when nothing is known.
  int64_t Last(const Key& key);

 private:
  struct Entry {
    std::string key;
    int64_t seq;
  };

  const size_t entries_;
  absl::Mutex mu_;
  // The most recently used first.
  std::list<Entry> order_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> index_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_SEQ_MEMORY_H_
