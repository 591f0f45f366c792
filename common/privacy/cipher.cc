#include "common/privacy/cipher.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>
#include <memory>

#include "common/base/digest.h"

namespace baimi::privacy {
namespace {

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

void Check(bool ok) {
  if (!ok) {
    std::abort();
  }
}

const unsigned char* Data(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* Data(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

int Size(absl::string_view bytes) { return static_cast<int>(bytes.size()); }

// The cipher is fixed at the first use: naming it again at every call makes OpenSSL 3 rebuild the
// context, which costs more than encrypting a record.
CipherContext NewContext(const char* name) {
  CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  Check(context != nullptr && cipher != nullptr &&
        EVP_CipherInit_ex(context.get(), cipher, nullptr, nullptr, nullptr, 1) == 1);
  EVP_CIPHER_free(cipher);
  return context;
}

EVP_CIPHER_CTX* GcmContext() {
  thread_local const CipherContext context = NewContext("AES-256-GCM");
  return context.get();
}

EVP_CIPHER_CTX* Sm4Context() {
  thread_local const CipherContext context = NewContext("SM4-CTR");
  return context.get();
}

void Start(EVP_CIPHER_CTX* context, absl::string_view key, absl::string_view nonce, bool encrypt) {
  Check(EVP_CipherInit_ex(context, nullptr, nullptr, Data(key), Data(nonce), encrypt ? 1 : 0) == 1);
}

void Associate(EVP_CIPHER_CTX* context, absl::string_view data) {
  int size = 0;
  Check(data.empty() || EVP_CipherUpdate(context, nullptr, &size, Data(data), Size(data)) == 1);
}

void Update(EVP_CIPHER_CTX* context, absl::string_view in, unsigned char* out) {
  int size = 0;
  Check(in.empty() || EVP_CipherUpdate(context, out, &size, Data(in), Size(in)) == 1);
}

std::string Sm4Crypt(absl::string_view key, absl::string_view iv, absl::string_view in) {
  EVP_CIPHER_CTX* context = Sm4Context();
  const std::string cipher_key = HmacSm3(key, "baimi sm4-ctr").substr(0, 16);
  Start(context, cipher_key, iv, true);  // Counter mode: both ways are the same.
  std::string out(in.size(), '\0');
  Update(context, in, Data(out));
  return out;
}

std::string Sm4Tag(absl::string_view key, absl::string_view iv, absl::string_view header,
                   absl::string_view associated_data, absl::string_view ciphertext) {
  std::string input;
  for (const absl::string_view piece : {header, associated_data, iv, ciphertext}) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      input.push_back(static_cast<char>((piece.size() >> shift) & 0xff));
    }
    input.append(piece.data(), piece.size());
  }
  return HmacSm3(HmacSm3(key, "baimi hmac-sm3"), input);
}

}  // namespace

std::string AesGcmSeal(absl::string_view key, absl::string_view nonce, absl::string_view header,
                       absl::string_view associated_data, absl::string_view plain) {
  Check(key.size() == kKeySize && nonce.size() == kGcmNonceSize);
  EVP_CIPHER_CTX* context = GcmContext();
  Start(context, key, nonce, true);
  Associate(context, header);
  Associate(context, associated_data);
  std::string out(plain.size() + kGcmTagSize, '\0');
  Update(context, plain, Data(out));
  int size = 0;
  unsigned char none[1];
  Check(EVP_CipherFinal_ex(context, none, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kGcmTagSize,
                            Data(out) + plain.size()) == 1);
  return out;
}

std::optional<std::string> AesGcmOpen(absl::string_view key, absl::string_view nonce,
                                      absl::string_view header, absl::string_view associated_data,
                                      absl::string_view sealed) {
  Check(key.size() == kKeySize);
  if (nonce.size() != kGcmNonceSize || sealed.size() < kGcmTagSize) {
    return std::nullopt;
  }
  EVP_CIPHER_CTX* context = GcmContext();
  Start(context, key, nonce, false);
  Associate(context, header);
  Associate(context, associated_data);
  const absl::string_view ciphertext = sealed.substr(0, sealed.size() - kGcmTagSize);
  std::string tag(sealed.substr(ciphertext.size()));
  std::string out(ciphertext.size(), '\0');
  Update(context, ciphertext, Data(out));
  Check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kGcmTagSize, Data(tag)) == 1);
  int size = 0;
  unsigned char none[1];
  if (EVP_CipherFinal_ex(context, none, &size) != 1) {
    return std::nullopt;
  }
  return out;
}

std::string Sm4Seal(absl::string_view key, absl::string_view iv, absl::string_view header,
                    absl::string_view associated_data, absl::string_view plain) {
  Check(key.size() == kKeySize && iv.size() == kSm4IvSize);
  std::string out = Sm4Crypt(key, iv, plain);
  out += Sm4Tag(key, iv, header, associated_data, out);
  return out;
}

std::optional<std::string> Sm4Open(absl::string_view key, absl::string_view iv,
                                   absl::string_view header, absl::string_view associated_data,
                                   absl::string_view sealed) {
  Check(key.size() == kKeySize);
  if (iv.size() != kSm4IvSize || sealed.size() < kSm3TagSize) {
    return std::nullopt;
  }
  const absl::string_view ciphertext = sealed.substr(0, sealed.size() - kSm3TagSize);
  if (!ConstantTimeEquals(Sm4Tag(key, iv, header, associated_data, ciphertext),
                          sealed.substr(ciphertext.size()))) {
    return std::nullopt;
  }
  return Sm4Crypt(key, iv, ciphertext);
}

std::string HmacSm3(absl::string_view key, absl::string_view data) {
  std::string out(kSm3TagSize, '\0');
  unsigned int size = 0;
  Check(HMAC(EVP_sm3(), Data(key), Size(key), Data(data), data.size(), Data(out), &size) !=
            nullptr &&
        size == kSm3TagSize);
  return out;
}

}  // namespace baimi::privacy
