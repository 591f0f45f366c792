#include "services/ticket/store/supervision_store.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kSave = {
    "ticket.supervision_save",
    "INSERT INTO ticket_supervisions (county, number, nth, level, state, unit, raise_us, waits_us) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
    "ON CONFLICT (county, number, nth) DO UPDATE SET state = $5, waits_us = $8"};

#define BAIMI_SUPERVISIONS \
  "SELECT raise_us, number, nth, level, state, unit, waits_us FROM ticket_supervisions WHERE "
#define BAIMI_SUPERVISIONS_PAGE                                                                \
  " AND (raise_us, number, nth) < ($3, $4, $5) ORDER BY raise_us DESC, number DESC, nth DESC " \
  "LIMIT $6"
constexpr sql::Statement kAll = {"ticket.supervision_list", BAIMI_SUPERVISIONS
                                 "county = $1 AND $2 = ''" BAIMI_SUPERVISIONS_PAGE};
constexpr sql::Statement kByUnit = {"ticket.supervision_list_by_unit", BAIMI_SUPERVISIONS
                                    "county = $1 AND unit = $2" BAIMI_SUPERVISIONS_PAGE};
constexpr sql::Statement kByTicket = {"ticket.supervision_list_by_ticket", BAIMI_SUPERVISIONS
                                      "county = $1 AND number = $2" BAIMI_SUPERVISIONS_PAGE};
constexpr sql::Statement kWaiting = {
    "ticket.supervision_list_waiting",
    BAIMI_SUPERVISIONS "county = $1 AND $2 = '' AND waits_us IS NOT NULL" BAIMI_SUPERVISIONS_PAGE};
#undef BAIMI_SUPERVISIONS_PAGE
#undef BAIMI_SUPERVISIONS

int64_t Micros(const google::protobuf::Timestamp& time) {
  return absl::ToUnixMicros(domain::FromProto(time));
}

bool Fits(const sql::Row& row, const v1::ListSupervisionsRequest& request,
          absl::string_view number) {
  const auto among = [](const auto& wanted, int64_t value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  };
  return (number.empty() || row.Text(1) == number) && among(request.levels(), row.Int64(3)) &&
         among(request.states(), row.Int64(4)) &&
         (request.unit().empty() || row.Text(5) == request.unit()) &&
         (!request.has_answer_due_before() ||
          (!row.IsNull(6) && row.Int64(6) <= Micros(request.answer_due_before())));
}

}  // namespace

absl::Status SupervisionStore::Update(sql::Tx& tx, const v1::Ticket& before,
                                      const v1::Ticket& after) {
  for (int i = 0; i < after.supervisions_size(); ++i) {
    const v1::Supervision& supervision = after.supervisions(i);
    if (i < before.supervisions_size() &&
        google::protobuf::util::MessageDifferencer::Equals(before.supervisions(i), supervision)) {
      continue;
    }
    const bool waits = !supervision.has_report() && !supervision.has_end_time();
    BAIMI_RETURN_IF_ERROR(
        tx.Execute(kSave, {domain::CountyOf(after.name()), LastSegment(after.name()), i + 1,
                           int64_t{supervision.level()}, int64_t{supervision.state()},
                           supervision.unit(), Micros(supervision.raise_time()),
                           waits ? sql::Param(Micros(supervision.answer_due_time()))
                                 : sql::Param(sql::Null{})})
            .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<SupervisionPage> SupervisionStore::List(sql::Reader& reader,
                                                       absl::string_view county,
                                                       const v1::ListSupervisionsRequest& request,
                                                       const SupervisionKey* below, int look_at) {
  static const SupervisionKey kNewest{std::numeric_limits<int64_t>::max(), "99999999-999999", 0};
  const SupervisionKey& from = below == nullptr ? kNewest : *below;
  const absl::string_view number = LastSegment(request.ticket());
  const sql::Statement* statement = &kAll;
  absl::string_view key;
  if (!number.empty()) {
    statement = &kByTicket;
    key = number;
  } else if (!request.unit().empty()) {
    statement = &kByUnit;
    key = request.unit();
  } else if (request.has_answer_due_before()) {
    statement = &kWaiting;
  }
  SupervisionPage page;
  int looked_at = 0;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(*statement, {county, key, from.raise_us, from.number, from.nth, look_at},
                   [&](const sql::Row& row) {
                     ++looked_at;
                     page.floor = {row.Int64(0), std::string(row.Text(1)), row.Int64(2)};
                     if (Fits(row, request, number)) {
                       page.keys.push_back(page.floor);
                     }
                     return absl::OkStatus();
                   }));
  page.more = looked_at == look_at;
  return page;
}

}  // namespace baimi::ticket::store
