#include "common/observe/trace.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace baimi::observe {
namespace {

constexpr size_t kTraceDigits = 32;
constexpr size_t kSpanDigits = 16;
constexpr size_t kLength = 2 + 1 + kTraceDigits + 1 + kSpanDigits + 1 + 2;

bool IsHex(absl::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

bool IsZero(absl::string_view text) {
  return text.find_first_not_of('0') == absl::string_view::npos;
}

std::string NewId(Rng& rng, size_t digits) {
  while (true) {
    std::string id = absl::BytesToHexString(rng.Bytes(digits / 2));
    if (!IsZero(id)) {
      return id;
    }
  }
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(absl::string_view header) {
  if (header.size() != kLength || header.substr(0, 3) != "00-" || header[3 + kTraceDigits] != '-' ||
      header[kLength - 3] != '-') {
    return std::nullopt;
  }
  const absl::string_view trace = header.substr(3, kTraceDigits);
  const absl::string_view span = header.substr(3 + kTraceDigits + 1, kSpanDigits);
  const absl::string_view flags = header.substr(kLength - 2);
  if (!IsHex(trace) || !IsHex(span) || !IsHex(flags) || IsZero(trace) || IsZero(span)) {
    return std::nullopt;
  }
  // Bit 0 of the low digit: the odd ones.
  const bool sampled = absl::string_view("13579bdf").find(flags[1]) != absl::string_view::npos;
  return TraceContext{std::string(trace), std::string(span), sampled};
}

std::string FormatTraceparent(const TraceContext& context) {
  return absl::StrCat("00-", context.trace_id, "-", context.span_id,
                      context.sampled ? "-01" : "-00");
}

TraceContext NewTrace(Rng& rng) {
  TraceContext context;
  context.trace_id = NewId(rng, kTraceDigits);
  context.span_id = NewId(rng, kSpanDigits);
  return context;
}

TraceContext ChildSpan(const TraceContext& parent, Rng& rng) {
  return {parent.trace_id, NewId(rng, kSpanDigits), parent.sampled};
}

TraceContext ContinueTrace(absl::string_view header, Rng& rng) {
  const std::optional<TraceContext> parent = ParseTraceparent(header);
  return parent ? ChildSpan(*parent, rng) : NewTrace(rng);
}

}  // namespace baimi::observe
