// What a code point means to search, to matching and to the normalisation of typed numbers.
#ifndef BAIMI_COMMON_TEXT_CHAR_CLASS_H_
#define BAIMI_COMMON_TEXT_CHAR_CLASS_H_

namespace baimi::text {

enum class CharClass {
  kHan,     // Chinese characters, kana, hangul: written without spaces between words
  kWord,    // letters and digits of other scripts
  kJoiner,  // spaces, hyphens, middle dots: people put them anywhere inside an address
  kBreak,   // all other punctuation and symbols
};

// Full-width ASCII to ASCII, ideographic space to space, ASCII letters to lower case.
char32_t Fold(char32_t code_point);

// Of a folded code point.
CharClass Classify(char32_t folded);

}  // namespace baimi::text

#endif  // BAIMI_COMMON_TEXT_CHAR_CLASS_H_
