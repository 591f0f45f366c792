// The one analyser of the suite: what is indexed, what is searched for and what similarity counts
// all pass through it, so that SQLite and PostgreSQL find the same rows. Pure functions,
// thread-safe, any bytes accepted.
#ifndef BAIMI_COMMON_TEXT_ANALYZER_H_
#define BAIMI_COMMON_TEXT_ANALYZER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace baimi::text {

// Full-width ASCII folded to ASCII, ASCII letters to lower case, every run of punctuation, symbols
// and white space to one space, none at the ends. "Ａ栋，  3单元！" -> "a栋 3单元".
std::string Normalize(absl::string_view text);

// The tokens of Normalize(text), in order, repeats kept:
//   * a run of Chinese characters gives its overlapping bigrams ("营北社区" -> 营北 北社 社区), a
//   run
//     of one character that character: trigrams would find no two-character word;
//   * a run of letters and digits of other scripts is one token ("3", "co2", "0898").
// A search for one single character therefore finds only places where it stands alone.
std::vector<std::string> Tokens(absl::string_view text);

}  // namespace baimi::text

#endif  // BAIMI_COMMON_TEXT_ANALYZER_H_
