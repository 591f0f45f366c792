// google.api.field_behavior of a field.
#ifndef BAIMI_COMMON_RESOURCE_BEHAVIOR_H_
#define BAIMI_COMMON_RESOURCE_BEHAVIOR_H_

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"

namespace baimi::resource {

bool HasBehavior(const google::protobuf::FieldDescriptor* field,
                 google::api::FieldBehavior behavior);

// `name` and `etag` of a resource: they say which version of which one, and are never updated.
bool IsIdentifying(const google::protobuf::FieldDescriptor* field);

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_BEHAVIOR_H_
