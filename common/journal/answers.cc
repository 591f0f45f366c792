#include "common/journal/answers.h"

#include <pthread.h>

#include <utility>

#include "common/base/error.h"

namespace baimi::journal::internal {
namespace {

void Complete(Job& job) {
  if (job.answer.ok() && job.call.committed_seq) {
    job.call.committed_seq->store(job.seq);
  }
  job.closure = nullptr;
  job.done(std::move(job.answer));
}

void CompleteAll(Jobs& jobs) {
  for (auto& job : jobs) {
    Complete(*job);
    job.reset();
  }
}

}  // namespace

bool AnswerLate(Job& job, absl::Time now) {
  if (job.call.deadline > now) {
    return false;
  }
  job.answer = Error(absl::StatusCode::kDeadlineExceeded, type::v1::ERROR_REASON_DEADLINE_PASSED,
                     "deadline: passed while waiting to be written; nothing was started",
                     "等待写入时已超过时限，未执行")
                   .Build();
  return true;
}

Answers::Answers() : thread_([this] { Work(); }) {
  pthread_setname_np(thread_.native_handle(), "answers");
}

void Answers::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Answers::Give(Jobs jobs, bool here) {
  if (here) {
    CompleteAll(jobs);
    return;
  }
  absl::MutexLock lock(&mu_);
  waiting_.push_back(std::move(jobs));
}

void Answers::Work() {
  for (;;) {
    std::deque<Jobs> groups;
    {
      absl::MutexLock lock(&mu_);
      const auto awake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
        return stopping_ || !waiting_.empty();
      };
      mu_.Await(absl::Condition(&awake));
      groups.swap(waiting_);
    }
    if (groups.empty()) {
      return;
    }
    for (Jobs& jobs : groups) {
      CompleteAll(jobs);
    }
  }
}

}  // namespace baimi::journal::internal
