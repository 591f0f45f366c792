#include "common/transcode/json_binder.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/transcode/field_codec.h"
#include "common/transcode/utf8.h"
#include "common/transcode/wire.h"

namespace baimi::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kMapKey = 1;
constexpr int kMapValue = 2;

ScalarForm FormOf(JsonKind kind) {
  switch (kind) {
    case JsonKind::kBool:
      return ScalarForm::kJsonBool;
    case JsonKind::kNumber:
      return ScalarForm::kJsonNumber;
    default:
      return ScalarForm::kJsonString;
  }
}

absl::string_view NameOf(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
      return "a bool";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kString:
      return "a string";
  }
  return "";
}

class Binder final : public JsonVisitor {
 public:
  Binder(const Descriptor& type, absl::string_view prefix, const std::vector<BoundField>& bound)
      : type_(type), path_(prefix), bound_(bound) {}

  std::string TakeWire() { return std::move(result_); }

  absl::Status OnObjectBegin() override {
    if (frames_.empty()) {
      Push(Frame::kMessage, &type_, nullptr);
      return absl::OkStatus();
    }
    Frame& top = frames_.back();
    const FieldDescriptor* field = Target();
    if (top.kind == Frame::kMessage && field->is_repeated()) {
      if (!field->is_map()) {
        return WantArray("an object");
      }
      Push(Frame::kMap, nullptr, field);
      return absl::OkStatus();
    }
    StepArray();
    if (IsScalar(*field)) {
      return WantField(*field, "an object", path_);
    }
    Push(Frame::kMessage, field->message_type(), nullptr);
    return absl::OkStatus();
  }

  absl::Status OnKey(absl::string_view key) override {
    Frame& top = frames_.back();
    path_.resize(top.path_size);
    if (top.kind == Frame::kMap) {
      absl::StrAppend(&path_, "[\"", absl::Utf8SafeCEscape(Utf8Prefix(key, kShownKey)), "\"]");
      top.wire.clear();
      // Map keys are scalars in quotes, whatever their type.
      return AppendScalar(*top.field->message_type()->FindFieldByNumber(kMapKey), ScalarForm::kText,
                          key, path_, top.wire);
    }
    const FieldDescriptor* field = FindField(*top.message, key);
    if (!path_.empty()) {
      path_.push_back('.');
    }
    if (field == nullptr) {
      absl::StrAppend(&path_, absl::Utf8SafeCEscape(Utf8Prefix(key, kShownKey)));
      return InvalidField(path_, "an unknown field",
                          absl::StrCat("a field of ", top.message->full_name()),
                          absl::StrCat(top.message->full_name(), " 的字段"));
    }
    absl::StrAppend(&path_, field->name());
    top.field = field;
    return NoteSeen(top, *field);
  }

  absl::Status OnObjectEnd() override {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    path_.resize(frame.path_size);
    if (frame.kind == Frame::kMessage) {
      EmitMessage(std::move(frame.wire));
    }
    return absl::OkStatus();
  }

  absl::Status OnArrayBegin() override {
    if (frames_.empty()) {
      return InvalidField(RootPath(), "an array", "an object", "对象");
    }
    Frame& top = frames_.back();
    const FieldDescriptor* field = Target();
    StepArray();
    if (top.kind != Frame::kMessage || !field->is_repeated()) {
      return WantField(*field, "an array", path_);
    }
    if (field->is_map()) {
      return InvalidField(path_, "an array", "an object", "对象");
    }
    Push(Frame::kArray, nullptr, field);
    return absl::OkStatus();
  }

  absl::Status OnArrayEnd() override {
    path_.resize(frames_.back().path_size);
    frames_.pop_back();
    return absl::OkStatus();
  }

  absl::Status OnScalar(JsonKind kind, absl::string_view text) override {
    if (frames_.empty()) {
      return InvalidField(RootPath(), NameOf(kind), "an object", "对象");
    }
    Frame& top = frames_.back();
    const FieldDescriptor* field = Target();
    if (top.kind == Frame::kMessage) {
      if (kind == JsonKind::kNull) {
        return absl::OkStatus();
      }
      if (field->is_repeated()) {
        return WantArray(NameOf(kind));
      }
    }
    StepArray();
    if (kind == JsonKind::kNull || !IsScalar(*field)) {
      return WantField(*field, NameOf(kind), path_);
    }
    BAIMI_RETURN_IF_ERROR(CheckBound(text));
    const ScalarForm form = FormOf(kind);
    if (top.kind == Frame::kMap) {
      BAIMI_RETURN_IF_ERROR(AppendScalar(*field, form, text, path_, top.wire));
      AppendBytes(top.field->number(), top.wire, Owner().wire);
      return absl::OkStatus();
    }
    return AppendScalar(*field, form, text, path_, Owner().wire);
  }

 private:
  static constexpr size_t kShownKey = 64;

  struct Frame {
    enum Kind { kMessage, kMap, kArray } kind;
    // kMessage: its type.
    const Descriptor* message;
    // kMessage: the field of the last key. kMap, kArray: the repeated field itself.
    const FieldDescriptor* field;
    // Of path_ when the frame began: what its own steps are appended to.
    size_t path_size;
    int index = 0;
    // kMessage: what is written so far. kMap: the entry begun by the last key.
    std::string wire;
    absl::flat_hash_set<const void*> seen;
  };

  void Push(Frame::Kind kind, const Descriptor* message, const FieldDescriptor* field) {
    frames_.push_back(Frame{kind, message, field, path_.size(), 0, {}, {}});
  }

  // The field that the next value is for.
  const FieldDescriptor* Target() const {
    const Frame& top = frames_.back();
    return top.kind == Frame::kMap ? top.field->message_type()->FindFieldByNumber(kMapValue)
                                   : top.field;
  }

  // The nearest message: arrays and maps write into it.
  Frame& Owner() {
    size_t i = frames_.size() - 1;
    while (frames_[i].kind != Frame::kMessage) {
      --i;
    }
    return frames_[i];
  }

  void StepArray() {
    Frame& top = frames_.back();
    if (top.kind == Frame::kArray) {
      path_.resize(top.path_size);
      absl::StrAppend(&path_, "[", top.index++, "]");
    }
  }

  std::string RootPath() const { return path_.empty() ? "body" : path_; }

  absl::Status WantArray(absl::string_view got) const {
    const bool is_map = frames_.back().field->is_map();
    return InvalidField(path_, got, is_map ? "an object" : "an array", is_map ? "对象" : "数组");
  }

  absl::Status NoteSeen(Frame& frame, const FieldDescriptor& field) const {
    const auto* oneof = field.real_containing_oneof();
    if (!frame.seen.insert(&field).second) {
      return InvalidField(path_, "the field again", "each field once", "每个字段只出现一次");
    }
    if (oneof != nullptr && !frame.seen.insert(oneof).second) {
      return InvalidField(path_, absl::StrCat("a second member of ", oneof->name()),
                          absl::StrCat("one member of ", oneof->name()),
                          absl::StrCat(oneof->name(), " 中只取其一"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckBound(absl::string_view text) const {
    for (const BoundField& field : bound_) {
      if (field.path == path_ && field.text != text) {
        return InvalidField(path_, absl::StrCat("another value than in ", field.source),
                            "the same value, or none in the body",
                            "与路径或请求头一致，或在正文中省略");
      }
    }
    return absl::OkStatus();
  }

  void EmitMessage(std::string wire) {
    if (frames_.empty()) {
      result_ = std::move(wire);
      return;
    }
    Frame& top = frames_.back();
    if (top.kind == Frame::kMap) {
      AppendBytes(kMapValue, wire, top.wire);
      wire = std::move(top.wire);
    }
    AppendBytes(top.field->number(), wire, Owner().wire);
  }

  const Descriptor& type_;
  std::string path_;
  const std::vector<BoundField>& bound_;
  std::vector<Frame> frames_;
  std::string result_;
};

bool FindOffender(const Descriptor& type, absl::flat_hash_set<const Descriptor*>& seen,
                  std::string* offender) {
  if (!seen.insert(&type).second) {
    return false;
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsScalar(field)) {
      continue;
    }
    const auto kind = field.message_type()->well_known_type();
    if (field.type() == FieldDescriptor::TYPE_GROUP || kind == Descriptor::WELLKNOWNTYPE_ANY ||
        kind == Descriptor::WELLKNOWNTYPE_STRUCT || kind == Descriptor::WELLKNOWNTYPE_VALUE ||
        kind == Descriptor::WELLKNOWNTYPE_LISTVALUE) {
      *offender = field.full_name();
      return true;
    }
    if (FindOffender(*field.message_type(), seen, offender)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool IsBindable(const Descriptor& type, std::string* offender) {
  absl::flat_hash_set<const Descriptor*> seen;
  return !FindOffender(type, seen, offender);
}

absl::StatusOr<std::string> JsonToWire(const Descriptor& type, absl::string_view json,
                                       absl::string_view prefix,
                                       const std::vector<BoundField>& bound,
                                       const JsonLimits& limits) {
  Binder binder(type, prefix, bound);
  BAIMI_RETURN_IF_ERROR(ScanJson(json, limits, &binder));
  return binder.TakeWire();
}

}  // namespace baimi::transcode
