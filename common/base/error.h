// Errors with the details that every RPC promises (AIP-193): one ErrorInfo whose reason is a value
// of the package's ErrorReason enum, field violations, a retry delay, and a zh-CN sentence. They
// travel as payloads of absl::Status and become google.rpc.Status details at the edge.
#ifndef BAIMI_COMMON_BASE_ERROR_H_
#define BAIMI_COMMON_BASE_ERROR_H_

#include <optional>
#include <string>
#include <vector>
#include "absl/strings/string_view.h"

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "baimi/type/v1/types.pb.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/rpc/error_details.pb.h"

namespace baimi {

// Builds one error. `reason` is any generated enum named ErrorReason; its package becomes the
// domain and its value's name without "ERROR_REASON_" the reason.
//
//   return Error(absl::StatusCode::kFailedPrecondition,
//   ticket::v1::ERROR_REASON_ILLEGAL_TRANSITION,
//                "state: got CLOSED, want SIGNED", "工单状态为已办结，须为办理中")
//       .With("state", "CLOSED");
class Error {
 public:
  template <typename ReasonEnum>
  Error(absl::StatusCode code, ReasonEnum reason, absl::string_view message,
        absl::string_view message_zh)
      : Error(code, google::protobuf::GetEnumDescriptor<ReasonEnum>(), static_cast<int>(reason),
              message, message_zh) {}

  // ErrorInfo.metadata: the dynamic parts of the message.
  Error& With(absl::string_view key, absl::string_view value);
  // One BadRequest violation. `path` is the proto field path, e.g. "ticket.caller.phone".
  Error& Field(absl::string_view path, absl::string_view description);
  Error& RetryAfter(absl::Duration delay);

  absl::Status Build() const;
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error(...).With(...);` is a status.
  operator absl::Status() const { return Build(); }

 private:
  Error(absl::StatusCode code, const google::protobuf::EnumDescriptor* reasons, int reason,
        absl::string_view message, absl::string_view message_zh);

  absl::StatusCode code_;
  std::string message_;
  std::string message_zh_;
  google::rpc::ErrorInfo info_;
  google::rpc::BadRequest bad_request_;
  std::optional<absl::Duration> retry_after_;
};

// INVALID_ARGUMENT with one violation: "<path>: got <got>, want <want>".
absl::Status InvalidField(absl::string_view path, absl::string_view got, absl::string_view want,
                          absl::string_view want_zh);
// NOT_FOUND with reason RESOURCE_NOT_FOUND. Says the same for "absent" and "outside your scope".
absl::Status NotFound(absl::string_view resource_name);
// ABORTED with reason ETAG_MISMATCH.
absl::Status EtagMismatch(absl::string_view got, absl::string_view want);
// INTERNAL; `detail` is for the log only and never leaves the process (the pipeline masks it).
absl::Status Internal(absl::string_view detail);

// Reads back what Error put in; nullopt when absent.
std::optional<google::rpc::ErrorInfo> ErrorInfoOf(const absl::Status& status);
std::optional<google::rpc::BadRequest> BadRequestOf(const absl::Status& status);
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);
// ErrorInfo.reason, or "" when there is none.
std::string ReasonOf(const absl::Status& status);

}  // namespace baimi

#endif  // BAIMI_COMMON_BASE_ERROR_H_
