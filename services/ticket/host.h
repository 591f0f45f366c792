// What a process that hosts the service opens for it: directories of files and of messages.
#ifndef BAIMI_SERVICES_TICKET_HOST_H_
#define BAIMI_SERVICES_TICKET_HOST_H_

#include <memory>

#include "absl/status/statusor.h"
#include "services/ticket/api/content.h"
#include "services/ticket/api/message_carrier.h"
#include "services/ticket/api/superior_carrier.h"
#include "services/ticket/ticket_service.h"

namespace baimi::ticket {

// They outlive the service.
struct OwnParts {
  std::unique_ptr<api::MessageCarrier> carrier = {};
  std::unique_ptr<api::Content> exports = {};
  std::unique_ptr<api::Content> attachments = {};
  std::unique_ptr<api::SuperiorCarrier> superior = {};
};

// As `host` says; `options` gets what was opened, or what `host` brings in its place.
absl::StatusOr<OwnParts> OpenParts(const HostOptions& host, TicketServiceOptions* options);

}  // namespace baimi::ticket

#endif  // BAIMI_SERVICES_TICKET_HOST_H_
