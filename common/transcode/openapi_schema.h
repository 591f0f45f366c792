// JSON Schemas (2020-12) of messages and fields. Internal to the OpenAPI document.
#ifndef BAIMI_COMMON_TRANSCODE_OPENAPI_SCHEMA_H_
#define BAIMI_COMMON_TRANSCODE_OPENAPI_SCHEMA_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "common/transcode/json_writer.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"

namespace baimi::transcode {

std::string CleanComment(const std::string& leading, const std::string& trailing);

// The comment of a descriptor, trimmed; "" without source info.
template <typename DescriptorType>
std::string CommentOf(const DescriptorType& descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) {
    return "";
  }
  return CleanComment(location.leading_comments, location.trailing_comments);
}

bool HasBehavior(const google::protobuf::FieldDescriptor& field, google::api::FieldBehavior want);

// Writes schemas and remembers which components they refer to.
class SchemaWriter {
 public:
  explicit SchemaWriter(JsonWriter& json) : json_(json) {}

  // The value of a field: array or map around its element, with its rule and description.
  void Field(const google::protobuf::FieldDescriptor& field);
  // {"$ref": ...}, or the schema itself for well-known types.
  void Message(const google::protobuf::Descriptor& type);
  // {"type": "object", ...} without the fields in `skip`. True when some field is required.
  bool Object(const google::protobuf::Descriptor& type, const std::set<std::string>& skip = {});
  // One key for every component referred to so far and, through them, by them.
  void Components();

 private:
  void Element(const google::protobuf::FieldDescriptor& field);
  // The members of the schema, inside an object that is already open.
  void ElementMembers(const google::protobuf::FieldDescriptor& field);
  void Bounds(const google::protobuf::FieldDescriptor& field);
  void TextBounds(const google::protobuf::FieldDescriptor& field);
  void WellKnownMembers(const google::protobuf::Descriptor& type);
  void Ref(const std::string& full_name);

  JsonWriter& json_;
  std::map<std::string, const google::protobuf::Descriptor*> messages_;
  std::map<std::string, const google::protobuf::EnumDescriptor*> enums_;
};

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_OPENAPI_SCHEMA_H_
