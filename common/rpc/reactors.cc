#include "common/rpc/reactors.h"

#include "absl/strings/str_cat.h"

namespace baimi::rpc {

ServedCall::ServedCall(Runtime* runtime, const Method* method, grpc::CallbackServerContext* context,
                       google::protobuf::Message* request)
    : runtime_(runtime) {
  state_.method = method;
  state_.context = context;
  state_.request = request;
  state_.call.committed_seq = std::make_shared<std::atomic<int64_t>>(0);
}

ServedCall::ServedCall(Runtime* runtime, const Method* method, const LocalContext* context,
                       google::protobuf::Message* request)
    : runtime_(runtime) {
  state_.method = method;
  state_.local = context;
  state_.request = request;
  state_.call.committed_seq = std::make_shared<std::atomic<int64_t>>(0);
}

void ServedCall::Start() {
  absl::Status admitted = runtime_->pipeline().Admit(state_);
  if (!admitted.ok()) {
    Complete(std::move(admitted));
    return;
  }
  const bool prepare_here = has_fast() || state_.method->policy().lane() == options::v1::INLINE;
  if (!prepare_here) {
    EnterLane(/*prepared=*/false);
    return;
  }
  absl::Status prepared = runtime_->pipeline().Prepare(state_);
  if (!prepared.ok()) {
    Complete(std::move(prepared));
    return;
  }
  if (has_fast() && TryFast()) {
    return;
  }
  EnterLane(/*prepared=*/true);
}

void ServedCall::EnterLane(bool prepared) {
  const auto lane = state_.method->policy().lane();
  exec::Executor* executor = runtime_->lanes().Find(lane);
  if (executor == nullptr) {
    Invoke();  // INLINE: prepared by Start.
    return;
  }
  exec::Task task;
  task.deadline = state_.call.deadline;
  task.run = [this, prepared] {
    absl::Status status = prepared ? absl::OkStatus() : runtime_->pipeline().Prepare(state_);
    if (status.ok()) {
      Invoke();
    } else {
      Complete(std::move(status));
    }
  };
  task.on_drop = [this](exec::DropReason reason) {
    Complete(reason == exec::DropReason::kExpired ? DeadlinePassedStatus() : DrainingStatus());
  };
  switch (executor->TrySubmit(std::move(task))) {
    case exec::Admission::kAccepted:
      return;
    case exec::Admission::kFull:
      Complete(LaneFullStatus(exec::LaneName(lane),
                              std::max(executor->ExpectedWait(), absl::Milliseconds(50))));
      return;
    case exec::Admission::kStopped:
      Complete(DrainingStatus());
      return;
  }
}

absl::Status ServedCall::Conclude(google::protobuf::Message* response, absl::Status status) {
  const int64_t seq = state_.call.committed_seq->load();
  if (seq > 0 && status.ok() && state_.context != nullptr) {
    state_.context->AddTrailingMetadata("baimi-seq", absl::StrCat(seq));
  }
  runtime_->pipeline().Finish(state_, response, status);
  return status;
}

}  // namespace baimi::rpc
