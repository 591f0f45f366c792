// Randomness and ids as parameters, so that tests and replays are deterministic.
#ifndef BAIMI_COMMON_BASE_RANDOM_H_
#define BAIMI_COMMON_BASE_RANDOM_H_

#include <cstdint>
#include <memory>
#include <string>

namespace baimi {

// Thread-safe.
class Rng {
 public:
  virtual ~Rng() = default;
  // `size` bytes fit for keys and nonces when the implementation is SystemRng.
  virtual std::string Bytes(size_t size) = 0;
  virtual uint64_t Uint64() = 0;
};

// The operating system's generator (through OpenSSL).
std::unique_ptr<Rng> NewSystemRng();
// The same sequence for the same seed. Never for keys outside tests.
std::unique_ptr<Rng> NewSeededRng(uint64_t seed);

// Version 4 UUID in lower-case text form, drawn from `rng`.
std::string NewUuid(Rng& rng);

}  // namespace baimi

#endif  // BAIMI_COMMON_BASE_RANDOM_H_
