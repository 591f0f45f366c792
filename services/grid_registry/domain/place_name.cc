#include "services/grid_registry/domain/place_name.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/text/char_class.h"
#include "common/text/utf8.h"

namespace baimi::registry::domain {
namespace {

constexpr size_t kMinCharacters = 2;
constexpr absl::string_view kBuildingWords[] = {"号楼", "号栋", "栋", "幢", "座"};

absl::Status CheckPlaceName(const std::string& path, absl::string_view name) {
  if (IsLongEnough(name)) {
    return absl::OkStatus();
  }
  return InvalidField(path, absl::StrCat("'", text::Printable(name), "'"),
                      "at least 2 characters, or every address would contain it",
                      "至少两个字，否则任何地址都会命中");
}

}  // namespace

std::string PlaceKey(absl::string_view name) {
  std::string key;
  for (size_t i = 0; i < name.size();) {
    const char32_t c = text::Fold(text::NextCodePoint(name, i));
    if (text::Classify(c) != text::CharClass::kJoiner) {
      text::AppendUtf8(c, key);
    }
  }
  return key;
}

bool IsLongEnough(absl::string_view name) {
  return text::Utf8Length(PlaceKey(name)) >= kMinCharacters;
}

absl::Status CheckPlaceNames(absl::string_view path, absl::string_view display_name,
                             const google::protobuf::RepeatedPtrField<std::string>& aliases) {
  BAIMI_RETURN_IF_ERROR(CheckPlaceName(absl::StrCat(path, ".display_name"), display_name));
  for (int i = 0; i < aliases.size(); ++i) {
    BAIMI_RETURN_IF_ERROR(CheckPlaceName(absl::StrCat(path, ".aliases[", i, "]"), aliases.at(i)));
  }
  return absl::OkStatus();
}

std::vector<std::string> LabelSpellings(absl::string_view label) {
  std::vector<std::string> spellings = {std::string(label)};
  const std::string key = PlaceKey(label);
  size_t digits = 0;
  while (digits < key.size() && absl::ascii_isdigit(static_cast<unsigned char>(key[digits]))) {
    ++digits;
  }
  const absl::string_view number = absl::string_view(key).substr(0, digits);
  const absl::string_view word = absl::string_view(key).substr(digits);
  bool known = false;
  for (const absl::string_view other : kBuildingWords) {
    known = known || other == word;
  }
  if (number.empty() || !known) {
    return spellings;
  }
  for (const absl::string_view other : kBuildingWords) {
    if (other != word) {
      spellings.push_back(absl::StrCat(number, other));
    }
  }
  return spellings;
}

}  // namespace baimi::registry::domain
