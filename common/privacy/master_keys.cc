#include "common/privacy/master_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/privacy/cipher.h"

namespace baimi::privacy {
namespace {

constexpr absl::string_view kIndexId = "index";

absl::Status FileError(const std::string& path, absl::string_view what, int error) {
  const std::string text =
      absl::StrCat("master key file ", path, ": ", what, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(text);
    case EEXIST:
      return absl::AlreadyExistsError(text);
    default:
      return absl::FailedPreconditionError(text);
  }
}

bool ValidId(absl::string_view id) {
  return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  });
}

// Never echoes the line: it may hold a key.
absl::StatusOr<MasterKeys::Key> ParseLine(absl::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", words.size(), " words, want 2: id and key"));
  }
  if (!ValidId(words[0])) {
    return absl::InvalidArgumentError("id: want 1-32 of [A-Za-z0-9_-]");
  }
  if (words[1].size() != 2 * kKeySize || !std::all_of(words[1].begin(), words[1].end(), [](char c) {
        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
      })) {
    return absl::InvalidArgumentError(absl::StrCat("key of ", words[0], ": want 64 hex digits"));
  }
  return MasterKeys::Key{std::string(words[0]), absl::HexStringToBytes(words[1])};
}

absl::StatusOr<std::string> ReadPrivateFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return FileError(path, "open", errno);
  }
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat info;
  if (fstat(fd, &info) != 0) {
    return FileError(path, "stat", errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("master key file ", path, ": want a regular file"));
  }
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("master key file %s: got mode %04o, want 0600: others may read the keys",
                        path, static_cast<unsigned>(info.st_mode & 07777)));
  }
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof(buffer));
    if (n < 0 && errno != EINTR) {
      return FileError(path, "read", errno);
    }
    if (n == 0) {
      return text;
    }
    text.append(buffer, n < 0 ? 0 : static_cast<size_t>(n));
  }
}

}  // namespace

absl::StatusOr<MasterKeys> MasterKeys::Parse(const std::string& path, absl::string_view text) {
  MasterKeys keys;
  int number = 0;
  const auto fail = [&](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("master key file ", path, ", line ", number, ": ", what));
  };
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    absl::StatusOr<Key> key = ParseLine(line);
    if (!key.ok()) {
      return fail(key.status().message());
    }
    if (keys.Find(key->id) != nullptr || (key->id == kIndexId && !keys.index_.empty())) {
      return fail(absl::StrCat("id ", key->id, " occurs twice"));
    }
    if (key->id == kIndexId) {
      keys.index_ = std::move(key->bytes);
    } else {
      keys.wrapping_.push_back(*std::move(key));
    }
  }
  if (keys.wrapping_.empty()) {
    return fail("end of file: got no wrapping key, want at least one");
  }
  if (keys.index_.empty()) {
    return fail("end of file: got no entry \"index\", want one");
  }
  return keys;
}

absl::StatusOr<MasterKeys> MasterKeys::Load(const std::string& path) {
  BAIMI_ASSIGN_OR_RETURN(const std::string text, ReadPrivateFile(path));
  return Parse(path, text);
}

absl::Status MasterKeys::Create(const std::string& path, Rng& rng) {
  const std::string text = absl::StrCat(
      "# Master keys. Losing this file loses all personal data; keep a copy offline.\n", "m1 ",
      absl::BytesToHexString(rng.Bytes(kKeySize)), "\n", kIndexId, " ",
      absl::BytesToHexString(rng.Bytes(kKeySize)), "\n");
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return FileError(path, "create", errno);
  }
  const absl::Cleanup closer = [fd] { close(fd); };
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = write(fd, text.data() + written, text.size() - written);
    if (n < 0 && errno != EINTR) {
      const int error = errno;
      unlink(path.c_str());
      return FileError(path, "write", error);
    }
    written += n < 0 ? 0 : static_cast<size_t>(n);
  }
  return fsync(fd) == 0 ? absl::OkStatus() : FileError(path, "sync", errno);
}

const MasterKeys::Key* MasterKeys::Find(absl::string_view id) const {
  const auto it = std::find_if(wrapping_.begin(), wrapping_.end(),
                               [id](const Key& key) { return key.id == id; });
  return it == wrapping_.end() ? nullptr : &*it;
}

}  // namespace baimi::privacy
