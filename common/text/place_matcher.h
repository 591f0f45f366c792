// Finds the names of known places in free address text: "营根镇营北社区珉华小区3栋" names a
// township, a community and an estate.
#ifndef BAIMI_COMMON_TEXT_PLACE_MATCHER_H_
#define BAIMI_COMMON_TEXT_PLACE_MATCHER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::text {

struct Place {
  std::string id;
  // The caller's own enumeration; handed back as it is.
  int kind = 0;
  std::string name;
  std::vector<std::string> aliases;
};

struct PlaceMatch {
  struct Candidate {
    std::string id;
    int kind = 0;
    // Place::name, also when an alias was found.
    std::string name;
  };
  // Bytes [begin, end) of the text.
  size_t begin = 0;
  size_t end = 0;
  // All places of that name, in the order they were given; never empty. More than one means that
  // the text alone does not decide: two townships may both have a 新村.
  std::vector<Candidate> candidates;
};

// Immutable after Build and thread-safe; one look-up a character and name started, whatever the
// number of places.
//
// Names and text are compared with full-width forms folded, letters in lower case, and spaces,
// hyphens and middle dots left out ("营北 社区" is 营北社区); other punctuation must be the same in
// both. A match neither begins nor ends inside a number or a Latin word: "小区3" is not found in
// 小区38栋.
class PlaceMatcher {
 public:
  PlaceMatcher() = default;

  // INVALID_ARGUMENT naming "places[i].name" or "places[i].aliases[j]" when a name has fewer than
  // two characters: it would be found everywhere.
  static absl::StatusOr<PlaceMatcher> Build(const std::vector<Place>& places);

  // From left to right the longest name at each position; matches do not overlap.
  std::vector<PlaceMatch> Match(absl::string_view text) const;

 private:
  struct Letter;
  static constexpr uint32_t kRoot = 0;

  static std::vector<Letter> Letters(absl::string_view text);
  void Add(const std::vector<Letter>& name, uint32_t candidate);
  // Index behind the last letter of the longest name at `from`, and its node; `from` when none.
  size_t Longest(const std::vector<Letter>& letters, size_t from, uint32_t* node) const;

  // A trie: (node << 32 | letter) -> node.
  absl::flat_hash_map<uint64_t, uint32_t> edges_;
  uint32_t nodes_ = 1;
  // Node -> indices into candidates_, for nodes where a name ends.
  absl::flat_hash_map<uint32_t, std::vector<uint32_t>> ends_;
  std::vector<PlaceMatch::Candidate> candidates_;
};

}  // namespace baimi::text

#endif  // BAIMI_COMMON_TEXT_PLACE_MATCHER_H_
