#include "common/http/wire.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baimi::http {
namespace {

absl::string_view Phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

void AppendClean(absl::string_view text, std::string& out) {
  for (const char c : text) {
    out.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
  }
}

struct RefusalText {
  absl::string_view code;
  absl::string_view reason;
  std::string en;
  std::string zh;
};

RefusalText TextOf(int status, size_t limit) {
  switch (status) {
    case 408:
      return {"DEADLINE_EXCEEDED", "DEADLINE_PASSED", "request: it took too long to arrive",
              "请求接收超时"};
    case 413:
      return {"RESOURCE_EXHAUSTED", "BODY_TOO_LARGE",
              absl::StrCat("body: got more than ", limit, " bytes, want at most that"),
              absl::StrCat("请求正文过大，最多 ", limit, " 字节")};
    case 417:
      return {"INVALID_ARGUMENT", "MALFORMED_BODY", "Expect: want 100-continue",
              "Expect 头只支持 100-continue"};
    case 431:
      return {"RESOURCE_EXHAUSTED", "BODY_TOO_LARGE",
              absl::StrCat("headers: got more than ", limit, " bytes, want at most that"),
              absl::StrCat("请求头过大，最多 ", limit, " 字节")};
    case 500:
      return {"INTERNAL", "INTERNAL", "the request was not answered", "系统内部错误"};
    case 503:
      return {"UNAVAILABLE", "LANE_FULL", "too many connections, try again",
              "连接数已满，请稍后重试"};
    default:
      return {"INVALID_ARGUMENT", "MALFORMED_BODY", "request: want well-formed HTTP/1.1",
              "请求不是合规的 HTTP/1.1"};
  }
}

}  // namespace

std::string SerializeHead(int status, const std::vector<Header>& headers,
                          const HeadOptions& options) {
  std::string out = absl::StrCat("HTTP/1.1 ", status, " ", Phrase(status), "\r\n");
  for (const Header& header : headers) {
    AppendClean(header.name, out);
    out += ": ";
    AppendClean(header.value, out);
    out += "\r\n";
  }
  const bool has_body = status >= 200 && status != 204 && status != 304;
  if (has_body && options.framing == Framing::kLength) {
    absl::StrAppend(&out, "Content-Length: ", options.length, "\r\n");
  } else if (has_body && options.framing == Framing::kChunked) {
    out += "Transfer-Encoding: chunked\r\n";
  }
  if (!options.keep_alive) {
    out += "Connection: close\r\n";
  } else if (options.http10) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return out;
}

Response Refusal(int status, size_t limit) {
  const RefusalText text = TextOf(status, limit);
  Response response;
  response.status = status;
  response.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
  if (status == 503) {
    response.headers.push_back({"Retry-After", "1"});
  }
  const std::string metadata =
      limit > 0 ? absl::StrCat(R"(,"metadata":{"limit":")", limit, "\"}") : "";
  response.body = absl::StrCat(
      R"({"error":{"code":)", status, R"(,"message":")", text.en, R"(","status":")", text.code,
      R"(","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":")", text.reason,
      R"(","domain":"baimi.type.v1")", metadata,
      R"(},{"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"zh-CN","message":")",
      text.zh, R"("}]}})");
  return response;
}

std::string ChunkHead(size_t size) { return absl::StrCat(absl::Hex(size), "\r\n"); }

absl::string_view Request::header(absl::string_view name) const {
  for (const Header& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, name)) {
      return header.value;
    }
  }
  return "";
}

}  // namespace baimi::http
