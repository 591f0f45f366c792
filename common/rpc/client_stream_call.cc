#include "common/rpc/client_stream_call.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/resource/validate.h"

namespace baimi::rpc {
namespace {

using type::v1::ErrorReason;

constexpr absl::Duration kLaneWait = absl::Milliseconds(50);
constexpr int64_t kBytesOfMessage = 4096;

absl::Status TooLarge(int64_t limit) {
  return Error(absl::StatusCode::kResourceExhausted, ErrorReason::ERROR_REASON_BODY_TOO_LARGE,
               absl::StrCat("content: got more than ", limit, " bytes, want at most that"),
               absl::StrCat("上传内容过大，最多 ", limit, " 字节"))
      .With("limit", absl::StrCat(limit));
}

absl::Status TooMany(int64_t limit) {
  return Error(absl::StatusCode::kResourceExhausted, ErrorReason::ERROR_REASON_BODY_TOO_LARGE,
               absl::StrCat("messages: got more than ", limit, ", want at most that"),
               absl::StrCat("上传消息过多，最多 ", limit, " 条"))
      .With("limit", absl::StrCat(limit));
}

absl::Status TooQuiet(absl::Duration idle) {
  const std::string shown = absl::FormatDuration(idle);
  return Error(absl::StatusCode::kDeadlineExceeded, ErrorReason::ERROR_REASON_DEADLINE_PASSED,
               absl::StrCat("stream: got nothing for ", shown, ", want a message or the end"),
               absl::StrCat("超过 ", shown, " 未收到数据"));
}

absl::Status TooLong() {
  return Error(absl::StatusCode::kDeadlineExceeded, ErrorReason::ERROR_REASON_DEADLINE_PASSED,
               "deadline: passed before everything had come", "数据接收完成前已超时");
}

}  // namespace

void ClientStreamSteps::Watch::Arm(absl::Time at) {
  // An alarm that is replaced rings too, as cancelled.
  alarm = std::make_unique<grpc::Alarm>();
  alarm->Set(absl::ToChronoTime(at), [self = shared_from_this()](bool rung) {
    if (!rung) {
      return;
    }
    absl::MutexLock lock(&self->mu);
    if (self->owner == nullptr) {
      return;
    }
    const absl::Time next = self->owner->Tick();
    if (next != absl::InfiniteFuture()) {
      self->Arm(next);
    }
  });
}

ClientStreamSteps::ClientStreamSteps(Runtime* runtime, const Method* method,
                                     grpc::CallbackServerContext* context,
                                     google::protobuf::Message* message, ClientStreamGate* gate)
    : ServedCall(runtime, method, context, message),
      message_(message),
      gate_(gate),
      watch_(std::make_shared<Watch>()) {}

void ClientStreamSteps::Begin() {
  {
    absl::MutexLock lock(&mu_);
    idle_until_ = absl::Now() + gate_->options().idle;
    StartReading();
  }
  absl::MutexLock lock(&watch_->mu);
  watch_->owner = this;
  watch_->Arm(absl::Now() + gate_->options().idle);
}

void ClientStreamSteps::Detach() {
  absl::MutexLock lock(&watch_->mu);
  watch_->owner = nullptr;
  watch_->alarm.reset();
}

void ClientStreamSteps::ReadDone(bool ok) {
  {
    absl::MutexLock lock(&mu_);
    if (holder_ == Holder::kNobody) {
      return;
    }
    holder_ = Holder::kStep;
  }
  if (!ok && state_.context->IsCancelled()) {
    End(absl::CancelledError("the caller went away"));
    return;
  }
  half_closed_ = !ok;
  if (begun_) {
    Submit();
    return;
  }
  if (ok && !ParseMessage()) {
    End(Malformed());
    return;
  }
  begun_ = true;
  Start();
}

void ClientStreamSteps::Cancelled() {
  {
    absl::MutexLock lock(&mu_);
    if (holder_ == Holder::kNobody) {
      return;
    }
    cut_ = absl::CancelledError("the caller went away");
    if (holder_ == Holder::kStep) {
      return;
    }
    holder_ = Holder::kNobody;
  }
  End(absl::CancelledError("the caller went away"));
}

std::optional<absl::Status> ClientStreamSteps::Cut() {
  absl::MutexLock lock(&mu_);
  return cut_;
}

absl::Time ClientStreamSteps::Tick() {
  const absl::Time now = absl::Now();
  absl::Status status;
  {
    absl::MutexLock lock(&mu_);
    if (holder_ == Holder::kNobody || cut_) {
      return absl::InfiniteFuture();
    }
    const bool reads = holder_ == Holder::kReader;
    if (now >= deadline_) {
      status = TooLong();
    } else if (reads && now >= idle_until_) {
      status = TooQuiet(gate_->options().idle);
    } else {
      return std::min(deadline_, reads ? idle_until_ : now + gate_->options().idle);
    }
    cut_ = status;
    if (!reads) {
      return absl::InfiniteFuture();
    }
    holder_ = Holder::kNobody;
  }
  End(std::move(status));
  return absl::InfiniteFuture();
}

void ClientStreamSteps::Invoke() {
  if (const auto cut = Cut()) {
    End(*cut);
    return;
  }
  {
    absl::MutexLock lock(&mu_);
    deadline_ = state_.call.machine_deadline;
  }
  {
    absl::MutexLock lock(&watch_->mu);
    watch_->Arm(std::min(state_.call.machine_deadline, absl::Now() + gate_->options().idle));
  }
  opened_ = gate_->Open();
  if (!opened_) {
    End(LaneFullStatus(exec::LaneName(state_.method->policy().lane()), absl::Seconds(1)));
    return;
  }
  absl::Status status = Count();
  if (status.ok()) {
    status = OpenReceiver();
  }
  if (!status.ok()) {
    End(std::move(status));
  } else if (half_closed_) {
    FinishStep();
  } else {
    Take();
  }
}

void ClientStreamSteps::Submit() {
  exec::Executor* executor = runtime_->lanes().Find(state_.method->policy().lane());
  exec::Task task;
  task.deadline = state_.call.deadline;
  task.run = [this] { Step(); };
  task.on_drop = [this](exec::DropReason reason) {
    End(reason == exec::DropReason::kExpired ? TooLong() : DrainingStatus());
  };
  switch (executor->TrySubmit(std::move(task))) {
    case exec::Admission::kAccepted:
      return;
    case exec::Admission::kStopped:
      End(DrainingStatus());
      return;
    case exec::Admission::kFull:
      break;
  }
  // The call was admitted: its messages wait, and so does its caller.
  if (const auto cut = Cut()) {
    End(*cut);
    return;
  }
  lane_alarm_ = std::make_unique<grpc::Alarm>();
  lane_alarm_->Set(absl::ToChronoTime(absl::Now() + kLaneWait), [this](bool) { Submit(); });
}

void ClientStreamSteps::Step() {
  if (const auto cut = Cut()) {
    End(*cut);
    return;
  }
  if (half_closed_) {
    FinishStep();
    return;
  }
  absl::Status status = ParseMessage() ? CheckLater() : Malformed();
  if (status.ok()) {
    status = Count();
  }
  if (status.ok()) {
    Take();
  } else {
    End(std::move(status));
  }
}

absl::Status ClientStreamSteps::Malformed() const {
  return Error(absl::StatusCode::kInvalidArgument, ErrorReason::ERROR_REASON_MALFORMED_BODY,
               absl::StrCat("message: got other bytes, want a ",
                            state_.method->descriptor()->input_type()->full_name()),
               "上传消息不是合规的 protobuf 消息");
}

absl::Status ClientStreamSteps::CheckLater() {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message_->GetReflection()->ListFields(*message_, &fields);
  for (const auto* field : fields) {
    if (field != state_.method->content()) {
      return InvalidField(field->name(), "it after the first message",
                          absl::StrCat("nothing but ", state_.method->content()->name()),
                          absl::StrCat("首条消息之后只能有 ", state_.method->content()->name()));
    }
  }
  return resource::ValidatePopulated(message_, state_.call.now);
}

absl::Status ClientStreamSteps::Count() {
  const int64_t most = state_.method->max_upload_bytes();
  const int64_t set = gate_->options().max_messages;
  const int64_t most_messages = set > 0 ? set : 64 + most / kBytesOfMessage;
  std::string scratch;
  const std::string& content =
      message_->GetReflection()->GetStringReference(*message_, state_.method->content(), &scratch);
  received_.bytes += static_cast<int64_t>(content.size());
  received_.messages += half_closed_ ? 0 : 1;
  if (received_.bytes > most) {
    return TooLarge(most);
  }
  if (received_.messages > most_messages) {
    return TooMany(most_messages);
  }
  sum_.Add(content);
  return absl::OkStatus();
}

void ClientStreamSteps::Take() {
  TakeMessage([this](absl::Status status) { Took(std::move(status)); });
}

void ClientStreamSteps::Took(absl::Status status) {
  if (status.ok()) {
    absl::MutexLock lock(&mu_);
    if (!cut_) {
      holder_ = Holder::kReader;
      idle_until_ = absl::Now() + gate_->options().idle;
      StartReading();
      return;
    }
    status = *cut_;
  }
  End(std::move(status));
}

void ClientStreamSteps::FinishStep() {
  received_.sha256 = sum_.Finish();
  if (!state_.call.fingerprint.empty()) {
    state_.call.fingerprint = Sha256(absl::StrCat(state_.call.fingerprint, received_.sha256));
  }
  FinishReceiver(received_, [this](absl::Status status) { End(std::move(status)); });
}

void ClientStreamSteps::End(absl::Status status) {
  {
    absl::MutexLock lock(&mu_);
    holder_ = Holder::kNobody;
  }
  DropReceiver();
  if (opened_) {
    gate_->Close();
  }
  if (!begun_) {
    // So that it is counted. Why it ended is for those who may call.
    const absl::Status admitted = runtime_->pipeline().Admit(state_);
    if (absl::IsUnauthenticated(admitted)) {
      status = admitted;
    }
  }
  Send(ToGrpc(Conclude(response(), std::move(status))));
}

}  // namespace baimi::rpc
