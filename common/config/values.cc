#include "common/config/values.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace baimi::config {
namespace {

struct Unit {
  absl::string_view name;
  int64_t size;
};

constexpr int64_t kSecond = 1'000'000'000;
constexpr std::array<Unit, 7> kDurationUnits = {{{"d", 86400 * kSecond},
                                                 {"h", 3600 * kSecond},
                                                 {"m", 60 * kSecond},
                                                 {"s", kSecond},
                                                 {"ms", 1'000'000},
                                                 {"us", 1'000},
                                                 {"ns", 1}}};
constexpr std::array<Unit, 7> kByteUnits = {{{"GiB", int64_t{1} << 30},
                                             {"MiB", int64_t{1} << 20},
                                             {"KiB", int64_t{1} << 10},
                                             {"GB", 1'000'000'000},
                                             {"MB", 1'000'000},
                                             {"KB", 1'000},
                                             {"B", 1}}};

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Takes the digits at the front of `text`; nullopt when there are none or they overflow.
std::optional<int64_t> TakeNumber(absl::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), IsDigit);
  const size_t length = static_cast<size_t>(end - text.begin());
  int64_t value;
  if (length == 0 || !absl::SimpleAtoi(text.substr(0, length), &value)) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return value;
}

std::optional<int64_t> Scale(int64_t number, int64_t unit) {
  if (number > std::numeric_limits<int64_t>::max() / unit) {
    return std::nullopt;
  }
  return number * unit;
}

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<bool> ParseBool(absl::string_view text) {
  for (const absl::string_view yes : {"true", "yes", "on", "1"}) {
    if (absl::EqualsIgnoreCase(text, yes)) {
      return true;
    }
  }
  for (const absl::string_view no : {"false", "no", "off", "0"}) {
    if (absl::EqualsIgnoreCase(text, no)) {
      return false;
    }
  }
  return std::nullopt;
}

std::optional<int64_t> ParseInt(absl::string_view text) {
  const absl::string_view digits = absl::StartsWith(text, "-") ? text.substr(1) : text;
  int64_t value;
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), IsDigit) ||
      !absl::SimpleAtoi(text, &value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<absl::Duration> ParseDuration(absl::string_view text) {
  if (text == "0") {
    return absl::ZeroDuration();
  }
  int64_t total = 0;
  auto unit = kDurationUnits.begin();
  do {
    const std::optional<int64_t> number = TakeNumber(text);
    const auto end = std::find_if(text.begin(), text.end(), IsDigit);
    const absl::string_view name = text.substr(0, static_cast<size_t>(end - text.begin()));
    unit =
        std::find_if(unit, kDurationUnits.end(), [name](const Unit& u) { return u.name == name; });
    if (!number || unit == kDurationUnits.end()) {
      return std::nullopt;
    }
    const std::optional<int64_t> part = Scale(*number, unit->size);
    if (!part || *part > std::numeric_limits<int64_t>::max() - total) {
      return std::nullopt;
    }
    total += *part;
    text.remove_prefix(name.size());
    ++unit;
  } while (!text.empty());
  return absl::Nanoseconds(total);
}

std::optional<int64_t> ParseBytes(absl::string_view text) {
  const std::optional<int64_t> number = TakeNumber(text);
  if (!number) {
    return std::nullopt;
  }
  if (text.empty()) {
    return number;
  }
  for (const Unit& unit : kByteUnits) {
    if (absl::EqualsIgnoreCase(text, unit.name)) {
      return Scale(*number, unit.size);
    }
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> ParseList(absl::string_view text) {
  std::vector<std::string> list;
  if (text.empty()) {
    return list;
  }
  for (const absl::string_view element : absl::StrSplit(text, ',')) {
    const absl::string_view stripped = absl::StripAsciiWhitespace(element);
    if (stripped.empty()) {
      return std::nullopt;
    }
    list.emplace_back(stripped);
  }
  return list;
}

std::string ShowBool(bool value) { return value ? "true" : "false"; }

std::string ShowDuration(absl::Duration value) {
  const int64_t nanos = absl::ToInt64Nanoseconds(value);
  if (nanos == 0) {
    return "0";
  }
  for (const Unit& unit : kDurationUnits) {
    if (nanos % unit.size == 0) {
      return absl::StrCat(nanos / unit.size, unit.name);
    }
  }
  return absl::StrCat(nanos, "ns");
}

std::string ShowBytes(int64_t value) {
  for (const Unit& unit : kByteUnits) {
    if (value != 0 && absl::EndsWith(unit.name, "iB") && value % unit.size == 0) {
      return absl::StrCat(value / unit.size, unit.name);
    }
  }
  return absl::StrCat(value);
}

std::string ShowList(const std::vector<std::string>& value) { return absl::StrJoin(value, ","); }

// When in doubt it hides more: a password may hold any character, escaped or not.
std::string RedactUri(absl::string_view uri) {
  constexpr absl::string_view kMask = "***";
  constexpr absl::string_view kKey = "password=";
  std::string out(uri);
  const size_t scheme = out.find("://");
  if (scheme != std::string::npos) {
    const size_t colon = out.find(':', scheme + 3);
    const size_t at = out.rfind('@');
    if (at != std::string::npos && colon < at) {
      out.replace(colon + 1, at - colon - 1, kMask.data());
    }
  }
  for (size_t at = out.find(kKey.data()); at != std::string::npos;
       at = out.find(kKey.data(), at + 1)) {
    const size_t start = at + kKey.size();
    const size_t end = scheme == std::string::npos ? out.size() : out.find('&', start);
    out.replace(start, std::min(end, out.size()) - start, kMask.data());
  }
  return out;
}

std::string Nearest(absl::string_view text, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, text.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(text, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace baimi::config
