// Gives the answers of a committed group.
#ifndef BAIMI_COMMON_JOURNAL_ANSWERS_H_
#define BAIMI_COMMON_JOURNAL_ANSWERS_H_

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/journal/group.h"

namespace baimi::journal::internal {

using Jobs = std::vector<std::unique_ptr<Job>>;

// True, and the job is answered with DEADLINE_PASSED, when its caller has stopped waiting. Nothing
// of it may stand.
bool AnswerLate(Job& job, absl::Time now);

// An answer is masked, logged and sent on the thread that gives it: on one of its own, so that the
// writer goes on with the next group. Thread-safe.
class Answers {
 public:
  Answers();
  ~Answers() { Stop(); }
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  // Completes every job, in order; `here`: before it returns.
  void Give(Jobs jobs, bool here);
  // Gives those that are left; more must not come.
  void Stop();

 private:
  void Work();

  absl::Mutex mu_;
  std::deque<Jobs> waiting_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace baimi::journal::internal

#endif  // BAIMI_COMMON_JOURNAL_ANSWERS_H_
