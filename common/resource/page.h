// Paging (AIP-158): sizes, and tokens that only we can make and that fit one query only.
#ifndef BAIMI_COMMON_RESOURCE_PAGE_H_
#define BAIMI_COMMON_RESOURCE_PAGE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "google/protobuf/message.h"

namespace baimi::resource {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;

// 0 gives the default, more than the maximum the maximum; INVALID_ARGUMENT when negative.
absl::StatusOr<int> PageSize(int32_t requested);

// What a token is bound to: it is refused when any of these differs.
struct PageQuery {
  // Full method name.
  std::string method;
  // Hash of the request without page_size and page_token: parent, filters, order.
  std::string fingerprint;
};

// Fingerprints the request of a List method. Works for every request type; the fields page_size and
// page_token are left out wherever they exist at the top level.
PageQuery PageQueryOf(absl::string_view method, const google::protobuf::Message& request);

// Where the next page begins: the order key of the last row sent, field by field.
struct PageCursor {
  std::vector<std::string> last_key;
};

// AES-256-GCM tokens in base64url: nobody can read or change one. Thread-safe.
class PageTokens {
 public:
  // `key` has 32 bytes, shared by the replicas of a service. Both pointers must outlive it.
  // A token is good for `lifetime`.
  PageTokens(std::string key, const Clock* clock, Rng* rng,
             absl::Duration lifetime = absl::Hours(24));

  std::string Make(const PageQuery& query, const PageCursor& cursor) const;

  // An empty token gives an empty cursor: the first page. INVALID_ARGUMENT with reason
  // BAD_PAGE_TOKEN when it is forged, changed, of another query, or older than its lifetime.
  absl::StatusOr<PageCursor> Read(const PageQuery& query, absl::string_view token) const;

 private:
  const std::string key_;
  const Clock* const clock_;
  Rng* const rng_;
  const absl::Duration lifetime_;
};

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_PAGE_H_
