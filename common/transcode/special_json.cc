#include "common/transcode/special_json.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "common/transcode/utf8.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace baimi::transcode {
namespace {

constexpr int kNanosPerSecond = 1'000'000'000;

// What a byte becomes inside a string; null when it stands for itself.
const char* EscapeOf(unsigned char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '<':
      return "\\u003c";
    case '>':
      return "\\u003e";
    case 0x7F:
      return "\\u007f";
    default:
      return nullptr;
  }
}

void AppendControl(unsigned char c, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += "\\u00";
  out->push_back(kHex[c >> 4]);
  out->push_back(kHex[c & 15]);
}

bool IsPlain(unsigned char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>';
}

// At least `digits` digits.
void AppendPadded(int64_t value, int digits, std::string* out) {
  int64_t bound = 10;
  for (int i = 1; i < digits; ++i, bound *= 10) {
  }
  for (bound /= 10; bound > 1 && value < bound; bound /= 10) {
    out->push_back('0');
  }
  absl::StrAppend(out, value);
}

void AppendNanos(int nanos, std::string* out) {
  if (nanos == 0) {
    return;
  }
  out->push_back('.');
  if (nanos % 1'000'000 == 0) {
    AppendPadded(nanos / 1'000'000, 3, out);
  } else if (nanos % 1'000 == 0) {
    AppendPadded(nanos / 1'000, 6, out);
  } else {
    AppendPadded(nanos, 9, out);
  }
}

template <typename Message>
bool Parse(absl::string_view wire, Message* message) {
  return message->ParseFromArray(wire.data(), static_cast<int>(wire.size()));
}

}  // namespace

void AppendWebJsonString(absl::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && IsPlain(static_cast<unsigned char>(text[plain]))) {
      ++plain;
    }
    out->append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) {
      break;
    }
    const auto c = static_cast<unsigned char>(text[0]);
    const size_t length = Utf8CharLength(text);
    if (length == 0) {
      *out += "\xEF\xBF\xBD";
    } else if (const char* escape = EscapeOf(c)) {
      *out += escape;
    } else if (c < 0x20) {
      AppendControl(c, out);
    } else if (length == 3 && (text.substr(0, 3) == "\u2028" || text.substr(0, 3) == "\u2029")) {
      *out += text[2] == '\xA8' ? "\\u2028" : "\\u2029";
    } else {
      out->append(text.data(), length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out->push_back('"');
}

bool AppendTimestampJson(absl::string_view wire, std::string* out) {
  constexpr int64_t kFirst = -62135596800;
  constexpr int64_t kLast = 253402300799;
  google::protobuf::Timestamp time;
  if (!Parse(wire, &time) || time.seconds() < kFirst || time.seconds() > kLast ||
      time.nanos() < 0 || time.nanos() >= kNanosPerSecond) {
    return false;
  }
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + time.seconds();
  out->push_back('"');
  AppendPadded(civil.year(), 4, out);
  const std::pair<char, int> parts[] = {{'-', civil.month()},
                                        {'-', civil.day()},
                                        {'T', civil.hour()},
                                        {':', civil.minute()},
                                        {':', civil.second()}};
  for (const auto& [separator, value] : parts) {
    out->push_back(separator);
    AppendPadded(value, 2, out);
  }
  AppendNanos(time.nanos(), out);
  *out += "Z\"";
  return true;
}

bool AppendDurationJson(absl::string_view wire, std::string* out) {
  constexpr int64_t kMost = 315'576'000'000;
  google::protobuf::Duration duration;
  if (!Parse(wire, &duration) || duration.seconds() < -kMost || duration.seconds() > kMost ||
      duration.nanos() <= -kNanosPerSecond || duration.nanos() >= kNanosPerSecond ||
      (duration.seconds() > 0 && duration.nanos() < 0) ||
      (duration.seconds() < 0 && duration.nanos() > 0)) {
    return false;
  }
  const bool negative = duration.seconds() < 0 || duration.nanos() < 0;
  absl::StrAppend(out, negative ? "\"-" : "\"",
                  negative ? -duration.seconds() : duration.seconds());
  AppendNanos(negative ? -duration.nanos() : duration.nanos(), out);
  *out += "s\"";
  return true;
}

bool AppendFieldMaskJson(absl::string_view wire, std::string* out) {
  google::protobuf::FieldMask mask;
  if (!Parse(wire, &mask)) {
    return false;
  }
  std::string camel;
  bool upper = false;
  for (const char c : absl::StrJoin(mask.paths(), ",")) {
    if (c == '_') {
      upper = true;
      continue;
    }
    camel.push_back(upper ? absl::ascii_toupper(static_cast<unsigned char>(c)) : c);
    upper = false;
  }
  AppendWebJsonString(camel, out);
  return true;
}

}  // namespace baimi::transcode
