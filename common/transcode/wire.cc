#include "common/transcode/wire.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace baimi::transcode {

using google::protobuf::internal::WireFormatLite;

void AppendVarint(uint64_t value, std::string& wire) {
  while (value >= 0x80) {
    wire.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  wire.push_back(static_cast<char>(value));
}

void AppendTag(int field_number, WireType type, std::string& wire) {
  AppendVarint((static_cast<uint64_t>(field_number) << 3) | static_cast<uint64_t>(type), wire);
}

void AppendFixed32(uint32_t value, std::string& wire) {
  for (int i = 0; i < 4; ++i, value >>= 8) {
    wire.push_back(static_cast<char>(value));
  }
}

void AppendFixed64(uint64_t value, std::string& wire) {
  for (int i = 0; i < 8; ++i, value >>= 8) {
    wire.push_back(static_cast<char>(value));
  }
}

void AppendBytes(int field_number, absl::string_view content, std::string& wire) {
  AppendTag(field_number, WireType::kBytes, wire);
  AppendVarint(content.size(), wire);
  wire.append(content.data(), content.size());
}

std::optional<std::string> MergedBytesField(absl::string_view wire, int field_number) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(wire.data()),
                                               static_cast<int>(wire.size()));
  std::string merged;
  while (true) {
    const uint32_t tag = input.ReadTag();
    if (tag == 0) {
      return input.ConsumedEntireMessage() ? std::optional(std::move(merged)) : std::nullopt;
    }
    const bool wanted =
        WireFormatLite::GetTagFieldNumber(tag) == field_number &&
        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (!wanted) {
      if (!WireFormatLite::SkipField(&input, tag)) {
        return std::nullopt;
      }
      continue;
    }
    uint32_t size = 0;
    std::string part;
    if (!input.ReadVarint32(&size) || !input.ReadString(&part, static_cast<int>(size))) {
      return std::nullopt;
    }
    merged += part;
  }
}

}  // namespace baimi::transcode
