// What HTTP headers ask of a call before it is forwarded: media types and etags. No I/O.
#ifndef BAIMI_SERVICES_GATEWAY_REQUEST_HEADERS_H_
#define BAIMI_SERVICES_GATEWAY_REQUEST_HEADERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/http/server.h"
#include "common/transcode/route_table.h"

namespace baimi::gateway {

// A body must say application/json, in UTF-8 if it names a charset: otherwise INVALID_ARGUMENT,
// UNSUPPORTED_MEDIA_TYPE. An upload may say any type/subtype but multipart/..., or none. Accept,
// when it is there, must take application/json, or text/event-stream on a route that streams:
// otherwise INVALID_ARGUMENT, NOT_ACCEPTABLE. A form with q=0 is not taken; other weights do not
// matter, for there is one form.
absl::Status CheckMediaTypes(const http::Request& request, const transcode::Route& route);

// The media type of an upload, in lower case and without parameters; "" when it says none, and for
// other routes.
std::string UploadType(const http::Request& request, const transcode::Route& route);

// Handed on to the service as they are; gRPC metadata has lower-case names.
inline constexpr absl::string_view kHandedOnHeaders[] = {"authorization", "traceparent",
                                                         "baimi-purpose", "baimi-min-seq"};

// Those headers become gRPC metadata, which holds printable ASCII only: sent with other bytes it
// would end the process. INVALID_ARGUMENT with a violation of the header otherwise; its value is
// not repeated.
absl::Status CheckHandedOn(const http::Request& request);

// The etag in If-Match, without its quotes; "" when there is none, or "*": every verb and update
// needs a resource that is there. INVALID_ARGUMENT with a violation of "If-Match" for anything but
// one strong etag, and for either condition on a route that knows none: it would be ignored.
absl::StatusOr<std::string> IfMatch(const http::Request& request, const transcode::Route& route);

// If-None-Match of a GET; "" for other methods, and when there is none.
std::string IfNoneMatch(const http::Request& request);
// Whether it names `etag` (weakly, RFC 9110) or is "*". False when either is "".
bool NamesEtag(absl::string_view if_none_match, absl::string_view etag);

// As headers write it: in quotes.
std::string QuotedEtag(absl::string_view etag);

}  // namespace baimi::gateway

#endif  // BAIMI_SERVICES_GATEWAY_REQUEST_HEADERS_H_
