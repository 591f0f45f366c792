// The table of notices. A notice has no personal field, so nothing is sealed.
#ifndef BAIMI_SERVICES_TICKET_STORE_NOTICE_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_NOTICE_STORE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/notices.pb.h"
#include "common/journal/alarm_clock.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// The projection that makes notices; another name makes all of them anew.
inline constexpr char kNoticesProjection[] = "ticket-notices-1";

// The record that a notice follows from, and its number among that record's, from 1 on.
struct NoticeKey {
  int64_t seq = std::numeric_limits<int64_t>::max();
  int64_t n = 0;
};

// "counties/469030/notices/1234-1".
std::string NoticeName(absl::string_view county, const NoticeKey& key);
// NOT_FOUND for an id that none has.
absl::StatusOr<NoticeKey> NoticeKeyOf(absl::string_view name);

// Stateless; thread-safe.
class NoticeStore {
 public:
  absl::Status Insert(sql::Tx& tx, absl::string_view county, const v1::Notice& notice) const;
  // Also ends the lease.
  absl::Status Update(sql::Tx& tx, absl::string_view county, const v1::Notice& notice) const;

  // NOT_FOUND when absent.
  absl::StatusOr<v1::Notice> Load(sql::Reader& reader, absl::string_view county,
                                  absl::string_view name) const;

  // Newest first, at most `limit` below `below`; of one unit's inbox, or of all with unit "".
  absl::StatusOr<std::vector<v1::Notice>> List(sql::Reader& reader, absl::string_view county,
                                               absl::string_view unit, const NoticeKey& below,
                                               int limit) const;

  // Text messages of any county, by id ("1234-1"), whose time has come: journal::AlarmClock::Lease.
  absl::StatusOr<std::vector<journal::Alarm>> Lease(sql::Tx& tx, absl::Time now, absl::Time until,
                                                    int limit) const;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_NOTICE_STORE_H_
