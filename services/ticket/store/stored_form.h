// How an order stands in its row: names, scope, sealing. Shared by the store's files.
#ifndef BAIMI_SERVICES_TICKET_STORE_STORED_FORM_H_
#define BAIMI_SERVICES_TICKET_STORE_STORED_FORM_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "common/base/call.h"
#include "common/privacy/vault.h"

namespace baimi::ticket::store {

// "counties/469030/tickets/20261122-000123" from its parts.
std::string TicketName(absl::string_view county, absl::string_view number);
// What follows the last slash; "" for "".
absl::string_view LastSegment(absl::string_view name);
// 469030100000 -> 469030100, 469030000000 -> 469030, others unchanged.
std::string AreaPrefix(absl::string_view code);
// `code` is the grid's or area's code, `lead` a unit's full name.
bool ScopeCovers(const RowScope& scope, absl::string_view code, absl::string_view lead);

// Opens a row into `ticket`. A shredded order keeps its open part; its personal fields are empty.
absl::Status OpenTicket(const privacy::Vault& vault, absl::string_view name, absl::string_view body,
                        absl::string_view sealed, v1::Ticket* ticket);
absl::StatusOr<privacy::SealedMessage> SealTicket(const privacy::Vault& vault,
                                                  const v1::Ticket& ticket, privacy::KeyId key);

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_STORED_FORM_H_
