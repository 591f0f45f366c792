#include "common/transcode/http_error.h"

#include "common/base/error.h"
#include "common/transcode/json_gate.h"
#include "gtest/gtest.h"

namespace baimi::transcode {
namespace {

using type::v1::ErrorReason;

TEST(HttpError, EveryCode_HasItsHttpCode) {
  const std::pair<absl::StatusCode, int> kCodes[] = {
      {absl::StatusCode::kOk, 200},
      {absl::StatusCode::kCancelled, 499},
      {absl::StatusCode::kUnknown, 500},
      {absl::StatusCode::kInvalidArgument, 400},
      {absl::StatusCode::kDeadlineExceeded, 504},
      {absl::StatusCode::kNotFound, 404},
      {absl::StatusCode::kAlreadyExists, 409},
      {absl::StatusCode::kPermissionDenied, 403},
      {absl::StatusCode::kResourceExhausted, 429},
      {absl::StatusCode::kFailedPrecondition, 400},
      {absl::StatusCode::kAborted, 409},
      {absl::StatusCode::kOutOfRange, 400},
      {absl::StatusCode::kUnimplemented, 501},
      {absl::StatusCode::kInternal, 500},
      {absl::StatusCode::kUnavailable, 503},
      {absl::StatusCode::kDataLoss, 500},
      {absl::StatusCode::kUnauthenticated, 401},
  };
  for (const auto& [code, http] : kCodes) {
    EXPECT_EQ(HttpCodeOf(absl::Status(code, "x")), http) << absl::StatusCodeToString(code);
  }
}

TEST(HttpError, Body_HasAip193Shape) {
  const HttpError error =
      ToHttpError(Error(absl::StatusCode::kAborted, ErrorReason::ERROR_REASON_ETAG_MISMATCH,
                        "etag: \"old\"", "请重试")
                      .With("got", "v1")
                      .Field("etag", "got v1, want v2")
                      .RetryAfter(absl::Milliseconds(1200)));
  EXPECT_EQ(error.code, 409);
  EXPECT_EQ(
      error.body,
      R"({"error":{"code":409,"message":"etag: \"old\"","status":"ABORTED","details":[)"
      R"({"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"etag","description":"got v1, want v2"}]},)"
      R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"ETAG_MISMATCH","domain":"baimi.type.v1","metadata":{"got":"v1"}},)"
      R"({"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"zh-CN","message":"请重试"},)"
      R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.200s"}]}})");
  const std::vector<std::pair<std::string, std::string>> want = {
      {"Content-Type", "application/json; charset=utf-8"}, {"Retry-After", "2"}};
  EXPECT_EQ(error.headers, want);
}

TEST(HttpError, BareStatusAndForeignPayload_StillGiveValidJson) {
  absl::Status status = absl::UnauthenticatedError("bad \xFF\n\x01 key");
  status.SetPayload("type.googleapis.com/not.linked.Type", absl::Cord("x"));
  const HttpError error = ToHttpError(status);
  EXPECT_TRUE(ScanJson(error.body).ok()) << error.body;
  EXPECT_EQ(error.body,
            "{\"error\":{\"code\":401,\"message\":\"bad \xEF\xBF\xBD\\n\\u0001 key\","
            "\"status\":\"UNAUTHENTICATED\",\"details\":[]}}");
  EXPECT_EQ(error.headers[1].first, "WWW-Authenticate");
}

TEST(HttpError, Reasons_OverrideTheCode) {
  const HttpError method = ToHttpError(
      Error(absl::StatusCode::kUnimplemented, ErrorReason::ERROR_REASON_METHOD_NOT_ALLOWED, "x", "")
          .With("allow", "GET, POST"));
  EXPECT_EQ(method.code, 405);
  EXPECT_EQ(method.headers[1], std::make_pair(std::string("Allow"), std::string("GET, POST")));
  EXPECT_EQ(HttpCodeOf(Error(absl::StatusCode::kResourceExhausted,
                             ErrorReason::ERROR_REASON_BODY_TOO_LARGE, "x", "")),
            413);
}

}  // namespace
}  // namespace baimi::transcode
