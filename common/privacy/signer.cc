#include "common/privacy/signer.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/status_macros.h"

namespace baimi::privacy {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kIdDigits = 16;

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using ContextPtr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

BioPtr Memory(absl::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Content(BIO* bio) {
  char* data = nullptr;
  const std::ptrdiff_t size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

absl::StatusOr<std::string> IdOf(const EVP_PKEY* key) {
  std::string raw(kKeyBytes, '\0');
  size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size) != 1 ||
      size != kKeyBytes) {
    return absl::InvalidArgumentError("signing key: want an Ed25519 key");
  }
  return absl::BytesToHexString(Sha256(raw)).substr(0, kIdDigits);
}

absl::StatusOr<KeyPtr> ReadPublic(absl::string_view pem) {
  KeyPtr key(PEM_read_bio_PUBKEY(Memory(pem).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) {
    return absl::InvalidArgumentError("public key: want an Ed25519 key in PEM");
  }
  return key;
}

}  // namespace

absl::StatusOr<SigningKey> SigningKey::FromPem(absl::string_view pem) {
  KeyPtr key(PEM_read_bio_PrivateKey(Memory(pem).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) {
    return absl::InvalidArgumentError("signing key: want an Ed25519 key in PEM");
  }
  SigningKey made;
  BAIMI_ASSIGN_OR_RETURN(made.id_, IdOf(key.get()));
  const BioPtr out(BIO_new(BIO_s_mem()), &BIO_free);
  if (PEM_write_bio_PUBKEY(out.get(), key.get()) != 1) {
    return absl::InvalidArgumentError("signing key: has no public half");
  }
  made.public_pem_ = Content(out.get());
  made.key_ = std::shared_ptr<void>(
      key.release(), [](void* owned) { EVP_PKEY_free(static_cast<EVP_PKEY*>(owned)); });
  return made;
}

absl::StatusOr<SigningKey> SigningKey::Load(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) {
    return absl::NotFoundError(absl::StrCat("signing key file ", path, ": cannot be read"));
  }
  if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "signing key file ", path, ": got one that others may use, want mode 0600 or 0400"));
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  const absl::StatusOr<SigningKey> key = FromPem(content.str());
  return key.ok()
             ? key
             : absl::Status(key.status().code(), absl::StrCat(path, ": ", key.status().message()));
}

std::string SigningKey::NewPem(Rng& rng) {
  const std::string seed = rng.Bytes(kKeyBytes);
  const KeyPtr key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size()),
      &EVP_PKEY_free);
  const BioPtr out(BIO_new(BIO_s_mem()), &BIO_free);
  if (key == nullptr || PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0,
                                                      nullptr, nullptr) != 1) {
    std::abort();  // The library refuses an algorithm it ships: nothing can be trusted after that.
  }
  return Content(out.get());
}

std::string SigningKey::Sign(absl::string_view message) const {
  const ContextPtr context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr,
                         static_cast<EVP_PKEY*>(key_.get())) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(message), message.size()) != 1 ||
      size != kSignatureBytes) {
    std::abort();
  }
  return signature;
}

absl::Status VerifySignature(absl::string_view pem, absl::string_view message,
                             absl::string_view signature) {
  BAIMI_ASSIGN_OR_RETURN(const KeyPtr key, ReadPublic(pem));
  const ContextPtr context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message),
                       message.size()) != 1) {
    return absl::DataLossError("signature: not that of this message under this key");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PublicKeyId(absl::string_view pem) {
  BAIMI_ASSIGN_OR_RETURN(const KeyPtr key, ReadPublic(pem));
  return IdOf(key.get());
}

}  // namespace baimi::privacy
