#include "services/ticket/api/file_content.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::ticket::api {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 63;

absl::Status Failed(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat("content file: ", what, ": ", std::strerror(errno)));
}
absl::Status Failed(absl::string_view what, const std::error_code& error) {
  return absl::UnavailableError(absl::StrCat("content file: ", what, ": ", error.message()));
}

absl::Status CheckName(absl::string_view name) {
  const bool good = !name.empty() && name.size() <= kLongestName &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                             absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
                    });
  return good ? absl::OkStatus()
              : absl::InvalidArgumentError("content name: want 1-63 of [a-z0-9-]");
}

class File {
 public:
  explicit File(int handle) : handle_(handle) {}
  ~File() {
    if (handle_ >= 0) {
      close(handle_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return handle_; }

 private:
  const int handle_;
};

bool WriteAll(int file, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(file, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) {
      return false;
    }
    bytes.remove_prefix(n < 0 ? 0 : static_cast<size_t>(n));
  }
  return true;
}

absl::Status SyncDirectory(const std::string& path) {
  const File directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.get() >= 0 && fsync(directory.get()) == 0 ? absl::OkStatus() : Failed("sync");
}

class FileContent final : public Content {
 public:
  explicit FileContent(std::string directory) : directory_(std::move(directory)) {}

  absl::Status Put(absl::string_view place, absl::string_view name,
                   absl::string_view bytes) override {
    BAIMI_RETURN_IF_ERROR(CheckName(place));
    BAIMI_RETURN_IF_ERROR(CheckName(name));
    const std::string folder = absl::StrCat(directory_, "/", place);
    std::error_code error;
    if (fs::create_directory(folder, error)) {
      fs::permissions(folder, fs::perms::owner_all, error);
      BAIMI_RETURN_IF_ERROR(SyncDirectory(directory_));
    }
    if (error) {
      return Failed("directory", error);
    }
    // Of this call alone, so that no other one writes into it.
    const std::string draft =
        absl::StrCat(folder, "/.", name, ".", getpid(), "-", drafts_.fetch_add(1));
    const absl::Status written = WriteDraft(draft, bytes);
    if (!written.ok() || rename(draft.c_str(), absl::StrCat(folder, "/", name).c_str()) != 0) {
      absl::Status failed = written.ok() ? Failed("rename") : written;
      unlink(draft.c_str());
      return failed;
    }
    return SyncDirectory(folder);
  }

  absl::StatusOr<std::string> Get(absl::string_view place, absl::string_view name) override {
    BAIMI_RETURN_IF_ERROR(CheckName(place));
    BAIMI_RETURN_IF_ERROR(CheckName(name));
    const File file(
        open(absl::StrCat(directory_, "/", place, "/", name).c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
      return errno == ENOENT ? absl::NotFoundError("content file: it is not there")
                             : Failed("open");
    }
    std::string bytes;
    std::string some(64 << 10, '\0');
    for (;;) {
      const ssize_t n = read(file.get(), some.data(), some.size());
      if (n < 0 && errno != EINTR) {
        return Failed("read");
      }
      if (n == 0) {
        return bytes;
      }
      bytes.append(some, 0, n < 0 ? 0 : static_cast<size_t>(n));
    }
  }

  absl::Status Prune(absl::string_view place, absl::string_view keep) override {
    BAIMI_RETURN_IF_ERROR(CheckName(place));
    const std::string folder = absl::StrCat(directory_, "/", place);
    std::error_code error;
    if (keep.empty()) {
      fs::remove_all(folder, error);
      return error ? Failed("remove", error) : absl::OkStatus();
    }
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (!absl::StartsWith(at->path().filename().string(), keep)) {
        fs::remove(at->path(), error);
      }
    }
    return error && error != std::errc::no_such_file_or_directory ? Failed("remove", error)
                                                                  : absl::OkStatus();
  }

 private:
  static absl::Status WriteDraft(const std::string& path, absl::string_view bytes) {
    const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0) {
      return Failed("open");
    }
    return WriteAll(file.get(), bytes) && fsync(file.get()) == 0 ? absl::OkStatus()
                                                                 : Failed("write");
  }

  const std::string directory_;
  std::atomic<int64_t> drafts_{0};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Content>> NewFileContent(const std::string& directory,
                                                        absl::string_view setting) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) {
    fs::permissions(directory, fs::perms::owner_all, error);
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat(setting, " ", directory, ": ", error.message()));
  }
  return std::make_unique<FileContent>(directory);
}

}  // namespace baimi::ticket::api
