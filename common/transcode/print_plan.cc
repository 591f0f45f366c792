#include "common/transcode/print_plan.h"

#include "absl/container/flat_hash_set.h"

namespace baimi::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

bool Known(const Descriptor* type, absl::flat_hash_set<const Descriptor*>& seen) {
  if (!seen.insert(type).second) {
    return true;
  }
  const std::string& name = type->full_name();
  if (name == "google.protobuf.Struct" || name == "google.protobuf.Value" ||
      name == "google.protobuf.ListValue" || name == "google.protobuf.Any") {
    return false;
  }
  for (int i = 0; i < type->field_count(); ++i) {
    const Descriptor* nested = type->field(i)->message_type();
    if (nested != nullptr && !Known(nested, seen)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Form ScalarFormOf(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_INT32:
      return Form::kInt32;
    case FieldDescriptor::TYPE_SINT32:
      return Form::kSint32;
    case FieldDescriptor::TYPE_UINT32:
      return Form::kUint32;
    case FieldDescriptor::TYPE_FIXED32:
      return Form::kFixed32;
    case FieldDescriptor::TYPE_SFIXED32:
      return Form::kSfixed32;
    case FieldDescriptor::TYPE_INT64:
      return Form::kInt64;
    case FieldDescriptor::TYPE_SINT64:
      return Form::kSint64;
    case FieldDescriptor::TYPE_UINT64:
      return Form::kUint64;
    case FieldDescriptor::TYPE_FIXED64:
      return Form::kFixed64;
    case FieldDescriptor::TYPE_SFIXED64:
      return Form::kSfixed64;
    case FieldDescriptor::TYPE_FLOAT:
      return Form::kFloat;
    case FieldDescriptor::TYPE_DOUBLE:
      return Form::kDouble;
    case FieldDescriptor::TYPE_BOOL:
      return Form::kBool;
    case FieldDescriptor::TYPE_ENUM:
      return Form::kEnum;
    case FieldDescriptor::TYPE_BYTES:
      return Form::kBytes;
    default:
      return Form::kString;
  }
}

Form MessageForm(const Descriptor& type) {
  const std::string& name = type.full_name();
  if (name == "google.protobuf.Timestamp") {
    return Form::kTimestamp;
  }
  if (name == "google.protobuf.Duration") {
    return Form::kDuration;
  }
  if (name == "google.protobuf.FieldMask") {
    return Form::kFieldMask;
  }
  return type.file()->name() == "google/protobuf/wrappers.proto" ? Form::kWrapper : Form::kMessage;
}

bool Printable(const Descriptor& type) {
  absl::flat_hash_set<const Descriptor*> seen;
  return Known(&type, seen);
}

}  // namespace baimi::transcode
