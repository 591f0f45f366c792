#include "services/suite/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/suite/secrets.h"

namespace baimi::suite {
namespace {

namespace fs = std::filesystem;

constexpr char kMark[] = ".baimi-data";

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
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
  // "complete" comes last, so that a first start that was cut off is done again.
  data.fresh_ = !fs::exists(data.File("complete"));
  if (data.fresh_) {
    std::ofstream mark(data.File(kMark));
    mark << "Data of the Baimi suite.\n";
    if (!mark.flush()) {
      return absl::UnavailableError(absl::StrCat("cannot write ", data.File(kMark)));
    }
    BAIMI_RETURN_IF_ERROR(MakeSecrets(data.path_, rng));
  } else {
    BAIMI_RETURN_IF_ERROR(MakeReceiptKey(data.path_, rng));
  }
  return data;
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)), fresh_(other.fresh_), lock_(std::exchange(other.lock_, -1)) {}

DataDir::~DataDir() {
  if (lock_ >= 0) {
    close(lock_);
  }
}

absl::StatusOr<std::string> DataDir::Token(const std::string& id) const {
  return ReadFile(File("tokens/" + id));
}

}  // namespace baimi::suite
