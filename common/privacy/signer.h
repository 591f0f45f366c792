// Ed25519 signatures over OpenSSL, with keys in PEM so that anybody's tools read them.
#ifndef BAIMI_COMMON_PRIVACY_SIGNER_H_
#define BAIMI_COMMON_PRIVACY_SIGNER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/random.h"

namespace baimi::privacy {

// Immutable, thread-safe.
class SigningKey {
 public:
  // PKCS#8 in PEM, unencrypted. INVALID_ARGUMENT, without a word of the content, for anything else.
  static absl::StatusOr<SigningKey> FromPem(absl::string_view pem);
  // NOT_FOUND when absent. FAILED_PRECONDITION when the file is not a regular one or its group or
  // others may do anything with it.
  static absl::StatusOr<SigningKey> Load(const std::string& path);
  // The text of a new key file.
  static std::string NewPem(Rng& rng);

  // 64 bytes.
  std::string Sign(absl::string_view message) const;
  // SubjectPublicKeyInfo in PEM.
  const std::string& public_pem() const { return public_pem_; }
  // First 16 hex digits of the SHA-256 of the 32 bytes of the public key.
  const std::string& id() const { return id_; }

 private:
  SigningKey() = default;

  std::shared_ptr<void> key_;
  std::string public_pem_;
  std::string id_;
};

// OK when `signature` is that of `message` under the public key in `pem` (SubjectPublicKeyInfo).
// INVALID_ARGUMENT when `pem` is no Ed25519 key, DATA_LOSS when the signature is another one.
absl::Status VerifySignature(absl::string_view pem, absl::string_view message,
                             absl::string_view signature);

// The id of a public key in PEM, as SigningKey::id.
absl::StatusOr<std::string> PublicKeyId(absl::string_view pem);

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_SIGNER_H_
