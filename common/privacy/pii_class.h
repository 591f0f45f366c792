// The pii class of a field, read so that nothing personal is missed.
#ifndef BAIMI_COMMON_PRIVACY_PII_CLASS_H_
#define BAIMI_COMMON_PRIVACY_PII_CLASS_H_

#include "baimi/options/v1/options.pb.h"
#include "google/protobuf/descriptor.h"

namespace baimi::privacy {

// Stands for a class that this build does not know.
inline constexpr auto kUnknownPiiClass = static_cast<options::v1::PiiClass>(-1);

// The class of `field`; UNSPECIFIED when it has none. A contract built with a later list of classes
// carries the option as an unknown field: that gives kUnknownPiiClass, never UNSPECIFIED.
options::v1::PiiClass PiiClassOf(const google::protobuf::FieldDescriptor* field);

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_PII_CLASS_H_
