#include "tests/bench/grpc_load.h"

#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/base/status_macros.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/channel_arguments.h"

namespace baimi::bench {
namespace {

absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

// Shared by all slots of a run; outlives them.
class Run {
 public:
  Run(const GrpcLoad& load, size_t slots) : load_(load), left_(slots) {}

  const GrpcLoad& load() const { return load_; }
  int64_t NextNumber() { return next_.fetch_add(1, std::memory_order_relaxed); }
  bool Over() const { return failed_.load(std::memory_order_relaxed) || absl::Now() >= end_; }
  void Fail(absl::Status status) {
    absl::MutexLock lock(&mu_);
    if (error_.ok()) {
      error_ = std::move(status);
      failed_ = true;
    }
  }
  void SlotDone() {
    absl::MutexLock lock(&mu_);
    --left_;
  }
  absl::Status Wait() {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(
        +[](size_t* left) { return *left == 0; }, &left_));
    return error_;
  }

 private:
  const GrpcLoad& load_;
  const absl::Time end_ = absl::Now() + load_.duration;
  std::atomic<int64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  absl::Mutex mu_;
  size_t left_ ABSL_GUARDED_BY(mu_);
  absl::Status error_ ABSL_GUARDED_BY(mu_);
};

// One call after the other.
class Slot {
 public:
  Slot(Run& run, const std::shared_ptr<grpc::Channel>& channel) : run_(run), stub_(channel) {}

  void Next() {
    context_ = std::make_unique<grpc::ClientContext>();
    if (!run_.load().token.empty()) {
      context_->AddMetadata("authorization", absl::StrCat("Bearer ", run_.load().token));
    }
    context_->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    request_ = ToBuffer(run_.load().request(run_.NextNumber()));
    response_.Clear();
    sent_ = absl::Now();
    stub_.UnaryCall(context_.get(), run_.load().method, {}, &request_, &response_,
                    [this](const grpc::Status& status) { Answered(status); });
  }

  const std::vector<uint32_t>& latencies_us() const { return latencies_us_; }

 private:
  void Answered(const grpc::Status& status) {
    if (status.ok()) {
      latencies_us_.push_back(
          static_cast<uint32_t>(absl::ToInt64Microseconds(absl::Now() - sent_)));
    } else {
      run_.Fail(ToAbsl(status));
    }
    if (run_.Over()) {
      run_.SlotDone();
    } else {
      Next();
    }
  }

  Run& run_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  absl::Time sent_;
  std::vector<uint32_t> latencies_us_;
};

}  // namespace

std::vector<std::shared_ptr<grpc::Channel>> Connect(int port, int connections) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < connections; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channels.push_back(grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                                 grpc::InsecureChannelCredentials(), arguments));
  }
  return channels;
}

absl::StatusOr<LoadResult> RunGrpc(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                                   const GrpcLoad& load) {
  const auto count = static_cast<size_t>(load.in_flight);
  Run run(load, count);
  std::vector<std::unique_ptr<Slot>> slots;
  for (size_t i = 0; i < count; ++i) {
    slots.push_back(std::make_unique<Slot>(run, channels[i % channels.size()]));
  }
  const absl::Time start = absl::Now();
  for (const auto& slot : slots) {
    slot->Next();
  }
  BAIMI_RETURN_IF_ERROR(run.Wait());
  LoadResult result;
  result.elapsed = absl::Now() - start;
  for (const auto& slot : slots) {
    const std::vector<uint32_t>& of_slot = slot->latencies_us();
    result.latencies_us.insert(result.latencies_us.end(), of_slot.begin(), of_slot.end());
  }
  result.done = static_cast<int64_t>(result.latencies_us.size());
  return result;
}

absl::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                      const std::string& token, const google::protobuf::Message& request,
                      google::protobuf::Message* response) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const grpc::ByteBuffer sent = ToBuffer(request.SerializeAsString());
  grpc::ByteBuffer received;
  grpc::Status status;
  absl::Notification done;
  grpc::GenericStub stub(channel);
  stub.UnaryCall(&context, method, {}, &sent, &received, [&](const grpc::Status& answer) {
    status = answer;
    done.Notify();
  });
  done.WaitForNotification();
  BAIMI_RETURN_IF_ERROR(ToAbsl(status));
  grpc::Slice bytes;
  if (!received.DumpToSingleSlice(&bytes).ok() ||
      !response->ParseFromArray(bytes.begin(), static_cast<int>(bytes.size()))) {
    return absl::InternalError("the answer does not parse");
  }
  return absl::OkStatus();
}

}  // namespace baimi::bench
