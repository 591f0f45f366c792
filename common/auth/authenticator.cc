#include "common/auth/authenticator.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::auth {
namespace {

constexpr size_t kMaxToken = 512;
constexpr size_t kTokenEntropy = 32;

// The same for every cause: an answer must not help to guess.
absl::Status BadCredentials() {
  return Error(absl::StatusCode::kUnauthenticated, type::v1::ERROR_REASON_BAD_CREDENTIALS,
               "authorization: got no valid key, want \"Bearer <key>\" with a key in force",
               "身份凭证缺失、无效或已过期");
}

absl::StatusOr<std::shared_ptr<const KeyTable>> ReadTable(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    const std::string text = absl::StrCat("key file ", path, ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(text) : absl::FailedPreconditionError(text);
  }
  if (!S_ISREG(info.st_mode) || (info.st_mode & 022) != 0) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "key file %s: got mode %04o, want a regular file that only its owner may write", path,
        static_cast<unsigned>(info.st_mode & 07777)));
  }
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    return absl::FailedPreconditionError(absl::StrCat("key file ", path, ": cannot be read"));
  }
  absl::StatusOr<KeyTable> table = ParseKeyFile(text.str());
  if (!table.ok()) {
    return absl::Status(table.status().code(),
                        absl::StrCat("key file ", path, ": ", table.status().message()));
  }
  return std::make_shared<const KeyTable>(*std::move(table));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::Load(const std::string& path,
                                                                   const Clock* clock) {
  BAIMI_ASSIGN_OR_RETURN(std::shared_ptr<const KeyTable> table, ReadTable(path));
  return std::unique_ptr<Authenticator>(new Authenticator(path, clock, std::move(table)));
}

std::unique_ptr<Authenticator> Authenticator::Of(KeyTable table, const Clock* clock) {
  return std::unique_ptr<Authenticator>(
      new Authenticator("", clock, std::make_shared<const KeyTable>(std::move(table))));
}

absl::StatusOr<std::shared_ptr<const Identity>> Authenticator::Authenticate(
    absl::string_view token) const {
  if (token.empty() || token.size() > kMaxToken) {
    return BadCredentials();
  }
  std::shared_ptr<const KeyTable> table;
  {
    absl::ReaderMutexLock lock(&mu_);
    table = table_;
  }
  // A look-up by hash leaks no more than a stranger's hash: which is nothing about any key.
  const std::string hash = Sha256(token);
  const auto it = table->find(hash);
  if (it == table->end() || !ConstantTimeEquals(it->first, hash) ||
      clock_->Now() >= it->second->expires) {
    return BadCredentials();
  }
  return it->second;
}

absl::Status Authenticator::Reload() {
  if (path_.empty()) {
    return absl::FailedPreconditionError("key file: got none to reload from");
  }
  BAIMI_ASSIGN_OR_RETURN(std::shared_ptr<const KeyTable> table, ReadTable(path_));
  absl::MutexLock lock(&mu_);
  table_ = std::move(table);
  return absl::OkStatus();
}

absl::string_view BearerToken(absl::string_view authorization) {
  constexpr absl::string_view kScheme = "bearer ";
  return absl::StartsWithIgnoreCase(authorization, kScheme)
             ? absl::StripAsciiWhitespace(authorization.substr(kScheme.size()))
             : absl::string_view();
}

NewKeyResult NewKey(Rng& rng) {
  NewKeyResult key;
  key.token = absl::StrCat("bmk_", absl::WebSafeBase64Escape(rng.Bytes(kTokenEntropy)));
  key.sha256 = absl::BytesToHexString(Sha256(key.token));
  return key;
}

}  // namespace baimi::auth
