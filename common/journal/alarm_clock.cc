#include "common/journal/alarm_clock.h"

#include <atomic>
#include <utility>

#include "absl/synchronization/blocking_counter.h"
#include "common/base/status_macros.h"
#include "common/observe/log.h"

namespace baimi::journal {
namespace {

// A database that hangs must not hold up the end of the process.
constexpr absl::Duration kLongestLook = absl::Seconds(10);

}  // namespace

AlarmClock::AlarmClock(sql::Database* database, const Clock* clock, Lease lease, Ring ring,
                       const AlarmClockOptions& options)
    : database_(database),
      clock_(clock),
      lease_(std::move(lease)),
      ring_(std::move(ring)),
      options_(options),
      ticker_(options.poll, [this] {
        const absl::StatusOr<int> rang = RunDue();
        if (!rang.ok()) {
          observe::Log(observe::LogLevel::kWarning, "alarms could not be looked at",
                       {{"status", rang.status()}});
        }
      }) {}

absl::StatusOr<int> AlarmClock::RunDue() {
  std::atomic<int> rang{0};
  for (;;) {
    const absl::Time now = clock_->Now();
    std::vector<Alarm> due;
    const sql::Options options{.deadline = absl::Now() + kLongestLook};
    BAIMI_RETURN_IF_ERROR(database_->Write(options, [&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(due, lease_(tx, now, now + options_.lease, options_.batch));
      return absl::OkStatus();
    }));
    absl::BlockingCounter open(static_cast<int>(due.size()));
    for (const Alarm& alarm : due) {
      ring_(alarm, [&rang, &open, alarm](const absl::Status& status) {
        if (status.ok()) {
          ++rang;
        } else {
          observe::Log(observe::LogLevel::kWarning, "an alarm did not ring",
                       {{"county", alarm.county}, {"id", alarm.id}, {"status", status}});
        }
        open.DecrementCount();
      });
    }
    open.Wait();
    if (due.size() < static_cast<size_t>(options_.batch)) {
      return rang.load();
    }
  }
}

void AlarmClock::Stop() { ticker_.Stop(); }

}  // namespace baimi::journal
