#include "services/ticket/api/file_carrier.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace baimi::ticket::api {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat("message file: ", what, ": ", std::strerror(errno)));
}

std::string LineOf(const TextMessage& message) {
  google::protobuf::Struct json;
  (*json.mutable_fields())["id"].set_string_value(message.id);
  (*json.mutable_fields())["phone"].set_string_value(message.phone);
  (*json.mutable_fields())["text"].set_string_value(message.text);
  std::string line;
  // A message of strings always has a JSON form.
  (void)google::protobuf::util::MessageToJsonString(json, &line);
  return line + "\n";
}

class FileCarrier final : public MessageCarrier {
 public:
  explicit FileCarrier(std::string directory) : directory_(std::move(directory)) {}

  absl::StatusOr<CarrierReceipt> Send(const TextMessage& message) override {
    const std::string path = absl::StrCat(directory_, "/", message.id, ".json");
    // Of this process alone, so that no other one writes into it.
    const std::string draft = absl::StrCat(directory_, "/.", message.id, ".", getpid());
    const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
      return Failed("open");
    }
    const std::string line = LineOf(message);
    const bool whole = write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                       fsync(file) == 0;
    close(file);
    // Unlike a rename, a link never replaces: one that is there was sent before.
    const bool there = whole && (link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
    const absl::Status failed = there ? absl::OkStatus() : Failed("write");
    unlink(draft.c_str());
    if (!there) {
      return failed;
    }
    return CarrierReceipt{.id = absl::StrCat("file-", message.id), .delivered = true};
  }

 private:
  const std::string directory_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MessageCarrier>> NewFileCarrier(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) {
    fs::permissions(directory, fs::perms::owner_all, error);
  }
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("message directory ", directory, ": ", error.message()));
  }
  return std::make_unique<FileCarrier>(directory);
}

}  // namespace baimi::ticket::api
