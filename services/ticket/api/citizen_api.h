// Handlers of CitizenService.
#ifndef BAIMI_SERVICES_TICKET_API_CITIZEN_API_H_
#define BAIMI_SERVICES_TICKET_API_CITIZEN_API_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baimi/ticket/v1/citizen_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/api/receipts.h"

namespace baimi::ticket::api {

// Thread-safe. `receipts` outlives it.
class CitizenApi {
 public:
  CitizenApi(const Parts& parts, const Receipts* receipts) : parts_(parts), receipts_(receipts) {}

  Async<v1::CitizenTicket> LookUp(const Call& call, const v1::LookUpCitizenTicketRequest& request);
  Async<v1::CitizenTicket> Rate(const Call& call, const v1::RateCitizenTicketRequest& request);
  Async<v1::CitizenTicket> Urge(const Call& call, const v1::UrgeCitizenTicketRequest& request);
  Async<v1::Receipt> Receipt(const Call& call, const v1::IssueCitizenReceiptRequest& request);

 private:
  // The order, and the one that it was merged into, else itself.
  struct Seen {
    store::TicketRow row;
    store::TicketRow into;
  };
  // NOT_FOUND, the same for every cause, unless the proof fits.
  absl::StatusOr<Seen> Find(sql::Reader& reader, const Call& call,
                            const v1::CitizenProof& proof) const;
  // QUOTA_EXCEEDED when the order, or the number, was tried too often.
  absl::Status CheckTries(const Call& call, const v1::CitizenProof& proof) const;
  // A try that failed costs more than one that did not.
  void Punish(const Call& call, const v1::CitizenProof& proof, const absl::Status& status) const;
  // What the unit is called; "" when the registry cannot be asked.
  std::string HolderName(const Call& call, const v1::Ticket& into) const;
  // A change of the order that the proof fits, and the order as its caller sees it then. `decide`
  // writes it, brings `into` up to date where it changes that one too, and may run more than once.
  using Decide = std::function<absl::StatusOr<v1::Ticket>(Orders::Work&, Seen&)>;
  Async<v1::CitizenTicket> Change(const Call& call, const v1::CitizenProof& proof, Decide decide);

  const Parts parts_;
  const Orders orders_{parts_};
  const Receipts* const receipts_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_CITIZEN_API_H_
