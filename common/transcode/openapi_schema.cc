#include "common/transcode/openapi_schema.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "baimi/options/v1/options.pb.h"
#include "common/transcode/field_codec.h"

namespace baimi::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using options::v1::FieldRule;

// The body of an anchored pattern; "" when the format has none that holds for masked values too.
std::string PatternOf(const FieldRule& rule) {
  switch (rule.format()) {
    case options::v1::RESOURCE_NAME: {
      std::vector<std::string> alternatives;
      for (absl::string_view one : absl::StrSplit(rule.resource(), '|', absl::SkipEmpty())) {
        alternatives.push_back(
            absl::StrReplaceAll(absl::StripAsciiWhitespace(one), {{"*", "[^/]+"}, {".", "\\."}}));
      }
      return absl::StrJoin(alternatives, "|");
    }
    case options::v1::COUNTY_CODE:
      return "[0-9]{6}";
    case options::v1::AREA_CODE:
      return "[0-9]{12}";
    case options::v1::GRID_CODE:
      return "[0-9]{15}";
    case options::v1::CITIZEN_ID_NUMBER:
      return "[0-9]{17}[0-9X]";
    case options::v1::CREDIT_CODE:
      return "[0-9A-Z]{18}";
    case options::v1::DATE:
      return "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    case options::v1::REQUEST_ID_TOKEN:
      return "[A-Za-z0-9_-]{1,36}";
    case options::v1::CATEGORY_CODE:
      return "([0-9]{2}){1,3}";
    case options::v1::RESOURCE_ID:
      return "[a-z0-9][a-z0-9-]{0,62}";
    default:
      return "";
  }
}

bool IsComponent(const Descriptor& type) {
  return type.well_known_type() == Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

}  // namespace

std::string CleanComment(const std::string& leading, const std::string& trailing) {
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(leading.empty() ? trailing : leading, '\n')) {
    lines.emplace_back(absl::StripAsciiWhitespace(line));
  }
  std::string text = absl::StrJoin(lines, "\n");
  absl::StripAsciiWhitespace(&text);
  return text;
}

bool HasBehavior(const FieldDescriptor& field, google::api::FieldBehavior want) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == want) {
      return true;
    }
  }
  return false;
}

void SchemaWriter::Ref(const std::string& full_name) {
  json_.Field("$ref", absl::StrCat("#/components/schemas/", full_name));
}

void SchemaWriter::Message(const Descriptor& type) {
  json_.BeginObject();
  if (IsComponent(type)) {
    messages_.emplace(type.full_name(), &type);
    Ref(type.full_name());
  } else {
    WellKnownMembers(type);
  }
  json_.EndObject();
}

void SchemaWriter::WellKnownMembers(const Descriptor& type) {
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      json_.Field("type", "string").Field("format", "date-time");
      return;
    case Descriptor::WELLKNOWNTYPE_DURATION:
      json_.Field("type", "string").Field("pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$");
      return;
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      json_.Field("type", "string");
      return;
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return;
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      json_.Field("type", "array");
      return;
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      json_.Field("type", "object");
      return;
    default:
      // The wrappers.
      ElementMembers(*type.field(0));
  }
}

void SchemaWriter::Element(const FieldDescriptor& field) {
  json_.BeginObject();
  ElementMembers(field);
  json_.EndObject();
}

void SchemaWriter::ElementMembers(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      json_.Field("type", "integer").Field("format", "int32");
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      json_.Field("type", "integer").Field("format", "uint32");
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      json_.Field("type", "string").Field("format", "int64").Field("pattern", "^-?[0-9]+$");
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      json_.Field("type", "string").Field("format", "uint64").Field("pattern", "^[0-9]+$");
      return;
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      json_.Field("type", "number").Field("format", field.cpp_type_name());
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      json_.Field("type", "boolean");
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      enums_.emplace(field.enum_type()->full_name(), field.enum_type());
      Ref(field.enum_type()->full_name());
      return;
    case FieldDescriptor::CPPTYPE_STRING:
      json_.Field("type", "string");
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        json_.Field("contentEncoding", "base64");
        return;
      }
      TextBounds(field);
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsComponent(*field.message_type())) {
        messages_.emplace(field.message_type()->full_name(), field.message_type());
        Ref(field.message_type()->full_name());
      } else {
        WellKnownMembers(*field.message_type());
      }
      return;
  }
  Bounds(field);
}

void SchemaWriter::Bounds(const FieldDescriptor& field) {
  const FieldRule& rule = field.options().GetExtension(options::v1::rule);
  const bool unsigned_field = field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32;
  if (rule.min() == 0 && rule.max() == 0) {
    if (unsigned_field) {
      json_.Key("minimum").Int(0);
    }
    return;
  }
  // An unset field is printed as 0.
  const bool strict = HasBehavior(field, google::api::REQUIRED) || field.is_repeated();
  json_.Key("minimum").Double(strict ? rule.min() : std::min(rule.min(), 0.0));
  json_.Key("maximum").Double(strict ? rule.max() : std::max(rule.max(), 0.0));
}

void SchemaWriter::TextBounds(const FieldDescriptor& field) {
  if (!field.options().HasExtension(options::v1::rule)) {
    return;
  }
  const FieldRule& rule = field.options().GetExtension(options::v1::rule);
  const bool personal = field.options().HasExtension(options::v1::pii);
  const bool strict = HasBehavior(field, google::api::REQUIRED) || field.is_repeated();
  if (rule.min_len() > 0 && strict && !personal) {
    json_.Key("minLength").Int(rule.min_len());
  }
  if (rule.max_len() > 0) {
    json_.Key("maxLength").Int(rule.max_len());
  }
  const std::string pattern = personal ? "" : PatternOf(rule);
  if (!pattern.empty()) {
    json_.Field("pattern", absl::StrCat("^(", pattern, ")", strict ? "$" : "?$"));
  }
}

void SchemaWriter::Field(const FieldDescriptor& field) {
  json_.BeginObject();
  if (field.is_map()) {
    json_.Field("type", "object").Key("additionalProperties");
    Element(*field.message_type()->FindFieldByNumber(2));
  } else if (field.is_repeated()) {
    json_.Field("type", "array").Key("items");
    Element(field);
    const int most = field.options().GetExtension(options::v1::rule).max_items();
    if (most > 0) {
      json_.Key("maxItems").Int(most);
    }
  } else {
    ElementMembers(field);
  }
  if (const std::string comment = CommentOf(field); !comment.empty()) {
    json_.Field("description", comment);
  }
  if (HasBehavior(field, google::api::OUTPUT_ONLY)) {
    json_.Key("readOnly").Bool(true);
  }
  json_.EndObject();
}

bool SchemaWriter::Object(const Descriptor& type, const std::set<std::string>& skip) {
  std::vector<const FieldDescriptor*> fields;
  std::vector<std::string> required;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (skip.count(field.name()) > 0) {
      continue;
    }
    fields.push_back(&field);
    if (HasBehavior(field, google::api::REQUIRED)) {
      required.push_back(field.json_name());
    }
  }
  json_.BeginObject().Field("type", "object");
  if (const std::string comment = CommentOf(type); !comment.empty()) {
    json_.Field("description", comment);
  }
  if (!fields.empty()) {
    json_.Key("properties").BeginObject();
    for (const FieldDescriptor* field : fields) {
      json_.Key(field->json_name());
      Field(*field);
    }
    json_.EndObject();
  }
  if (!required.empty()) {
    json_.Key("required").BeginArray();
    for (const std::string& name : required) {
      json_.String(name);
    }
    json_.EndArray();
  }
  json_.EndObject();
  return !required.empty();
}

void SchemaWriter::Components() {
  std::set<std::string> written;
  // Writing one may add more, before or after it.
  for (bool more = true; more;) {
    more = false;
    for (const auto& [name, type] : messages_) {
      if (written.insert(name).second) {
        json_.Key(name);
        Object(*type);
        more = true;
        break;
      }
    }
  }
  for (const auto& [name, type] : enums_) {
    std::string description = CommentOf(*type);
    json_.Key(name).BeginObject().Field("type", "string").Key("enum").BeginArray();
    for (int i = 0; i < type->value_count(); ++i) {
      json_.String(type->value(i)->name());
      if (const std::string comment = CommentOf(*type->value(i)); !comment.empty()) {
        absl::StrAppend(&description, description.empty() ? "" : "\n", "* ", type->value(i)->name(),
                        ": ", absl::StrReplaceAll(comment, {{"\n", " "}}));
      }
    }
    json_.EndArray();
    if (!description.empty()) {
      json_.Field("description", description);
    }
    json_.EndObject();
  }
}

}  // namespace baimi::transcode
