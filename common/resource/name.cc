#include "common/resource/name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/text/utf8.h"

namespace baimi::resource {
namespace {

constexpr absl::string_view kCounties = "counties";
constexpr size_t kCountyDigits = 6;
constexpr size_t kMaxPart = 63;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

bool IsPart(absl::string_view part) {
  return !part.empty() && part.size() <= kMaxPart && part != "-" &&
         std::all_of(part.begin(), part.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' ||
                  c == '-';
         });
}

bool IsCounty(absl::string_view part) {
  return part.size() == kCountyDigits && std::all_of(part.begin(), part.end(), IsDigit);
}

// Cuts the segment before the next '/' off `text`.
absl::string_view NextSegment(absl::string_view& text) {
  const size_t slash = text.find('/');
  const absl::string_view segment = text.substr(0, slash);
  text.remove_prefix(slash == absl::string_view::npos ? text.size() : slash + 1);
  return segment;
}

}  // namespace

std::optional<std::vector<absl::string_view>> MatchName(absl::string_view pattern,
                                                        absl::string_view name) {
  if (std::count(pattern.begin(), pattern.end(), '/') !=
      std::count(name.begin(), name.end(), '/')) {
    return std::nullopt;
  }
  std::vector<absl::string_view> parts;
  absl::string_view before;
  while (!pattern.empty()) {
    const absl::string_view wanted = NextSegment(pattern);
    const absl::string_view got = NextSegment(name);
    if (wanted != "*") {
      if (wanted != got) {
        return std::nullopt;
      }
    } else if (before == kCounties ? !IsCounty(got) : !IsPart(got)) {
      return std::nullopt;
    } else {
      parts.push_back(got);
    }
    before = wanted;
  }
  return parts;
}

bool MatchesAny(absl::string_view alternatives, absl::string_view name) {
  for (const absl::string_view pattern : absl::StrSplit(alternatives, '|')) {
    if (MatchName(absl::StripAsciiWhitespace(pattern), name)) {
      return true;
    }
  }
  return false;
}

absl::string_view CountyOf(absl::string_view name) {
  if (NextSegment(name) != kCounties) {
    return {};
  }
  const absl::string_view county = NextSegment(name);
  return IsCounty(county) ? county : absl::string_view();
}

std::string CountyName(absl::string_view county) { return absl::StrCat(kCounties, "/", county); }

std::string FormatName(absl::string_view county, absl::string_view collection,
                       absl::string_view id) {
  return absl::StrCat(kCounties, "/", county, "/", collection, "/", id);
}

absl::StatusOr<CountyResource> ParseName(absl::string_view path, absl::string_view collection,
                                         absl::string_view name) {
  const std::string pattern = FormatName("*", collection, "*");
  const auto parts = MatchName(pattern, name);
  if (!parts) {
    return InvalidField(path, text::Printable(name), pattern, pattern);
  }
  return CountyResource{std::string((*parts)[0]), std::string((*parts)[1])};
}

}  // namespace baimi::resource
