// Authenticated encryption over OpenSSL. Contexts are kept per thread. A failure of the library
// itself (not of the data) ends the process: nothing can be trusted after it.
#ifndef BAIMI_COMMON_PRIVACY_CIPHER_H_
#define BAIMI_COMMON_PRIVACY_CIPHER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace baimi::privacy {

inline constexpr size_t kKeySize = 32;
inline constexpr size_t kGcmNonceSize = 12;
inline constexpr size_t kGcmTagSize = 16;
inline constexpr size_t kSm4IvSize = 16;
inline constexpr size_t kSm3TagSize = 32;

// AES-256-GCM. `key` has 32 bytes, `nonce` 12 that never repeat under one key. Both associated
// pieces are authenticated; a caller with several of variable length must delimit them itself.
// Returns ciphertext | tag.
std::string AesGcmSeal(absl::string_view key, absl::string_view nonce, absl::string_view header,
                       absl::string_view associated_data, absl::string_view plain);
// nullopt when anything was changed or is too short.
std::optional<std::string> AesGcmOpen(absl::string_view key, absl::string_view nonce,
                                      absl::string_view header, absl::string_view associated_data,
                                      absl::string_view sealed);

// SM4-CTR, then HMAC-SM3 over header, associated data, iv and ciphertext (domain.md §7.3). `key`
// has 32 bytes, of which two keys are derived; `iv` 16. Returns ciphertext | tag.
std::string Sm4Seal(absl::string_view key, absl::string_view iv, absl::string_view header,
                    absl::string_view associated_data, absl::string_view plain);
std::optional<std::string> Sm4Open(absl::string_view key, absl::string_view iv,
                                   absl::string_view header, absl::string_view associated_data,
                                   absl::string_view sealed);

// 32 raw bytes; `key` of any length.
std::string HmacSm3(absl::string_view key, absl::string_view data);

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_CIPHER_H_
