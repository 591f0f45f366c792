// What validation must look at in one message type, read from its descriptor once.
#ifndef BAIMI_COMMON_RESOURCE_VALIDATE_PLAN_H_
#define BAIMI_COMMON_RESOURCE_VALIDATE_PLAN_H_

#include <cstdint>
#include <vector>

#include "baimi/options/v1/options.pb.h"
#include "google/protobuf/descriptor.h"

namespace baimi::resource {

struct TypePlan {
  enum class Kind : uint8_t {
    kMessage,
    kTimestamp,
    kDuration,
    // Whose content is checked where it is used: well-known types, and fields with [lazy = true].
    kOpaque,
  };

  struct Field {
    const google::protobuf::FieldDescriptor* field = nullptr;
    options::v1::FieldRule rule;
    // Of the message type inside; null for scalars.
    const TypePlan* nested = nullptr;
    // 0: no limit (bytes without a rule).
    int32_t max_len = 0;
    int32_t max_items = 0;
    bool required = false;
    bool output_only = false;
    bool identifying = false;
    bool personal = false;
    bool page_size = false;
    bool bounded = false;
  };

  Kind kind = Kind::kMessage;
  std::vector<Field> fields = {};
  // Set in requests of partial updates (AIP-134).
  const google::protobuf::FieldDescriptor* update_mask = nullptr;
};

// Thread-safe; the plan lives as long as the process.
const TypePlan* PlanOf(const google::protobuf::Descriptor* type);

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_VALIDATE_PLAN_H_
