// What of an order may stand in a search index: words, and nothing personal.
#ifndef BAIMI_SERVICES_TICKET_STORE_SEARCH_TEXT_H_
#define BAIMI_SERVICES_TICKET_STORE_SEARCH_TEXT_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "common/privacy/vault.h"

namespace baimi::ticket::store {

// Title and description, normalised, without phone and id numbers, whosever they are (not even the
// digits that staff are shown), and without the caller's name, phone and address where they are
// repeated.
std::string SearchText(const v1::Ticket& ticket);

// The words of a text as the index has them: a keyed hash for each distinct token
// (common/text/analyzer.h), 12 hexadecimal digits, sorted. So the index, its copies and backups
// tell nobody without the master key what callers said. Thread-safe; remembers hashes of common
// words.
class SearchWords {
 public:
  // `vault` outlives it.
  explicit SearchWords(const privacy::Vault* vault) : vault_(vault) {}

  std::vector<std::string> Of(absl::string_view text) const;

 private:
  const privacy::Vault* const vault_;
  mutable absl::Mutex mu_;
  mutable absl::flat_hash_map<std::string, std::string> known_ ABSL_GUARDED_BY(mu_);
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_SEARCH_TEXT_H_
