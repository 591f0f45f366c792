// How alike two requests read (domain.md R1.14: candidates for a merge; a person decides).
#ifndef BAIMI_COMMON_TEXT_SIMILARITY_H_
#define BAIMI_COMMON_TEXT_SIMILARITY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace baimi::text {

// The tokens of a text with their counts. Build it once for a text that is compared with many.
// Immutable, thread-safe.
class Profile {
 public:
  explicit Profile(absl::string_view text);

  bool empty() const { return counts_.empty(); }
  // Sorted by token; counts are >= 1.
  const std::vector<std::pair<std::string, int>>& counts() const { return counts_; }

 private:
  std::vector<std::pair<std::string, int>> counts_;
};

// Both are symmetric, in [0, 1], 1 for texts with the same tokens, and 0 when either has none: two
// empty texts are no evidence of a duplicate.

// Share of distinct tokens that both have.
double Jaccard(const Profile& a, const Profile& b);

// Cosine of the count vectors: a word that both repeat weighs more.
double Cosine(const Profile& a, const Profile& b);

}  // namespace baimi::text

#endif  // BAIMI_COMMON_TEXT_SIMILARITY_H_
