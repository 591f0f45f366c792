// Checks a request against the options of its contract before the handler sees it.
#ifndef BAIMI_COMMON_RESOURCE_VALIDATE_H_
#define BAIMI_COMMON_RESOURCE_VALIDATE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace baimi::resource {

// More violations than these are not listed.
inline constexpr int kMaxViolations = 20;
// Of an update_mask. Each path costs a look at every field and a copy of the resource.
inline constexpr int kMaxMaskPaths = 100;

// First clears every OUTPUT_ONLY field, at any depth (AIP-203: ignored, not refused), then checks:
//   * google.api.field_behavior REQUIRED: texts, bytes, lists, maps and messages present and not
//     empty, enums not UNSPECIFIED, numbers not 0 (an `optional` one: present; bool is not
//     checked);
//   * baimi.options.v1.rule (see options.proto), for each element of a list; an absent or empty
//     text is checked by REQUIRED only; bounds hold for 0 too;
//   * enums: a value that the contract names; numbers: finite; page_size: not negative; texts:
//   UTF-8
//     without control characters but \n, \r and \t; Timestamp and Duration: in the range of their
//     types;
//   * without a rule: texts at most 256 code points, lists and maps 1,000 elements.
//
// What stands in a message field with [lazy = true] is left alone: the handler checks it, and may
// refuse one such message without refusing the call.
//
// In a request with a field `update_mask` (AIP-134) the messages beside it are partial, with `name`
// and `etag` kept even if OUTPUT_ONLY: without paths only what is populated is checked, and
// REQUIRED does not hold for the rest; with paths only what they name (REQUIRED too); with "*"
// everything. A mask has at most kMaxMaskPaths.
//
// `now`: a citizen id born after its Shanghai day is refused.
//
// INVALID_ARGUMENT with one violation for each fault, up to kMaxViolations, at paths such as
// "ticket.caller.phone" or "grids[2].code", each with got and want; the values of fields with a pii
// class are never repeated. The zh-CN message names the first one. One plan per type, made once.
// Thread-safe.
absl::Status Validate(google::protobuf::Message* request, absl::Time now);
// The same for a message that follows others of its call: of its top-level fields only those that
// are populated are checked.
absl::Status ValidatePopulated(google::protobuf::Message* request, absl::Time now);

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_VALIDATE_H_
