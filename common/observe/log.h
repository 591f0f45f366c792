// Structured logs: one JSON object a line, to stderr unless told otherwise.
//
//   Log(LogLevel::kWarning, "database is slow", {{"statement", name}, {"took", elapsed}});
//
//   {"time":"2026-11-23T01:02:03.000004Z","level":"WARNING","service":"ticket",
//    "trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331",
//    "message":"database is slow","statement":"ticket.load","took":0.25}
//
// Nothing personal and nothing secret may be logged (DESIGN.md §5): pass ids, codes and counts.
#ifndef BAIMI_COMMON_OBSERVE_LOG_H_
#define BAIMI_COMMON_OBSERVE_LOG_H_

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/clock.h"

namespace baimi::observe {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "DEBUG", "INFO", "WARNING", "ERROR".
absl::string_view LogLevelName(LogLevel level);
// Of the names above in any case; nullopt for anything else.
std::optional<LogLevel> ParseLogLevel(absl::string_view name);

// One typed field. Views its key and text: both must live until the call returns.
class LogField {
 public:
  LogField(absl::string_view key, absl::string_view value) : key_(key), value_(value) {}
  LogField(absl::string_view key, const std::string& value)
      : LogField(key, absl::string_view(value)) {}
  LogField(absl::string_view key, const char* value) : LogField(key, absl::string_view(value)) {}
  LogField(absl::string_view key, bool value) : key_(key), value_(value) {}
  template <std::signed_integral T>
  LogField(absl::string_view key, T value) : key_(key), value_(int64_t{value}) {}
  template <std::unsigned_integral T>
  LogField(absl::string_view key, T value) : key_(key), value_(uint64_t{value}) {}
  // Written as a number; NaN and infinities as strings.
  LogField(absl::string_view key, double value) : key_(key), value_(value) {}
  // Written as seconds.
  LogField(absl::string_view key, absl::Duration value)
      : LogField(key, absl::ToDoubleSeconds(value)) {}
  // Written as RFC 3339 in UTC.
  LogField(absl::string_view key, absl::Time value) : key_(key), value_(value) {}
  // Written as "CODE: message", "OK" for success. No payloads.
  LogField(absl::string_view key, const absl::Status& status) : key_(key), value_(&status) {}

  using Value = std::variant<absl::string_view, bool, int64_t, uint64_t, double, absl::Time,
                             const absl::Status*>;
  absl::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  absl::string_view key_;
  Value value_;
};

// What a sink receives; everything is a view into the call.
struct LogRecord {
  absl::Time time;
  LogLevel level = LogLevel::kInfo;
  absl::string_view service;
  absl::string_view trace_id;
  absl::string_view span_id;
  absl::string_view message;
  absl::Span<const LogField> fields;
};

// One line with its newline. Text that is not UTF-8 gets U+FFFD in place of each bad byte; texts
// above 8 KiB are cut, with "…" at the end; a field named like one of the fixed keys gets a "_"
// appended. Empty service and ids are left out.
std::string FormatLogLine(const LogRecord& record);

// Calls come one at a time. Must not log and must not throw.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Write(const LogRecord& record, absl::string_view line) = 0;
};

struct LogOptions {
  // Records below it cost one relaxed load. Default: kInfo.
  LogLevel level = LogLevel::kInfo;
  // Written into every record, e.g. "ticket". Default: empty.
  std::string service;
  // Stamps the records. Must live as long as the process. Default (null): the system clock.
  const Clock* clock = nullptr;
};

// Sets up the process's log; call it from main before threads start. Without it the defaults above
// hold. May be called again.
void ConfigureLog(LogOptions options);
// The level alone, at any time from any thread.
void SetLogLevel(LogLevel level);

namespace internal {
extern std::atomic<LogLevel> log_threshold;
void WriteLog(LogLevel level, absl::string_view message, absl::Span<const LogField> fields);
}  // namespace internal

// For work that only serves a log record.
inline bool LogEnabled(LogLevel level) {
  return level >= internal::log_threshold.load(std::memory_order_relaxed);
}

// Thread-safe; never throws. A record that cannot be written is lost. Fields keep their order.
inline void Log(LogLevel level, absl::string_view message,
                std::initializer_list<LogField> fields = {}) {
  if (LogEnabled(level)) {
    internal::WriteLog(level, message, absl::MakeConstSpan(fields.begin(), fields.size()));
  }
}

// While it lives, every record of this thread carries these ids. Scopes nest. The ids must outlive
// the scope.
class ScopedLogTrace {
 public:
  ScopedLogTrace(absl::string_view trace_id, absl::string_view span_id);
  ~ScopedLogTrace();
  ScopedLogTrace(const ScopedLogTrace&) = delete;
  ScopedLogTrace& operator=(const ScopedLogTrace&) = delete;

 private:
  const absl::string_view previous_trace_;
  const absl::string_view previous_span_;
};

// While it lives, records go to `sink` instead of stderr. For tests; scopes nest on one thread.
class ScopedLogSink {
 public:
  explicit ScopedLogSink(LogSink* sink);
  ~ScopedLogSink();
  ScopedLogSink(const ScopedLogSink&) = delete;
  ScopedLogSink& operator=(const ScopedLogSink&) = delete;

 private:
  LogSink* const previous_;
};

// Lets one record in `every` through and counts the others, for conditions that repeat by the
// thousand (a database that is down):
//
//   if (const auto skipped = limiter_.Admit(now)) Log(..., {{"skipped", *skipped}});
//
// Thread-safe.
class LogLimiter {
 public:
  explicit LogLimiter(absl::Duration every) : every_(every) {}
  // The number of refusals since the last admission, or nullopt: do not log.
  std::optional<uint64_t> Admit(absl::Time now);

 private:
  const absl::Duration every_;
  absl::Mutex mu_;
  absl::Time next_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  uint64_t skipped_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace baimi::observe

#endif  // BAIMI_COMMON_OBSERVE_LOG_H_
