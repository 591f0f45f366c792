#include "common/text/char_class.h"

#include <algorithm>
#include <array>

namespace baimi::text {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

constexpr std::array<Range, 10> kHanRanges = {{
    {0x3005, 0x3007},    // 々〆〇
    {0x3041, 0x30FA},    // kana, without the middle dot U+30FB
    {0x30FC, 0x31FF},    // kana, bopomofo, hangul compatibility, strokes
    {0x3400, 0x4DBF},    // extension A
    {0x4E00, 0x9FFF},    // unified ideographs
    {0xAC00, 0xD7A3},    // hangul
    {0xF900, 0xFAFF},    // compatibility ideographs
    {0x20000, 0x2FA1F},  // extensions B to F, compatibility supplement
    {0x30000, 0x323AF},  // extensions G, H
    {0xFF66, 0xFF9F},    // half-width kana
}};

constexpr std::array<Range, 12> kBreakRanges = {{
    {0x00, 0x2F},
    {0x3A, 0x40},
    {0x5B, 0x60},
    {0x7B, 0xBF},
    {0xD7, 0xD7},
    {0xF7, 0xF7},
    {0x2000, 0x2BFF},  // general punctuation, arrows, technical and box symbols
    {0x2E00, 0x303F},  // supplemental punctuation, radicals, CJK punctuation
    {0x3200, 0x33FF},  // enclosed and squared CJK
    {0xD800, 0xF8FF},  // surrogates, private use
    {0xFE00, 0xFFFF},  // variation selectors, vertical and small forms, specials
    {0x1F000, 0x1FAFF},
}};

constexpr std::array<char32_t, 12> kJoiners = {' ',    '\t',   '-',    0xA0,   0xB7,   0x2010,
                                               0x2011, 0x2012, 0x2013, 0x2014, 0x2022, 0x30FB};

template <size_t N>
bool InAny(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

}  // namespace

char32_t Fold(char32_t code_point) {
  if (code_point >= 0xFF01 && code_point <= 0xFF5E) {
    code_point -= 0xFEE0;
  } else if (code_point == 0x3000) {
    code_point = ' ';
  }
  return code_point >= 'A' && code_point <= 'Z' ? code_point + ('a' - 'A') : code_point;
}

CharClass Classify(char32_t folded) {
  if (std::find(kJoiners.begin(), kJoiners.end(), folded) != kJoiners.end()) {
    return CharClass::kJoiner;
  }
  if (InAny(kHanRanges, folded)) {
    return CharClass::kHan;
  }
  return InAny(kBreakRanges, folded) || folded >= 0xE0000 ? CharClass::kBreak : CharClass::kWord;
}

}  // namespace baimi::text
