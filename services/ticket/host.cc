#include "services/ticket/host.h"

#include "common/base/status_macros.h"
#include "services/ticket/api/file_carrier.h"

namespace baimi::ticket {

void DeclareHost(const config::Section& root, HostOptions* options) {
  root.String("holidays", &options->holidays,
              "Holiday notices, in place of the built-in ones; provisional deadlines follow them.");
  root.Duration("watch.heartbeat", &options->watch_heartbeat,
                "How often a quiet watch shows that it lives.", {.min = absl::Seconds(1)});
  root.String("sms.directory", &options->sms_directory,
              "Where text messages to callers are written, a file each; empty: they wait.");
  DeclareExports(root, &options->exports);
  DeclareAttachments(root, &options->attachments);
  DeclareSuperior(root, &options->superior);
}

absl::StatusOr<OwnParts> OpenParts(const HostOptions& host, TicketServiceOptions* options) {
  OwnParts own;
  if (!host.sms_directory.empty()) {
    BAIMI_ASSIGN_OR_RETURN(own.carrier, api::NewFileCarrier(host.sms_directory));
  }
  options->carrier = host.carrier != nullptr ? host.carrier : own.carrier.get();
  BAIMI_RETURN_IF_ERROR(OpenExports(host.exports, &own.exports, &options->exports));
  BAIMI_ASSIGN_OR_RETURN(options->attachments, OpenAttachments(host.attachments, &own.attachments));
  BAIMI_RETURN_IF_ERROR(OpenSuperior(host.superior, &own.superior, &options->superior));
  return own;
}

}  // namespace baimi::ticket
