// The tables of the ticket service: orders, policies, counts, day counters. All methods run inside
// the caller's transaction and touch one county only, but LeaseAlarms and Counties.
#ifndef BAIMI_SERVICES_TICKET_STORE_TICKET_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_TICKET_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "common/base/call.h"
#include "common/journal/alarm_clock.h"
#include "common/journal/writer.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"
#include "common/sql/migrate.h"

namespace baimi::ticket::store {

// Component "ticket".
absl::Span<const sql::Migration> TicketMigrations();

// A stored order: the message, and what only the store needs.
struct TicketRow {
  v1::Ticket ticket = {};
  privacy::KeyId key = privacy::kNoKey;
  // County sequence of the last change: the version of cached copies.
  int64_t seq = 0;
};

// Which part of a list is wanted, newest first.
struct ListPart {
  // Only orders with a smaller number; empty: from the newest.
  std::string below = {};
  int limit = 50;
  // Rows that may be looked at while a filter that no index answers alone is checked on them: what
  // bounds the time of any filter over any number of orders. At least `limit` are looked at.
  int look_at = 1000;
};

struct TicketPage {
  std::vector<TicketRow> rows;
  // ListPart.below of what follows; empty when nothing does. A page that stopped at `look_at` is
  // short, perhaps empty, and has one.
  std::string next;
};

// Stateless; thread-safe.
class TicketStore {
 public:
  // `vault` outlives the store.
  explicit TicketStore(const privacy::Vault* vault) : vault_(vault) {}

  // The next number of the day, "20261122-000123"; gaps stay when the transaction is undone, none
  // is given twice. RESOURCE_EXHAUSTED after 999 999 on one day.
  absl::StatusOr<std::string> NextNumber(sql::Tx& tx, absl::string_view county,
                                         absl::Time now) const;

  // NOT_FOUND when absent or outside `scope`.
  absl::StatusOr<TicketRow> Load(sql::Reader& reader, absl::string_view name,
                                 const RowScope& scope) const;

  // The stored form that Load reads, for caches: personal fields stay sealed.
  absl::StatusOr<std::string> LoadSealed(sql::Reader& reader, absl::string_view name,
                                         int64_t* seq) const;
  // The data key of what LoadSealed gave.
  static privacy::KeyId KeyOf(absl::string_view stored);
  // Opens what LoadSealed gave; checks `scope` as Load does.
  absl::StatusOr<TicketRow> Unseal(absl::string_view name, absl::string_view stored,
                                   const RowScope& scope) const;

  absl::Status Insert(sql::Tx& tx, const TicketRow& row) const;
  // Writes `after` over `before`, which was read in this transaction.
  absl::Status Update(sql::Tx& tx, const TicketRow& before, const TicketRow& after) const;

  // The orders that fit every filter of `request` and the scope; with `caller_phone` only those of
  // that caller. Follows one index, so that nothing is scanned or sorted.
  absl::StatusOr<TicketPage> List(sql::Reader& reader, absl::string_view county,
                                  const v1::ListTicketsRequest& request, const RowScope& scope,
                                  const ListPart& part, absl::string_view caller_phone = "") const;

  // Of the orders `numbers`, in their order, those that fit every filter of `request` and the
  // scope.
  absl::StatusOr<std::vector<TicketRow>> Among(sql::Reader& reader, absl::string_view county,
                                               const std::vector<std::string>& numbers,
                                               const v1::ListTicketsRequest& request,
                                               const RowScope& scope) const;
  // Numbers above `number` of the category, newest first.
  absl::StatusOr<std::vector<std::string>> FiledAfter(sql::Reader& reader, absl::string_view county,
                                                      absl::string_view category,
                                                      absl::string_view number, int limit) const;

  // The orders that were merged into `name`, at most `limit`, oldest first.
  absl::StatusOr<std::vector<TicketRow>> MergedInto(sql::Reader& reader, absl::string_view name,
                                                    int limit) const;

  // By lead and state, ordered; only non-zero ones.
  absl::StatusOr<v1::TicketCounts> Counts(sql::Reader& reader, absl::string_view county,
                                          absl::string_view lead) const;

  // Numbers of orders that have an open clock with a provisional due time, at most `limit` above
  // `after`, in order.
  absl::StatusOr<std::vector<std::string>> Provisional(sql::Reader& reader,
                                                       absl::string_view county,
                                                       absl::string_view after, int limit) const;

  // Orders of any county, by number, whose alarm has come: see journal::AlarmClock::Lease. Writing
  // a row ends its lease.
  absl::StatusOr<std::vector<journal::Alarm>> LeaseAlarms(sql::Tx& tx, absl::Time now,
                                                          absl::Time until, int limit) const;

  // Policies. The version in force at `at`; 0 when there is none.
  absl::StatusOr<int32_t> PolicyVersionAt(sql::Reader& reader, absl::string_view county,
                                          absl::Time at) const;
  // The same at the closure's own time; asks the database once a transaction.
  absl::StatusOr<int32_t> PolicyVersionNow(journal::Tx& tx) const;
  // The newest version whether in force or not; 0 when there is none.
  absl::StatusOr<int32_t> LatestPolicyVersion(sql::Reader& reader, absl::string_view county) const;
  absl::StatusOr<v1::TicketPolicy> LoadPolicy(sql::Reader& reader, absl::string_view county,
                                              int32_t version) const;
  absl::Status InsertPolicy(sql::Tx& tx, absl::string_view county,
                            const v1::TicketPolicy& policy) const;
  // The same in the closure's county.
  absl::Status InsertPolicy(journal::Tx& tx, const v1::TicketPolicy& policy) const;
  // Versions below `below` (0: from the newest), newest first.
  absl::StatusOr<std::vector<v1::TicketPolicy>> ListPolicies(sql::Reader& reader,
                                                             absl::string_view county,
                                                             int32_t below, int limit) const;
  // Counties that have orders with provisional clocks.
  absl::StatusOr<std::vector<std::string>> Counties(sql::Reader& reader) const;

  // 16 bytes to look a caller up by; "" for what is no phone number.
  std::string CallerIndex(absl::string_view phone) const;

 private:
  // The whole row.
  absl::Status Write(sql::Tx& tx, const TicketRow& row, bool is_new) const;
  // Of an order that is still found by what it was filed with.
  absl::Status Progress(sql::Tx& tx, const TicketRow& row, bool same_lead) const;

  const privacy::Vault* vault_;
};

// The code of the order's grid, else of its area; "" when neither is known. What scopes go by.
absl::string_view PlaceCode(const v1::Ticket& ticket);
// True when the scope covers the order: its place, its lead or a helper; never for a unit that is
// recused (§1.10).
bool InScope(const v1::Ticket& ticket, const RowScope& scope);

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_TICKET_STORE_H_
