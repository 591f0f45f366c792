#include "common/resource/etag.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/text/utf8.h"

namespace baimi::resource {

std::string Etag(int64_t version) { return absl::StrCat("v", version); }

std::optional<int64_t> ParseEtag(absl::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  int64_t version = 0;
  // Formatting back refuses signs, blanks and leading zeros.
  if (!absl::StartsWith(etag, "v") || !absl::SimpleAtoi(etag.substr(1), &version) || version < 1 ||
      Etag(version) != etag) {
    return std::nullopt;
  }
  return version;
}

absl::Status CheckEtag(absl::string_view sent, int64_t version) {
  if (sent.empty() || sent == "*") {
    return absl::OkStatus();
  }
  const std::optional<int64_t> wanted = ParseEtag(sent);
  if (!wanted) {
    return InvalidField("etag", text::Printable(sent), "an etag as it was read, e.g. v3",
                        "读取时返回的 etag，例如 v3");
  }
  return *wanted == version ? absl::OkStatus() : EtagMismatch(Etag(*wanted), Etag(version));
}

}  // namespace baimi::resource
