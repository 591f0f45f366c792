#include "common/sql/params.h"

#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace baimi::sql {
namespace {

// Length of the well-formed sequence of two or more bytes at `p`, or 0.
size_t SequenceLength(const unsigned char* p, size_t left) {
  const unsigned char lead = p[0];
  size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    low = lead == 0xE0 ? 0xA0 : low;
    high = lead == 0xED ? 0x9F : high;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    low = lead == 0xF0 ? 0x90 : low;
    high = lead == 0xF4 ? 0x8F : high;
  }
  if (length == 0 || left < length || p[1] < low || p[1] > high) {
    return 0;
  }
  for (size_t i = 2; i < length; ++i) {
    if ((p[i] & 0xC0) != 0x80) {
      return 0;
    }
  }
  return length;
}

}  // namespace

bool IsStorableText(absl::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  size_t left = text.size();
  while (left > 0) {
    const size_t step = *p == 0 ? 0 : *p < 0x80 ? 1 : SequenceLength(p, left);
    if (step == 0) {
      return false;
    }
    p += step;
    left -= step;
  }
  return true;
}

absl::Status CheckParams(const Statement& statement, Params params) {
  for (size_t i = 0; i < params.size(); ++i) {
    const Param::Variant& value = params[i].value();
    if (const auto* text = std::get_if<absl::string_view>(&value);
        text != nullptr && !IsStorableText(*text)) {
      return InvalidField(absl::StrCat(statement.name, ".$", i + 1), "other bytes",
                          "UTF-8 text without NUL", "不含空字符的 UTF-8 文本");
    }
    if (const auto* number = std::get_if<double>(&value); number && std::isnan(*number)) {
      return InvalidField(absl::StrCat(statement.name, ".$", i + 1), "NaN", "a number", "数字");
    }
  }
  return absl::OkStatus();
}

}  // namespace baimi::sql
