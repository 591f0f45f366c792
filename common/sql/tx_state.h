// The failure rule of the port, for adapters and decorators: after a failed statement a transaction
// answers everything with that error until a savepoint is rolled back. PostgreSQL enforces it on
// the server; where nobody does, this class does.
#ifndef BAIMI_COMMON_SQL_TX_STATE_H_
#define BAIMI_COMMON_SQL_TX_STATE_H_

#include "absl/status/status.h"

namespace baimi::sql {

// One transaction's state. Not thread-safe.
class TxState {
 public:
  // OK, or the failure that nothing has rolled back yet. Ask before each statement, before
  // Savepoint and ReleaseSavepoint, and before COMMIT.
  const absl::Status& failure() const { return failure_; }
  // Returns its argument. Keeps the first failure.
  absl::Status Fail(absl::Status failure);
  // The database gave the transaction up as a whole: no savepoint brings it back.
  absl::Status FailForGood(absl::Status failure);

  // Whether the operation on the innermost savepoint may be sent: the failure, or INTERNAL when
  // there is none to act on.
  absl::Status MayRelease() const;
  absl::Status MayRollback() const;
  // Call when the database has done it.
  void Saved() { ++depth_; }
  void Released() { --depth_; }
  void RolledBack();

 private:
  absl::Status failure_;
  int depth_ = 0;
  bool for_good_ = false;
};

}  // namespace baimi::sql

#endif  // BAIMI_COMMON_SQL_TX_STATE_H_
