#include "services/suite/secrets.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/auth/authenticator.h"
#include "common/base/status_macros.h"
#include "common/privacy/master_keys.h"
#include "common/privacy/signer.h"
#include "services/suite/roles.h"

namespace baimi::suite {
namespace {

namespace fs = std::filesystem;

constexpr char kComplete[] = "complete";
constexpr const char* kFiles[] = {"master.key", "page.key", "api-keys.json", "tokens/service"};

// The keys a new directory starts with. The units are those of the sample county.
struct StarterKey {
  const char* id;
  const char* role;
  const char* audience;
  const char* pii;
  const char* unit;
  // The community whose orders it sees.
  const char* area = "";
};
constexpr StarterKey kStarterKeys[] = {
    {"admin", "suite-admin", "staff", "full", ""},
    {"clerk", "hotline-clerk", "staff", "staff", "hotline"},
    {"unit-zhujianju", "unit-staff", "staff", "staff", "zhujianju"},
    {"grid-yingbei", "grid-worker", "staff", "staff", "cun-469030100003", "469030100003"},
    {"platform", "superior-platform", "service", "staff", ""},
    {"police", "police-desk", "service", "staff", ""},
    {"telephone", "telephone-system", "service", "public", ""},
    {"miniprogram", "citizen-app", "public", "staff", ""},
    {"webpage", "public-page", "public", "public", ""},
    {"service", "service", "service", "full", ""},
};

absl::Status Failed(absl::string_view what, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

// Written whole or not at all, readable by its owner only.
absl::Status WriteSecret(const std::string& path, absl::string_view content) {
  const std::string draft = path + ".new";
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    return Failed("cannot write", draft);
  }
  const bool whole =
      write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      fsync(file) == 0;
  close(file);
  if (!whole || rename(draft.c_str(), path.c_str()) != 0) {
    return Failed("cannot write", path);
  }
  return absl::OkStatus();
}

absl::Status MakeKeys(const std::string& path, Rng& rng) {
  fs::create_directory(path + "/tokens");
  fs::permissions(path + "/tokens", fs::perms::owner_all);
  std::vector<std::string> keys;
  for (const StarterKey& key : kStarterKeys) {
    const auth::NewKeyResult made = auth::NewKey(rng);
    BAIMI_RETURN_IF_ERROR(WriteSecret(absl::StrCat(path, "/tokens/", key.id), made.token));
    keys.push_back(absl::StrCat(
        "    {\"id\": \"", key.id, "\", \"sha256\": \"", made.sha256, "\", \"roles\": [\"",
        key.role, "\"], \"counties\": [\"*\"], \"audience\": \"", key.audience, "\", \"pii\": \"",
        key.pii, "\", \"unit\": \"", key.unit, "\", \"units\": [",
        absl::string_view(key.role) == "unit-staff" ? absl::StrCat("\"", key.unit, "\"") : "",
        "], \"area_prefixes\": [", *key.area == 0 ? "" : absl::StrCat("\"", key.area, "\""), "]}"));
  }
  return WriteSecret(path + "/api-keys.json",
                     absl::StrCat("{\n  \"roles\": ", absl::StripSuffix(kRolesJson, "\n"),
                                  ",\n  \"keys\": [\n", absl::StrJoin(keys, ",\n"), "\n  ]\n}\n"));
}

}  // namespace

absl::Status MakeReceiptKey(const std::string& directory, Rng& rng) {
  const std::string path = absl::StrCat(directory, "/receipt.key");
  return fs::exists(path) ? absl::OkStatus() : WriteSecret(path, privacy::SigningKey::NewPem(rng));
}

absl::Status MakeSecrets(const std::string& directory, Rng& rng) {
  const auto file = [&directory](const char* name) { return absl::StrCat(directory, "/", name); };
  if (!fs::exists(file("master.key"))) {
    BAIMI_RETURN_IF_ERROR(privacy::MasterKeys::Create(file("master.key"), rng));
  }
  BAIMI_RETURN_IF_ERROR(WriteSecret(file("page.key"), rng.Bytes(32)));
  BAIMI_RETURN_IF_ERROR(MakeReceiptKey(directory, rng));
  BAIMI_RETURN_IF_ERROR(MakeKeys(directory, rng));
  return WriteSecret(file(kComplete), "");
}

absl::Status InitSecrets(const std::string& directory, Rng& rng) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("secrets ", directory, ": ", error.message()));
  }
  fs::permissions(directory, fs::perms::owner_all, error);
  const bool complete = fs::exists(absl::StrCat(directory, "/", kComplete));
  for (const char* name : kFiles) {
    if (fs::exists(absl::StrCat(directory, "/", name)) != complete) {
      return absl::FailedPreconditionError(
          absl::StrCat("secrets ", directory, ": got half of them: ", name,
                       complete ? " is missing, want it back from a backup"
                                : " is there, want all or none; remove it if no data hang on it"));
    }
  }
  return complete ? MakeReceiptKey(directory, rng) : MakeSecrets(directory, rng);
}

}  // namespace baimi::suite
