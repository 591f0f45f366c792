#include "common/resource/behavior.h"

namespace baimi::resource {

bool HasBehavior(const google::protobuf::FieldDescriptor* field,
                 google::api::FieldBehavior behavior) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) {
      return true;
    }
  }
  return false;
}

bool IsIdentifying(const google::protobuf::FieldDescriptor* field) {
  return field->name() == "name" || field->name() == "etag";
}

}  // namespace baimi::resource
