#include "common/resource/validate.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/resource/validate_plan.h"
#include "common/resource/value_check.h"
#include "common/resource/violations.h"
#include "google/protobuf/field_mask.pb.h"

namespace baimi::resource {
namespace {

using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Field = TypePlan::Field;

// Which part of a resource a partial update changes.
struct Partial {
  enum class Cover { kNone, kInside, kWhole };

  const FieldMask* mask;
  // What leads to the message in hand: "" or with a dot at the end.
  std::string prefix;

  Cover CoverOf(absl::string_view name) const {
    const std::string path = absl::StrCat(prefix, name);
    Cover cover = Cover::kNone;
    for (const std::string& wanted : mask->paths()) {
      if (wanted == "*" || wanted == path) {
        return Cover::kWhole;
      }
      if (absl::StartsWith(wanted, absl::StrCat(path, "."))) {
        cover = Cover::kInside;
      }
    }
    return cover;
  }
};

bool IsPopulated(const Message& message, const Field& field) {
  const Reflection* reflection = message.GetReflection();
  return field.field->is_repeated() ? reflection->FieldSize(message, field.field) > 0
                                    : reflection->HasField(message, field.field);
}

class Walker {
 public:
  explicit Walker(absl::Time now) : now_(now), violations_(kMaxViolations) {}

  void Request(const TypePlan& plan, Message* request) {
    if (plan.update_mask == nullptr) {
      Whole(plan, request, nullptr);
    } else {
      Update(plan, request);
    }
  }

  void Populated(const TypePlan& plan, Message* request) {
    for (const Field& field : plan.fields) {
      if (field.output_only) {
        request->GetReflection()->ClearField(request, field.field);
      } else if (IsPopulated(*request, field)) {
        CheckField(field, request, FieldPlace{nullptr, field.field, -1});
      }
    }
  }

  absl::Status Result() const { return violations_.Result(); }

 private:
  // A message that counts in all its fields. `at` is null for the request itself.
  void Whole(const TypePlan& plan, Message* message, const FieldPlace* at) {
    for (const Field& field : plan.fields) {
      if (field.output_only) {
        message->GetReflection()->ClearField(message, field.field);
      } else {
        CheckField(field, message, FieldPlace{at, field.field, -1});
      }
    }
  }

  // A request with an update_mask: the messages beside the mask are partial.
  void Update(const TypePlan& plan, Message* request) {
    FieldMask mask;
    mask.ParseFromString(
        request->GetReflection()->GetMessage(*request, plan.update_mask).SerializeAsString());
    if (mask.paths_size() > kMaxMaskPaths) {
      violations_.Add(
          FieldPlace{nullptr, plan.update_mask, -1}, absl::StrCat(mask.paths_size(), " paths"),
          absl::StrCat("at most ", kMaxMaskPaths), absl::StrCat("最多 ", kMaxMaskPaths, " 个路径"));
      return;
    }
    for (const Field& field : plan.fields) {
      const FieldPlace place{nullptr, field.field, -1};
      if (field.nested == nullptr || field.nested->kind != TypePlan::Kind::kMessage ||
          field.field->is_repeated()) {
        CheckField(field, request, place);
        continue;
      }
      CheckRequired(field, *request, place, violations_);
      if (IsPopulated(*request, field)) {
        Part(*field.nested, request->GetReflection()->MutableMessage(request, field.field), place,
             Partial{&mask, ""});
      }
    }
  }

  void Part(const TypePlan& plan, Message* message, const FieldPlace& at, const Partial& partial) {
    const Reflection* reflection = message->GetReflection();
    for (const Field& field : plan.fields) {
      const FieldPlace place{&at, field.field, -1};
      const bool populated = IsPopulated(*message, field);
      const Partial::Cover cover = partial.CoverOf(field.field->name());
      if (field.output_only && !field.identifying) {
        reflection->ClearField(message, field.field);
      } else if (cover == Partial::Cover::kWhole ||
                 (populated && (field.identifying || partial.mask->paths().empty()))) {
        CheckField(field, message, place);
      } else if (cover == Partial::Cover::kInside && populated && field.nested != nullptr &&
                 !field.field->is_repeated()) {
        Part(*field.nested, reflection->MutableMessage(message, field.field), place,
             Partial{partial.mask, absl::StrCat(partial.prefix, field.field->name(), ".")});
      }
    }
  }

  void CheckField(const Field& field, Message* message, const FieldPlace& place) {
    CheckRequired(field, *message, place, violations_);
    const Reflection* reflection = message->GetReflection();
    if (field.field->is_repeated()) {
      CheckRepeated(field, message, place);
      return;
    }
    const bool absent = !reflection->HasField(*message, field.field);
    if (absent && (field.required || field.field->has_presence())) {
      return;
    }
    if (field.nested != nullptr) {
      CheckNested(field, reflection->MutableMessage(message, field.field), place);
    } else {
      CheckScalar(field, *message, place, now_, violations_);
    }
  }

  void CheckRepeated(const Field& field, Message* message, const FieldPlace& place) {
    const Reflection* reflection = message->GetReflection();
    const int size = reflection->FieldSize(*message, field.field);
    if (size > field.max_items) {
      violations_.Add(place, absl::StrCat(size, " elements"),
                      absl::StrCat("at most ", field.max_items),
                      absl::StrCat("最多 ", field.max_items, " 项"));
      return;
    }
    for (int i = 0; i < size; ++i) {
      const FieldPlace element{place.parent, field.field, i};
      if (field.nested != nullptr) {
        CheckNested(field, reflection->MutableRepeatedMessage(message, field.field, i), element);
      } else {
        CheckScalar(field, *message, element, now_, violations_);
      }
    }
  }

  void CheckNested(const Field& field, Message* value, const FieldPlace& place) {
    switch (field.nested->kind) {
      case TypePlan::Kind::kMessage:
        Whole(*field.nested, value, &place);
        return;
      case TypePlan::Kind::kTimestamp:
      case TypePlan::Kind::kDuration:
        CheckWellKnown(field.nested->kind, *value, place, violations_);
        return;
      case TypePlan::Kind::kOpaque:
        return;
    }
  }

  const absl::Time now_;
  Violations violations_;
};

}  // namespace

absl::Status Validate(Message* request, absl::Time now) {
  Walker walker(now);
  walker.Request(*PlanOf(request->GetDescriptor()), request);
  return walker.Result();
}

absl::Status ValidatePopulated(Message* request, absl::Time now) {
  Walker walker(now);
  walker.Populated(*PlanOf(request->GetDescriptor()), request);
  return walker.Result();
}

}  // namespace baimi::resource
