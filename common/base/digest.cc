#include "common/base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace baimi {
namespace {

// Looked up once: OpenSSL 3 searches its providers again for every digest that begins with
// EVP_sha256(), which takes longer than hashing a record.
const EVP_MD* Fetch(const char* name) {
  const EVP_MD* type = EVP_MD_fetch(nullptr, name, nullptr);
  if (type == nullptr) {
    std::abort();
  }
  return type;
}

const EVP_MD* Sha256Type() {
  static const EVP_MD* const type = Fetch("SHA256");
  return type;
}

const EVP_MD* Sm3Type() {
  static const EVP_MD* const type = Fetch("SM3");
  return type;
}

std::string Digest(const EVP_MD* type, absl::string_view a, absl::string_view b) {
  // A context a thread: creating one costs more than hashing a record.
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string out(32, '\0');
  unsigned int size = 0;
  if (EVP_DigestInit_ex(context.get(), type, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), a.data(), a.size()) != 1 ||
      EVP_DigestUpdate(context.get(), b.data(), b.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size) != 1 ||
      size != out.size()) {
    std::abort();  // The library refuses a hash it ships: nothing can be trusted after that.
  }
  return out;
}

}  // namespace

std::string Sha256(absl::string_view data) { return Digest(Sha256Type(), data, {}); }
std::string Sm3(absl::string_view data) { return Digest(Sm3Type(), data, {}); }

void Sha256Sum::Free::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

Sha256Sum::Sha256Sum() : context_(EVP_MD_CTX_new()) {
  if (EVP_DigestInit_ex(context_.get(), Sha256Type(), nullptr) != 1) {
    std::abort();
  }
}

void Sha256Sum::Add(absl::string_view part) {
  if (EVP_DigestUpdate(context_.get(), part.data(), part.size()) != 1) {
    std::abort();
  }
}

std::string Sha256Sum::Finish() {
  std::string out(32, '\0');
  if (EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr) !=
      1) {
    std::abort();
  }
  return out;
}

std::string ChainHash(type::v1::HashAlgorithm algorithm, absl::string_view a, absl::string_view b) {
  return Digest(algorithm == type::v1::HASH_ALGORITHM_SM3 ? Sm3Type() : Sha256Type(), a, b);
}

// RFC 2104 on the digest above: OpenSSL's own looks its parts up by name at every call, which costs
// several times what it computes.
std::string HmacSha256(absl::string_view key, absl::string_view data) {
  constexpr size_t kBlock = 64;
  std::string block = key.size() > kBlock ? Sha256(key) : std::string(key);
  block.resize(kBlock, '\0');
  const auto flip = [&block](char with) {
    for (char& c : block) {
      c = static_cast<char>(c ^ with);
    }
  };
  flip(0x36);
  const std::string inner = Digest(Sha256Type(), block, data);
  flip(0x36 ^ 0x5c);
  std::string out = Digest(Sha256Type(), block, inner);
  OPENSSL_cleanse(block.data(), block.size());
  return out;
}

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace baimi
