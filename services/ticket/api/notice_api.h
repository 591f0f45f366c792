// Making notices from the journal, sending those that are text messages, and the handlers of
// NoticeService.
#ifndef BAIMI_SERVICES_TICKET_API_NOTICE_API_H_
#define BAIMI_SERVICES_TICKET_API_NOTICE_API_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/notice_service.pb.h"
#include "baimi/type/v1/journal.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/journal/alarm_clock.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"

namespace baimi::ticket::api {

// Thread-safe.
class NoticeApi {
 public:
  explicit NoticeApi(const Parts& parts) : parts_(parts) {}

  // journal::Projector::Apply: the notices of each fact, by the policy of its time.
  absl::Status Make(sql::Tx& tx, const std::string& county,
                    absl::Span<const type::v1::JournalRecord> records);

  // Sends the text message `id`, on the calling thread, which may take as long as the carrier does:
  // the number is read, which is put on record, handed to the carrier, and what became of it is put
  // on record. Once whatever replica rings; after a crash in between the carrier gets the same
  // message again.
  void Ring(const Call& call, const std::string& id, const journal::AlarmClock::Done& done);

  Async<v1::ListNoticesResponse> List(const Call& call, const v1::ListNoticesRequest& request);
  Async<v1::Notice> Get(const Call& call, const v1::GetNoticeRequest& request);
  Async<v1::Notice> Read(const Call& call, const v1::ReadNoticeRequest& request);
  Async<v1::Notice> RecordDelivery(const Call& call, const v1::RecordDeliveryRequest& request);
  Async<v1::ListTellingDutiesResponse> ListDuties(const Call& call,
                                                  const v1::ListTellingDutiesRequest& request);
  Async<v1::Ticket> TellCaller(const Call& call, const v1::TellCallerRequest& request);

 private:
  // A notice of its unit, or of the county for who sees all of it; of a report never for the unit
  // complained of.
  absl::StatusOr<bool> Visible(sql::Reader& reader, const Call& call,
                               const v1::Notice& notice) const;
  // NOT_FOUND unless visible.
  absl::StatusOr<v1::Notice> LoadVisible(sql::Reader& reader, const Call& call,
                                         absl::string_view name) const;
  // Writes the notice and puts it on record.
  absl::Status Move(Orders::Work& work, const v1::Notice& notice) const;
  // The caller has it: fulfils the duty that came with it.
  absl::Status Arrived(Orders::Work& work, const v1::Notice& notice) const;
  // Before and after the carrier has it.
  absl::StatusOr<v1::Notice> BeginSending(Orders::Work& work, absl::string_view name,
                                          std::string* phone) const;
  absl::StatusOr<v1::Notice> EndSending(Orders::Work& work, absl::string_view name,
                                        const absl::StatusOr<CarrierReceipt>& sent) const;

  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_NOTICE_API_H_
