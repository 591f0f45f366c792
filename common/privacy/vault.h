// Seals and opens personal data (DESIGN.md §3.2, §5; domain.md §7.3). Used for events, rows and
// stored responses alike.
#ifndef BAIMI_COMMON_PRIVACY_VAULT_H_
#define BAIMI_COMMON_PRIVACY_VAULT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/random.h"
#include "common/privacy/key_ring.h"
#include "google/protobuf/message.h"

namespace baimi::privacy {

// Stands in every sealed value, so that both can be opened at any time.
enum class Algorithm : uint8_t {
  kAes256Gcm = 1,
  // SM4-CTR, then HMAC-SM3 over everything (encrypt-then-MAC), with keys derived from the data key.
  kSm4CtrHmacSm3 = 2,
};

struct VaultOptions {
  // For new values.
  Algorithm algorithm = Algorithm::kAes256Gcm;
  // Blind indexes by HMAC-SM3 instead of HMAC-SHA256. Fixed for the life of an installation: values
  // indexed under the other hash are not found any more.
  bool sm3_index = false;
};

struct SealedMessage {
  // The message without its personal fields, in wire form.
  std::string open;
  // version (1) | algorithm (1) | key id (8, big-endian) | nonce (12 or 16) | ciphertext | tag (16
  // or 32). Empty when there was nothing personal in the message.
  std::string sealed;
};

// `associated_data` binds a sealed value to its place (e.g. resource name and purpose of the
// column): the same bytes must be given to open it. Thread-safe.
class Vault {
 public:
  // Both must outlive the vault.
  Vault(KeyRing* keys, Rng* rng, const VaultOptions& options = {});

  // Splits (see split.h) and seals the personal part under `key`. `key` may be kNoKey only when the
  // personal part is empty: INTERNAL otherwise. DATA_SHREDDED when the key was destroyed.
  absl::StatusOr<SealedMessage> Seal(KeyId key, const google::protobuf::Message& message,
                                     absl::string_view associated_data) const;

  // Parses `open` into `out` and merges the opened `sealed`. FAILED_PRECONDITION DATA_SHREDDED when
  // the key was destroyed (`out` then holds the open part); INTERNAL when anything was changed.
  absl::Status Open(absl::string_view open, absl::string_view sealed,
                    absl::string_view associated_data, google::protobuf::Message* out) const;

  // The same for bytes that are personal as a whole. Empty bytes give an empty value.
  absl::StatusOr<std::string> SealBytes(KeyId key, absl::string_view plain,
                                        absl::string_view associated_data) const;
  absl::StatusOr<std::string> OpenBytes(absl::string_view sealed,
                                        absl::string_view associated_data) const;

  // 16 bytes, equal for equal input, that tell nothing without the index key: a column to look
  // personal data up by. `label` separates columns ("ticket.phone"); the caller normalises the
  // value first. Does not change when master keys rotate.
  std::string BlindIndex(absl::string_view label, absl::string_view normalized) const;

 private:
  KeyRing* keys_;
  Rng* rng_;
  VaultOptions options_;
};

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_VAULT_H_
