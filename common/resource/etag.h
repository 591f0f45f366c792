// Etags (AIP-154): "v<row version>", never a content hash, since masks differ per caller.
#ifndef BAIMI_COMMON_RESOURCE_ETAG_H_
#define BAIMI_COMMON_RESOURCE_ETAG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace baimi::resource {

// `version` >= 1.
std::string Etag(int64_t version);

// Of "v12" or, as HTTP writes it, "\"v12\""; nullopt of anything else.
std::optional<int64_t> ParseEtag(absl::string_view etag);

// OK when `sent` is "" or "*" (no check) or names `version`; INVALID_ARGUMENT when it is no etag;
// otherwise ABORTED with reason ETAG_MISMATCH.
absl::Status CheckEtag(absl::string_view sent, int64_t version);

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_ETAG_H_
