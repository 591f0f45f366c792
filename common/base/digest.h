// Hashes over OpenSSL.
#ifndef BAIMI_COMMON_BASE_DIGEST_H_
#define BAIMI_COMMON_BASE_DIGEST_H_

#include <memory>
#include <string>
#include "absl/strings/string_view.h"

#include "baimi/type/v1/journal.pb.h"

struct evp_md_ctx_st;  // EVP_MD_CTX of OpenSSL.

namespace baimi {

// 32 raw bytes.
std::string Sha256(absl::string_view data);
// The same of data that comes in parts.
class Sha256Sum {
 public:
  Sha256Sum();
  void Add(absl::string_view part);
  // Once, at the end.
  std::string Finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};
std::string Sm3(absl::string_view data);
// By the algorithm id of a stored record; SHA-256 for UNSPECIFIED. Hashes `a` followed by `b`.
std::string ChainHash(type::v1::HashAlgorithm algorithm, absl::string_view a, absl::string_view b);
// 32 raw bytes; `key` of any length.
std::string HmacSha256(absl::string_view key, absl::string_view data);
// In time that does not depend on the content.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

}  // namespace baimi

#endif  // BAIMI_COMMON_BASE_DIGEST_H_
