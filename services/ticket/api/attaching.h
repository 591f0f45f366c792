// How blobs become attachments, for every handler that takes some.
#ifndef BAIMI_SERVICES_TICKET_API_ATTACHING_H_
#define BAIMI_SERVICES_TICKET_API_ATTACHING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/attachments.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "common/journal/writer.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/attachments.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::api {

// A blob that the caller uploaded and that is free. NOT_FOUND: no such one, of somebody else, or
// its time is over. BLOB_TAKEN.
absl::StatusOr<v1::StoredBlob> FreeBlob(const Parts& parts, journal::Tx& tx,
                                        absl::string_view name);
// Uses it up for the attachment.
absl::Status TakeBlob(const Parts& parts, journal::Tx& tx, v1::StoredBlob blob,
                      const std::string& attachment);

// Gives an order that is being filed the blobs of its request: adds to `decision`, and writes the
// rows of the attachments under the order's `key`.
absl::Status AttachFiled(const Parts& parts, journal::Tx& tx,
                         const v1::CreateTicketRequest& request, const domain::Context& context,
                         privacy::KeyId key, domain::Decision* decision);

// Of a reply's evidence, what names an attachment must be one of the order that is not removed:
// INVALID_ARGUMENT.
absl::Status CheckEvidence(const Parts& parts, sql::Reader& reader, absl::string_view ticket,
                           const v1::Reply& reply);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_ATTACHING_H_
