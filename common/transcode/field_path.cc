// The part of field_codec.h that finds fields and addresses them by path.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/transcode/field_codec.h"
#include "common/transcode/wire.h"

namespace baimi::transcode {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const FieldDescriptor* FindField(const Descriptor& message, absl::string_view name) {
  const std::string copy(name);
  if (const auto* field = message.FindFieldByName(copy)) {
    return field;
  }
  if (const auto* field = message.FindFieldByCamelcaseName(copy);
      field != nullptr && field->json_name() == copy) {
    return field;
  }
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->json_name() == copy) {
      return message.field(i);
    }
  }
  return nullptr;
}

FieldPath ResolveFieldPath(const Descriptor& message, absl::string_view dotted) {
  FieldPath path;
  const Descriptor* at = &message;
  for (absl::string_view name : absl::StrSplit(dotted, '.')) {
    const FieldDescriptor* field = at != nullptr ? FindField(*at, name) : nullptr;
    if (field == nullptr) {
      return {};
    }
    path.push_back(field);
    at = !field->is_repeated() && !IsScalar(*field) ? field->message_type() : nullptr;
  }
  return path;
}

std::string FieldPathText(const FieldPath& path) {
  return absl::StrJoin(path, ".", [](std::string* out, const FieldDescriptor* field) {
    absl::StrAppend(out, field->name());
  });
}

absl::Status AppendAtPath(const FieldPath& path, absl::string_view text, std::string& wire) {
  std::string fragment;
  BAIMI_RETURN_IF_ERROR(
      AppendScalar(*path.back(), ScalarForm::kText, text, FieldPathText(path), fragment));
  for (size_t i = path.size() - 1; i-- > 0;) {
    std::string outer;
    AppendBytes(path[i]->number(), fragment, outer);
    fragment = std::move(outer);
  }
  wire += fragment;
  return absl::OkStatus();
}

}  // namespace baimi::transcode
