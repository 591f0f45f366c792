#include "common/privacy/split.h"

#include <limits>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "common/base/error.h"
#include "common/privacy/pii_class.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace baimi::privacy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

bool IsPersonal(const FieldDescriptor* field) {
  return PiiClassOf(field) != options::v1::PII_CLASS_UNSPECIFIED;
}

bool FindPii(const Descriptor* type, absl::flat_hash_set<const Descriptor*>& seen) {
  if (!seen.insert(type).second) {
    return false;
  }
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (IsPersonal(field) ||
        (field->message_type() != nullptr && FindPii(field->message_type(), seen))) {
      return true;
    }
  }
  return false;
}

// What to do with the fields of one type. Types without pii have no plan.
struct Plan {
  enum class Action : uint8_t { kUnknown, kOpen, kPersonal, kDescend };
  struct Step {
    Action action = Action::kUnknown;
    const Plan* nested = nullptr;
  };
  Step Find(uint32_t number) const {
    if (number < dense.size()) {
      return dense[number];
    }
    const auto it = sparse.find(number);
    return it == sparse.end() ? Step{} : it->second;
  }

  std::vector<Step> dense;  // By field number, the low ones.
  absl::flat_hash_map<uint32_t, Step> sparse;
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
  static constexpr uint32_t kDense = 256;

  const Plan* Make(const Descriptor* type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const auto it = plans_.find(type);
    if (it != plans_.end()) {
      return it->second.get();
    }
    absl::flat_hash_set<const Descriptor*> seen;
    if (!FindPii(type, seen)) {
      plans_.emplace(type, nullptr);
      return nullptr;
    }
    // Entered before its fields are looked at, so that a type may contain itself.
    Plan* plan = plans_.emplace(type, std::make_unique<Plan>()).first->second.get();
    plan->dense.resize(kDense);
    for (int i = 0; i < type->field_count(); ++i) {
      const auto number = static_cast<uint32_t>(type->field(i)->number());
      (number < kDense ? plan->dense[number] : plan->sparse[number]) = StepFor(type->field(i));
    }
    return plan;
  }

  Plan::Step StepFor(const FieldDescriptor* field) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (IsPersonal(field)) {
      return {Plan::Action::kPersonal, nullptr};
    }
    const Plan* nested = field->message_type() ? Make(field->message_type()) : nullptr;
    if (nested == nullptr) {
      return {Plan::Action::kOpen, nullptr};
    }
    return field->is_repeated() ? Plan::Step{Plan::Action::kPersonal, nullptr}
                                : Plan::Step{Plan::Action::kDescend, nested};
  }

  absl::Mutex mu_;
  absl::flat_hash_map<const Descriptor*, std::unique_ptr<Plan>> plans_ ABSL_GUARDED_BY(mu_);
};

Plans& AllPlans() {
  static Plans& plans = *new Plans;
  return plans;
}

// Reads a varint at `p`; null when it does not end before `end`.
const char* ReadVarint(const char* p, const char* end, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && p < end; shift += 7) {
    const auto byte = static_cast<uint8_t>(*p++);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      return p;
    }
  }
  return nullptr;
}

// The end of the value of a field whose tag has been read; null when it is cut off.
const char* SkipValue(uint32_t tag, const char* p, const char* end) {
  uint64_t value;
  switch (WireFormatLite::GetTagWireType(tag)) {
    case WireFormatLite::WIRETYPE_VARINT:
      return ReadVarint(p, end, value);
    case WireFormatLite::WIRETYPE_FIXED64:
      return end - p >= 8 ? p + 8 : nullptr;
    case WireFormatLite::WIRETYPE_FIXED32:
      return end - p >= 4 ? p + 4 : nullptr;
    case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
      p = ReadVarint(p, end, value);
      return p != nullptr && value <= static_cast<uint64_t>(end - p) ? p + value : nullptr;
    default: {  // Groups, in unknown fields only.
      google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(p),
                                                    static_cast<int>(end - p));
      return WireFormatLite::SkipField(&stream, tag) ? p + stream.CurrentPosition() : nullptr;
    }
  }
}

// Writes the length of what follows `start` in front of it.
void InsertLength(std::string& out, size_t start) {
  uint8_t length[5];
  const uint8_t* length_end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(
      static_cast<uint32_t>(out.size() - start), length);
  out.insert(start, reinterpret_cast<const char*>(length),
             static_cast<size_t>(length_end - length));
}

bool Cut(const Plan& plan, absl::string_view bytes, Parts& parts);

bool CutNested(const Plan& plan, absl::string_view tag, absl::string_view bytes, Parts& parts) {
  const size_t personal_before = parts.personal.size();
  parts.open.append(tag.data(), tag.size());
  parts.personal.append(tag.data(), tag.size());
  const size_t open_start = parts.open.size();
  const size_t personal_start = parts.personal.size();
  if (!Cut(plan, bytes, parts)) {
    return false;
  }
  InsertLength(parts.open, open_start);
  if (parts.personal.size() == personal_start) {
    parts.personal.resize(personal_before);
  } else {
    InsertLength(parts.personal, personal_start);
  }
  return true;
}

bool Cut(const Plan& plan, absl::string_view bytes, Parts& parts) {
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  while (p < end) {
    const char* const field = p;
    uint64_t tag;
    p = ReadVarint(p, end, tag);
    if (p == nullptr || tag > std::numeric_limits<uint32_t>::max()) {
      return false;
    }
    const auto tag32 = static_cast<uint32_t>(tag);
    const char* const value = p;
    p = SkipValue(tag32, p, end);
    if (p == nullptr) {
      return false;
    }
    const Plan::Step step =
        plan.Find(static_cast<uint32_t>(WireFormatLite::GetTagFieldNumber(tag32)));
    if (step.action == Plan::Action::kDescend &&
        WireFormatLite::GetTagWireType(tag32) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      uint64_t length;
      const char* const content = ReadVarint(value, end, length);
      if (!CutNested(*step.nested, {field, static_cast<size_t>(value - field)},
                     {content, static_cast<size_t>(length)}, parts)) {
        return false;
      }
      continue;
    }
    std::string& part = step.action == Plan::Action::kOpen ? parts.open : parts.personal;
    part.append(field, static_cast<size_t>(p - field));
  }
  return true;
}

}  // namespace

bool HasPii(const Descriptor* type) { return AllPlans().Get(type) != nullptr; }

absl::StatusOr<Parts> SplitBytes(const Descriptor* type, std::string bytes) {
  const Plan* plan = AllPlans().Get(type);
  Parts parts;
  if (plan == nullptr) {
    parts.open = std::move(bytes);
    return parts;
  }
  parts.open.reserve(bytes.size());
  if (!Cut(*plan, bytes, parts)) {
    return Internal(absl::StrCat("split: the bytes are no ", type->full_name()));
  }
  return parts;
}

absl::StatusOr<Parts> Split(const google::protobuf::Message& message) {
  std::string bytes;
  if (!message.SerializeToString(&bytes)) {
    return Internal(absl::StrCat("split: a ", message.GetTypeName(), " does not serialize"));
  }
  return SplitBytes(message.GetDescriptor(), std::move(bytes));
}

}  // namespace baimi::privacy
