#include "common/observe/exposition.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"

namespace baimi::observe::internal {
namespace {

bool IsName(absl::string_view name, bool colon) {
  const auto letter = [colon](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_' || (colon && c == ':');
  };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

}  // namespace

void AppendEscapedText(std::string& out, absl::string_view text, bool quoted) {
  while (!text.empty()) {
    const size_t length = text::Utf8CharLength(text);
    if (length == 0) {
      out += "\uFFFD";
    } else if (text[0] == '\n') {
      out += "\\n";
    } else if (text[0] == '\\' || (quoted && text[0] == '"')) {
      out += '\\';
      out += text[0];
    } else {
      out.append(text.data(), length);
    }
    text.remove_prefix(std::max<size_t>(1, length));
  }
}

void AppendNumber(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  char digits[32];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value);
  out.append(digits, end.ptr);
}

void AppendSeriesName(std::string& out, absl::string_view name,
                      absl::Span<const std::string> label_names,
                      absl::Span<const std::string> label_values, absl::string_view extra) {
  absl::StrAppend(&out, name);
  if (label_names.empty() && extra.empty()) {
    return;
  }
  char separator = '{';
  for (size_t i = 0; i < label_names.size(); ++i) {
    out += separator;
    separator = ',';
    absl::StrAppend(&out, label_names[i], "=\"");
    AppendEscapedText(out, label_values[i], /*quoted=*/true);
    out += '"';
  }
  if (!extra.empty()) {
    out += separator;
    absl::StrAppend(&out, extra);
  }
  out += '}';
}

bool IsMetricName(absl::string_view name) { return IsName(name, /*colon=*/true); }

bool IsLabelName(absl::string_view name) {
  return IsName(name, /*colon=*/false) && !absl::StartsWith(name, "__");
}

}  // namespace baimi::observe::internal
