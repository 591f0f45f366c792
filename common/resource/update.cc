#include "common/resource/update.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/resource/behavior.h"
#include "common/text/utf8.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"

namespace baimi::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kMaskField[] = "update_mask";

absl::Status BadPath(absl::string_view path, absl::string_view want, absl::string_view want_zh) {
  return InvalidField(kMaskField, text::Printable(path, 80), want, want_zh);
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  return field->is_repeated() ? message.GetReflection()->FieldSize(message, field) > 0
                              : message.GetReflection()->HasField(message, field);
}

// Both are messages of one type; `to` gets the field as `from` has it, absent or not.
void CopyField(const Message& from, const FieldDescriptor* field, Message* to) {
  to->GetReflection()->ClearField(to, field);
  if (!IsSet(from, field)) {
    return;
  }
  // A message with this one field, merged: the generic copy for every type of field.
  const std::unique_ptr<Message> only(from.New());
  only->CopyFrom(from);
  std::vector<const FieldDescriptor*> fields;
  only->GetReflection()->ListFields(*only, &fields);
  for (const FieldDescriptor* other : fields) {
    if (other != field) {
      only->GetReflection()->ClearField(only.get(), other);
    }
  }
  only->GetReflection()->MutableUnknownFields(only.get())->Clear();
  to->MergeFrom(*only);
}

bool SameField(const Message& a, const Message& b, const FieldDescriptor* field) {
  google::protobuf::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {field}, {field});
}

absl::Status ApplyPopulated(const Message& update, Message* current) {
  std::vector<const FieldDescriptor*> fields;
  update.GetReflection()->ListFields(update, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsIdentifying(field) || HasBehavior(field, google::api::OUTPUT_ONLY)) {
      continue;
    }
    if (!HasBehavior(field, google::api::IMMUTABLE)) {
      CopyField(update, field, current);
    } else if (!SameField(update, *current, field)) {
      return InvalidField(field->name(), "another value", "the one it was created with",
                          "创建时的值，不可修改");
    }
  }
  return absl::OkStatus();
}

void ApplyAll(const Message& update, Message* current) {
  for (int i = 0; i < update.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = update.GetDescriptor()->field(i);
    if (!IsIdentifying(field) && !HasBehavior(field, google::api::OUTPUT_ONLY) &&
        !HasBehavior(field, google::api::IMMUTABLE)) {
      CopyField(update, field, current);
    }
  }
}

absl::Status ApplyPath(const Message& update, absl::string_view path, Message* current) {
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  const Message* from = &update;
  Message* to = current;
  for (size_t i = 0; i < names.size(); ++i) {
    const FieldDescriptor* field = from->GetDescriptor()->FindFieldByName(names[i]);
    if (field == nullptr) {
      return BadPath(path, absl::StrCat("a field path of ", update.GetTypeName()),
                     "该资源的字段路径");
    }
    if ((i == 0 && IsIdentifying(field)) || HasBehavior(field, google::api::OUTPUT_ONLY) ||
        HasBehavior(field, google::api::IMMUTABLE)) {
      return BadPath(path, "a field that may be changed", "可修改的字段");
    }
    if (i + 1 == names.size()) {
      CopyField(*from, field, to);
      return absl::OkStatus();
    }
    if (field->message_type() == nullptr || field->is_repeated()) {
      return BadPath(path, "a path through single messages only", "仅经过单个子消息的路径");
    }
    from = &from->GetReflection()->GetMessage(*from, field);
    to = to->GetReflection()->MutableMessage(to, field);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyUpdate(const Message& update, const google::protobuf::FieldMask& mask,
                         Message* current) {
  if (update.GetDescriptor() != current->GetDescriptor()) {
    return Internal(
        absl::StrCat("update: got a ", update.GetTypeName(), " for a ", current->GetTypeName()));
  }
  const std::unique_ptr<Message> result(current->New());
  result->CopyFrom(*current);
  if (mask.paths().empty()) {
    BAIMI_RETURN_IF_ERROR(ApplyPopulated(update, result.get()));
  } else if (mask.paths_size() == 1 && mask.paths(0) == "*") {
    ApplyAll(update, result.get());
  } else {
    for (const std::string& path : mask.paths()) {
      if (path == "*") {
        return BadPath(path, "\"*\" alone or field paths", "单独的 \"*\" 或字段路径");
      }
      BAIMI_RETURN_IF_ERROR(ApplyPath(update, path, result.get()));
    }
  }
  current->GetReflection()->Swap(current, result.get());
  return absl::OkStatus();
}

}  // namespace baimi::resource
