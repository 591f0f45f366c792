#include "common/privacy/pii_class.h"

#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/unknown_field_set.h"

namespace baimi::privacy {

options::v1::PiiClass PiiClassOf(const google::protobuf::FieldDescriptor* field) {
  const auto& options = field->options();
  const options::v1::PiiClass known = options.GetExtension(options::v1::pii);
  if (known != options::v1::PII_CLASS_UNSPECIFIED) {
    return known;
  }
  const auto& unknown = options.unknown_fields();
  for (int i = 0; i < unknown.field_count(); ++i) {
    if (unknown.field(i).number() == options::v1::kPiiFieldNumber) {
      return kUnknownPiiClass;
    }
  }
  return options::v1::PII_CLASS_UNSPECIFIED;
}

}  // namespace baimi::privacy
