#include "services/gateway/request_headers.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/text/utf8.h"
#include "services/gateway/call.h"

namespace baimi::gateway {
namespace {

constexpr absl::string_view kJson = "application/json";
constexpr absl::string_view kEvents = "text/event-stream";
constexpr absl::string_view kMultipart = "multipart/";
constexpr size_t kShown = 64;
constexpr size_t kLongestType = 127;

std::string Shown(absl::string_view value) { return text::Printable(value.substr(0, kShown)); }

struct MediaType {
  // Lower case, e.g. "application/json".
  std::string type;
  std::vector<std::pair<std::string, std::string>> parameters;

  absl::string_view parameter(absl::string_view name) const {
    for (const auto& [key, value] : parameters) {
      if (key == name) {
        return value;
      }
    }
    return "";
  }
};

MediaType ParseMediaType(absl::string_view text) {
  MediaType media;
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (media.type.empty()) {
      media.type = absl::AsciiStrToLower(part);
      continue;
    }
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    absl::string_view value = pair.second;
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    media.parameters.emplace_back(absl::AsciiStrToLower(pair.first), absl::AsciiStrToLower(value));
  }
  return media;
}

// "type/subtype" of the characters that RFC 6838 allows.
bool IsMediaType(absl::string_view text) {
  const size_t slash = text.find('/');
  return text.size() <= kLongestType && slash != 0 && slash + 1 < text.size() &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                              absl::StrContains("!#$&-^_.+/", c);
                     }) &&
         std::count(text.begin(), text.end(), '/') == 1;
}

// Whether the range (RFC 9110, e.g. "text/*;q=0.5") takes `type`.
bool Takes(const MediaType& range, absl::string_view type) {
  const absl::string_view family = type.substr(0, type.find('/') + 1);
  return range.type == "*/*" || range.type == type ||
         (absl::EndsWith(range.type, "/*") &&
          absl::string_view(range.type).substr(0, range.type.size() - 1) == family);
}

// By the most specific range that takes it.
bool Accepts(absl::string_view header, absl::string_view type) {
  size_t best = 0;
  bool accepted = false;
  for (const absl::string_view part : absl::StrSplit(header, ',')) {
    const MediaType range = ParseMediaType(part);
    if (!Takes(range, type)) {
      continue;
    }
    const size_t precision = range.type == type ? 3 : range.type == "*/*" ? 1 : 2;
    if (precision >= best) {
      double weight = 1;
      const absl::string_view q = range.parameter("q");
      accepted = q.empty() || !absl::SimpleAtod(q, &weight) || weight > 0;
      best = precision;
    }
  }
  return accepted;
}

absl::Status WrongMedia(type::v1::ErrorReason reason, absl::string_view header,
                        absl::string_view got, absl::string_view want,
                        absl::string_view want_zh = "") {
  const std::string what = absl::StrCat("got ", got, ", want ", want);
  return Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(header, ": ", what),
               absl::StrCat(header, " 应为 ", want_zh.empty() ? want : want_zh, "，收到 ", got))
      .Field(header, what);
}

absl::Status BadCondition(absl::string_view header, absl::string_view got, absl::string_view want,
                          absl::string_view want_zh) {
  return InvalidField(header, Shown(got), want, want_zh);
}

}  // namespace

absl::Status CheckMediaTypes(const http::Request& request, const transcode::Route& route) {
  const absl::string_view header = request.header("content-type");
  if (route.client_streaming) {
    if (const std::string type = UploadType(request, route);
        !header.empty() && (!IsMediaType(type) || absl::StartsWith(type, kMultipart))) {
      return WrongMedia(type::v1::ERROR_REASON_UNSUPPORTED_MEDIA_TYPE, "Content-Type",
                        Shown(header), "the type of the bytes, not multipart",
                        "正文本身的类型，不支持 multipart");
    }
  } else if (!request.body.empty()) {
    const MediaType media = ParseMediaType(header);
    const absl::string_view charset = media.parameter("charset");
    if (media.type != kJson || (!charset.empty() && charset != "utf-8")) {
      return WrongMedia(type::v1::ERROR_REASON_UNSUPPORTED_MEDIA_TYPE, "Content-Type",
                        header.empty() ? "none" : Shown(header), kJson);
    }
  }
  const absl::string_view accept = request.header("accept");
  const absl::string_view form = route.server_streaming ? kEvents : kJson;
  if (!accept.empty() && !Accepts(accept, form)) {
    return WrongMedia(type::v1::ERROR_REASON_NOT_ACCEPTABLE, "Accept", Shown(accept), form);
  }
  return absl::OkStatus();
}

std::string UploadType(const http::Request& request, const transcode::Route& route) {
  return route.client_streaming ? ParseMediaType(request.header("content-type")).type : "";
}

absl::Status CheckHandedOn(const http::Request& request) {
  for (const absl::string_view name : kHandedOnHeaders) {
    const absl::string_view value = request.header(name);
    if (!IsMetadataText(value)) {
      return InvalidField(name, "other bytes", "printable ASCII; other text percent-encoded",
                          "可打印的 ASCII 字符，其他文字请用百分号编码");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> IfMatch(const http::Request& request, const transcode::Route& route) {
  const absl::string_view none = request.header("if-none-match");
  if (!none.empty() && request.method != "GET") {
    return BadCondition("If-None-Match", none, "none here, only with GET", "此请求不支持该条件");
  }
  absl::string_view value = absl::StripAsciiWhitespace(request.header("if-match"));
  if (value.empty()) {
    return std::string();
  }
  if (route.request_etag.empty()) {
    return BadCondition("If-Match", value, "none: this call takes no etag", "此请求不支持该条件");
  }
  if (value == "*") {
    return std::string();
  }
  if (!absl::ConsumePrefix(&value, "\"") || !absl::ConsumeSuffix(&value, "\"") || value.empty() ||
      absl::StrContains(value, '"')) {
    return BadCondition("If-Match", request.header("if-match"), "one etag, e.g. \"v3\"",
                        "一个 etag，例如 \"v3\"");
  }
  return std::string(value);
}

std::string IfNoneMatch(const http::Request& request) {
  return request.method == "GET" ? std::string(request.header("if-none-match")) : "";
}

bool NamesEtag(absl::string_view if_none_match, absl::string_view etag) {
  if (etag.empty()) {
    return false;
  }
  for (absl::string_view one : absl::StrSplit(if_none_match, ',')) {
    one = absl::StripAsciiWhitespace(one);
    if (one == "*") {
      return true;
    }
    absl::ConsumePrefix(&one, "W/");
    if (one == QuotedEtag(etag)) {
      return true;
    }
  }
  return false;
}

std::string QuotedEtag(absl::string_view etag) { return absl::StrCat("\"", etag, "\""); }

}  // namespace baimi::gateway
