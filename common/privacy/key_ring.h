// Data keys: one for each resource that holds personal data, so that a lawful deletion destroys one
// key and with it every sealed copy in rows, journal and backups (DESIGN.md §3.2).
#ifndef BAIMI_COMMON_PRIVACY_KEY_RING_H_
#define BAIMI_COMMON_PRIVACY_KEY_RING_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/privacy/master_keys.h"
#include "common/sql/database.h"
#include "common/sql/migrate.h"

namespace baimi::privacy {

// Names a data key; stored in clear beside what it seals. Positive, never reused.
using KeyId = int64_t;
// No key: allowed only where nothing personal is sealed.
inline constexpr KeyId kNoKey = 0;

// The tables of the key database, component "privacy". The database holds nothing else: its file is
// backed up and destroyed on its own.
absl::Span<const sql::Migration> KeyRingMigrations();

struct KeyRingOptions {
  // Keys committed in advance, at once. A restart wastes what was not handed out.
  int batch = 256;
  // Unwrapped keys held in memory, least recently used out first.
  size_t cache_keys = 32768;
  // A cached key older than this is read again: bounds how long another replica goes on opening
  // after a Destroy.
  absl::Duration cache_ttl = absl::Minutes(1);
  // Longest wait of any call for the database.
  absl::Duration timeout = absl::Seconds(5);
};

// Thread-safe. Owns one thread that fills the stock of new keys before it runs out.
class KeyRing {
 public:
  // `database` must be migrated and outlive the ring, as must `clock` and `rng`.
  // FAILED_PRECONDITION when its newest key is not under one of `masters`.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(sql::Database* database, MasterKeys masters,
                                                       const Clock* clock, Rng* rng,
                                                       const KeyRingOptions& options);
  virtual ~KeyRing() = default;

  // A fresh key, already durable. Costs a commit once in `batch` calls, on the ring's own thread;
  // waits only when the stock is empty. Safe inside a write closure of another database.
  virtual absl::StatusOr<KeyId> NewKey() = 0;

  // The 32 bytes. FAILED_PRECONDITION DATA_SHREDDED when destroyed, INTERNAL when there is no such
  // key or it does not unwrap.
  virtual absl::StatusOr<std::string> Get(KeyId id) = 0;

  // True when Get has the key in memory and will not wait for the database. For callers on a thread
  // that must not wait.
  virtual bool Holds(KeyId id) = 0;

  // Crypto-shredding: the stored key is erased, the memory copy dropped; from now on Get
  // gives DATA_SHREDDED, here at once and on other replicas within cache_ttl. Doing it twice is OK
  // and keeps the first time. NOT_FOUND when there is no such key. An SQLite file holds no trace of
  // it once closed; on PostgreSQL the wrapped key stands in the table's file until the next VACUUM,
  // and in the write-ahead log and backups until they are dropped.
  virtual absl::Status Destroy(KeyId id) = 0;

  // How often this process destroyed a key: who keeps something opened compares it.
  virtual int64_t destructions() const = 0;

  // Wraps every key that is under another master key anew under the current one, in small
  // transactions; safe to run while serving and to repeat. Returns how many it changed.
  virtual absl::StatusOr<int64_t> Rewrap() = 0;

  virtual const MasterKeys& masters() const = 0;
};

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_KEY_RING_H_
