// Pushing results to superior platforms, those of an order one after the other.
#ifndef BAIMI_SERVICES_TICKET_API_SUPERIOR_SENDER_H_
#define BAIMI_SERVICES_TICKET_API_SUPERIOR_SENDER_H_

#include <optional>
#include <string>

#include "common/base/call.h"
#include "common/journal/alarm_clock.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/api/superior_carrier.h"
#include "services/ticket/store/superior_store.h"

namespace baimi::ticket::api {

// Thread-safe.
class SuperiorSender {
 public:
  // All outlive it.
  SuperiorSender(const Parts& parts, const store::SuperiorStore* store, SuperiorCarrier* carrier)
      : parts_(parts), store_(store), carrier_(carrier) {}

  // Pushes what waits in the lane of the order `number`, one result after the other until one does
  // not get through, on the calling thread, which may take as long as the carrier does; what became
  // of each is put on record. Once whatever replica rings; after a crash in between the carrier
  // gets the same message again.
  void Ring(const Call& call, const std::string& number,
            const journal::AlarmClock::Done& done) const;

 private:
  struct Attempt {
    SuperiorMessage message;
    bool wanted = false;
  };
  // False when nothing more is to be pushed now.
  absl::StatusOr<bool> PushNext(const Call& call, const std::string& number) const;
  // Before and after the carrier has it.
  absl::StatusOr<v1::SuperiorResult> Begin(Orders::Work& work, const std::string& number,
                                           Attempt* attempt) const;
  absl::StatusOr<v1::SuperiorResult> End(Orders::Work& work, const std::string& number, int64_t seq,
                                         const absl::StatusOr<std::string>& pushed) const;
  // Writes what became of a push and puts it on record.
  absl::Status Move(Orders::Work& work, store::Pending pending, const store::ResultRow& row) const;
  // What the order says about its pushes.
  absl::Status Note(Orders::Work& work, const std::string& number, v1::SuperiorPush push,
                    int64_t seq, absl::string_view failure) const;

  const Parts& parts_;
  const store::SuperiorStore* const store_;
  SuperiorCarrier* const carrier_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SUPERIOR_SENDER_H_
