// How messages of one type are printed: what MessagePrinter and the reader of its values share.
#ifndef BAIMI_COMMON_TRANSCODE_PRINT_PLAN_H_
#define BAIMI_COMMON_TRANSCODE_PRINT_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/descriptor.h"

namespace baimi::transcode {

// How one value is written.
enum class Form : uint8_t {
  kInt32,
  kSint32,
  kUint32,
  kFixed32,
  kSfixed32,
  kInt64,
  kSint64,
  kUint64,
  kFixed64,
  kSfixed64,
  kFloat,
  kDouble,
  kBool,
  kEnum,
  kString,
  kBytes,
  kMessage,
  kTimestamp,
  kDuration,
  kFieldMask,
  kWrapper,
};

struct PrintPlan {
  struct Field {
    // With quotes and colon.
    std::string key;
    Form form;
    bool repeated = false;
    bool map = false;
    // Printed without a value.
    bool always = true;
    // Of a message, of a wrapper, of a map's entry.
    const PrintPlan* nested = nullptr;
    const google::protobuf::EnumDescriptor* enumeration = nullptr;
  };
  // Index of a field, or -1.
  int Find(uint32_t number) const {
    if (number < dense.size()) {
      return dense[number];
    }
    const auto found = sparse.find(number);
    return found == sparse.end() ? -1 : found->second;
  }

  std::vector<Field> fields;
  std::vector<int> dense;
  absl::flat_hash_map<uint32_t, int> sparse;
};

// Of a field that is no message.
Form ScalarFormOf(const google::protobuf::FieldDescriptor& field);
// kMessage for what has no form of its own.
Form MessageForm(const google::protobuf::Descriptor& type);
// Nothing of unknown shape in the type or in what it holds.
bool Printable(const google::protobuf::Descriptor& type);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_PRINT_PLAN_H_
