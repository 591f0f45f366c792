#include "common/privacy/mask.h"

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/privacy/pii_class.h"
#include "common/privacy/split.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"

namespace baimi::privacy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using options::v1::PiiClass;

struct Plan {
  enum class Action : uint8_t { kText, kClear, kClearForPublic, kDescend };
  struct Step {
    const FieldDescriptor* field;
    Action action;
    PiiClass pii;
    // Of the message type inside, null when there is nothing personal in it.
    const Plan* nested;
  };
  std::vector<Step> steps;
  // Null where the type has none.
  const FieldDescriptor* confidential = nullptr;
};

class Plans {
 public:
  // Null for a type without pii.
  const Plan* Get(const Descriptor* type) ABSL_LOCKS_EXCLUDED(mu_) {
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
  const Plan* Make(const Descriptor* type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const auto it = plans_.find(type);
    if (it != plans_.end()) {
      return it->second.get();
    }
    if (!HasPii(type)) {
      plans_.emplace(type, nullptr);
      return nullptr;
    }
    // Entered before its fields are looked at, so that a type may contain itself.
    Plan* plan = plans_.emplace(type, std::make_unique<Plan>()).first->second.get();
    const FieldDescriptor* confidential = type->FindFieldByName("confidential");
    if (confidential != nullptr && confidential->type() == FieldDescriptor::TYPE_BOOL &&
        !confidential->is_repeated()) {
      plan->confidential = confidential;
    }
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const PiiClass pii = PiiClassOf(field);
      const Plan* nested = field->message_type() ? Make(field->message_type()) : nullptr;
      if (pii != options::v1::PII_CLASS_UNSPECIFIED) {
        plan->steps.push_back({field, ActionFor(field, pii), pii, nested});
      } else if (nested != nullptr) {
        plan->steps.push_back({field, Plan::Action::kDescend, pii, nested});
      }
    }
    return plan;
  }

  static Plan::Action ActionFor(const FieldDescriptor* field, PiiClass pii) {
    if (pii == options::v1::LOCATION) {
      return Plan::Action::kClearForPublic;
    }
    return field->type() == FieldDescriptor::TYPE_STRING ? Plan::Action::kText
                                                         : Plan::Action::kClear;
  }

  absl::Mutex mu_;
  absl::flat_hash_map<const Descriptor*, std::unique_ptr<Plan>> plans_ ABSL_GUARDED_BY(mu_);
};

Plans& AllPlans() {
  static Plans& plans = *new Plans;
  return plans;
}

void Apply(const Plan& plan, Message* message, PiiView view);

void MaskTexts(const Plan::Step& step, Message* message, PiiView view) {
  const auto* reflection = message->GetReflection();
  std::string scratch;
  if (!step.field->is_repeated()) {
    if (!reflection->HasField(*message, step.field)) {
      return;
    }
    std::string masked =
        MaskText(step.pii, reflection->GetStringReference(*message, step.field, &scratch), view);
    if (masked.empty()) {
      reflection->ClearField(message, step.field);
    } else {
      reflection->SetString(message, step.field, std::move(masked));
    }
    return;
  }
  for (int i = 0; i < reflection->FieldSize(*message, step.field); ++i) {
    reflection->SetRepeatedString(
        message, step.field, i,
        MaskText(step.pii,
                 reflection->GetRepeatedStringReference(*message, step.field, i, &scratch), view));
  }
}

void Descend(const Plan::Step& step, Message* message, PiiView view) {
  const auto* reflection = message->GetReflection();
  if (!step.field->is_repeated()) {
    if (reflection->HasField(*message, step.field)) {
      Apply(*step.nested, reflection->MutableMessage(message, step.field), view);
    }
    return;
  }
  for (int i = 0; i < reflection->FieldSize(*message, step.field); ++i) {
    Apply(*step.nested, reflection->MutableRepeatedMessage(message, step.field, i), view);
  }
}

void Apply(const Plan& plan, Message* message, PiiView view) {
  const auto* reflection = message->GetReflection();
  const bool confidential =
      plan.confidential != nullptr && reflection->GetBool(*message, plan.confidential);
  for (const Plan::Step& step : plan.steps) {
    if (confidential && step.action != Plan::Action::kDescend) {
      reflection->ClearField(message, step.field);
      continue;
    }
    switch (step.action) {
      case Plan::Action::kText:
        MaskTexts(step, message, view);
        break;
      case Plan::Action::kClear:
        reflection->ClearField(message, step.field);
        break;
      case Plan::Action::kClearForPublic:
        if (view != PiiView::kStaff) {
          reflection->ClearField(message, step.field);
        } else if (step.nested != nullptr) {
          Descend(step, message, view);
        }
        break;
      case Plan::Action::kDescend:
        Descend(step, message, view);
        break;
    }
  }
  // A field from a later contract may be personal.
  reflection->MutableUnknownFields(message)->Clear();
}

}  // namespace

void Mask(Message* message, PiiView view) {
  if (view == PiiView::kFull) {
    return;
  }
  if (const Plan* plan = AllPlans().Get(message->GetDescriptor())) {
    Apply(*plan, message, view);
  }
}

}  // namespace baimi::privacy
