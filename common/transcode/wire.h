// The few protobuf wire primitives the transcoder writes and reads by hand.
#ifndef BAIMI_COMMON_TRANSCODE_WIRE_H_
#define BAIMI_COMMON_TRANSCODE_WIRE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace baimi::transcode {

enum class WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void AppendVarint(uint64_t value, std::string& wire);
void AppendTag(int field_number, WireType type, std::string& wire);
void AppendFixed32(uint32_t value, std::string& wire);
void AppendFixed64(uint64_t value, std::string& wire);
// Tag, length, content.
void AppendBytes(int field_number, absl::string_view content, std::string& wire);

// The concatenated contents of all occurrences of a length-delimited field, which for a message
// field is the merged message. "" when absent, nullopt when `wire` is not valid wire format.
std::optional<std::string> MergedBytesField(absl::string_view wire, int field_number);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_WIRE_H_
