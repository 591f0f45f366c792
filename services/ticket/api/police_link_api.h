// The handlers of PoliceLinkService, and the alarm of a receipt that does not come.
#ifndef BAIMI_SERVICES_TICKET_API_POLICE_LINK_API_H_
#define BAIMI_SERVICES_TICKET_API_POLICE_LINK_API_H_

#include <functional>
#include <optional>
#include <string>

#include "baimi/ticket/v1/police_link_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/journal/alarm_clock.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/police_link.h"
#include "services/ticket/store/police_link_store.h"

namespace baimi::ticket::api {

// Thread-safe.
class PoliceLinkApi {
 public:
  // Both outlive it.
  PoliceLinkApi(const Parts& parts, const store::PoliceLinkStore* store)
      : parts_(parts), store_(store) {}

  Async<v1::PoliceLink> Transfer(const Call& call, const v1::TransferToPoliceRequest& request);
  Async<v1::PoliceLink> Receive(const Call& call, const v1::ReceiveFromPoliceRequest& request);
  Async<v1::PoliceLink> Create(const Call& call, const v1::CreatePoliceLinkRequest& request);
  Async<v1::PoliceLink> Acknowledge(const Call& call,
                                    const v1::AcknowledgePoliceLinkRequest& request);
  Async<v1::PoliceLink> Answer(const Call& call, const v1::AnswerPoliceLinkRequest& request);
  Async<v1::PoliceLink> Get(const Call& call, const v1::GetPoliceLinkRequest& request);
  Async<v1::ListPoliceLinksResponse> List(const Call& call,
                                          const v1::ListPoliceLinksRequest& request);

  // The receipt of the link `id` is late: puts it on record, and of an emergency into the centre's
  // inbox. Nothing changes when somebody was faster.
  void Ring(const Call& call, const std::string& id, const journal::AlarmClock::Done& done);

 private:
  // The police unit does not see one about an order that it may not know of.
  absl::StatusOr<bool> Visible(sql::Reader& reader, const Call& call,
                               const v1::TicketPolicy& policy, const v1::PoliceLink& link) const;
  absl::StatusOr<store::PoliceLinkRow> LoadVisible(sql::Reader& reader, const Call& call,
                                                   const v1::TicketPolicy& policy,
                                                   absl::string_view name) const;
  // Records a new link under `key` and writes it; gives its name before.
  static std::string NextName(const Orders::Work& work);
  absl::StatusOr<v1::PoliceLink> Insert(Orders::Work& work, domain::LinkStep step,
                                        privacy::KeyId key) const;
  absl::StatusOr<v1::PoliceLink> Update(Orders::Work& work, store::PoliceLinkRow row,
                                        domain::LinkStep step) const;
  absl::StatusOr<v1::PoliceLink> TakeNew(Orders::Work& work,
                                         const v1::ReceiveFromPoliceRequest& request,
                                         const v1::Place& located, privacy::KeyId key) const;
  absl::Status TellCentre(Orders::Work& work, const v1::PoliceLink& link, int64_t seq) const;

  const Parts& parts_;
  const store::PoliceLinkStore* const store_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_POLICE_LINK_API_H_
