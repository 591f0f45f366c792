// Results of superior platforms as they come, to whoever watches: one thread for all watches.
#ifndef BAIMI_SERVICES_TICKET_API_SUPERIOR_WATCH_H_
#define BAIMI_SERVICES_TICKET_API_SUPERIOR_WATCH_H_

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/superior_service.pb.h"
#include "common/base/call.h"
#include "common/exec/ticker.h"
#include "common/rpc/stream.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/store/superior_store.h"

namespace baimi::ticket::api {

// Thread-safe.
class SuperiorWatch {
 public:
  using Stream = rpc::Stream<v1::WatchSuperiorResultsResponse>;

  // The first two outlive it. The results are looked at every `poll` of real time.
  SuperiorWatch(const Parts& parts, const store::SuperiorStore* store, absl::Duration poll);
  ~SuperiorWatch();

  // From the first result behind `cursor` on. The key is asked again each time whether it speaks
  // for the platform.
  void Subscribe(const Call& call, const std::string& platform, int64_t cursor,
                 std::shared_ptr<Stream> stream);
  // Something may be new, or a stream has room.
  void Wake() { ticker_.Wake(); }
  // Ends every watch with SERVER_DRAINING and refuses new ones.
  void Stop();

 private:
  struct Watch {
    Call call;
    std::string platform;
    int64_t cursor = 0;
    std::shared_ptr<Stream> stream;
    absl::Time sent_time = absl::InfinitePast();
  };

  void Round();
  // False when the watch is over.
  bool Serve(Watch& watch) const;

  const Parts& parts_;
  const store::SuperiorStore* const store_;
  absl::Mutex mu_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::list<Watch> arrivals_ ABSL_GUARDED_BY(mu_);
  // Of the ticker's thread.
  std::list<Watch> watches_;
  exec::Ticker ticker_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SUPERIOR_WATCH_H_
