// What the rows of the search index are called: whole numbers that sort as counties and the numbers
// of their orders do, so that one range of them is a county, a day, or all before an order.
#ifndef BAIMI_SERVICES_TICKET_STORE_SEARCH_ID_H_
#define BAIMI_SERVICES_TICKET_STORE_SEARCH_ID_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::ticket::store {

// Numbers below `below` (empty: from the newest) and at least `from` (empty: to the oldest).
struct NumberRange {
  std::string below = {};
  std::string from = {};
};

// Of `number` as in "20261122-000123"; INTERNAL for what is none. Days before 2000 count as its
// first one.
absl::StatusOr<int64_t> SearchId(absl::string_view county, absl::string_view number);
std::string NumberOfSearchId(int64_t id);

// Of one county: `from` is in it, `below` is not.
struct SearchIds {
  int64_t from = 0;
  int64_t below = 0;
};
absl::StatusOr<SearchIds> SearchIdsOf(absl::string_view county, const NumberRange& range);

// Days since 2000-01-01 of the order's number.
int64_t DayOfSearchId(int64_t id);
// The first id that a day of the county of `id` may have.
int64_t FirstSearchIdOf(int64_t id, int64_t day);
// A word for all orders of that county from the 2^shift days that hold `day`. No text has it.
std::string DayWord(int64_t id, int64_t day, int shift);
// Those that WithWords asks for on PostgreSQL, least shift first.
inline constexpr int kDayShifts[] = {0, 3, 6, 9, 12};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_SEARCH_ID_H_
