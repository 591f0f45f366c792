#include "services/ticket/api/item_errors.h"

#include "google/rpc/error_details.pb.h"

namespace baimi::ticket::api {

bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
      return !ReasonOf(status).empty();
    default:
      return false;
  }
}

std::string ZhOf(const absl::Status& status) {
  google::rpc::LocalizedMessage localized;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.LocalizedMessage");
  return payload && localized.ParseFromString(std::string(*payload)) ? localized.message() : "";
}

}  // namespace baimi::ticket::api
