// Cuts a message into what may stand in clear and what must be sealed (DESIGN.md §3.2), by the
// field option baimi.options.v1.pii.
#ifndef BAIMI_COMMON_PRIVACY_SPLIT_H_
#define BAIMI_COMMON_PRIVACY_SPLIT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace baimi::privacy {

// Both parts are the wire form of the message's own type; parsing `open` and merging `personal`
// gives the message back.
struct Parts {
  std::string open;
  // Empty when no personal field is set.
  std::string personal;
};

// True when the type, or any message type reachable from it, has a field with a pii class.
// Computed once per type. Thread-safe.
bool HasPii(const google::protobuf::Descriptor* type);

// The open part keeps every field without a pii class; the personal part has the others:
//   * a singular sub-message is cut in the same way and keeps its place in both parts (the open
//     part keeps it even when nothing is left in it, so presence is never lost);
//   * a repeated or map field whose element type has pii anywhere moves whole;
//   * a field of a type with pii that this build does not know moves too: it may be personal.
// Costs one serialization and one pass over its bytes; a type without pii costs the serialization
// only. INTERNAL when the message does not serialize (over 2 GiB).
// Thread-safe.
absl::StatusOr<Parts> Split(const google::protobuf::Message& message);

// The same on wire bytes of `type`. INTERNAL when they are not a message.
absl::StatusOr<Parts> SplitBytes(const google::protobuf::Descriptor* type, std::string bytes);

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_SPLIT_H_
