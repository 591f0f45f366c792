// The key table: wrapped data keys and how they are wrapped.
#ifndef BAIMI_COMMON_PRIVACY_KEY_STORE_H_
#define BAIMI_COMMON_PRIVACY_KEY_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/random.h"
#include "common/privacy/master_keys.h"
#include "common/sql/database.h"

namespace baimi::privacy {

struct DataKey {
  int64_t id;
  std::string bytes;  // 32.
};

// Stateless over the database, so thread-safe. Every call is one transaction.
class KeyStore {
 public:
  // All must outlive the store. `timeout` bounds every call.
  KeyStore(sql::Database* database, const MasterKeys* masters, Rng* rng, absl::Duration timeout)
      : database_(database), masters_(masters), rng_(rng), timeout_(timeout) {}

  // Commits `count` new keys under the current master.
  absl::StatusOr<std::vector<DataKey>> Create(int count, absl::Time now);
  // FAILED_PRECONDITION when the newest key does not unwrap: another installation's master key,
  // which would wrap new keys beside those that it can not open.
  absl::Status Check();
  // DATA_SHREDDED when destroyed; INTERNAL when absent or not unwrapping.
  absl::StatusOr<std::string> Load(int64_t id);
  // NOT_FOUND when absent; OK and no change when destroyed before.
  absl::Status Destroy(int64_t id, absl::Time now);
  // Rewraps up to `limit` keys with id > `after` that are not under the current master; moves
  // `after` to the last one seen. Returns how many.
  absl::StatusOr<int64_t> Rewrap(int64_t& after, int limit);

 private:
  std::string Wrap(int64_t id, absl::string_view key);
  absl::StatusOr<std::string> Unwrap(int64_t id, absl::string_view master_id,
                                     absl::string_view wrapped) const;
  sql::Options Bounded() const;

  sql::Database* database_;
  const MasterKeys* masters_;
  Rng* rng_;
  absl::Duration timeout_;
};

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_KEY_STORE_H_
