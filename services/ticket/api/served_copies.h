// Orders as they were last answered, masked and in wire form: a copy beside the cache, which says
// whether it still holds.
#ifndef BAIMI_SERVICES_TICKET_API_SERVED_COPIES_H_
#define BAIMI_SERVICES_TICKET_API_SERVED_COPIES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/call.h"
#include "common/cache/cache.h"
#include "common/rpc/unary_call.h"

namespace baimi::ticket::api {

struct ServedCopy {
  // The sealed row that it was made from. The copy holds as long as the cache gives this very
  // value: then nothing has changed, by the cache's own rules.
  cache::Value source;
  std::shared_ptr<const rpc::MaskedBytes> answer;
  // What a caller's row scope is judged by.
  std::string place;
  std::string lead;
  // Some unit must not see the order: the copy is not for everybody whom the scope covers.
  bool guarded = false;
  // KeyRing::destructions() before the row was opened: a key destroyed since may be its own.
  int64_t destructions = 0;
  absl::Time made;
};

// A fixed number of places, each for one of the orders that fall on it. Thread-safe.
class ServedCopies {
 public:
  // `places` >= 1.
  explicit ServedCopies(size_t places) : places_(places) {}

  // Null when there is none made from `source` within kMaxAge, or a key was destroyed since.
  std::shared_ptr<const ServedCopy> Find(absl::string_view name, PiiView view,
                                         const cache::Value& source, int64_t destructions,
                                         absl::Time now);
  // Kept when the view hides something and the answer is no larger than kLargest.
  void Keep(absl::string_view name, std::shared_ptr<const ServedCopy> copy);

  // Another replica's destruction of a key is heeded after this time: less than what the key ring
  // itself allows.
  static constexpr absl::Duration kMaxAge = absl::Seconds(30);
  static constexpr size_t kLargest = 4096;

 private:
  struct alignas(64) Place {
    absl::Mutex mu;
    std::shared_ptr<const ServedCopy> copy ABSL_GUARDED_BY(mu);
  };
  Place& PlaceOf(absl::string_view name, PiiView view);

  std::vector<Place> places_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SERVED_COPIES_H_
