// A carrier that writes each message as a file, "<id>.json", of one JSON line:
// {"id": ..., "phone": ..., "text": ...}. Whoever sends them on reads and removes the files.
#ifndef BAIMI_SERVICES_TICKET_API_FILE_CARRIER_H_
#define BAIMI_SERVICES_TICKET_API_FILE_CARRIER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/ticket/api/message_carrier.h"

namespace baimi::ticket::api {

// Makes the directory when it is missing, for its owner only, as the files are. UNAVAILABLE when it
// cannot be written. Several replicas may share it: a message is written once however often it is
// sent. A message counts as delivered when its file is there.
absl::StatusOr<std::unique_ptr<MessageCarrier>> NewFileCarrier(const std::string& directory);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_FILE_CARRIER_H_
