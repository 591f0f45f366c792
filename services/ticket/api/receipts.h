// Receipts that callers keep, and handlers of ReceiptService.
#ifndef BAIMI_SERVICES_TICKET_API_RECEIPTS_H_
#define BAIMI_SERVICES_TICKET_API_RECEIPTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/receipts.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/parts.h"

namespace baimi::ticket::api {

// Thread-safe.
class Receipts {
 public:
  explicit Receipts(const Parts& parts) : parts_(parts) {}

  // What stands on the receipts of the order and on no others; not to be guessed.
  std::string CodeOf(absl::string_view ticket) const;
  // NO_RECEIPT without a key, or before the order has come so far. The order is known to be there.
  absl::StatusOr<v1::Receipt> Issue(sql::Reader& reader, const Call& call, absl::string_view ticket,
                                    v1::ReceiptKind kind) const;

  Async<v1::Receipt> Get(const Call& call, const v1::GetReceiptRequest& request);
  Async<v1::ReceiptKey> GetKey(const Call& call, const v1::GetReceiptKeyRequest& request);

 private:
  const Parts parts_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_RECEIPTS_H_
