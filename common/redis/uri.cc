#include "common/redis/uri.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace baimi::redis {
namespace {

constexpr int kMaxDb = 9999;

absl::Status Refuse(absl::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat(
      "redis uri: got \"", got, "\", want redis://host[:port][/db] or unix:///path[?db=N]"));
}

bool ReadNumber(absl::string_view text, int low, int high, int* number) {
  return absl::SimpleAtoi(text, number) && *number >= low && *number <= high;
}

absl::StatusOr<Uri> ParseSocket(absl::string_view text, absl::string_view rest) {
  Uri uri;
  const size_t query = rest.find('?');
  if (query != absl::string_view::npos) {
    absl::string_view db = rest.substr(query + 1);
    if (!absl::ConsumePrefix(&db, "db=") || !ReadNumber(db, 0, kMaxDb, &uri.db)) {
      return Refuse(text);
    }
    rest = rest.substr(0, query);
  }
  uri.path = std::string(rest);
  // The limit of the kernel, with the closing zero.
  if (rest.size() < 2 || rest[0] != '/' || rest.size() > 107) {
    return Refuse(text);
  }
  return uri;
}

}  // namespace

absl::StatusOr<Uri> ParseUri(absl::string_view text) {
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix://")) {
    return ParseSocket(text, rest);
  }
  if (!absl::ConsumePrefix(&rest, "redis://")) {
    return Refuse(text.substr(0, text.find(':')));
  }
  if (rest.find('@') != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "redis uri: got a user or password in it, want them as options (user, password file)");
  }
  Uri uri;
  const size_t slash = rest.find('/');
  if (slash != absl::string_view::npos) {
    const absl::string_view db = rest.substr(slash + 1);
    if (!db.empty() && !ReadNumber(db, 0, kMaxDb, &uri.db)) {
      return Refuse(text);
    }
    rest = rest.substr(0, slash);
  }
  // After the closing bracket of an IPv6 address, or after the only colon.
  const size_t bracket = rest.rfind(']');
  const size_t colon = rest.rfind(':');
  if (colon != absl::string_view::npos && (bracket == absl::string_view::npos || colon > bracket)) {
    if (!ReadNumber(rest.substr(colon + 1), 1, 65535, &uri.port)) {
      return Refuse(text);
    }
    rest = rest.substr(0, colon);
  }
  if (bracket != absl::string_view::npos &&
      !(absl::ConsumePrefix(&rest, "[") && absl::ConsumeSuffix(&rest, "]"))) {
    return Refuse(text);
  }
  if (rest.empty() || (bracket == absl::string_view::npos && absl::StrContains(rest, ":"))) {
    return Refuse(text);
  }
  uri.host = std::string(rest);
  return uri;
}

}  // namespace baimi::redis
