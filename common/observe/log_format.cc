#include <charconv>
#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/text/utf8.h"

namespace baimi::observe {
namespace {

constexpr size_t kMaxText = size_t{8} * 1024;
constexpr absl::string_view kFixedKeys[] = {"time",    "level",    "message",
                                            "service", "trace_id", "span_id"};

void AppendEscaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        absl::StrAppend(&out, "\\u", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad4));
      } else {
        out += c;
      }
  }
}

void AppendText(std::string& out, absl::string_view text) {
  const size_t limit = out.size() + kMaxText;
  while (!text.empty() && out.size() < limit) {
    const size_t length = text::Utf8CharLength(text);
    if (length == 1) {
      AppendEscaped(out, text[0]);
    } else if (length == 0) {
      out += "\uFFFD";
    } else {
      out.append(text.data(), length);
    }
    text.remove_prefix(std::max<size_t>(1, length));
  }
  if (!text.empty()) {
    out += "…";
  }
}

void AppendString(std::string& out, absl::string_view text) {
  out += '"';
  AppendText(out, text);
  out += '"';
}

void AppendTime(std::string& out, absl::Time time) {
  AppendString(out, absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", time, absl::UTCTimeZone()));
}

void AppendDouble(std::string& out, double value) {
  if (std::isfinite(value)) {
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value);
    out.append(digits, end.ptr);
  } else {
    out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  }
}

void AppendStatus(std::string& out, const absl::Status& status) {
  out += '"';
  AppendText(out, absl::StatusCodeToString(status.code()));
  if (!status.ok()) {
    out += ": ";
    AppendText(out, status.message());
  }
  out += '"';
}

struct ValueWriter {
  std::string& out;
  void operator()(absl::string_view value) const { AppendString(out, value); }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(int64_t value) const { absl::StrAppend(&out, value); }
  void operator()(uint64_t value) const { absl::StrAppend(&out, value); }
  void operator()(double value) const { AppendDouble(out, value); }
  void operator()(absl::Time value) const { AppendTime(out, value); }
  void operator()(const absl::Status* value) const { AppendStatus(out, *value); }
};

void AppendOptional(std::string& out, absl::string_view key, absl::string_view value) {
  if (!value.empty()) {
    absl::StrAppend(&out, ",\"", key, "\":");
    AppendString(out, value);
  }
}

}  // namespace

std::string FormatLogLine(const LogRecord& record) {
  std::string out;
  out.reserve(256);
  out += "{\"time\":";
  AppendTime(out, record.time);
  absl::StrAppend(&out, ",\"level\":\"", LogLevelName(record.level), "\"");
  AppendOptional(out, "service", record.service);
  AppendOptional(out, "trace_id", record.trace_id);
  AppendOptional(out, "span_id", record.span_id);
  out += ",\"message\":";
  AppendString(out, record.message);
  for (const LogField& field : record.fields) {
    out += ",\"";
    AppendText(out, field.key());
    const bool taken = std::find(std::begin(kFixedKeys), std::end(kFixedKeys), field.key()) !=
                       std::end(kFixedKeys);
    out += taken ? "_\":" : "\":";
    std::visit(ValueWriter{out}, field.value());
  }
  out += "}\n";
  return out;
}

}  // namespace baimi::observe
