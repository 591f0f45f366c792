#include "common/sql/postgres/values.h"

#include <cassert>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/sql/params.h"

namespace baimi::sql::postgres {
namespace {

// From PostgreSQL's catalog, where they never change.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kName = 19;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kUnknown = 705;
constexpr Oid kBpchar = 1042;
constexpr Oid kVarchar = 1043;

constexpr int kTextFormat = 0;
constexpr int kBinaryFormat = 1;

bool IsText(Oid type) {
  return type == kText || type == kVarchar || type == kBpchar || type == kName || type == kUnknown;
}

template <typename T>
std::string BigEndian(T value) {
  std::string bytes(sizeof(T), '\0');
  for (size_t i = sizeof(T); i-- > 0;) {
    bytes[i] = static_cast<char>(value & 0xFF);
    value = static_cast<T>(value >> 8);
  }
  return bytes;
}

uint64_t FromBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) {
    value = value << 8 | static_cast<unsigned char>(byte);
  }
  return value;
}

template <typename T>
bool Holds(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

absl::Status OutOfRange() {
  return absl::FailedPreconditionError("a number that the column does not hold");
}

absl::Status Mismatch() { return Internal("a value of another type than the column's"); }

}  // namespace

absl::Status Arguments::Own(absl::string_view bytes, int format) {
  slots_.push_back({.offset = own_.size()});
  lengths_.push_back(static_cast<int>(bytes.size()));
  formats_.push_back(format);
  // The closing NUL is what the text format ends with.
  own_.append(bytes.data(), bytes.size()).push_back('\0');
  return absl::OkStatus();
}

absl::Status Arguments::Raw(absl::string_view bytes, bool keep) {
  if (keep) {
    return Own(bytes, kBinaryFormat);
  }
  slots_.push_back({.outside = bytes.data() == nullptr ? "" : bytes.data()});
  lengths_.push_back(static_cast<int>(bytes.size()));
  formats_.push_back(kBinaryFormat);
  return absl::OkStatus();
}

absl::Status Arguments::Number(Oid type, int64_t value) {
  switch (type) {
    case kInt8:
      return Own(BigEndian(static_cast<uint64_t>(value)), kBinaryFormat);
    case kInt4:
      return Holds<int32_t>(value) ? Own(BigEndian(static_cast<uint32_t>(value)), kBinaryFormat)
                                   : OutOfRange();
    case kInt2:
      return Holds<int16_t>(value) ? Own(BigEndian(static_cast<uint16_t>(value)), kBinaryFormat)
                                   : OutOfRange();
    case kBool:
      return value == 0 || value == 1 ? Own(BigEndian(static_cast<uint8_t>(value)), kBinaryFormat)
                                      : OutOfRange();
    case kFloat4:
    case kFloat8:
      return Float(type, static_cast<double>(value));
    default:
      return type == kBytea || IsText(type) ? Mismatch() : Own(absl::StrCat(value), kTextFormat);
  }
}

absl::Status Arguments::Float(Oid type, double value) {
  if (type == kFloat8) {
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    return Own(BigEndian(bits), kBinaryFormat);
  }
  const bool other = type == kInt8 || type == kInt4 || type == kInt2 || type == kBool ||
                     type == kBytea || IsText(type);
  return other ? Mismatch() : Own(absl::StrFormat("%.17g", value), kTextFormat);
}

absl::Status Arguments::SetOne(Oid type, const Param::Variant& value, bool keep) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return Number(type, *number);
  }
  if (const auto* truth = std::get_if<bool>(&value)) {
    return Number(type, *truth ? 1 : 0);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return Float(type, *real);
  }
  if (const auto* text = std::get_if<absl::string_view>(&value)) {
    if (IsText(type)) {
      return Raw(*text, keep);
    }
    const bool other = type == kInt8 || type == kInt4 || type == kInt2 || type == kBool ||
                       type == kBytea || type == kFloat4 || type == kFloat8;
    return other ? Mismatch() : Own(*text, kTextFormat);
  }
  if (const auto* bytes = std::get_if<Param::BytesView>(&value)) {
    return type == kBytea ? Raw(bytes->bytes, keep) : Mismatch();
  }
  slots_.push_back({.null = true});
  lengths_.push_back(0);
  formats_.push_back(kBinaryFormat);
  return absl::OkStatus();
}

absl::Status Arguments::Set(const Statement& statement, absl::Span<const Oid> types, Params params,
                            bool keep) {
  own_.clear();
  slots_.clear();
  lengths_.clear();
  formats_.clear();
  if (params.size() != types.size()) {
    return Internal(absl::StrCat("sql ", statement.name, ": got ", params.size(),
                                 " parameters, want ", types.size()));
  }
  absl::Status checked = CheckParams(statement, params);
  for (size_t i = 0; checked.ok() && i < params.size(); ++i) {
    const absl::Status set = SetOne(types[i], params[i].value(), keep);
    if (!set.ok()) {
      const std::string text =
          absl::StrCat("sql ", statement.name, ".$", i + 1, ": ", set.message());
      checked = absl::IsInternal(set) ? Internal(text) : absl::Status(set.code(), text);
    }
  }
  return checked;
}

const char* const* Arguments::values() {
  values_.clear();
  for (const Slot& slot : slots_) {
    values_.push_back(slot.null                 ? nullptr
                      : slot.outside != nullptr ? slot.outside
                                                : own_.data() + slot.offset);
  }
  return values_.data();
}

absl::string_view ResultRow::Raw(int column) const {
  assert(column >= 0 && column < PQnfields(result_));
  return {PQgetvalue(result_, row_, column),
          static_cast<size_t>(PQgetlength(result_, row_, column))};
}

bool ResultRow::IsNull(int column) const { return PQgetisnull(result_, row_, column) != 0; }

int64_t ResultRow::Int64(int column) const {
  const absl::string_view raw = Raw(column);
  switch (raw.empty() ? 0 : PQftype(result_, column)) {
    case kInt8:
      return static_cast<int64_t>(FromBigEndian(raw));
    case kInt4:
      return static_cast<int32_t>(FromBigEndian(raw));
    case kInt2:
      return static_cast<int16_t>(FromBigEndian(raw));
    default:
      assert(IsNull(column));
      return 0;
  }
}

bool ResultRow::Bool(int column) const {
  const absl::string_view raw = Raw(column);
  assert(IsNull(column) || PQftype(result_, column) == kBool || PQftype(result_, column) == kInt8 ||
         PQftype(result_, column) == kInt4 || PQftype(result_, column) == kInt2);
  return FromBigEndian(raw) != 0;
}

double ResultRow::Double(int column) const {
  const absl::string_view raw = Raw(column);
  if (PQftype(result_, column) == kFloat8 && raw.size() == sizeof(double)) {
    const uint64_t bits = FromBigEndian(raw);
    double value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }
  assert(IsNull(column));
  return 0;
}

absl::string_view ResultRow::Text(int column) const {
  assert(IsNull(column) || IsText(PQftype(result_, column)));
  return Raw(column);
}

absl::string_view ResultRow::Bytes(int column) const {
  assert(IsNull(column) || PQftype(result_, column) == kBytea);
  return Raw(column);
}

}  // namespace baimi::sql::postgres
