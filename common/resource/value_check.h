// Checks of single values against the rule of their field.
#ifndef BAIMI_COMMON_RESOURCE_VALUE_CHECK_H_
#define BAIMI_COMMON_RESOURCE_VALUE_CHECK_H_

#include "absl/time/time.h"
#include "common/resource/validate_plan.h"
#include "common/resource/violations.h"
#include "google/protobuf/message.h"

namespace baimi::resource {

// A scalar: the field's value, or the element at place.index of a list. An empty text of a singular
// field without presence counts as absent.
void CheckScalar(const TypePlan::Field& field, const google::protobuf::Message& message,
                 const FieldPlace& place, absl::Time now, Violations& violations);

// A Timestamp or Duration in `value`.
void CheckWellKnown(TypePlan::Kind kind, const google::protobuf::Message& value,
                    const FieldPlace& place, Violations& violations);

// REQUIRED, if the field is.
void CheckRequired(const TypePlan::Field& field, const google::protobuf::Message& message,
                   const FieldPlace& place, Violations& violations);

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_VALUE_CHECK_H_
