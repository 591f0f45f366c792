#include "common/text/place_matcher.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/text/char_class.h"
#include "common/text/utf8.h"

namespace baimi::text {

struct PlaceMatcher::Letter {
  char32_t value;
  CharClass kind;
  // Bytes of the original text.
  size_t begin;
  size_t end;
};

std::vector<PlaceMatcher::Letter> PlaceMatcher::Letters(absl::string_view text) {
  std::vector<Letter> letters;
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    const char32_t c = Fold(NextCodePoint(text, i));
    const CharClass kind = Classify(c);
    if (kind != CharClass::kJoiner) {
      letters.push_back({c, kind, begin, i});
    }
  }
  return letters;
}

namespace {

uint64_t EdgeKey(uint32_t node, char32_t letter) {
  return (static_cast<uint64_t>(node) << 32U) | static_cast<uint64_t>(letter);
}

}  // namespace

void PlaceMatcher::Add(const std::vector<Letter>& name, uint32_t candidate) {
  uint32_t node = kRoot;
  for (const Letter& letter : name) {
    const auto [edge, added] = edges_.try_emplace(EdgeKey(node, letter.value), nodes_);
    nodes_ += added ? 1 : 0;
    node = edge->second;
  }
  std::vector<uint32_t>& candidates = ends_[node];
  if (std::find(candidates.begin(), candidates.end(), candidate) == candidates.end()) {
    candidates.push_back(candidate);
  }
}

absl::StatusOr<PlaceMatcher> PlaceMatcher::Build(const std::vector<Place>& places) {
  PlaceMatcher matcher;
  const auto add = [&](absl::string_view name, const std::string& path) -> absl::Status {
    const std::vector<Letter> letters = Letters(name);
    if (letters.size() < 2) {
      return InvalidField(path, absl::StrCat("'", Printable(name), "'"), "at least 2 characters",
                          "至少两个字");
    }
    matcher.Add(letters, static_cast<uint32_t>(matcher.candidates_.size() - 1));
    return absl::OkStatus();
  };
  for (size_t i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    matcher.candidates_.push_back({place.id, place.kind, place.name});
    BAIMI_RETURN_IF_ERROR(add(place.name, absl::StrCat("places[", i, "].name")));
    for (size_t j = 0; j < place.aliases.size(); ++j) {
      BAIMI_RETURN_IF_ERROR(
          add(place.aliases[j], absl::StrCat("places[", i, "].aliases[", j, "]")));
    }
  }
  return matcher;
}

size_t PlaceMatcher::Longest(const std::vector<Letter>& letters, size_t from,
                             uint32_t* node) const {
  // Words are told apart by what stood between them in the text: "a 3" is two words, "a3" is one.
  const auto splits_word = [&](size_t at) {
    return at > 0 && at < letters.size() && letters[at - 1].kind == CharClass::kWord &&
           letters[at].kind == CharClass::kWord && letters[at - 1].end == letters[at].begin;
  };
  size_t longest = from;
  if (splits_word(from)) {
    return longest;
  }
  uint32_t at = kRoot;
  for (size_t i = from; i < letters.size(); ++i) {
    const auto edge = edges_.find(EdgeKey(at, letters[i].value));
    if (edge == edges_.end()) {
      break;
    }
    at = edge->second;
    if (ends_.contains(at) && !splits_word(i + 1)) {
      longest = i + 1;
      *node = at;
    }
  }
  return longest;
}

std::vector<PlaceMatch> PlaceMatcher::Match(absl::string_view text) const {
  std::vector<PlaceMatch> matches;
  const std::vector<Letter> letters = Letters(text);
  for (size_t i = 0; i < letters.size();) {
    uint32_t node = kRoot;
    const size_t end = Longest(letters, i, &node);
    if (end == i) {
      ++i;
      continue;
    }
    PlaceMatch match{letters[i].begin, letters[end - 1].end, {}};
    for (const uint32_t candidate : ends_.at(node)) {
      match.candidates.push_back(candidates_[candidate]);
    }
    matches.push_back(std::move(match));
    i = end;
  }
  return matches;
}

}  // namespace baimi::text
