// Errors as HTTP: the code, the headers and the AIP-193 body.
#ifndef BAIMI_COMMON_TRANSCODE_HTTP_ERROR_H_
#define BAIMI_COMMON_TRANSCODE_HTTP_ERROR_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace baimi::transcode {

struct HttpError {
  int code = 500;
  // Content-Type always; Retry-After (whole seconds, rounded up) with RetryInfo, WWW-Authenticate
  // with 401, Allow with 405.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// CANCELLED 499, INVALID_ARGUMENT FAILED_PRECONDITION OUT_OF_RANGE 400, UNAUTHENTICATED 401,
// PERMISSION_DENIED 403, NOT_FOUND 404, ABORTED ALREADY_EXISTS 409, RESOURCE_EXHAUSTED 429,
// UNIMPLEMENTED 501, UNAVAILABLE 503, DEADLINE_EXCEEDED 504, the rest 500. The reasons
// METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, BODY_TOO_LARGE and UNSUPPORTED_MEDIA_TYPE give 405, 406, 413
// and 415.
int HttpCodeOf(const absl::Status& status);

// {"error":{"code":409,"message":"...","status":"ABORTED","details":[{"@type":"..."}]}}. Details
// are the payloads whose type this process links, by type URL; others are left out. Also the last
// element of a stream that fails.
std::string ErrorJson(const absl::Status& status);

HttpError ToHttpError(const absl::Status& status);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_HTTP_ERROR_H_
