#include "common/base/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>
#include <random>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace baimi {
namespace {

void Draw(char* out, size_t size) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out), static_cast<int>(size)) != 1) {
    std::abort();  // No entropy: nothing that needs a key may go on.
  }
}

// What was drawn ahead. Each draw costs OpenSSL far more than the few bytes of a nonce or an id, so
// that small ones are cut from a larger one. Bytes are wiped as they are given out.
class Stock {
 public:
  ~Stock() { OPENSSL_cleanse(bytes_, sizeof(bytes_)); }

  void Take(char* out, size_t size) {
    if (left_ < size) {
      Draw(bytes_, sizeof(bytes_));
      left_ = sizeof(bytes_);
    }
    char* from = bytes_ + (sizeof(bytes_) - left_);
    std::memcpy(out, from, size);
    OPENSSL_cleanse(from, size);
    left_ -= size;
  }

 private:
  char bytes_[512];
  size_t left_ = 0;
};

class SystemRng final : public Rng {
 public:
  std::string Bytes(size_t size) override {
    std::string bytes(size, '\0');
    Fill(bytes.data(), size);
    return bytes;
  }
  uint64_t Uint64() override {
    uint64_t value;
    Fill(reinterpret_cast<char*>(&value), sizeof(value));
    return value;
  }

 private:
  // Keys (32 bytes and more) are always drawn afresh.
  static constexpr size_t kSmall = 24;

  static void Fill(char* out, size_t size) {
    thread_local Stock stock;
    if (size <= kSmall) {
      stock.Take(out, size);
    } else {
      Draw(out, size);
    }
  }
};

class SeededRng final : public Rng {
 public:
  explicit SeededRng(uint64_t seed) : engine_(seed) {}
  std::string Bytes(size_t size) override {
    std::string bytes;
    while (bytes.size() < size) {
      const uint64_t word = Uint64();
      bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
    }
    bytes.resize(size);
    return bytes;
  }
  uint64_t Uint64() override {
    absl::MutexLock lock(&mu_);
    return engine_();
  }

 private:
  absl::Mutex mu_;
  std::mt19937_64 engine_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

std::unique_ptr<Rng> NewSystemRng() { return std::make_unique<SystemRng>(); }
std::unique_ptr<Rng> NewSeededRng(uint64_t seed) { return std::make_unique<SeededRng>(seed); }

std::string NewUuid(Rng& rng) {
  std::string bytes = rng.Bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = absl::BytesToHexString(bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

}  // namespace baimi
