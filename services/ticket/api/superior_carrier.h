// The port to whoever carries results to superior platforms. A province's real interface implements
// it; the one that writes files (superior_files.h) is for a county whose exchange reads a
// directory, and for tests.
#ifndef BAIMI_SERVICES_TICKET_API_SUPERIOR_CARRIER_H_
#define BAIMI_SERVICES_TICKET_API_SUPERIOR_CARRIER_H_

#include <string>

#include "absl/status/statusor.h"
#include "baimi/ticket/v1/superior_results.pb.h"

namespace baimi::ticket::api {

struct SuperiorMessage {
  // Of [A-Za-z0-9-], "469030-hainan-12345-17". The same message may be handed over again after a
  // crash: it takes effect once an id.
  std::string id;
  // Masked as the platform's key may see it.
  v1::SuperiorResult result;
};

// Thread-safe.
class SuperiorCarrier {
 public:
  virtual ~SuperiorCarrier() = default;
  // Blocks until the platform has the message; answers its receipt. An error: it does not, and is
  // asked again later; its text is kept with the result and must hold nothing personal.
  virtual absl::StatusOr<std::string> Push(const SuperiorMessage& message) = 0;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SUPERIOR_CARRIER_H_
