// What the closures of a group add to rows that count.
#ifndef BAIMI_COMMON_JOURNAL_SUMS_H_
#define BAIMI_COMMON_JOURNAL_SUMS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sql/database.h"

namespace baimi::journal::internal {

// One transaction's: a row is written when its value is first asked for and once more at
// the end, however often it is added to. A copy taken at a savepoint is what to go back to with it.
class Sums {
 public:
  // As sql::Tx says.
  absl::Status Add(const sql::Statement& statement, sql::Params key, int64_t delta);
  absl::StatusOr<int64_t> AddAndGet(sql::Tx& tx, const sql::Statement& statement, sql::Params key,
                                    int64_t delta);
  // Queues what is not in the database yet.
  absl::Status Write(sql::Tx& tx);

 private:
  struct Sum {
    const sql::Statement* statement = nullptr;
    std::vector<std::variant<int64_t, std::string>> key = {};
    // Not in the database yet.
    int64_t pending = 0;
    // What the row holds with that, once it was asked for.
    std::optional<int64_t> value = std::nullopt;
  };
  absl::StatusOr<Sum*> Find(const sql::Statement& statement, sql::Params key);

  // By the statement's name and the key.
  std::map<std::string, Sum> sums_;
};

}  // namespace baimi::journal::internal

#endif  // BAIMI_COMMON_JOURNAL_SUMS_H_
