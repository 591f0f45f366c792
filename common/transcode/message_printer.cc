#include "common/transcode/message_printer.h"

#include <cmath>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/transcode/json_writer.h"
#include "common/transcode/print_plan.h"
#include "common/transcode/print_values.h"
#include "common/transcode/special_json.h"
#include "google/protobuf/stubs/strutil.h"
#include "google/protobuf/wire_format_lite.h"

namespace baimi::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

constexpr int kMaxDepth = 100;

template <typename T>
T Bits(uint64_t number) {
  if constexpr (sizeof(T) == sizeof(uint32_t)) {
    const auto narrow = static_cast<uint32_t>(number);
    T value;
    std::memcpy(&value, &narrow, sizeof(value));
    return value;
  } else {
    T value;
    std::memcpy(&value, &number, sizeof(value));
    return value;
  }
}

template <typename T>
void AppendReal(T value, std::string (*format)(T), std::string* out) {
  if (std::isnan(value)) {
    *out += "\"NaN\"";
  } else if (std::isinf(value)) {
    *out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    *out += format(value);
  }
}

void AppendQuoted(absl::AlphaNum number, std::string* out) {
  absl::StrAppend(out, "\"", number, "\"");
}

bool PrintMessage(const PrintPlan& plan, absl::string_view wire, int depth, std::string* out);
bool PrintValue(const PrintPlan::Field& field, const Raw& raw, int depth, std::string* out);

void PrintEnum(const google::protobuf::EnumDescriptor& type, int number, std::string* out) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) {
    absl::StrAppend(out, number);
  } else {
    absl::StrAppend(out, "\"", value->name(), "\"");
  }
}

bool PrintWrapper(const PrintPlan& plan, absl::string_view wire, int depth, std::string* out) {
  PrintValues values(plan);
  if (!values.Read(plan, wire)) {
    return false;
  }
  const int last = values.last(0);
  return PrintValue(plan.fields[0], last < 0 ? Raw() : values.at(last), depth, out);
}

bool PrintNumber(const PrintPlan::Field& field, uint64_t number, std::string* out) {
  switch (field.form) {
    case Form::kInt32:
    case Form::kSfixed32:
      absl::StrAppend(out, Bits<int32_t>(number));
      return true;
    case Form::kSint32:
      absl::StrAppend(out, WireFormatLite::ZigZagDecode32(static_cast<uint32_t>(number)));
      return true;
    case Form::kUint32:
    case Form::kFixed32:
      absl::StrAppend(out, static_cast<uint32_t>(number));
      return true;
    case Form::kInt64:
    case Form::kSfixed64:
      AppendQuoted(Bits<int64_t>(number), out);
      return true;
    case Form::kSint64:
      AppendQuoted(WireFormatLite::ZigZagDecode64(number), out);
      return true;
    case Form::kUint64:
    case Form::kFixed64:
      AppendQuoted(number, out);
      return true;
    case Form::kFloat:
      AppendReal<float>(Bits<float>(number), &google::protobuf::SimpleFtoa, out);
      return true;
    case Form::kDouble:
      AppendReal<double>(Bits<double>(number), &google::protobuf::SimpleDtoa, out);
      return true;
    case Form::kBool:
      *out += number != 0 ? "true" : "false";
      return true;
    case Form::kEnum:
      PrintEnum(*field.enumeration, Bits<int32_t>(number), out);
      return true;
    default:
      return false;
  }
}

bool PrintValue(const PrintPlan::Field& field, const Raw& raw, int depth, std::string* out) {
  switch (field.form) {
    case Form::kString:
      AppendWebJsonString(raw.bytes, out);
      return true;
    case Form::kBytes:
      absl::StrAppend(out, "\"", absl::Base64Escape(raw.bytes), "\"");
      return true;
    case Form::kMessage:
      return PrintMessage(*field.nested, raw.bytes, depth + 1, out);
    case Form::kTimestamp:
      return AppendTimestampJson(raw.bytes, out);
    case Form::kDuration:
      return AppendDurationJson(raw.bytes, out);
    case Form::kFieldMask:
      return AppendFieldMaskJson(raw.bytes, out);
    case Form::kWrapper:
      return PrintWrapper(*field.nested, raw.bytes, depth, out);
    default:
      return PrintNumber(field, raw.number, out);
  }
}

// A map's key is a string in JSON, whatever it is on the wire.
bool PrintKey(const PrintPlan::Field& field, const Raw& raw, std::string* out) {
  const size_t start = out->size();
  if (!PrintValue(field, raw, 0, out)) {
    return false;
  }
  if ((*out)[start] != '"') {
    out->insert(start, 1, '"');
    out->push_back('"');
  }
  return true;
}

bool PrintEntry(const PrintPlan& entry, absl::string_view wire, int depth, std::string* out) {
  PrintValues values(entry);
  if (!values.Read(entry, wire)) {
    return false;
  }
  const auto value_of = [&](size_t field) {
    const int last = values.last(field);
    return last < 0 ? Raw() : values.at(last);
  };
  if (!PrintKey(entry.fields[0], value_of(0), out)) {
    return false;
  }
  out->push_back(':');
  return PrintValue(entry.fields[1], value_of(1), depth, out);
}

bool PrintMany(const PrintPlan::Field& field, const PrintValues& values, size_t index, int depth,
               std::string* out) {
  out->push_back(field.map ? '{' : '[');
  for (int i = values.first(index); i >= 0; i = values.next(i)) {
    if (i != values.first(index)) {
      out->push_back(',');
    }
    if (!(field.map ? PrintEntry(*field.nested, values.at(i).bytes, depth, out)
                    : PrintValue(field, values.at(i), depth, out))) {
      return false;
    }
  }
  out->push_back(field.map ? '}' : ']');
  return true;
}

// Several occurrences of a singular message are one message in pieces.
bool PrintOne(const PrintPlan::Field& field, const PrintValues& values, size_t index, int depth,
              std::string* out) {
  const int first = values.first(index);
  const int last = values.last(index);
  if (first == last || field.form < Form::kMessage) {
    return PrintValue(field, last < 0 ? Raw() : values.at(last), depth, out);
  }
  std::string merged;
  for (int i = first; i >= 0; i = values.next(i)) {
    absl::StrAppend(&merged, values.at(i).bytes);
  }
  return PrintValue(field, Raw{0, merged}, depth, out);
}

bool PrintMessage(const PrintPlan& plan, absl::string_view wire, int depth, std::string* out) {
  PrintValues values(plan);
  if (depth > kMaxDepth || !values.Read(plan, wire)) {
    return false;
  }
  out->push_back('{');
  bool comma = false;
  for (size_t i = 0; i < plan.fields.size(); ++i) {
    const PrintPlan::Field& field = plan.fields[i];
    if (values.first(i) < 0 && !field.always) {
      continue;
    }
    if (comma) {
      out->push_back(',');
    }
    comma = true;
    *out += field.key;
    if (!(field.repeated ? PrintMany(field, values, i, depth, out)
                         : PrintOne(field, values, i, depth, out))) {
      return false;
    }
  }
  out->push_back('}');
  return true;
}

}  // namespace

MessagePrinter::MessagePrinter() = default;
MessagePrinter::~MessagePrinter() = default;

const PrintPlan* MessagePrinter::Make(const Descriptor* type) {
  const auto known = plans_.find(type);
  if (known != plans_.end()) {
    return known->second.get();
  }
  // Entered before its fields are looked at, so that a type may contain itself.
  PrintPlan* plan = plans_.emplace(type, std::make_unique<PrintPlan>()).first->second.get();
  constexpr uint32_t kDense = 128;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& descriptor = *type->field(i);
    PrintPlan::Field field;
    AppendJsonString(descriptor.json_name(), field.key);
    field.key.push_back(':');
    field.repeated = descriptor.is_repeated();
    field.map = descriptor.is_map();
    field.always = field.repeated || !descriptor.has_presence();
    field.enumeration = descriptor.enum_type();
    const Descriptor* message = descriptor.message_type();
    field.form = message == nullptr ? ScalarFormOf(descriptor) : MessageForm(*message);
    if (field.form == Form::kMessage || field.form == Form::kWrapper) {
      field.nested = Make(message);
    }
    const auto number = static_cast<uint32_t>(descriptor.number());
    if (number < kDense) {
      plan->dense.resize(std::max<size_t>(plan->dense.size(), number + 1), -1);
      plan->dense[number] = i;
    } else {
      plan->sparse[number] = i;
    }
    plan->fields.push_back(std::move(field));
  }
  return plan;
}

bool MessagePrinter::Add(const Descriptor* type) {
  if (MessageForm(*type) != Form::kMessage || !Printable(*type)) {
    return false;
  }
  Make(type);
  return true;
}

bool MessagePrinter::Print(const Descriptor* type, absl::string_view wire, std::string* out) const {
  const auto plan = plans_.find(type);
  return plan != plans_.end() && PrintMessage(*plan->second, wire, 0, out);
}

}  // namespace baimi::transcode
