// Partial update (AIP-134).
#ifndef BAIMI_COMMON_RESOURCE_UPDATE_H_
#define BAIMI_COMMON_RESOURCE_UPDATE_H_

#include "absl/status/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace baimi::resource {

// Copies into `current` the fields of `update` that `mask` names; both have one type.
//   * no paths: every field that is populated in `update`, OUTPUT_ONLY ones left out;
//   * "*": every field, so that what is not populated is cleared; OUTPUT_ONLY and IMMUTABLE ones
//   and
//     `name` and `etag` stay as they are;
//   * else exactly the paths; "place.address" names one field of a singular sub-message; a repeated
//     or map field is replaced whole.
// Paths are matched in snake_case. `name` and `etag` are never changed. INVALID_ARGUMENT at
// "update_mask" for an unknown path, for a path through a repeated field, for "*" among others, and
// for an OUTPUT_ONLY or IMMUTABLE field; with no paths, at the field, when an IMMUTABLE one is
// populated with another value. `current` is unchanged after an error. Thread-safe.
absl::Status ApplyUpdate(const google::protobuf::Message& update,
                         const google::protobuf::FieldMask& mask,
                         google::protobuf::Message* current);

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_UPDATE_H_
