// The secret files of a process: made once for an installation, the same for every replica of every
// service in it. Only their paths are configuration.
#ifndef BAIMI_COMMON_PROCESS_SECRETS_H_
#define BAIMI_COMMON_PROCESS_SECRETS_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/config/config.h"
#include "common/privacy/master_keys.h"
#include "common/privacy/signer.h"

namespace baimi::process {

// An empty member is the file of that name in `directory`.
struct SecretPaths {
  std::string directory = {};
  // master.key: the key above all data keys.
  std::string master_key = {};
  // page.key: 32 bytes that seal page tokens.
  std::string page_key = {};
  // api-keys.json: hashes of callers' keys with their roles.
  std::string api_keys = {};
  // tokens/service: the key that services use among themselves.
  std::string service_token = {};
  // receipt.key: signs the receipts that callers keep.
  std::string receipt_key = {};

  std::string MasterKey() const { return Or(master_key, "master.key"); }
  std::string PageKey() const { return Or(page_key, "page.key"); }
  std::string ApiKeys() const { return Or(api_keys, "api-keys.json"); }
  std::string ServiceToken() const { return Or(service_token, "tokens/service"); }
  std::string ReceiptKey() const { return Or(receipt_key, "receipt.key"); }

 private:
  std::string Or(const std::string& path, const char* name) const {
    return path.empty() ? directory + "/" + name : path;
  }
};

// --secrets DIR and --secrets.master_key, --secrets.page_key, --secrets.api_keys,
// --secrets.service_token, --secrets.receipt_key for single files that stand elsewhere.
void DeclareSecrets(const config::Section& root, SecretPaths* paths);

struct Secrets {
  privacy::MasterKeys masters;
  std::string page_token_key;
  std::string service_token;
  std::unique_ptr<auth::Authenticator> authenticator;
  // Unset without a file: no receipts are given.
  std::optional<privacy::SigningKey> receipt_key = {};

  // `clock` outlives the secrets. NOT_FOUND naming the file that is missing; INVALID_ARGUMENT for a
  // page key that has not 32 bytes; otherwise the errors of MasterKeys and Authenticator.
  static absl::StatusOr<Secrets> Load(const SecretPaths& paths, const Clock* clock);
};

}  // namespace baimi::process

#endif  // BAIMI_COMMON_PROCESS_SECRETS_H_
