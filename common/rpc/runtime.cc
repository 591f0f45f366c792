#include "common/rpc/runtime.h"

#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::rpc {

using type::v1::ErrorReason;

bool InFlight::Enter(const CallState* call) {
  absl::MutexLock lock(&mu_);
  if (draining_) {
    ++refused_;
    return false;
  }
  return calls_.insert(call).second;
}

void InFlight::Leave(const CallState* call) {
  absl::MutexLock lock(&mu_);
  calls_.erase(call);
}

void InFlight::Drain() {
  absl::MutexLock lock(&mu_);
  draining_ = true;
}

bool InFlight::draining() const {
  absl::MutexLock lock(&mu_);
  return draining_;
}

int64_t InFlight::refused() const {
  absl::MutexLock lock(&mu_);
  return refused_;
}

int InFlight::count() const {
  absl::MutexLock lock(&mu_);
  return static_cast<int>(calls_.size());
}

bool InFlight::AwaitEmpty(absl::Duration timeout) {
  absl::MutexLock lock(&mu_);
  const auto empty = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return calls_.empty(); };
  return mu_.AwaitWithTimeout(absl::Condition(&empty), timeout);
}

std::vector<InFlight::Entry> InFlight::List() const {
  absl::MutexLock lock(&mu_);
  std::vector<Entry> entries;
  for (const CallState* call : calls_) {
    // Only what was set before the call was counted: the rest is still being written.
    entries.push_back({call->method->full_name(), "", call->call.trace_id, call->received});
  }
  return entries;
}

absl::Status DrainingStatus() {
  return Error(absl::StatusCode::kUnavailable, ErrorReason::ERROR_REASON_SERVER_DRAINING,
               "this replica is going away; nothing was started, retry on another one",
               "服务正在下线，请求未执行，请重试")
      .RetryAfter(absl::ZeroDuration());
}

absl::Status LaneFullStatus(absl::string_view lane, absl::Duration retry_after) {
  return Error(absl::StatusCode::kResourceExhausted, ErrorReason::ERROR_REASON_LANE_FULL,
               absl::StrCat("lane ", lane, " is full; nothing was started, retry later"),
               "系统繁忙，请求未执行，请稍后重试")
      .With("lane", lane)
      .RetryAfter(retry_after);
}

absl::Status DeadlinePassedStatus() {
  return Error(absl::StatusCode::kDeadlineExceeded, ErrorReason::ERROR_REASON_DEADLINE_PASSED,
               "deadline: passed before the call was started", "请求开始执行前已超时");
}

absl::StatusOr<std::unique_ptr<Runtime>> Runtime::Create(const RuntimeOptions& options) {
  auto in_flight = std::make_unique<InFlight>();
  BAIMI_ASSIGN_OR_RETURN(Pipeline pipeline,
                         Pipeline::Create(DefaultStages(options, in_flight.get())));
  return std::unique_ptr<Runtime>(new Runtime(options, std::move(in_flight), std::move(pipeline)));
}

}  // namespace baimi::rpc
