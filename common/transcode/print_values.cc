#include "common/transcode/print_values.h"

#include <cstring>
#include <limits>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace baimi::transcode {
namespace {

using google::protobuf::internal::WireFormatLite;

uint32_t WireTypeOf(Form form) {
  switch (form) {
    case Form::kFixed32:
    case Form::kSfixed32:
    case Form::kFloat:
      return WireFormatLite::WIRETYPE_FIXED32;
    case Form::kFixed64:
    case Form::kSfixed64:
    case Form::kDouble:
      return WireFormatLite::WIRETYPE_FIXED64;
    case Form::kString:
    case Form::kBytes:
    case Form::kMessage:
    case Form::kTimestamp:
    case Form::kDuration:
    case Form::kFieldMask:
    case Form::kWrapper:
      return WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    default:
      return WireFormatLite::WIRETYPE_VARINT;
  }
}

bool ReadVarint(absl::string_view* in, uint64_t* value) {
  *value = 0;
  for (size_t i = 0; i < in->size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>((*in)[i]);
    *value |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      in->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

template <typename T>
bool ReadFixed(absl::string_view* in, uint64_t* value) {
  T fixed;
  if (in->size() < sizeof(fixed)) {
    return false;
  }
  std::memcpy(&fixed, in->data(), sizeof(fixed));
  in->remove_prefix(sizeof(fixed));
  *value = fixed;
  return true;
}

// The value behind a tag; groups are stepped over.
bool ReadValue(uint32_t tag, absl::string_view* in, Raw* raw) {
  switch (WireFormatLite::GetTagWireType(tag)) {
    case WireFormatLite::WIRETYPE_VARINT:
      return ReadVarint(in, &raw->number);
    case WireFormatLite::WIRETYPE_FIXED64:
      return ReadFixed<uint64_t>(in, &raw->number);
    case WireFormatLite::WIRETYPE_FIXED32:
      return ReadFixed<uint32_t>(in, &raw->number);
    case WireFormatLite::WIRETYPE_LENGTH_DELIMITED: {
      uint64_t size = 0;
      if (!ReadVarint(in, &size) || size > in->size()) {
        return false;
      }
      raw->bytes = in->substr(0, size);
      in->remove_prefix(size);
      return true;
    }
    default: {
      google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(in->data()),
                                                    static_cast<int>(in->size()));
      if (!WireFormatLite::SkipField(&stream, tag)) {
        return false;
      }
      in->remove_prefix(static_cast<size_t>(stream.CurrentPosition()));
      return true;
    }
  }
}

}  // namespace

bool PrintValues::Read(const PrintPlan& plan, absl::string_view wire) {
  while (!wire.empty()) {
    uint64_t tag = 0;
    Raw raw;
    if (!ReadVarint(&wire, &tag) || tag > std::numeric_limits<uint32_t>::max() || tag < 8 ||
        !ReadValue(static_cast<uint32_t>(tag), &wire, &raw)) {
      return false;
    }
    const int field = plan.Find(static_cast<uint32_t>(tag >> 3));
    if (field >= 0 && !Take(plan.fields[static_cast<size_t>(field)], field,
                            static_cast<uint32_t>(tag & 7), raw)) {
      return false;
    }
  }
  return true;
}

bool PrintValues::Take(const PrintPlan::Field& field, int index, uint32_t wire_type,
                       const Raw& raw) {
  const uint32_t want = WireTypeOf(field.form);
  if (wire_type == want) {
    Push(index, raw);
    return true;
  }
  if (!field.repeated || wire_type != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
    return true;
  }
  absl::string_view packed = raw.bytes;
  while (!packed.empty()) {
    Raw element;
    if (!ReadValue(want, &packed, &element)) {
      return false;
    }
    Push(index, element);
  }
  return true;
}

void PrintValues::Push(int field, const Raw& raw) {
  const int at = static_cast<int>(values_.size());
  values_.push_back({raw, -1});
  int& last = last_[static_cast<size_t>(field)];
  (last < 0 ? first_[static_cast<size_t>(field)] : values_[static_cast<size_t>(last)].next) = at;
  last = at;
}

}  // namespace baimi::transcode
