#include "common/transcode/http_error.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/transcode/json_writer.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver_util.h"

namespace baimi::transcode {
namespace {

google::protobuf::util::TypeResolver* LinkedTypes() {
  static auto* const kResolver = google::protobuf::util::NewTypeResolverForDescriptorPool(
      "type.googleapis.com", google::protobuf::DescriptorPool::generated_pool());
  return kResolver;
}

// "" when the type is not linked or the payload is not of it.
std::string DetailJson(const std::string& type_url, const std::string& payload) {
  std::string json;
  if (!google::protobuf::util::BinaryToJsonString(LinkedTypes(), type_url, payload, &json).ok() ||
      json.empty() || json[0] != '{') {
    return "";
  }
  std::string out = "{\"@type\":";
  AppendJsonString(type_url, out);
  absl::StrAppend(&out, json == "{}" ? "" : ",", json.substr(1));
  return out;
}

}  // namespace

int HttpCodeOf(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (reason == "METHOD_NOT_ALLOWED") {
    return 405;
  }
  if (reason == "NOT_ACCEPTABLE") {
    return 406;
  }
  if (reason == "BODY_TOO_LARGE") {
    return 413;
  }
  if (reason == "UNSUPPORTED_MEDIA_TYPE") {
    return 415;
  }
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string ErrorJson(const absl::Status& status) {
  std::map<std::string, std::string> details;
  status.ForEachPayload([&details](absl::string_view type_url, const absl::Cord& payload) {
    details.emplace(std::string(type_url), std::string(payload));
  });
  JsonWriter json;
  json.BeginObject().Key("error").BeginObject();
  json.Key("code").Int(HttpCodeOf(status));
  json.Field("message", status.message());
  json.Field("status", absl::StatusCodeToString(status.code()));
  json.Key("details").BeginArray();
  for (const auto& [type_url, payload] : details) {
    if (const std::string detail = DetailJson(type_url, payload); !detail.empty()) {
      json.Raw(detail);
    }
  }
  json.EndArray().EndObject().EndObject();
  return json.Take();
}

HttpError ToHttpError(const absl::Status& status) {
  HttpError error;
  error.code = HttpCodeOf(status);
  error.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  if (const auto delay = RetryAfterOf(status)) {
    const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(*delay, absl::Seconds(1)));
    error.headers.emplace_back("Retry-After", absl::StrCat(seconds));
  }
  if (error.code == 401) {
    error.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"baimi\"");
  }
  if (error.code == 405) {
    const auto info = ErrorInfoOf(status);
    const auto allow = info->metadata().find("allow");
    if (allow != info->metadata().end()) {
      error.headers.emplace_back("Allow", allow->second);
    }
  }
  error.body = ErrorJson(status);
  return error;
}

}  // namespace baimi::transcode
