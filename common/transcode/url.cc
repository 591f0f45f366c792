#include "common/transcode/url.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/transcode/utf8.h"

namespace baimi::transcode {
namespace {

int HexValue(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (absl::ascii_isdigit(byte)) {
    return c - '0';
  }
  return absl::ascii_isxdigit(byte) ? absl::ascii_tolower(byte) - 'a' + 10 : -1;
}

absl::Status BadEscape(absl::string_view what, absl::string_view got) {
  return InvalidField(what, absl::StrCat("\"", absl::CHexEscape(got.substr(0, 64)), "\""),
                      "percent-encoded UTF-8", "百分号编码的 UTF-8");
}

}  // namespace

absl::StatusOr<std::string> PercentDecode(absl::string_view raw, Unescape how,
                                          absl::string_view what) {
  std::string out;
  out.reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '+' && how == Unescape::kQuery) {
      out.push_back(' ');
      continue;
    }
    if (raw[i] != '%') {
      out.push_back(raw[i]);
      continue;
    }
    const int high = i + 2 < raw.size() ? HexValue(raw[i + 1]) : -1;
    const int low = i + 2 < raw.size() ? HexValue(raw[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return BadEscape(what, raw.substr(i, 3));
    }
    const char byte = static_cast<char>(high * 16 + low);
    if (byte == '/' && how == Unescape::kAllButSlash) {
      out.append(raw.data() + i, 3);
    } else {
      out.push_back(byte);
    }
    i += 2;
  }
  if (!IsUtf8(out)) {
    return BadEscape(what, out);
  }
  return out;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseQuery(absl::string_view raw) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (absl::string_view piece : absl::StrSplit(raw, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(piece, absl::MaxSplits('=', 1));
    BAIMI_ASSIGN_OR_RETURN(std::string name, PercentDecode(parts.first, Unescape::kQuery, "query"));
    BAIMI_ASSIGN_OR_RETURN(std::string value, PercentDecode(parts.second, Unescape::kQuery, name));
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

}  // namespace baimi::transcode
