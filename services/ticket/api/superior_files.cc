#include "services/ticket/api/superior_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "services/ticket/api/file_drop.h"

namespace baimi::ticket::api {
namespace {

class SuperiorFiles final : public SuperiorCarrier {
 public:
  explicit SuperiorFiles(std::string directory) : directory_(std::move(directory)) {}

  absl::StatusOr<std::string> Push(const SuperiorMessage& message) override {
    std::string result;
    if (!google::protobuf::util::MessageToJsonString(message.result, &result).ok()) {
      return Internal("superior: a result has no JSON form");
    }
    // An id needs no quoting.
    BAIMI_RETURN_IF_ERROR(
        DropFile(directory_, message.id,
                 absl::StrCat("{\"id\":\"", message.id, "\",\"result\":", result, "}\n")));
    return absl::StrCat("file-", message.id);
  }

 private:
  const std::string directory_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SuperiorCarrier>> NewSuperiorFiles(const std::string& directory) {
  BAIMI_RETURN_IF_ERROR(MakeDropDirectory(directory));
  return std::make_unique<SuperiorFiles>(directory);
}

}  // namespace baimi::ticket::api
