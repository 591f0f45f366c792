#include "common/text/utf8.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace baimi::text {
namespace {

unsigned char At(absl::string_view text, size_t i) { return static_cast<unsigned char>(text[i]); }

// Length of the well-formed sequence at `i` (Unicode 15, table 3-7), or 0.
size_t SequenceLength(absl::string_view text, size_t i) {
  const unsigned char lead = At(text, i);
  if (lead < 0x80) {
    return 1;
  }
  const size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : lead >= 0xE0 && lead <= 0xEF ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (length == 0 || text.size() - i < length) {
    return 0;
  }
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (At(text, i + 1) < low || At(text, i + 1) > high) {
    return 0;
  }
  for (size_t k = 2; k < length; ++k) {
    if ((At(text, i + k) & 0xC0) != 0x80) {
      return 0;
    }
  }
  return length;
}

size_t Skip(absl::string_view text, size_t position, size_t count) {
  while (count > 0 && position < text.size()) {
    NextCodePoint(text, position);
    --count;
  }
  return position;
}

}  // namespace

size_t Utf8CharLength(absl::string_view text) { return text.empty() ? 0 : SequenceLength(text, 0); }

bool IsValidUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = SequenceLength(text, i);
    if (length == 0) {
      return false;
    }
    i += length;
  }
  return true;
}

char32_t NextCodePoint(absl::string_view text, size_t& position) {
  const size_t length = SequenceLength(text, position);
  if (length <= 1) {
    const char32_t value = length == 1 ? At(text, position) : kReplacement;
    ++position;
    return value;
  }
  char32_t value = At(text, position) & (0x7FU >> length);
  for (size_t k = 1; k < length; ++k) {
    value = (value << 6U) | (At(text, position + k) & 0x3FU);
  }
  position += length;
  return value;
}

void AppendUtf8(char32_t code_point, std::string& out) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    code_point = kReplacement;
  }
  const auto tail = [&](unsigned shift) {
    out.push_back(static_cast<char>(0x80 | ((code_point >> shift) & 0x3F)));
  };
  if (code_point < 0x80) {
    out.push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code_point >> 6)));
    tail(0);
  } else if (code_point < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code_point >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | (code_point >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

size_t Utf8Length(absl::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) {
    NextCodePoint(text, i);
  }
  return count;
}

absl::string_view Utf8Prefix(absl::string_view text, size_t count) {
  return text.substr(0, Skip(text, 0, count));
}

absl::string_view Utf8PrefixBytes(absl::string_view text, size_t bytes) {
  if (text.size() <= bytes) {
    return text;
  }
  while (bytes > 0 && (At(text, bytes) & 0xC0) == 0x80) {
    --bytes;
  }
  return text.substr(0, bytes);
}

absl::string_view Utf8Slice(absl::string_view text, size_t from, size_t count) {
  const size_t begin = Skip(text, 0, from);
  return text.substr(begin, Skip(text, begin, count) - begin);
}

std::string Printable(absl::string_view text, size_t count) {
  const absl::string_view shown = Utf8Prefix(text, count);
  std::string out;
  for (size_t i = 0; i < shown.size();) {
    const size_t begin = i;
    const char32_t c = NextCodePoint(shown, i);
    const absl::string_view bytes = shown.substr(begin, i - begin);
    const bool malformed = c == kReplacement && bytes.size() == 1;
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    absl::StrAppend(&out, malformed || control ? absl::CHexEscape(bytes) : std::string(bytes));
  }
  if (shown.size() < text.size()) {
    out += "…";
  }
  return out;
}

}  // namespace baimi::text
