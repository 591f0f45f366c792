#include "common/sql/tx_state.h"

#include <utility>

#include "common/base/error.h"

namespace baimi::sql {

absl::Status TxState::Fail(absl::Status failure) {
  if (failure_.ok()) {
    failure_ = failure;
  }
  return failure;
}

absl::Status TxState::FailForGood(absl::Status failure) {
  for_good_ = true;
  return Fail(std::move(failure));
}

absl::Status TxState::MayRelease() const {
  if (!failure_.ok()) {
    return failure_;
  }
  return depth_ > 0 ? absl::OkStatus() : Internal("savepoint: got none, want one to release");
}

absl::Status TxState::MayRollback() const {
  if (for_good_) {
    return failure_;
  }
  return depth_ > 0 ? absl::OkStatus() : Internal("savepoint: got none, want one to roll back");
}

void TxState::RolledBack() {
  --depth_;
  failure_ = absl::OkStatus();
}

}  // namespace baimi::sql
