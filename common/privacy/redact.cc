#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/privacy/mask.h"
#include "common/privacy/runes.h"
#include "common/text/utf8.h"

namespace baimi::privacy {
namespace {

constexpr size_t kMaxBreak = 2;  // Runes between two digits of one number.
constexpr size_t kLongestNumber = 18;
constexpr int kShortestNumber = 7;
constexpr size_t kHintDistance = 8;  // Runes between "电话" and a number without area code.

// Digits from one place on, with where they stand. A citizen id may end in X, kept as 10.
struct Number {
  std::vector<int> digits;
  std::vector<size_t> at;
};

bool IsBreak(char32_t rune) {
  return std::u32string_view(U" \u3000\t-－—–_.·()（）").find(rune) != std::u32string_view::npos;
}

bool IsX(char32_t rune) { return rune == U'x' || rune == U'X' || rune == U'Ｘ' || rune == U'ｘ'; }

Number NumberFrom(const std::u32string& text, size_t start) {
  Number number;
  size_t gap = 0;
  for (size_t i = start; i < text.size() && number.digits.size() < kLongestNumber; ++i) {
    const int digit = DigitOf(text[i]);
    const bool x = number.digits.size() == kLongestNumber - 1 && IsX(text[i]);
    if (digit >= 0 || x) {
      number.digits.push_back(x ? 10 : digit);
      number.at.push_back(i);
      gap = 0;
    } else if (!IsBreak(text[i]) || ++gap > kMaxBreak) {
      break;
    }
  }
  return number;
}

// The first `count` digits of `number` are not the beginning of a longer unbroken one.
bool EndsAt(const std::u32string& text, const Number& number, size_t count) {
  if (number.digits.size() < count) {
    return false;
  }
  const size_t next = number.at[count - 1] + 1;
  return next == text.size() || DigitOf(text[next]) < 0;
}

// Which digits of a found number are hidden: [from, to) of `length`.
struct Find {
  size_t length = 0;
  size_t from = 0;
  size_t to = 0;
};

int Value(const Number& number, size_t from, size_t count) {
  int value = 0;
  for (size_t i = from; i < from + count; ++i) {
    value = value * 10 + number.digits[i];
  }
  return value;
}

// By its shape and birth date, not its check digit: one with a slip of the pen is as personal.
Find FindCitizenId(const std::u32string& text, const Number& number) {
  if (!EndsAt(text, number, 18) || number.digits[0] == 0) {
    return {};
  }
  const int year = Value(number, 6, 4);
  const int month = Value(number, 10, 2);
  const int day = Value(number, 12, 2);
  if (year < 1800 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31) {
    return {};
  }
  return {18, 6, 14};
}

Find FindMobile(const std::u32string& text, const Number& number) {
  for (const size_t prefix : {0U, 2U, 4U}) {
    const bool is_prefix = prefix == 0 ||
                           (prefix == 2 && number.digits.size() > 2 && Value(number, 0, 2) == 86) ||
                           (prefix == 4 && number.digits.size() > 4 && Value(number, 0, 4) == 86);
    if (is_prefix && EndsAt(text, number, prefix + 11) && number.digits[prefix] == 1 &&
        number.digits[prefix + 1] >= 3) {
      return {prefix + 11, prefix + 3, prefix + 7};
    }
  }
  return {};
}

Find FindFixedLine(const std::u32string& text, const Number& number) {
  if (number.digits.size() < 10 || number.digits[0] != 0 || number.digits[1] == 0) {
    return {};
  }
  const size_t area = number.digits[1] <= 2 ? 3 : 4;
  for (const size_t length : {area + 8, area + 7}) {
    if (EndsAt(text, number, length)) {
      return {length, area, length - 2};
    }
  }
  return {};
}

// 7 or 8 digits alone are a phone only where the text says so: they may be a date or an amount.
Find FindLocalLine(const std::u32string& text, const Number& number) {
  const size_t length = EndsAt(text, number, 8) ? 8 : 7;
  if (!EndsAt(text, number, length) || number.digits[0] < 2) {
    return {};
  }
  const size_t begin = number.at[0] > kHintDistance ? number.at[0] - kHintDistance : 0;
  const std::u32string before = text.substr(begin, number.at[0] - begin);
  for (const char32_t* hint : {U"电话", U"座机", U"固话", U"联系", U"致电", U"拨打"}) {
    if (before.find(hint) != std::u32string::npos) {
      return {length, 0, length - 2};
    }
  }
  return {};
}

Find FindPersonal(const std::u32string& text, const Number& number) {
  for (const auto find : {&FindCitizenId, &FindMobile, &FindFixedLine, &FindLocalLine}) {
    if (const Find found = find(text, number); found.length > 0) {
      return found;
    }
  }
  return {};
}

}  // namespace

std::string RedactText(absl::string_view text) {
  // Every full-width digit begins with the byte EF. Most texts have too few digits for any number.
  const auto digits = std::count_if(text.begin(), text.end(),
                                    [](char c) { return (c >= '0' && c <= '9') || c == '\xEF'; });
  if (digits < kShortestNumber) {
    return text::IsValidUtf8(text) ? std::string(text) : "";
  }
  std::optional<std::u32string> decoded = ToRunes(text);
  if (!decoded) {
    return "";
  }
  std::u32string& runes = *decoded;
  const std::u32string original = runes;
  for (size_t i = 0; i < runes.size(); ++i) {
    if (DigitOf(original[i]) < 0 || (i > 0 && DigitOf(original[i - 1]) >= 0)) {
      continue;
    }
    const Number number = NumberFrom(original, i);
    const Find found = FindPersonal(original, number);
    for (size_t digit = found.from; digit < found.to; ++digit) {
      runes[number.at[digit]] = U'*';
    }
    if (found.length > 0) {
      i = number.at[found.length - 1];
    }
  }
  return FromRunes(runes);
}

}  // namespace baimi::privacy
