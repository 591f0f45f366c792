// The port to whoever carries text messages. A county's real carrier implements it; the one that
// writes files (file_carrier.h) is for a county without one, and for tests.
#ifndef BAIMI_SERVICES_TICKET_API_MESSAGE_CARRIER_H_
#define BAIMI_SERVICES_TICKET_API_MESSAGE_CARRIER_H_

#include <string>

#include "absl/status/statusor.h"

namespace baimi::ticket::api {

struct TextMessage {
  // Of [0-9-]. The same message may be handed over again after a crash: it is sent once an id.
  std::string id;
  // In clear, for this moment only: keep it out of logs and errors.
  std::string phone;
  std::string text;
};

struct CarrierReceipt {
  std::string id;
  // It has arrived; else RecordDelivery says later whether it did.
  bool delivered = false;
};

// Thread-safe.
class MessageCarrier {
 public:
  virtual ~MessageCarrier() = default;
  // Blocks until the carrier has the message. An error: it does not, and is asked again later; its
  // text is kept with the notice and must not hold the number.
  virtual absl::StatusOr<CarrierReceipt> Send(const TextMessage& message) = 0;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_MESSAGE_CARRIER_H_
