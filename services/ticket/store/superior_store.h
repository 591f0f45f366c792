// The tables of superior platforms: their orders, what they are told, and how far that got. All
// methods run inside the caller's transaction and touch one county only, but Lease.
//
// Results are inserted off the write path, those of a county one after the other, and pushed by
// closures of the Writer; both sides lock a lane before they look what waits in it, so that none is
// left behind.
#ifndef BAIMI_SERVICES_TICKET_STORE_SUPERIOR_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_SUPERIOR_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/superior_results.pb.h"
#include "common/base/call.h"
#include "common/journal/alarm_clock.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// The projection that makes results.
inline constexpr char kSuperiorProjection[] = "ticket-superior-1";

struct SuperiorOrder {
  std::string platform = {};
  // The platform's own number.
  std::string number = {};
  // "20261122-000123".
  std::string ticket = {};
  // As the superior sent it, hashed; for whoever sends the number again.
  std::string digests = {};
};

struct ResultRow {
  v1::SuperiorResult result = {};
  privacy::KeyId key = privacy::kNoKey;
};

// How results of an order wait.
enum class Pending { kDone = 0, kPush = 1, kFetch = 2 };

struct Lane {
  std::string platform = {};
  int64_t stopped = 0;
  // When its next push is; nullopt: nothing waits, or it is stopped.
  std::optional<absl::Time> try_time = {};
};
inline constexpr int64_t kLaneStopped = 1;
inline constexpr int64_t kLaneResumed = 2;

// Stateless; thread-safe.
class SuperiorStore {
 public:
  // `vault` outlives the store.
  explicit SuperiorStore(const privacy::Vault* vault) : vault_(vault) {}

  // Orders.
  absl::StatusOr<std::optional<SuperiorOrder>> FindOrder(sql::Reader& reader,
                                                         absl::string_view county,
                                                         absl::string_view platform,
                                                         absl::string_view number) const;
  // False when the platform used the number before: nothing is written then.
  absl::StatusOr<bool> ClaimOrder(sql::Tx& tx, absl::string_view county,
                                  const SuperiorOrder& order) const;
  // The orders that are told what happens to `ticket`: itself, and those merged into it.
  absl::StatusOr<std::vector<SuperiorOrder>> ToldOf(sql::Reader& reader, absl::string_view county,
                                                    absl::string_view ticket) const;
  // "" when it goes on by itself.
  absl::Status FollowMerge(sql::Tx& tx, absl::string_view county, absl::string_view ticket,
                           absl::string_view into) const;

  // Platforms. What its key may see of personal data, as of its last call; the least before that.
  absl::Status NoteView(sql::Tx& tx, absl::string_view county, absl::string_view platform,
                        PiiView view) const;
  absl::StatusOr<PiiView> View(sql::Reader& reader, absl::string_view county,
                               absl::string_view platform) const;
  // Counts only what the platform's row says; `platform` alone for one without a row.
  absl::StatusOr<v1::SuperiorPlatformStatus> Status(sql::Reader& reader, absl::string_view county,
                                                    absl::string_view platform) const;

  // Results. Gives `result` the platform's next seq and its name, writes it, and puts it into the
  // order's lane when it is to be pushed.
  absl::Status Add(sql::Tx& tx, absl::string_view county, Pending pending, ResultRow* row) const;
  // NOT_FOUND when absent.
  absl::StatusOr<ResultRow> Load(sql::Reader& reader, absl::string_view county,
                                 absl::string_view platform, int64_t seq) const;
  // Behind `after`, oldest first.
  absl::StatusOr<std::vector<ResultRow>> List(sql::Reader& reader, absl::string_view county,
                                              absl::string_view platform, int64_t after,
                                              int limit) const;
  absl::Status SaveDelivery(sql::Tx& tx, absl::string_view county, Pending pending,
                            const ResultRow& row) const;

  // The platform has everything up to `up_to`, of which it said so up to `before`. Lanes that
  // waited for one of these go on at `now`.
  absl::Status Acknowledge(sql::Tx& tx, absl::string_view county, absl::string_view platform,
                           int64_t before, int64_t up_to, absl::Time now) const;
  // Stopped lanes of the platform go on at `now`, and those that wait without a time. Returns how
  // many.
  absl::StatusOr<int64_t> Resume(sql::Tx& tx, absl::string_view county, absl::string_view platform,
                                 absl::Time now) const;

  // Lanes. Locks the lane until the transaction ends.
  absl::StatusOr<std::optional<Lane>> LockLane(sql::Tx& tx, absl::string_view county,
                                               absl::string_view ticket) const;
  // The first result that waits to be pushed.
  absl::StatusOr<std::optional<ResultRow>> Next(sql::Reader& reader, absl::string_view county,
                                                absl::string_view ticket) const;
  // Also ends the lease.
  absl::Status SaveLane(sql::Tx& tx, absl::string_view county, absl::string_view ticket,
                        const Lane& lane) const;
  // Lanes of any county, by order, whose time has come: journal::AlarmClock::Lease.
  absl::StatusOr<std::vector<journal::Alarm>> Lease(sql::Tx& tx, absl::Time now, absl::Time until,
                                                    int limit) const;

 private:
  absl::Status Open(absl::string_view county, const sql::Row& row, ResultRow* out) const;

  const privacy::Vault* vault_;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_SUPERIOR_STORE_H_
