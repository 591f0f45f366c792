#include "common/resource/validate_plan.h"

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "common/privacy/pii_class.h"
#include "common/resource/behavior.h"

namespace baimi::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int32_t kDefaultMaxLength = 256;
constexpr int32_t kDefaultMaxItems = 1000;

TypePlan::Kind KindOf(const Descriptor* type) {
  if (type->full_name() == "google.protobuf.Timestamp") {
    return TypePlan::Kind::kTimestamp;
  }
  if (type->full_name() == "google.protobuf.Duration") {
    return TypePlan::Kind::kDuration;
  }
  return absl::StartsWith(type->full_name(), "google.protobuf.") ? TypePlan::Kind::kOpaque
                                                                 : TypePlan::Kind::kMessage;
}

const TypePlan* OpaquePlan() {
  static const TypePlan& plan = *new TypePlan{.kind = TypePlan::Kind::kOpaque};
  return &plan;
}

bool IsUpdateMask(const FieldDescriptor* field) {
  return field->name() == "update_mask" && field->message_type() != nullptr &&
         field->message_type()->full_name() == "google.protobuf.FieldMask";
}

class Plans {
 public:
  const TypePlan* Get(const Descriptor* type) ABSL_LOCKS_EXCLUDED(mu_) {
    {
      absl::ReaderMutexLock lock(&mu_);
      const auto it = plans_.find(type);
      if (it != plans_.end()) {
        return it->second.get();
      }
    }
    absl::MutexLock lock(&mu_);
    return Make(type);
  }

 private:
  const TypePlan* Make(const Descriptor* type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const auto it = plans_.find(type);
    if (it != plans_.end()) {
      return it->second.get();
    }
    // Entered before its fields are looked at, so that a type may contain itself.
    TypePlan* plan = plans_.emplace(type, std::make_unique<TypePlan>()).first->second.get();
    plan->kind = KindOf(type);
    if (plan->kind != TypePlan::Kind::kMessage) {
      return plan;
    }
    for (int i = 0; i < type->field_count(); ++i) {
      plan->fields.push_back(MakeField(type->field(i)));
      if (IsUpdateMask(type->field(i))) {
        plan->update_mask = type->field(i);
      }
    }
    return plan;
  }

  TypePlan::Field MakeField(const FieldDescriptor* field) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    TypePlan::Field plan;
    plan.field = field;
    plan.rule = field->options().GetExtension(options::v1::rule);
    if (field->message_type() != nullptr) {
      plan.nested = field->options().lazy() ? OpaquePlan() : Make(field->message_type());
    }
    plan.max_len = plan.rule.max_len();
    if (plan.max_len == 0 && field->type() == FieldDescriptor::TYPE_STRING) {
      plan.max_len = kDefaultMaxLength;
    }
    plan.max_items = plan.rule.max_items() != 0 ? plan.rule.max_items() : kDefaultMaxItems;
    plan.required = HasBehavior(field, google::api::REQUIRED);
    plan.output_only = HasBehavior(field, google::api::OUTPUT_ONLY);
    plan.identifying = IsIdentifying(field);
    plan.personal = privacy::PiiClassOf(field) != options::v1::PII_CLASS_UNSPECIFIED;
    plan.page_size =
        field->name() == "page_size" && field->cpp_type() == FieldDescriptor::CPPTYPE_INT32;
    plan.bounded = plan.rule.min() != 0 || plan.rule.max() != 0;
    return plan;
  }

  absl::Mutex mu_;
  absl::flat_hash_map<const Descriptor*, std::unique_ptr<TypePlan>> plans_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

const TypePlan* PlanOf(const Descriptor* type) {
  static Plans& plans = *new Plans;
  return plans.Get(type);
}

}  // namespace baimi::resource
