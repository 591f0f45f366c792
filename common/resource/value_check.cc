#include "common/resource/value_check.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/resource/format.h"
#include "common/text/utf8.h"

namespace baimi::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Field = TypePlan::Field;

constexpr int64_t kMinSeconds = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kMaxSeconds = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int64_t kMaxNanos = 999'999'999;

bool IsControl(char32_t c) {
  return (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || (c >= 0x7f && c < 0xa0);
}

bool HasControl(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    if (IsControl(text::NextCodePoint(text, i))) {
      return true;
    }
  }
  return false;
}

void CheckLength(const Field& field, size_t length, absl::string_view unit,
                 absl::string_view unit_zh, const FieldPlace& place, Violations& violations) {
  const auto shortest = static_cast<size_t>(std::max(field.rule.min_len(), 0));
  const auto longest = static_cast<size_t>(std::max(field.max_len, 0));
  const std::string got = absl::StrCat(length, " ", unit);
  if (length < shortest) {
    violations.Add(place, got, absl::StrCat("at least ", shortest, " ", unit),
                   absl::StrCat("至少 ", shortest, " ", unit_zh));
  } else if (longest > 0 && length > longest) {
    violations.Add(place, got, absl::StrCat("at most ", longest, " ", unit),
                   absl::StrCat("最多 ", longest, " ", unit_zh));
  }
}

void CheckText(const Field& field, absl::string_view text, const FieldPlace& place, absl::Time now,
               Violations& violations) {
  if (text.empty() && place.index < 0 && !field.field->has_presence()) {
    return;
  }
  if (!text::IsValidUtf8(text)) {
    violations.Add(place, "bytes that are no UTF-8", "UTF-8 text", "UTF-8 文本");
    return;
  }
  if (HasControl(text)) {
    violations.Add(place, "control characters", "text with \\n, \\r and \\t only",
                   "不含控制字符的文本（换行和制表符除外）");
    return;
  }
  CheckLength(field, text::Utf8Length(text), "characters", "个字", place, violations);
  if (field.rule.format() == options::v1::FORMAT_UNSPECIFIED) {
    return;
  }
  if (text.empty()) {
    violations.Add(place, "an empty text", "a value or no element", "非空内容");
  } else if (!CheckFormat("", field.rule, text, now).ok()) {
    violations.Add(CheckFormat(place.Path(), field.rule, text, now));
  }
}

void CheckEnum(const Field& field, int value, const FieldPlace& place, Violations& violations) {
  if (field.field->enum_type()->FindValueByNumber(value) == nullptr) {
    violations.Add(place, absl::StrCat(value),
                   absl::StrCat("a value of ", field.field->enum_type()->name()),
                   absl::StrCat(field.field->enum_type()->name(), " 的已定义值"));
  }
}

double NumberAt(const Message& message, const FieldDescriptor* field, int index) {
  const auto* r = message.GetReflection();
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return one ? r->GetInt32(message, field) : r->GetRepeatedInt32(message, field, index);
    case FieldDescriptor::CPPTYPE_UINT32:
      return one ? r->GetUInt32(message, field) : r->GetRepeatedUInt32(message, field, index);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(one ? r->GetInt64(message, field)
                                     : r->GetRepeatedInt64(message, field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(one ? r->GetUInt64(message, field)
                                     : r->GetRepeatedUInt64(message, field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return one ? r->GetFloat(message, field) : r->GetRepeatedFloat(message, field, index);
    default:
      return one ? r->GetDouble(message, field) : r->GetRepeatedDouble(message, field, index);
  }
}

void CheckNumber(const Field& field, double value, const FieldPlace& place,
                 Violations& violations) {
  const std::string got = field.personal ? "a number" : absl::StrCat(value);
  if (!std::isfinite(value)) {
    violations.Add(place, got, "a finite number", "有限数值");
  } else if (field.page_size && value < 0) {
    violations.Add(place, got, "0 or more", "不小于 0");
  } else if (field.bounded && (value < field.rule.min() || value > field.rule.max())) {
    violations.Add(place, got, absl::StrCat(field.rule.min(), " to ", field.rule.max()),
                   absl::StrCat(field.rule.min(), " 至 ", field.rule.max()));
  }
}

}  // namespace

void CheckScalar(const Field& field, const Message& message, const FieldPlace& place,
                 absl::Time now, Violations& violations) {
  const auto* reflection = message.GetReflection();
  const FieldDescriptor* descriptor = field.field;
  const bool one = place.index < 0;
  switch (descriptor->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& value =
          one ? reflection->GetStringReference(message, descriptor, &scratch)
              : reflection->GetRepeatedStringReference(message, descriptor, place.index, &scratch);
      if (descriptor->type() == FieldDescriptor::TYPE_STRING) {
        CheckText(field, value, place, now, violations);
      } else if (!value.empty()) {
        CheckLength(field, value.size(), "bytes", "字节", place, violations);
      }
      return;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      CheckEnum(field,
                one ? reflection->GetEnumValue(message, descriptor)
                    : reflection->GetRepeatedEnumValue(message, descriptor, place.index),
                place, violations);
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
    default:
      CheckNumber(field, NumberAt(message, descriptor, place.index), place, violations);
  }
}

void CheckWellKnown(TypePlan::Kind kind, const Message& value, const FieldPlace& place,
                    Violations& violations) {
  const auto* type = value.GetDescriptor();
  const int64_t seconds = value.GetReflection()->GetInt64(value, type->FindFieldByName("seconds"));
  const int64_t nanos = value.GetReflection()->GetInt32(value, type->FindFieldByName("nanos"));
  if (kind == TypePlan::Kind::kTimestamp) {
    if (seconds < kMinSeconds || seconds > kMaxSeconds || nanos < 0 || nanos > kMaxNanos) {
      violations.Add(place, absl::StrCat(seconds, " s ", nanos, " ns"),
                     "a time of the years 1 to 9999", "公元 1 年至 9999 年之间的时间");
    }
  } else if (std::abs(seconds) > kMaxDurationSeconds || std::abs(nanos) > kMaxNanos ||
             (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0)) {
    violations.Add(place, absl::StrCat(seconds, " s ", nanos, " ns"),
                   "a duration of at most 10000 years with both parts of one sign",
                   "不超过一万年且符号一致的时长");
  }
}

void CheckRequired(const Field& field, const Message& message, const FieldPlace& place,
                   Violations& violations) {
  if (!field.required) {
    return;
  }
  const auto* reflection = message.GetReflection();
  const FieldDescriptor* descriptor = field.field;
  bool missing = false;
  if (descriptor->is_repeated()) {
    missing = reflection->FieldSize(message, descriptor) == 0;
  } else if (!reflection->HasField(message, descriptor)) {
    missing = descriptor->cpp_type() != FieldDescriptor::CPPTYPE_BOOL || descriptor->has_presence();
  } else if (descriptor->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    missing = reflection->GetString(message, descriptor).empty();
  } else if (descriptor->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    missing = reflection->GetEnumValue(message, descriptor) == 0;
  }
  if (missing) {
    violations.Add(place, "nothing", "a value: the field is required", "必填内容");
  }
}

}  // namespace baimi::resource
