// Pages of what is listed by id, newest first, where a call looks at no more than some rows.
#ifndef BAIMI_SERVICES_TICKET_API_ID_PAGES_H_
#define BAIMI_SERVICES_TICKET_API_ID_PAGES_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "common/base/error.h"
#include "common/resource/page.h"
#include "services/ticket/store/knowledge_store.h"

namespace baimi::ticket::api {

// Rows of one answer that are looked at, at most.
inline constexpr size_t kLookAt = 300;

// Where a page of a list by id begins; 0 at the newest.
inline absl::StatusOr<int64_t> BelowOf(const resource::PageCursor& cursor) {
  int64_t below = 0;
  if (!cursor.last_key.empty() && !absl::SimpleAtoi(cursor.last_key[0], &below)) {
    return Internal("page token: an id that is no number");
  }
  return below;
}

// The rows that fit go to `take`, `size` at most. Returns the id below which the next page begins;
// 0 when there is none.
template <typename Row>
int64_t TakePage(const std::vector<Row>& rows, int size, absl::FunctionRef<bool(const Row&)> fits,
                 absl::FunctionRef<void(const Row&)> take) {
  int taken = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!fits(rows[i])) {
      continue;
    }
    take(rows[i]);
    if (++taken == size && i + 1 < rows.size()) {
      return store::KnowledgeId(rows[i].name());
    }
  }
  return rows.size() < kLookAt ? 0 : store::KnowledgeId(rows.back().name());
}

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_ID_PAGES_H_
