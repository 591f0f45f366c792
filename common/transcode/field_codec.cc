#include "common/transcode/field_codec.h"

#include <bit>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "baimi/options/v1/options.pb.h"
#include "common/base/error.h"
#include "common/transcode/json_gate.h"
#include "common/transcode/utf8.h"
#include "common/transcode/wire.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/time_util.h"

namespace baimi::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

struct Want {
  std::string en;
  std::string zh;
};

template <typename T>
Want IntegerWant() {
  const std::string range =
      absl::StrCat(std::numeric_limits<T>::min(), "..", std::numeric_limits<T>::max());
  return {absl::StrCat("an integer in ", range), absl::StrCat("整数 ", range)};
}

Want EnumWant(const EnumDescriptor& type) {
  constexpr int kMost = 24;
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count() && i < kMost; ++i) {
    names.push_back(type.value(i)->name());
  }
  const std::string list =
      absl::StrCat(absl::StrJoin(names, ", "), type.value_count() > kMost ? ", ..." : "");
  return {absl::StrCat("one of ", list), absl::StrCat("以下之一：", list)};
}

bool IsWrapper(const Descriptor& type) {
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_DOUBLEVALUE:
    case Descriptor::WELLKNOWNTYPE_FLOATVALUE:
    case Descriptor::WELLKNOWNTYPE_INT64VALUE:
    case Descriptor::WELLKNOWNTYPE_UINT64VALUE:
    case Descriptor::WELLKNOWNTYPE_INT32VALUE:
    case Descriptor::WELLKNOWNTYPE_UINT32VALUE:
    case Descriptor::WELLKNOWNTYPE_STRINGVALUE:
    case Descriptor::WELLKNOWNTYPE_BYTESVALUE:
    case Descriptor::WELLKNOWNTYPE_BOOLVALUE:
      return true;
    default:
      return false;
  }
}

Want MessageWant(const Descriptor& type);

Want WantOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return IntegerWant<int32_t>();
    case FieldDescriptor::CPPTYPE_INT64:
      return IntegerWant<int64_t>();
    case FieldDescriptor::CPPTYPE_UINT32:
      return IntegerWant<uint32_t>();
    case FieldDescriptor::CPPTYPE_UINT64:
      return IntegerWant<uint64_t>();
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {"a number", "数值"};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {"true or false", "true 或 false"};
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumWant(*field.enum_type());
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? Want{"a base64 string", "base64 字符串"}
                                                         : Want{"a string", "字符串"};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageWant(*field.message_type());
  }
  return {"another value", "其他值"};
}

Want MessageWant(const Descriptor& type) {
  if (IsWrapper(type)) {
    return WantOf(*type.field(0));
  }
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return {"a time such as \"2026-11-22T08:00:00Z\"", "形如 \"2026-11-22T08:00:00Z\" 的时间"};
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return {"a duration such as \"1.5s\"", "形如 \"1.5s\" 的时长"};
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return {"field names such as \"title,caller.phone\"", "形如 \"title,caller.phone\" 的字段名"};
    default:
      return {"an object", "对象"};
  }
}

std::string Quoted(ScalarForm form, absl::string_view text) {
  constexpr size_t kShown = 64;
  const absl::string_view shown = Utf8Prefix(text, kShown);
  const absl::string_view more = shown.size() < text.size() ? "..." : "";
  if (form == ScalarForm::kJsonNumber || form == ScalarForm::kJsonBool) {
    return absl::StrCat(shown, more);
  }
  return absl::StrCat("\"", absl::Utf8SafeCEscape(shown), more, "\"");
}

absl::Status Bad(const FieldDescriptor& field, ScalarForm form, absl::string_view text,
                 absl::string_view path) {
  return WantField(field, Quoted(form, text), path);
}

bool LooksInteger(absl::string_view text) {
  if (!text.empty() && text[0] == '-') {
    text.remove_prefix(1);
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

bool ParseFloating(absl::string_view text, ScalarForm form, double& value) {
  if (form != ScalarForm::kJsonNumber) {
    if (text == "NaN") {
      value = std::numeric_limits<double>::quiet_NaN();
      return true;
    }
    if (text == "Infinity" || text == "-Infinity") {
      value = std::numeric_limits<double>::infinity() * (text[0] == '-' ? -1 : 1);
      return true;
    }
  }
  // The scanner knows the grammar of a JSON number; SimpleAtod would take hex, spaces and "inf".
  if (form != ScalarForm::kJsonNumber &&
      (text.empty() ||
       !(text[0] == '-' || absl::ascii_isdigit(static_cast<unsigned char>(text[0]))) ||
       !ScanJson(text).ok() || absl::ascii_isspace(static_cast<unsigned char>(text.back())))) {
    return false;
  }
  return absl::SimpleAtod(text, &value) && std::isfinite(value);
}

// 1.0 and 1e3 are integers for JSON.
template <typename T>
bool ParseInteger(absl::string_view text, ScalarForm form, T& value) {
  if (LooksInteger(text)) {
    return absl::SimpleAtoi(text, &value);
  }
  double real = 0;
  constexpr double kExact = 9007199254740992.0;
  if (form != ScalarForm::kJsonNumber || !ParseFloating(text, form, real) ||
      std::trunc(real) != real || std::abs(real) > kExact ||
      real < static_cast<double>(std::numeric_limits<T>::min()) ||
      real > static_cast<double>(std::numeric_limits<T>::max())) {
    return false;
  }
  value = static_cast<T>(real);
  return true;
}

// `bits` is the value, sign-extended to 64 bits.
void AppendInteger(const FieldDescriptor& field, uint64_t bits, std::string& wire) {
  const uint64_t zigzag = (bits << 1) ^ (static_cast<int64_t>(bits) < 0 ? ~uint64_t{0} : 0);
  switch (field.type()) {
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      AppendTag(field.number(), WireType::kFixed32, wire);
      return AppendFixed32(static_cast<uint32_t>(bits), wire);
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      AppendTag(field.number(), WireType::kFixed64, wire);
      return AppendFixed64(bits, wire);
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SINT64:
      AppendTag(field.number(), WireType::kVarint, wire);
      return AppendVarint(zigzag, wire);
    default:
      AppendTag(field.number(), WireType::kVarint, wire);
      return AppendVarint(bits, wire);
  }
}

template <typename T>
bool Integer(const FieldDescriptor& field, ScalarForm form, absl::string_view text,
             std::string& wire) {
  T value = 0;
  if (form == ScalarForm::kJsonBool || !ParseInteger(text, form, value)) {
    return false;
  }
  AppendInteger(field, static_cast<uint64_t>(static_cast<int64_t>(value)), wire);
  return true;
}

template <>
bool Integer<uint64_t>(const FieldDescriptor& field, ScalarForm form, absl::string_view text,
                       std::string& wire) {
  uint64_t value = 0;
  if (form == ScalarForm::kJsonBool || !ParseInteger(text, form, value)) {
    return false;
  }
  AppendInteger(field, value, wire);
  return true;
}

bool Floating(const FieldDescriptor& field, ScalarForm form, absl::string_view text,
              std::string& wire) {
  double value = 0;
  if (form == ScalarForm::kJsonBool || !ParseFloating(text, form, value)) {
    return false;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    AppendTag(field.number(), WireType::kFixed64, wire);
    AppendFixed64(std::bit_cast<uint64_t>(value), wire);
    return true;
  }
  // From the text: the shortest form of the largest float lies above it as a double.
  float narrow = static_cast<float>(std::isfinite(value) ? 0 : value);
  if (std::isfinite(value) && (!absl::SimpleAtof(text, &narrow) || !std::isfinite(narrow))) {
    return false;
  }
  AppendTag(field.number(), WireType::kFixed32, wire);
  AppendFixed32(std::bit_cast<uint32_t>(narrow), wire);
  return true;
}

bool Bool(const FieldDescriptor& field, ScalarForm form, absl::string_view text,
          std::string& wire) {
  if ((form != ScalarForm::kText && form != ScalarForm::kJsonBool) ||
      (text != "true" && text != "false")) {
    return false;
  }
  AppendTag(field.number(), WireType::kVarint, wire);
  AppendVarint(text == "true" ? 1 : 0, wire);
  return true;
}

bool Enum(const FieldDescriptor& field, ScalarForm form, absl::string_view text,
          std::string& wire) {
  const auto* value = form == ScalarForm::kText || form == ScalarForm::kJsonString
                          ? field.enum_type()->FindValueByName(std::string(text))
                          : nullptr;
  int32_t number = 0;
  if (value == nullptr && (form == ScalarForm::kText || form == ScalarForm::kJsonNumber) &&
      ParseInteger(text, form, number)) {
    value = field.enum_type()->FindValueByNumber(number);
  }
  if (value == nullptr) {
    return false;
  }
  AppendTag(field.number(), WireType::kVarint, wire);
  AppendVarint(static_cast<uint64_t>(int64_t{value->number()}), wire);
  return true;
}

bool Text(const FieldDescriptor& field, ScalarForm form, absl::string_view text,
          std::string& wire) {
  if (form != ScalarForm::kText && form != ScalarForm::kJsonString) {
    return false;
  }
  if (field.type() != FieldDescriptor::TYPE_BYTES) {
    AppendBytes(field.number(), text, wire);
    return true;
  }
  std::string decoded;
  if (!absl::Base64Unescape(text, &decoded) && !absl::WebSafeBase64Unescape(text, &decoded)) {
    return false;
  }
  AppendBytes(field.number(), decoded, wire);
  return true;
}

bool ParseMask(absl::string_view text, google::protobuf::FieldMask& mask) {
  const std::string copy(text);
  if (text.find('_') == absl::string_view::npos) {
    return google::protobuf::util::FieldMaskUtil::FromJsonString(copy, &mask);
  }
  google::protobuf::util::FieldMaskUtil::FromString(copy, &mask);
  return true;
}

bool WellKnown(const FieldDescriptor& field, ScalarForm form, absl::string_view text,
               absl::string_view path, std::string& wire) {
  const Descriptor& type = *field.message_type();
  std::string inner;
  if (IsWrapper(type)) {
    if (!AppendScalar(*type.field(0), form, text, path, inner).ok()) {
      return false;
    }
    AppendBytes(field.number(), inner, wire);
    return true;
  }
  if (form != ScalarForm::kText && form != ScalarForm::kJsonString) {
    return false;
  }
  const std::string copy(text);
  if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_TIMESTAMP) {
    google::protobuf::Timestamp time;
    if (!google::protobuf::util::TimeUtil::FromString(copy, &time)) {
      return false;
    }
    inner = time.SerializeAsString();
  } else if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_DURATION) {
    google::protobuf::Duration duration;
    if (!google::protobuf::util::TimeUtil::FromString(copy, &duration)) {
      return false;
    }
    inner = duration.SerializeAsString();
  } else {
    google::protobuf::FieldMask mask;
    if (!ParseMask(text, mask)) {
      return false;
    }
    inner = mask.SerializeAsString();
  }
  AppendBytes(field.number(), inner, wire);
  return true;
}

}  // namespace

bool IsScalar(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return true;
  }
  const Descriptor& type = *field.message_type();
  return IsWrapper(type) || type.well_known_type() == Descriptor::WELLKNOWNTYPE_TIMESTAMP ||
         type.well_known_type() == Descriptor::WELLKNOWNTYPE_DURATION ||
         type.well_known_type() == Descriptor::WELLKNOWNTYPE_FIELDMASK;
}

absl::Status WantField(const FieldDescriptor& field, absl::string_view got,
                       absl::string_view path) {
  if (field.options().HasExtension(options::v1::pii)) {
    got = "(personal data, withheld)";
  }
  Want want = WantOf(field);
  return InvalidField(path, got, want.en, want.zh);
}

absl::Status AppendScalar(const FieldDescriptor& field, ScalarForm form, absl::string_view text,
                          absl::string_view path, std::string& wire) {
  bool ok = false;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      ok = Integer<int32_t>(field, form, text, wire);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      ok = Integer<int64_t>(field, form, text, wire);
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      ok = Integer<uint32_t>(field, form, text, wire);
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      ok = Integer<uint64_t>(field, form, text, wire);
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      ok = Floating(field, form, text, wire);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      ok = Bool(field, form, text, wire);
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      ok = Enum(field, form, text, wire);
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      ok = Text(field, form, text, wire);
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      ok = WellKnown(field, form, text, path, wire);
      break;
  }
  return ok ? absl::OkStatus() : Bad(field, form, text, path);
}

}  // namespace baimi::transcode
