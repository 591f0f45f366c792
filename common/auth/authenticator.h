// Bearer keys from a file. The file holds hashes only: who reads it can use none of them.
#ifndef BAIMI_COMMON_AUTH_AUTHENTICATOR_H_
#define BAIMI_COMMON_AUTH_AUTHENTICATOR_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/auth/identity.h"
#include "common/base/clock.h"
#include "common/base/random.h"

namespace baimi::auth {

// Identities by the raw SHA-256 of their key.
using KeyTable = absl::flat_hash_map<std::string, std::shared_ptr<const Identity>>;

// Reads the text of a key file: strict JSON, at most 1 MiB; `*` marks what must be there.
//
//   {"roles"*: {"dispatcher": ["ticket.dispatch", "area.*"]},
//    "keys"*: [{"id"*: "clerk-03",             1-63 of [A-Za-z0-9._-], unique
//              "sha256"*: "<64 hex digits>",   of the whole token; unique
//              "roles"*: ["dispatcher"],       defined above
//              "counties"*: ["469030"],        or ["*"]
//              "area_prefixes": ["469030100"], 6-15 digits inside its counties
//              "units": ["yingbei"],           [] or absent: not limited to units, likewise above
//              "unit": "zhujian",
//              "audience": "staff",            service | staff | public (default)
//              "pii": "staff",                 full | staff | public (default)
//              "quota": {"read": {"per_second"*: 50, "burst"*: 100}},   also "write", "bulk"; in
//                                              place of the server's limits; whole numbers, 1 to
//                                              1,000,000 and 1 to 10,000,000
//              "expires": "2027-01-01"}]}      first Shanghai day without access; absent: never
//
// INVALID_ARGUMENT naming the member, for unknown or double members too. A key with two of the
// roles system-admin, security-admin and audit-admin is refused (domain.md §7.2 item 2).
absl::StatusOr<KeyTable> ParseKeyFile(absl::string_view text);

// Thread-safe.
class Authenticator {
 public:
  // NOT_FOUND without a file, FAILED_PRECONDITION when others than its owner may write it,
  // otherwise as ParseKeyFile. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<Authenticator>> Load(const std::string& path,
                                                             const Clock* clock);
  // Without a file, for tests.
  static std::unique_ptr<Authenticator> Of(KeyTable table, const Clock* clock);

  // UNAUTHENTICATED with reason BAD_CREDENTIALS, always in the same words, when the token is empty,
  // unknown or expired. Below a microsecond: one hash and one look-up.
  absl::StatusOr<std::shared_ptr<const Identity>> Authenticate(absl::string_view token) const;

  // Reads the file again and swaps all identities at once; after an error the old ones stand.
  absl::Status Reload();

 private:
  Authenticator(std::string path, const Clock* clock, std::shared_ptr<const KeyTable> table)
      : path_(std::move(path)), clock_(clock), table_(std::move(table)) {}

  const std::string path_;
  const Clock* const clock_;
  mutable absl::Mutex mu_;
  std::shared_ptr<const KeyTable> table_ ABSL_GUARDED_BY(mu_);
};

// The token of an "authorization" value ("Bearer <token>", scheme in any case); "" when it is none.
absl::string_view BearerToken(absl::string_view authorization);

struct NewKeyResult {
  // "bmk_" and 43 characters of base64url. Shown once, stored nowhere.
  std::string token;
  // 64 hex digits, for the key file.
  std::string sha256;
};
NewKeyResult NewKey(Rng& rng);

}  // namespace baimi::auth

#endif  // BAIMI_COMMON_AUTH_AUTHENTICATOR_H_
