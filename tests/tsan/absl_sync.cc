// Tells the thread sanitizer what Abseil's locks order. Debian's Abseil is built without it, so it
// would see no lock at all and report every guarded field. Linked into a program, these definitions
// stand before those of libabsl_synchronization.so, which they call; the library reaches its own
// functions through the same table, so its Notification and MutexLock come along here too.
//
// Only the outermost call is annotated: some of these call each other.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/base/config.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

// Of the sanitizer's runtime, in no header.
extern "C" void AnnotateIgnoreReadsBegin(const char* file, int line);
extern "C" void AnnotateIgnoreReadsEnd(const char* file, int line);
extern "C" void AnnotateIgnoreWritesBegin(const char* file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char* file, int line);

namespace {

#define BAIMI_TEXT(x) #x
#define BAIMI_NAME(x) BAIMI_TEXT(x)
constexpr char kInline[] = BAIMI_NAME(ABSL_OPTION_INLINE_NAMESPACE_NAME);

thread_local int depth = 0;

// The library's function: `rest` is its mangled name behind the namespaces.
template <typename Function>
Function Real(const char* rest, bool is_const = false) {
  const std::string name = std::string(is_const ? "_ZNK4absl" : "_ZN4absl") +
                           std::to_string(std::strlen(kInline)) + kInline + rest;
  void* found = dlsym(RTLD_NEXT, name.c_str());
  if (found == nullptr) {
    std::fprintf(stderr, "%s: not in libabsl_synchronization.so\n", name.c_str());
    std::abort();
  }
  Function function;
  std::memcpy(&function, &found, sizeof(function));
  return function;
}

class Nested {
 public:
  Nested() { ++depth; }
  ~Nested() { --depth; }
  bool outermost() const { return depth == 1; }
};

// Runs `call`, which takes the lock, or tries to.
template <typename Call>
bool Locking(absl::Mutex* mutex, unsigned flags, Call call) {
  const Nested nested;
  if (!nested.outermost()) {
    return call();
  }
  __tsan_mutex_pre_lock(mutex, flags);
  const bool locked = call();
  const bool failed = (flags & __tsan_mutex_try_lock) != 0 && !locked;
  __tsan_mutex_post_lock(mutex, failed ? flags | __tsan_mutex_try_lock_failed : flags, 0);
  return locked;
}

template <typename Call>
void Unlocking(absl::Mutex* mutex, unsigned flags, Call call) {
  const Nested nested;
  if (!nested.outermost()) {
    call();
    return;
  }
  __tsan_mutex_pre_unlock(mutex, flags);
  call();
  __tsan_mutex_post_unlock(mutex, flags);
}

// Runs `call`, which gives the lock away for a time and has it again when it returns.
template <typename Call>
bool Waiting(absl::Mutex* mutex, Call call) {
  const Nested nested;
  if (!nested.outermost()) {
    return call();
  }
  __tsan_mutex_pre_unlock(mutex, 0);
  __tsan_mutex_post_unlock(mutex, 0);
  __tsan_mutex_pre_lock(mutex, 0);
  const bool answer = call();
  __tsan_mutex_post_lock(mutex, 0, 0);
  return answer;
}

constexpr unsigned kRead = __tsan_mutex_read_lock;
constexpr unsigned kTry = __tsan_mutex_try_lock;

}  // namespace

// A function `name` of the library, once looked up.
#define BAIMI_REAL(type, rest) static const auto real = Real<type>(rest)

namespace absl {
ABSL_NAMESPACE_BEGIN

using VoidCall = void (*)(Mutex*);
using BoolCall = bool (*)(Mutex*);
using WhenCall = void (*)(Mutex*, const Condition&);
using WhenForCall = bool (*)(Mutex*, const Condition&, Duration);
using WhenByCall = bool (*)(Mutex*, const Condition&, Time);

Mutex::~Mutex() {
  BAIMI_REAL(VoidCall, "5MutexD1Ev");
  __tsan_mutex_destroy(this, 0);
  real(this);
}

void Mutex::Lock() {
  BAIMI_REAL(VoidCall, "5Mutex4LockEv");
  Locking(this, 0, [this] { return real(this), true; });
}
void Mutex::Unlock() {
  BAIMI_REAL(VoidCall, "5Mutex6UnlockEv");
  Unlocking(this, 0, [this] { real(this); });
}
bool Mutex::TryLock() {
  BAIMI_REAL(BoolCall, "5Mutex7TryLockEv");
  return Locking(this, kTry, [this] { return real(this); });
}
void Mutex::ReaderLock() {
  BAIMI_REAL(VoidCall, "5Mutex10ReaderLockEv");
  Locking(this, kRead, [this] { return real(this), true; });
}
void Mutex::ReaderUnlock() {
  BAIMI_REAL(VoidCall, "5Mutex12ReaderUnlockEv");
  Unlocking(this, kRead, [this] { real(this); });
}
bool Mutex::ReaderTryLock() {
  BAIMI_REAL(BoolCall, "5Mutex13ReaderTryLockEv");
  return Locking(this, kRead | kTry, [this] { return real(this); });
}

void Mutex::LockWhen(const Condition& condition) {
  BAIMI_REAL(WhenCall, "5Mutex8LockWhenERKNS0_9ConditionE");
  Locking(this, 0, [&] { return real(this, condition), true; });
}
bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  BAIMI_REAL(WhenForCall, "5Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  return Locking(this, 0, [&] { return real(this, condition, timeout); });
}
bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  BAIMI_REAL(WhenByCall, "5Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  return Locking(this, 0, [&] { return real(this, condition, deadline); });
}

void Mutex::Await(const Condition& condition) {
  BAIMI_REAL(WhenCall, "5Mutex5AwaitERKNS0_9ConditionE");
  Waiting(this, [&] { return real(this, condition), true; });
}
bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  BAIMI_REAL(WhenForCall, "5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  return Waiting(this, [&] { return real(this, condition, timeout); });
}
bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  BAIMI_REAL(WhenByCall, "5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  return Waiting(this, [&] { return real(this, condition, deadline); });
}

// Read under the lock, but often by another thread that is about to give it away and has said so.
bool Condition::Eval() const {
  static const auto real = Real<bool (*)(const Condition*)>("9Condition4EvalEv", true);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  const bool holds = real(this);
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  return holds;
}

void CondVar::Wait(Mutex* mutex) {
  static const auto real = Real<void (*)(CondVar*, Mutex*)>("7CondVar4WaitEPNS0_5MutexE");
  Waiting(mutex, [&] { return real(this, mutex), true; });
}
bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static const auto real = Real<bool (*)(CondVar*, Mutex*, Duration)>(
      "7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  return Waiting(mutex, [&] { return real(this, mutex, timeout); });
}
bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static const auto real =
      Real<bool (*)(CondVar*, Mutex*, Time)>("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  return Waiting(mutex, [&] { return real(this, mutex, deadline); });
}

// Who asks or waits late reads the flag behind the mutex, without it; HasBeenNotified even in the
// caller's own code.
static char* FlagOf(const Notification* notification) {
  return reinterpret_cast<char*>(const_cast<Notification*>(notification)) + sizeof(Mutex);
}
void Notification::Notify() {
  static const auto real = Real<void (*)(Notification*)>("12Notification6NotifyEv");
  __tsan_release(FlagOf(this));
  real(this);
}
void Notification::WaitForNotification() const {
  static const auto real =
      Real<void (*)(const Notification*)>("12Notification19WaitForNotificationEv", true);
  real(this);
  __tsan_acquire(FlagOf(this));
}
bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static const auto real = Real<bool (*)(const Notification*, Duration)>(
      "12Notification30WaitForNotificationWithTimeoutENS0_8DurationE", true);
  const bool told = real(this, timeout);
  if (told) {
    __tsan_acquire(FlagOf(this));
  }
  return told;
}
bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  static const auto real = Real<bool (*)(const Notification*, Time)>(
      "12Notification31WaitForNotificationWithDeadlineENS0_4TimeE", true);
  const bool told = real(this, deadline);
  if (told) {
    __tsan_acquire(FlagOf(this));
  }
  return told;
}

bool BlockingCounter::DecrementCount() {
  static const auto real = Real<bool (*)(BlockingCounter*)>("15BlockingCounter14DecrementCountEv");
  __tsan_release(this);
  return real(this);
}
void BlockingCounter::Wait() {
  static const auto real = Real<void (*)(BlockingCounter*)>("15BlockingCounter4WaitEv");
  real(this);
  __tsan_acquire(this);
}

ABSL_NAMESPACE_END
}  // namespace absl
