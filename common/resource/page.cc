#include "common/resource/page.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/privacy/cipher.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace baimi::resource {
namespace {

constexpr char kVersion = 1;
// Replicas' clocks differ; a token may come from a little in the future.
constexpr absl::Duration kSkew = absl::Minutes(5);
constexpr absl::string_view kPrefix(&kVersion, 1);

absl::Status BadToken() {
  return Error(absl::StatusCode::kInvalidArgument, type::v1::ERROR_REASON_BAD_PAGE_TOKEN,
               "page_token: got one that is forged, expired or of another query, want "
               "next_page_token of the last answer with all other fields unchanged",
               "page_token 无效、已过期或与查询条件不符，请从第一页重新查询")
      .Field("page_token",
             "got one that is forged, expired or of another query, want "
             "next_page_token of the last answer with all other fields unchanged");
}

void PutNumber(uint64_t value, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

std::optional<uint64_t> TakeNumber(absl::string_view& in) {
  if (in.size() < sizeof(uint64_t)) {
    return std::nullopt;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(uint64_t); ++i) {
    value = value << 8 | static_cast<uint8_t>(in[i]);
  }
  in.remove_prefix(sizeof(uint64_t));
  return value;
}

std::string Binding(const PageQuery& query) {
  std::string binding;
  PutNumber(query.method.size(), binding);
  return absl::StrCat(binding, query.method, query.fingerprint);
}

std::optional<PageCursor> ReadCursor(absl::string_view in) {
  PageCursor cursor;
  while (!in.empty()) {
    const std::optional<uint64_t> size = TakeNumber(in);
    if (!size || *size > in.size()) {
      return std::nullopt;
    }
    cursor.last_key.emplace_back(in.substr(0, *size));
    in.remove_prefix(*size);
  }
  return cursor;
}

}  // namespace

absl::StatusOr<int> PageSize(int32_t requested) {
  if (requested < 0) {
    return InvalidField("page_size", absl::StrCat(requested), "0 (for 50) to 1000",
                        "0（即 50）至 1000");
  }
  return requested == 0 ? kDefaultPageSize : std::min(requested, kMaxPageSize);
}

PageQuery PageQueryOf(absl::string_view method, const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    if (const auto* field = copy->GetDescriptor()->FindFieldByName(name)) {
      copy->GetReflection()->ClearField(copy.get(), field);
    }
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    copy->SerializePartialToCodedStream(&coded);
  }
  return PageQuery{std::string(method), Sha256(bytes)};
}

PageTokens::PageTokens(std::string key, const Clock* clock, Rng* rng, absl::Duration lifetime)
    : key_(std::move(key)), clock_(clock), rng_(rng), lifetime_(lifetime) {}

std::string PageTokens::Make(const PageQuery& query, const PageCursor& cursor) const {
  std::string plain;
  PutNumber(static_cast<uint64_t>(absl::ToUnixMicros(clock_->Now())), plain);
  for (const std::string& field : cursor.last_key) {
    PutNumber(field.size(), plain);
    plain += field;
  }
  const std::string nonce = rng_->Bytes(privacy::kGcmNonceSize);
  return absl::WebSafeBase64Escape(absl::StrCat(
      kPrefix, nonce, privacy::AesGcmSeal(key_, nonce, kPrefix, Binding(query), plain)));
}

absl::StatusOr<PageCursor> PageTokens::Read(const PageQuery& query, absl::string_view token) const {
  if (token.empty()) {
    return PageCursor{};
  }
  std::string bytes;
  constexpr size_t kHead = 1 + privacy::kGcmNonceSize;
  // Escaping back refuses other spellings of the same bytes.
  if (!absl::WebSafeBase64Unescape(token, &bytes) || absl::WebSafeBase64Escape(bytes) != token ||
      bytes.size() < kHead || bytes[0] != kVersion) {
    return BadToken();
  }
  const absl::string_view view = bytes;
  const std::optional<std::string> plain = privacy::AesGcmOpen(
      key_, view.substr(1, privacy::kGcmNonceSize), kPrefix, Binding(query), view.substr(kHead));
  if (!plain) {
    return BadToken();
  }
  absl::string_view rest = *plain;
  const std::optional<uint64_t> issued_us = TakeNumber(rest);
  if (!issued_us) {
    return BadToken();
  }
  const absl::Duration age = clock_->Now() - absl::FromUnixMicros(static_cast<int64_t>(*issued_us));
  std::optional<PageCursor> cursor = ReadCursor(rest);
  if (age > lifetime_ || age < -kSkew || !cursor) {
    return BadToken();
  }
  return *std::move(cursor);
}

}  // namespace baimi::resource
