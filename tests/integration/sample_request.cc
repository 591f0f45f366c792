#include "tests/integration/sample_request.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "baimi/options/v1/options.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace baimi::integration {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool Has(const FieldDescriptor& field, google::api::FieldBehavior wanted) {
  const google::protobuf::FieldOptions& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == wanted) {
      return true;
    }
  }
  return false;
}

class Filler {
 public:
  explicit Filler(const SampleRequestOptions& options) : options_(options) {}

  void Fill(Message* message, int depth) const {
    const google::protobuf::Descriptor& type = *message->GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (Has(field, google::api::OUTPUT_ONLY) || field.is_map()) {
        continue;
      }
      const options::v1::FieldRule& rule = field.options().GetExtension(options::v1::rule);
      const bool wanted = Has(field, google::api::REQUIRED) ||
                          (options_.optional_references && !Known(rule.resource()).empty()) ||
                          // The resource that an update is about.
                          (field.name() == "name" && depth > 0);
      if (wanted) {
        Set(message, field, rule, depth);
      }
    }
  }

 private:
  std::string Known(const std::string& patterns) const {
    for (absl::string_view pattern : absl::StrSplit(patterns, '|', absl::SkipEmpty())) {
      if (const auto it = options_.resources.find(std::string(pattern));
          it != options_.resources.end()) {
        return it->second;
      }
    }
    return "";
  }

  std::string TextFor(const FieldDescriptor& field, const options::v1::FieldRule& rule) const {
    switch (rule.format()) {
      case options::v1::RESOURCE_NAME: {
        const std::string known = Known(rule.resource());
        const std::string first =
            std::string(absl::string_view(rule.resource()).substr(0, rule.resource().find('|')));
        return known.empty()
                   ? absl::StrReplaceAll(first, {{"counties/*", "counties/469030"}, {"*", "1"}})
                   : known;
      }
      case options::v1::COUNTY_CODE:
        return "469030";
      case options::v1::AREA_CODE:
        return "469030100003";
      case options::v1::GRID_CODE:
        return "469030100003001";
      case options::v1::PHONE_NUMBER:
        return "13900000001";
      case options::v1::CITIZEN_ID_NUMBER:
        return "11010519491231002X";
      case options::v1::CREDIT_CODE:
        return "91350100M000100Y43";
      case options::v1::DATE:
        return "2026-11-20";
      case options::v1::REQUEST_ID_TOKEN:
      case options::v1::RESOURCE_ID:
        return "sample";
      case options::v1::CATEGORY_CODE:
        return "020301";
      default:
        break;
    }
    if (field.name() == "name") {
      return Known("counties/*/tickets/*");
    }
    if (field.name() == "month") {
      return "2026-10";
    }
    return options_.text;
  }

  void Set(Message* message, const FieldDescriptor& field, const options::v1::FieldRule& rule,
           int depth) const {
    const google::protobuf::Reflection& reflection = *message->GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = TextFor(field, rule);
        field.is_repeated() ? reflection.AddString(message, &field, text)
                            : reflection.SetString(message, &field, text);
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value =
            field.enum_type()->value(std::min(1, field.enum_type()->value_count() - 1))->number();
        field.is_repeated() ? reflection.AddEnumValue(message, &field, value)
                            : reflection.SetEnumValue(message, &field, value);
        return;
      }
      case FieldDescriptor::CPPTYPE_INT32:
        field.is_repeated() ? reflection.AddInt32(message, &field, 1)
                            : reflection.SetInt32(message, &field, 1);
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        field.is_repeated() ? reflection.AddInt64(message, &field, 1)
                            : reflection.SetInt64(message, &field, 1);
        return;
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        Message* part = field.is_repeated() ? reflection.AddMessage(message, &field)
                                            : reflection.MutableMessage(message, &field);
        if (part->GetDescriptor() == google::protobuf::Timestamp::descriptor()) {
          // 2026-11-24 00:00 in Shanghai.
          part->GetReflection()->SetInt64(part, part->GetDescriptor()->FindFieldByName("seconds"),
                                          1'795'449'600);
        } else if (depth < 5) {
          Fill(part, depth + 1);
        }
        return;
      }
      default:
        return;
    }
  }

  const SampleRequestOptions& options_;
};

}  // namespace

std::unique_ptr<Message> SampleRequest(const google::protobuf::Descriptor& type,
                                       const SampleRequestOptions& options) {
  std::unique_ptr<Message> request(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  Filler(options).Fill(request.get(), 0);
  return request;
}

}  // namespace baimi::integration
