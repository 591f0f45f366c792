#include "common/text/unit_name.h"

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace baimi::text {
namespace {

struct Suffix {
  absl::string_view committee;
  absl::string_view kind;
};

constexpr std::array<Suffix, 4> kSuffixes = {{
    {"居民委员会", "居"},
    {"居委会", "居"},
    {"村民委员会", "村"},
    {"村委会", "村"},
}};

}  // namespace

std::string DisplayName(absl::string_view registered_name) {
  for (const Suffix& suffix : kSuffixes) {
    absl::string_view stem = registered_name;
    if (!absl::ConsumeSuffix(&stem, suffix.committee) || stem.empty()) {
      continue;
    }
    const bool names_its_kind = absl::EndsWith(stem, "社区") || absl::EndsWith(stem, suffix.kind);
    return names_its_kind ? std::string(stem) : absl::StrCat(stem, suffix.kind);
  }
  return std::string(registered_name);
}

}  // namespace baimi::text
