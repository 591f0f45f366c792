#include "common/process/secrets.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace baimi::process {
namespace {

constexpr size_t kPageKeyBytes = 32;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) {
    return absl::NotFoundError(absl::StrCat("secret file ", path, ": cannot be read"));
  }
  return content.str();
}

}  // namespace

void DeclareSecrets(const config::Section& root, SecretPaths* paths) {
  root.String("secrets", &paths->directory,
              "Directory of master.key, page.key, api-keys.json, receipt.key and tokens/service.");
  const config::Section single = root.Under("secrets");
  single.String("master_key", &paths->master_key, "The master key file, when it stands elsewhere.");
  single.String("page_key", &paths->page_key, "The page key file, when it stands elsewhere.");
  single.String("api_keys", &paths->api_keys, "The key file of callers, when it stands elsewhere.");
  single.String("service_token", &paths->service_token,
                "The file of the services' own key, when it stands elsewhere.");
  single.String("receipt_key", &paths->receipt_key,
                "The key file that receipts are signed by, when it stands elsewhere.");
}

absl::StatusOr<Secrets> Secrets::Load(const SecretPaths& paths, const Clock* clock) {
  BAIMI_ASSIGN_OR_RETURN(privacy::MasterKeys masters, privacy::MasterKeys::Load(paths.MasterKey()));
  BAIMI_ASSIGN_OR_RETURN(std::string page_key, ReadFile(paths.PageKey()));
  if (page_key.size() != kPageKeyBytes) {
    return absl::InvalidArgumentError(absl::StrCat("page key file ", paths.PageKey(), ": got ",
                                                   page_key.size(), " bytes, want ",
                                                   kPageKeyBytes));
  }
  BAIMI_ASSIGN_OR_RETURN(std::string service_token, ReadFile(paths.ServiceToken()));
  absl::StripAsciiWhitespace(&service_token);
  BAIMI_ASSIGN_OR_RETURN(auto authenticator, auth::Authenticator::Load(paths.ApiKeys(), clock));
  std::optional<privacy::SigningKey> receipt_key;
  if (absl::StatusOr<privacy::SigningKey> key = privacy::SigningKey::Load(paths.ReceiptKey());
      key.ok()) {
    receipt_key = *std::move(key);
  } else if (!absl::IsNotFound(key.status()) || !paths.receipt_key.empty()) {
    return key.status();
  }
  return Secrets{.masters = std::move(masters),
                 .page_token_key = std::move(page_key),
                 .service_token = std::move(service_token),
                 .authenticator = std::move(authenticator),
                 .receipt_key = std::move(receipt_key)};
}

}  // namespace baimi::process
