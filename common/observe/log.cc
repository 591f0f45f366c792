#include "common/observe/log.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/strings/ascii.h"

namespace baimi::observe {
namespace {

class StderrSink final : public LogSink {
 public:
  void Write(const LogRecord& /*record*/, absl::string_view line) override {
    while (!line.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written <= 0) {
        return;
      }
      line.remove_prefix(static_cast<size_t>(written));
    }
  }
};

struct State {
  absl::Mutex mu;
  LogSink* sink ABSL_GUARDED_BY(mu);
  std::string service ABSL_GUARDED_BY(mu);
  std::atomic<const Clock*> clock;
};

const Clock* DefaultClock() {
  static const SystemClock* const clock = new SystemClock();
  return clock;
}

// Never destroyed: threads may log while the process ends.
State& GlobalState() {
  static State* const state = [] {
    auto* made = new State();
    absl::MutexLock lock(&made->mu);
    made->sink = new StderrSink();
    made->clock = DefaultClock();
    return made;
  }();
  return *state;
}

LogSink* SwapSink(LogSink* sink) {
  State& state = GlobalState();
  absl::MutexLock lock(&state.mu);
  return std::exchange(state.sink, sink);
}

thread_local absl::string_view current_trace;
thread_local absl::string_view current_span;

constexpr std::array<absl::string_view, 4> kLevelNames = {"DEBUG", "INFO", "WARNING", "ERROR"};

}  // namespace

namespace internal {

std::atomic<LogLevel> log_threshold{LogLevel::kInfo};

void WriteLog(LogLevel level, absl::string_view message, absl::Span<const LogField> fields) {
  State& state = GlobalState();
  LogRecord record{.time = state.clock.load()->Now(),
                   .level = level,
                   .service = {},
                   .trace_id = current_trace,
                   .span_id = current_span,
                   .message = message,
                   .fields = fields};
  std::string service;
  {
    absl::MutexLock lock(&state.mu);
    service = state.service;
  }
  record.service = service;
  const std::string line = FormatLogLine(record);
  // Lines of several threads must not interleave, and a sink may not vanish while it writes.
  absl::MutexLock lock(&state.mu);
  state.sink->Write(record, line);
}

}  // namespace internal

absl::string_view LogLevelName(LogLevel level) { return kLevelNames[static_cast<size_t>(level)]; }

std::optional<LogLevel> ParseLogLevel(absl::string_view name) {
  const std::string upper = absl::AsciiStrToUpper(name);
  for (size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == upper) {
      return static_cast<LogLevel>(i);
    }
  }
  return std::nullopt;
}

void ConfigureLog(LogOptions options) {
  State& state = GlobalState();
  SetLogLevel(options.level);
  state.clock = options.clock != nullptr ? options.clock : DefaultClock();
  absl::MutexLock lock(&state.mu);
  state.service = std::move(options.service);
}

void SetLogLevel(LogLevel level) {
  internal::log_threshold.store(level, std::memory_order_relaxed);
}

ScopedLogTrace::ScopedLogTrace(absl::string_view trace_id, absl::string_view span_id)
    : previous_trace_(std::exchange(current_trace, trace_id)),
      previous_span_(std::exchange(current_span, span_id)) {}

ScopedLogTrace::~ScopedLogTrace() {
  current_trace = previous_trace_;
  current_span = previous_span_;
}

ScopedLogSink::ScopedLogSink(LogSink* sink) : previous_(SwapSink(sink)) {}

ScopedLogSink::~ScopedLogSink() { SwapSink(previous_); }

std::optional<uint64_t> LogLimiter::Admit(absl::Time now) {
  absl::MutexLock lock(&mu_);
  if (now < next_) {
    ++skipped_;
    return std::nullopt;
  }
  next_ = now + every_;
  return std::exchange(skipped_, 0);
}

}  // namespace baimi::observe
