#include "services/ticket/store/search_id.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::ticket::store {
namespace {

constexpr int64_t kDayStep = 1'000'000;
constexpr int64_t kDays = 100'000;
constexpr int64_t kCountyStep = kDays * kDayStep;
constexpr absl::CivilDay kFirstDay(2000, 1, 1);

}  // namespace

absl::StatusOr<int64_t> SearchId(absl::string_view county, absl::string_view number) {
  int64_t code = 0;
  int64_t date = 0;
  int64_t count = 0;
  if (number.size() != 15 || !absl::SimpleAtoi(county, &code) ||
      !absl::SimpleAtoi(number.substr(0, 8), &date) ||
      !absl::SimpleAtoi(number.substr(9), &count)) {
    return Internal(absl::StrCat("search: \"", number, "\" is no number of an order"));
  }
  const absl::CivilDay day(date / 10'000, static_cast<int>(date / 100 % 100),
                           static_cast<int>(date % 100));
  const int64_t days = std::clamp<int64_t>(day - kFirstDay, 0, kDays - 1);
  return code * kCountyStep + days * kDayStep + count;
}

std::string NumberOfSearchId(int64_t id) {
  const absl::CivilDay day = kFirstDay + DayOfSearchId(id);
  return absl::StrFormat("%04d%02d%02d-%06d", day.year(), day.month(), day.day(), id % kDayStep);
}

int64_t DayOfSearchId(int64_t id) { return id % kCountyStep / kDayStep; }

int64_t FirstSearchIdOf(int64_t id, int64_t day) {
  return id / kCountyStep * kCountyStep + day * kDayStep;
}

std::string DayWord(int64_t id, int64_t day, int shift) {
  return absl::StrCat(shift, ".", id / kCountyStep, ".", day >> shift);
}

absl::StatusOr<SearchIds> SearchIdsOf(absl::string_view county, const NumberRange& range) {
  int64_t code = 0;
  if (!absl::SimpleAtoi(county, &code)) {
    return Internal(absl::StrCat("search: \"", county, "\" is no county"));
  }
  SearchIds ids{code * kCountyStep, (code + 1) * kCountyStep};
  if (!range.from.empty()) {
    BAIMI_ASSIGN_OR_RETURN(ids.from, SearchId(county, range.from));
  }
  if (!range.below.empty()) {
    BAIMI_ASSIGN_OR_RETURN(ids.below, SearchId(county, range.below));
  }
  return ids;
}

}  // namespace baimi::ticket::store
