// The tables of exports: what became of each, and the numbers of the orders that it found. The
// filter's personal words are sealed.
#ifndef BAIMI_SERVICES_TICKET_STORE_EXPORT_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_EXPORT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/exports.pb.h"
#include "common/journal/alarm_clock.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// One export, and what only the store needs.
struct ExportRow {
  v1::ExportWork work = {};
  // Grows with every lease and every change from outside: a worker whose attempt was overtaken
  // writes nothing more.
  int64_t attempt = 0;
};

// Where a list goes on: the last one shown.
struct ExportKey {
  int64_t create_us = 0;
  std::string id = {};
};

// Stateless; thread-safe.
class ExportStore {
 public:
  // `vault` outlives the store.
  explicit ExportStore(const privacy::Vault* vault) : vault_(vault) {}

  // `alarm`: when the worker looks at it first.
  absl::Status Insert(sql::Tx& tx, const v1::ExportWork& work, absl::Time alarm) const;
  // NOT_FOUND when absent.
  absl::StatusOr<ExportRow> Load(sql::Reader& reader, absl::string_view name) const;
  // Writes `work` if its attempt is still `attempt`, and ends the lease; ABORTED otherwise. `alarm`
  // as above.
  absl::Status Update(sql::Tx& tx, const v1::ExportWork& work, int64_t attempt,
                      absl::Time alarm) const;
  // Holds the lease until `until`; ABORTED when the attempt is another one.
  absl::Status Renew(sql::Tx& tx, absl::string_view name, int64_t attempt, absl::Time until) const;
  // As Update, but from outside of the worker: overtakes its attempt.
  absl::Status Overtake(sql::Tx& tx, const v1::ExportWork& work, absl::Time alarm) const;
  // With its pages; ABORTED when the attempt is another one.
  absl::Status Delete(sql::Tx& tx, absl::string_view name, int64_t attempt) const;

  // The numbers of page `page`, counted from 0; a page that is there already is written over.
  absl::Status PutPage(sql::Tx& tx, absl::string_view name, int page,
                       const std::vector<std::string>& numbers) const;
  // NOT_FOUND when absent.
  absl::StatusOr<std::vector<std::string>> LoadPage(sql::Reader& reader, absl::string_view name,
                                                    int page) const;

  // Of one requester, newest first, at most `limit` behind `after` (from the newest without an id);
  // without those that are being removed.
  absl::StatusOr<std::vector<v1::ExportWork>> List(sql::Reader& reader, absl::string_view county,
                                                   absl::string_view requester,
                                                   const ExportKey& after, int limit) const;
  // That are not done.
  absl::StatusOr<int> Running(sql::Reader& reader, absl::string_view county) const;

  // Exports of any county whose time has come, as "<id>/<attempt>": journal::AlarmClock::Lease.
  absl::StatusOr<std::vector<journal::Alarm>> Lease(sql::Tx& tx, absl::Time now, absl::Time until,
                                                    int limit) const;

 private:
  const privacy::Vault* vault_;
};

std::string ExportName(absl::string_view county, absl::string_view id);

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_EXPORT_STORE_H_
