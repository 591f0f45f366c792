#include "services/suite/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/auth/authenticator.h"
#include "common/base/status_macros.h"
#include "common/privacy/master_keys.h"

namespace baimi::suite {
namespace {

namespace fs = std::filesystem;

constexpr char kMark[] = ".baimi-data";

// The keys a new directory starts with. The units are those of the sample county.
struct StarterKey {
  const char* id;
  const char* role;
  const char* audience;
  const char* pii;
  const char* unit;
};
constexpr StarterKey kStarterKeys[] = {
    {"admin", "suite-admin", "staff", "full", ""},
    {"clerk", "hotline-clerk", "staff", "staff", "hotline"},
    {"unit-zhujianju", "unit-staff", "staff", "staff", "zhujianju"},
    {"platform", "superior-platform", "service", "staff", ""},
    {"service", "service", "service", "full", ""},
    {"replay", "suite-admin", "service", "staff", ""},
};

constexpr char kRoles[] = R"json({
    "suite-admin": ["area.*", "grid.*", "unit.*", "estate.*", "ticket.*", "ticketPolicy.*"],
    "hotline-clerk": ["area.get", "area.list", "grid.get", "grid.list", "grid.locate", "unit.get",
      "unit.list", "estate.get", "estate.list", "ticketPolicy.get", "ticketPolicy.list",
      "ticket.create", "ticket.get", "ticket.list", "ticket.search", "ticket.answer", "ticket.reject",
      "ticket.dispatch", "ticket.decideReturn", "ticket.audit", "ticket.callback", "ticket.close",
      "ticket.reopen", "ticket.archive", "ticket.revealContact", "ticket.listEvents",
      "ticket.watch", "ticket.counts"],
    "unit-staff": ["grid.locate", "unit.get", "ticket.get", "ticket.list", "ticket.sign",
      "ticket.requestReturn", "ticket.reply", "ticket.listEvents", "ticket.revealContact"],
    "superior-platform": ["ticket.create", "ticket.get", "ticket.list", "ticket.listEvents",
      "ticket.watch"],
    "service": ["grid.locate", "directory.resolveUnits"]
  })json";

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

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
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
        "]}"));
  }
  return WriteSecret(path + "/api-keys.json",
                     absl::StrCat("{\n  \"roles\": ", kRoles, ",\n  \"keys\": [\n",
                                  absl::StrJoin(keys, ",\n"), "\n  ]\n}\n"));
}

}  // namespace

absl::StatusOr<DataDir> DataDir::Prepare(const std::string& path, Rng& rng) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("data directory ", path, ": ", error.message()));
  }
  DataDir data;
  data.path_ = fs::absolute(path).string();
  if (!fs::exists(data.File(kMark)) && !fs::is_empty(path)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "data directory ", path, ": got one with other files in it, want an empty or a new one"));
  }
  fs::permissions(path, fs::perms::owner_all);
  data.lock_ = open(data.File("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (data.lock_ < 0 || flock(data.lock_, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("data directory ", path, ": another suite runs on it"));
  }
  // The mark comes last, so that a first start that was cut off is done again.
  data.fresh_ = !fs::exists(data.File("complete"));
  if (data.fresh_) {
    BAIMI_RETURN_IF_ERROR(WriteSecret(data.File(kMark), "Data of the Baimi suite.\n"));
    if (!fs::exists(data.File("master.key"))) {
      BAIMI_RETURN_IF_ERROR(privacy::MasterKeys::Create(data.File("master.key"), rng));
    }
    BAIMI_RETURN_IF_ERROR(WriteSecret(data.File("page.key"), rng.Bytes(32)));
    BAIMI_RETURN_IF_ERROR(MakeKeys(data.path_, rng));
    BAIMI_RETURN_IF_ERROR(WriteSecret(data.File("complete"), ""));
  }
  BAIMI_ASSIGN_OR_RETURN(data.page_token_key_, ReadFile(data.File("page.key")));
  BAIMI_ASSIGN_OR_RETURN(data.service_token_, data.Token("service"));
  return data;
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)),
      page_token_key_(std::move(other.page_token_key_)),
      service_token_(std::move(other.service_token_)),
      fresh_(other.fresh_),
      lock_(std::exchange(other.lock_, -1)) {}

DataDir::~DataDir() {
  if (lock_ >= 0) {
    close(lock_);
  }
}

absl::StatusOr<std::string> DataDir::Token(const std::string& id) const {
  return ReadFile(File("tokens/" + id));
}

}  // namespace baimi::suite
