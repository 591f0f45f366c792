#include "services/ticket/api/file_drop.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace baimi::ticket::api {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat("message file: ", what, ": ", std::strerror(errno)));
}

}  // namespace

absl::Status MakeDropDirectory(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) {
    fs::permissions(directory, fs::perms::owner_all, error);
  }
  return error ? absl::UnavailableError(
                     absl::StrCat("message directory ", directory, ": ", error.message()))
               : absl::OkStatus();
}

absl::Status DropFile(absl::string_view directory, absl::string_view id,
                      absl::string_view content) {
  const std::string path = absl::StrCat(directory, "/", id, ".json");
  // Of this process alone, so that no other one writes into it.
  const std::string draft = absl::StrCat(directory, "/.", id, ".", getpid());
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    return Failed("open");
  }
  const bool whole =
      write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      fsync(file) == 0;
  close(file);
  // Unlike a rename, a link never replaces: one that is there was written before.
  const bool there = whole && (link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const absl::Status status = there ? absl::OkStatus() : Failed("write");
  unlink(draft.c_str());
  return status;
}

}  // namespace baimi::ticket::api
