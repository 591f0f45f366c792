#include "common/transcode/message_printer.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/transcode/json_writer.h"
#include "common/transcode/special_json.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/stubs/strutil.h"
#include "google/protobuf/wire_format_lite.h"

namespace baimi::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

constexpr int kMaxDepth = 100;

// How one value is written.
enum class Form : uint8_t {
  kInt32,
  kSint32,
  kUint32,
  kFixed32,
  kSfixed32,
  kInt64,
  kSint64,
  kUint64,
  kFixed64,
  kSfixed64,
  kFloat,
  kDouble,
  kBool,
  kEnum,
  kString,
  kBytes,
  kMessage,
  kTimestamp,
  kDuration,
  kFieldMask,
  kWrapper,
};

Form ScalarForm(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_INT32:
      return Form::kInt32;
    case FieldDescriptor::TYPE_SINT32:
      return Form::kSint32;
    case FieldDescriptor::TYPE_UINT32:
      return Form::kUint32;
    case FieldDescriptor::TYPE_FIXED32:
      return Form::kFixed32;
    case FieldDescriptor::TYPE_SFIXED32:
      return Form::kSfixed32;
    case FieldDescriptor::TYPE_INT64:
      return Form::kInt64;
    case FieldDescriptor::TYPE_SINT64:
      return Form::kSint64;
    case FieldDescriptor::TYPE_UINT64:
      return Form::kUint64;
    case FieldDescriptor::TYPE_FIXED64:
      return Form::kFixed64;
    case FieldDescriptor::TYPE_SFIXED64:
      return Form::kSfixed64;
    case FieldDescriptor::TYPE_FLOAT:
      return Form::kFloat;
    case FieldDescriptor::TYPE_DOUBLE:
      return Form::kDouble;
    case FieldDescriptor::TYPE_BOOL:
      return Form::kBool;
    case FieldDescriptor::TYPE_ENUM:
      return Form::kEnum;
    case FieldDescriptor::TYPE_BYTES:
      return Form::kBytes;
    default:
      return Form::kString;
  }
}

// kMessage for what has no form of its own.
Form MessageForm(const Descriptor& type) {
  const std::string& name = type.full_name();
  if (name == "google.protobuf.Timestamp") {
    return Form::kTimestamp;
  }
  if (name == "google.protobuf.Duration") {
    return Form::kDuration;
  }
  if (name == "google.protobuf.FieldMask") {
    return Form::kFieldMask;
  }
  return type.file()->name() == "google/protobuf/wrappers.proto" ? Form::kWrapper : Form::kMessage;
}

// Nothing of unknown shape in the type or in what it holds.
bool Printable(const Descriptor* type, absl::flat_hash_set<const Descriptor*>& seen) {
  if (!seen.insert(type).second) {
    return true;
  }
  const std::string& name = type->full_name();
  if (name == "google.protobuf.Struct" || name == "google.protobuf.Value" ||
      name == "google.protobuf.ListValue" || name == "google.protobuf.Any") {
    return false;
  }
  for (int i = 0; i < type->field_count(); ++i) {
    const Descriptor* nested = type->field(i)->message_type();
    if (nested != nullptr && !Printable(nested, seen)) {
      return false;
    }
  }
  return true;
}

// One value as it stands on the wire: a number, or a view.
struct Raw {
  uint64_t number = 0;
  absl::string_view bytes;
};

uint32_t WireTypeOf(Form form) {
  switch (form) {
    case Form::kFixed32:
    case Form::kSfixed32:
    case Form::kFloat:
      return WireFormatLite::WIRETYPE_FIXED32;
    case Form::kFixed64:
    case Form::kSfixed64:
    case Form::kDouble:
      return WireFormatLite::WIRETYPE_FIXED64;
    case Form::kString:
    case Form::kBytes:
    case Form::kMessage:
    case Form::kTimestamp:
    case Form::kDuration:
    case Form::kFieldMask:
    case Form::kWrapper:
      return WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    default:
      return WireFormatLite::WIRETYPE_VARINT;
  }
}

bool ReadVarint(absl::string_view* in, uint64_t* value) {
  *value = 0;
  for (size_t i = 0; i < in->size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>((*in)[i]);
    *value |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      in->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

template <typename T>
bool ReadFixed(absl::string_view* in, uint64_t* value) {
  T fixed;
  if (in->size() < sizeof(fixed)) {
    return false;
  }
  std::memcpy(&fixed, in->data(), sizeof(fixed));
  in->remove_prefix(sizeof(fixed));
  *value = fixed;
  return true;
}

// The value behind a tag; groups are stepped over.
bool ReadValue(uint32_t tag, absl::string_view* in, Raw* raw) {
  switch (WireFormatLite::GetTagWireType(tag)) {
    case WireFormatLite::WIRETYPE_VARINT:
      return ReadVarint(in, &raw->number);
    case WireFormatLite::WIRETYPE_FIXED64:
      return ReadFixed<uint64_t>(in, &raw->number);
    case WireFormatLite::WIRETYPE_FIXED32:
      return ReadFixed<uint32_t>(in, &raw->number);
    case WireFormatLite::WIRETYPE_LENGTH_DELIMITED: {
      uint64_t size = 0;
      if (!ReadVarint(in, &size) || size > in->size()) {
        return false;
      }
      raw->bytes = in->substr(0, size);
      in->remove_prefix(size);
      return true;
    }
    default: {
      google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(in->data()),
                                                    static_cast<int>(in->size()));
      if (!WireFormatLite::SkipField(&stream, tag)) {
        return false;
      }
      in->remove_prefix(static_cast<size_t>(stream.CurrentPosition()));
      return true;
    }
  }
}

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

}  // namespace

struct MessagePrinter::Plan {
  struct Field {
    // With quotes and colon.
    std::string key;
    Form form;
    bool repeated = false;
    bool map = false;
    // Printed without a value.
    bool always = true;
    // Of a message, of a wrapper, of a map's entry.
    const Plan* nested = nullptr;
    const google::protobuf::EnumDescriptor* enumeration = nullptr;
  };
  // Index of a field, or -1.
  int Find(uint32_t number) const {
    if (number < dense.size()) {
      return dense[number];
    }
    const auto found = sparse.find(number);
    return found == sparse.end() ? -1 : found->second;
  }

  std::vector<Field> fields;
  std::vector<int> dense;
  absl::flat_hash_map<uint32_t, int> sparse;
};

namespace {

using Plan = MessagePrinter::Plan;

// The values of one message, chained by field in the order of the wire.
class Values {
 public:
  explicit Values(const Plan& plan) : first_(plan.fields.size(), -1), last_(first_) {}

  bool Read(const Plan& plan, absl::string_view wire) {
    while (!wire.empty()) {
      uint64_t tag = 0;
      Raw raw;
      if (!ReadVarint(&wire, &tag) || tag > std::numeric_limits<uint32_t>::max() || tag < 8 ||
          !ReadValue(static_cast<uint32_t>(tag), &wire, &raw)) {
        return false;
      }
      const int field = plan.Find(static_cast<uint32_t>(tag >> 3));
      if (field >= 0 && !Take(plan.fields[static_cast<size_t>(field)], field,
                              static_cast<uint32_t>(tag & 7), raw)) {
        return false;
      }
    }
    return true;
  }

  int first(size_t field) const { return first_[field]; }
  int last(size_t field) const { return last_[field]; }
  const Raw& at(int i) const { return values_[static_cast<size_t>(i)].raw; }
  int next(int i) const { return values_[static_cast<size_t>(i)].next; }

 private:
  struct Value {
    Raw raw;
    int next;
  };

  bool Take(const Plan::Field& field, int index, uint32_t wire_type, const Raw& raw) {
    const uint32_t want = WireTypeOf(field.form);
    if (wire_type == want) {
      Push(index, raw);
      return true;
    }
    if (!field.repeated || wire_type != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      return true;
    }
    absl::string_view packed = raw.bytes;
    while (!packed.empty()) {
      Raw element;
      if (!ReadValue(want, &packed, &element)) {
        return false;
      }
      Push(index, element);
    }
    return true;
  }

  void Push(int field, const Raw& raw) {
    const int at = static_cast<int>(values_.size());
    values_.push_back({raw, -1});
    int& last = last_[static_cast<size_t>(field)];
    (last < 0 ? first_[static_cast<size_t>(field)] : values_[static_cast<size_t>(last)].next) = at;
    last = at;
  }

  absl::InlinedVector<int, 32> first_;
  absl::InlinedVector<int, 32> last_;
  absl::InlinedVector<Value, 32> values_;
};

bool PrintMessage(const Plan& plan, absl::string_view wire, int depth, std::string* out);
bool PrintValue(const Plan::Field& field, const Raw& raw, int depth, std::string* out);

void PrintEnum(const google::protobuf::EnumDescriptor& type, int number, std::string* out) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) {
    absl::StrAppend(out, number);
  } else {
    absl::StrAppend(out, "\"", value->name(), "\"");
  }
}

bool PrintWrapper(const Plan& plan, absl::string_view wire, int depth, std::string* out) {
  Values values(plan);
  if (!values.Read(plan, wire)) {
    return false;
  }
  const int last = values.last(0);
  return PrintValue(plan.fields[0], last < 0 ? Raw() : values.at(last), depth, out);
}

bool PrintNumber(const Plan::Field& field, uint64_t number, std::string* out) {
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

bool PrintValue(const Plan::Field& field, const Raw& raw, int depth, std::string* out) {
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
bool PrintKey(const Plan::Field& field, const Raw& raw, std::string* out) {
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

bool PrintEntry(const Plan& entry, absl::string_view wire, int depth, std::string* out) {
  Values values(entry);
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

bool PrintMany(const Plan::Field& field, const Values& values, size_t index, int depth,
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
bool PrintOne(const Plan::Field& field, const Values& values, size_t index, int depth,
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

bool PrintMessage(const Plan& plan, absl::string_view wire, int depth, std::string* out) {
  Values values(plan);
  if (depth > kMaxDepth || !values.Read(plan, wire)) {
    return false;
  }
  out->push_back('{');
  bool comma = false;
  for (size_t i = 0; i < plan.fields.size(); ++i) {
    const Plan::Field& field = plan.fields[i];
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

const Plan* MessagePrinter::Make(const Descriptor* type) {
  const auto known = plans_.find(type);
  if (known != plans_.end()) {
    return known->second.get();
  }
  // Entered before its fields are looked at, so that a type may contain itself.
  Plan* plan = plans_.emplace(type, std::make_unique<Plan>()).first->second.get();
  constexpr uint32_t kDense = 128;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& descriptor = *type->field(i);
    Plan::Field field;
    AppendJsonString(descriptor.json_name(), field.key);
    field.key.push_back(':');
    field.repeated = descriptor.is_repeated();
    field.map = descriptor.is_map();
    field.always = field.repeated || !descriptor.has_presence();
    field.enumeration = descriptor.enum_type();
    const Descriptor* message = descriptor.message_type();
    field.form = message == nullptr ? ScalarForm(descriptor) : MessageForm(*message);
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
  absl::flat_hash_set<const Descriptor*> seen;
  if (MessageForm(*type) != Form::kMessage || !Printable(type, seen)) {
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
