#include "services/ticket/api/file_carrier.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "services/ticket/api/file_drop.h"

namespace baimi::ticket::api {
namespace {

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
    BAIMI_RETURN_IF_ERROR(DropFile(directory_, message.id, LineOf(message)));
    return CarrierReceipt{.id = absl::StrCat("file-", message.id), .delivered = true};
  }

 private:
  const std::string directory_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MessageCarrier>> NewFileCarrier(const std::string& directory) {
  BAIMI_RETURN_IF_ERROR(MakeDropDirectory(directory));
  return std::make_unique<FileCarrier>(directory);
}

}  // namespace baimi::ticket::api
