// W3C trace context (traceparent, version 00): https://www.w3.org/TR/trace-context/
#ifndef BAIMI_COMMON_OBSERVE_TRACE_H_
#define BAIMI_COMMON_OBSERVE_TRACE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/base/random.h"

namespace baimi::observe {

struct TraceContext {
  // 32 lower-case hex digits, not all zero.
  std::string trace_id;
  // 16 lower-case hex digits, not all zero: the span that is current here.
  std::string span_id;
  // The caller recorded the trace. Handed on unchanged.
  bool sampled = false;

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// Strict: exactly "00-<32 hex>-<16 hex>-<2 hex>", lower case, neither id all zero. Anything else,
// other versions included, is nullopt and the receiver starts a trace of its own.
std::optional<TraceContext> ParseTraceparent(absl::string_view header);
// The header to send to a peer. Flags other than `sampled` are cleared, as version 00 demands.
std::string FormatTraceparent(const TraceContext& context);

// A new trace with its first span, not sampled.
TraceContext NewTrace(Rng& rng);
// The same trace with a new span id.
TraceContext ChildSpan(const TraceContext& parent, Rng& rng);
// What a server does with a request: a child of `header` when that is valid, else a new trace.
TraceContext ContinueTrace(absl::string_view header, Rng& rng);

}  // namespace baimi::observe

#endif  // BAIMI_COMMON_OBSERVE_TRACE_H_
