#include "common/privacy/vault.h"

#include <cstdlib>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/privacy/cipher.h"
#include "common/privacy/split.h"

namespace baimi::privacy {
namespace {

constexpr char kVersion = 1;
constexpr size_t kHeaderSize = 10;
constexpr size_t kIndexSize = 16;

std::string Header(Algorithm algorithm, KeyId key) {
  std::string header{kVersion, static_cast<char>(algorithm)};
  for (int shift = 56; shift >= 0; shift -= 8) {
    header.push_back(static_cast<char>((static_cast<uint64_t>(key) >> shift) & 0xff));
  }
  return header;
}

KeyId KeyOf(absl::string_view header) {
  uint64_t key = 0;
  for (size_t i = 2; i < kHeaderSize; ++i) {
    key = key << 8 | static_cast<uint8_t>(header[i]);
  }
  return static_cast<KeyId>(key);
}

absl::Status Broken(absl::string_view what) {
  return Internal(absl::StrCat("sealed value: ", what));
}

size_t NonceSize(Algorithm algorithm) {
  return algorithm == Algorithm::kSm4CtrHmacSm3 ? kSm4IvSize : kGcmNonceSize;
}

}  // namespace

Vault::Vault(KeyRing* keys, Rng* rng, const VaultOptions& options)
    : keys_(keys), rng_(rng), options_(options) {}

absl::StatusOr<std::string> Vault::SealBytes(KeyId key, absl::string_view plain,
                                             absl::string_view associated_data) const {
  if (plain.empty()) {
    return std::string();
  }
  if (key == kNoKey) {
    return Internal("seal: got personal data and no data key");
  }
  BAIMI_ASSIGN_OR_RETURN(const std::string bytes, keys_->Get(key));
  std::string sealed = Header(options_.algorithm, key);
  const std::string nonce = rng_->Bytes(NonceSize(options_.algorithm));
  const auto seal = options_.algorithm == Algorithm::kSm4CtrHmacSm3 ? &Sm4Seal : &AesGcmSeal;
  const std::string body = seal(bytes, nonce, sealed, associated_data, plain);
  sealed += nonce;
  sealed += body;
  return sealed;
}

absl::StatusOr<std::string> Vault::OpenBytes(absl::string_view sealed,
                                             absl::string_view associated_data) const {
  if (sealed.empty()) {
    return std::string();
  }
  if (sealed.size() < kHeaderSize || sealed[0] != kVersion) {
    return Broken("got an unknown version");
  }
  const absl::string_view header = sealed.substr(0, kHeaderSize);
  const auto algorithm = static_cast<Algorithm>(header[1]);
  if (algorithm != Algorithm::kAes256Gcm && algorithm != Algorithm::kSm4CtrHmacSm3) {
    return Broken("got an unknown algorithm");
  }
  if (sealed.size() < kHeaderSize + NonceSize(algorithm)) {
    return Broken("cut off");
  }
  const KeyId id = KeyOf(header);
  BAIMI_ASSIGN_OR_RETURN(const std::string key, keys_->Get(id));
  const absl::string_view nonce = sealed.substr(kHeaderSize, NonceSize(algorithm));
  const absl::string_view body = sealed.substr(kHeaderSize + nonce.size());
  const auto open = algorithm == Algorithm::kSm4CtrHmacSm3 ? &Sm4Open : &AesGcmOpen;
  std::optional<std::string> plain = open(key, nonce, header, associated_data, body);
  if (!plain) {
    return Broken(absl::StrCat("under data key ", id, " was changed or moved"));
  }
  return *std::move(plain);
}

absl::StatusOr<SealedMessage> Vault::Seal(KeyId key, const google::protobuf::Message& message,
                                          absl::string_view associated_data) const {
  BAIMI_ASSIGN_OR_RETURN(Parts parts, Split(message));
  BAIMI_ASSIGN_OR_RETURN(std::string sealed, SealBytes(key, parts.personal, associated_data));
  return SealedMessage{std::move(parts.open), std::move(sealed)};
}

absl::Status Vault::Open(absl::string_view open, absl::string_view sealed,
                         absl::string_view associated_data, google::protobuf::Message* out) const {
  if (!out->ParseFromArray(open.data(), static_cast<int>(open.size()))) {
    return Broken(absl::StrCat("the open part is no ", out->GetTypeName()));
  }
  BAIMI_ASSIGN_OR_RETURN(const std::string personal, OpenBytes(sealed, associated_data));
  if (!out->MergeFromString(personal)) {
    return Broken(absl::StrCat("the personal part is no ", out->GetTypeName()));
  }
  return absl::OkStatus();
}

std::string Vault::BlindIndex(absl::string_view label, absl::string_view normalized) const {
  const auto hmac = options_.sm3_index ? &HmacSm3 : &HmacSha256;
  return hmac(hmac(keys_->masters().index_key(), label), normalized).substr(0, kIndexSize);
}

}  // namespace baimi::privacy
