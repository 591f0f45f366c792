// Protobuf wire bytes to JSON by a plan made once per message type: no parsing into messages, no
// reflection, no look-ups by name.
#ifndef BAIMI_COMMON_TRANSCODE_MESSAGE_PRINTER_H_
#define BAIMI_COMMON_TRANSCODE_MESSAGE_PRINTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace baimi::transcode {

struct PrintPlan;

// The JSON of protobuf's own printer with every field printed: fields in the order of the contract
// under their lowerCamelCase names, enums by name (by number when it has none), 64-bit integers as
// strings, bytes in base64, Timestamp, Duration, FieldMask and the wrappers in their JSON forms.
// Fields without a value are printed, but not unset messages and fields with presence.
//
// Immutable after the last Add; Print is thread-safe and takes no lock.
class MessagePrinter {
 public:
  MessagePrinter();
  ~MessagePrinter();
  MessagePrinter(const MessagePrinter&) = delete;
  MessagePrinter& operator=(const MessagePrinter&) = delete;

  // Prepares `type` and all that it holds. False when Struct, Value, ListValue or Any is among it,
  // or `type` itself has a JSON form of its own: this class does not print those.
  bool Add(const google::protobuf::Descriptor* type);

  // Appends the JSON of `wire`, a message of `type`, for which Add gave true. False when `wire` is
  // not that message, holds a time out of range, or is nested deeper than 100; `out` then holds
  // some of it. Unknown fields and those of another wire type than the contract's are left out,
  // bytes in strings that are not UTF-8 become U+FFFD.
  bool Print(const google::protobuf::Descriptor* type, absl::string_view wire,
             std::string* out) const;

 private:
  const PrintPlan* Make(const google::protobuf::Descriptor* type);

  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<PrintPlan>> plans_;
};

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_MESSAGE_PRINTER_H_
