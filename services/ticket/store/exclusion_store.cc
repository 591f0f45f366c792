#include "services/ticket/store/exclusion_store.h"

#include "common/base/status_macros.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kPut = {
    "exclusions.put",
    "INSERT INTO ticket_exclusions (county, number, state) VALUES ($1, $2, $3) "
    "ON CONFLICT (county, number) DO UPDATE SET state = $3"};
constexpr sql::Statement kList = {
    "exclusions.list",
    "SELECT number FROM ticket_exclusions WHERE county = $1 AND state = $2 AND number < $3 "
    "ORDER BY number DESC LIMIT $4"};

// Above every number.
constexpr char kNewest[] = "~";

}  // namespace

absl::Status ExclusionStore::Put(sql::Tx& tx, absl::string_view county, absl::string_view number,
                                 v1::ExclusionState state) const {
  return tx.Queue(kPut, {county, number, int64_t{state}});
}

absl::StatusOr<std::vector<std::string>> ExclusionStore::List(sql::Reader& reader,
                                                              absl::string_view county,
                                                              v1::ExclusionState state,
                                                              absl::string_view below,
                                                              int limit) const {
  std::vector<std::string> numbers;
  const absl::string_view from = below.empty() ? kNewest : below;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kList, {county, int64_t{state}, from, int64_t{limit}}, [&](const sql::Row& row) {
        numbers.emplace_back(row.Text(0));
        return absl::OkStatus();
      }));
  return numbers;
}

}  // namespace baimi::ticket::store
