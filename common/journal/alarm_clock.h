// What a service does because its time has come and not because somebody calls.
//
// A row says in a column when it next wants to be looked at: its alarm. The alarm clock of every
// replica leases the rows whose alarm has come and has them rung. Ringing runs a closure of the
// Writer that loads the row, looks whether the alarm still stands, does what is due and moves the
// alarm on, all in one transaction: so an effect happens once however many replicas ring. The lease
// only keeps them from doing the same work at the same time; when a replica dies, another one rings
// its rows after the lease has passed.
#ifndef BAIMI_COMMON_JOURNAL_ALARM_CLOCK_H_
#define BAIMI_COMMON_JOURNAL_ALARM_CLOCK_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/exec/ticker.h"
#include "common/sql/database.h"

namespace baimi::journal {

// A row whose alarm has come.
struct Alarm {
  std::string county;
  // As the table knows the row.
  std::string id;
};

struct AlarmClockOptions {
  // How often the rows are looked at, in real time. Infinite: only RunDue does.
  absl::Duration poll = absl::Seconds(1);
  // How long a row is left to the replica that took it.
  absl::Duration lease = absl::Seconds(30);
  // Most rows of one lease.
  int batch = 64;
};

// Thread-safe.
class AlarmClock {
 public:
  // Leases at most `limit` rows whose alarm and whose lease are not after `now`, earliest alarm
  // first, until `until`. Rows that another transaction is leasing are passed over, not waited for.
  using Lease = std::function<absl::StatusOr<std::vector<Alarm>>(sql::Tx& tx, absl::Time now,
                                                                 absl::Time until, int limit)>;
  // Calls `done` exactly once, on any thread. An error leaves the alarm to the end of its lease.
  using Done = std::function<void(const absl::Status&)>;
  using Ring = std::function<void(const Alarm& alarm, Done done)>;

  // `database` and `clock` (by which alarms and leases are measured) outlive this object.
  AlarmClock(sql::Database* database, const Clock* clock, Lease lease, Ring ring,
             const AlarmClockOptions& options);

  // Rings until no alarm is due. Returns how many rang without an error. An error only when no
  // lease could be taken.
  absl::StatusOr<int> RunDue();

  // No ring is under way afterwards and none will come. Also done by the destructor.
  void Stop();

 private:
  sql::Database* const database_;
  const Clock* const clock_;
  const Lease lease_;
  const Ring ring_;
  const AlarmClockOptions options_;
  exec::Ticker ticker_;
};

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_ALARM_CLOCK_H_
