#include "common/base/error.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"

namespace baimi {
namespace {

using type::v1::ErrorReason;

std::string TypeUrl(const google::protobuf::Message& message) {
  return absl::StrCat("type.googleapis.com/", message.GetDescriptor()->full_name());
}

void Attach(absl::Status& status, const google::protobuf::Message& message) {
  status.SetPayload(TypeUrl(message), absl::Cord(message.SerializeAsString()));
}

template <typename T>
std::optional<T> Detail(const absl::Status& status) {
  T message;
  const auto payload = status.GetPayload(TypeUrl(message));
  if (!payload || !message.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return message;
}

}  // namespace

Error::Error(absl::StatusCode code, const google::protobuf::EnumDescriptor* reasons, int reason,
             absl::string_view message, absl::string_view message_zh)
    : code_(code), message_(message), message_zh_(message_zh) {
  const auto* value = reasons->FindValueByNumber(reason);
  info_.set_reason(std::string(absl::StripPrefix(
      value ? absl::string_view(value->name()) : "UNSPECIFIED", "ERROR_REASON_")));
  info_.set_domain(reasons->file()->package());
}

Error& Error::With(absl::string_view key, absl::string_view value) {
  (*info_.mutable_metadata())[std::string(key)] = std::string(value);
  return *this;
}

Error& Error::Field(absl::string_view path, absl::string_view description) {
  auto* violation = bad_request_.add_field_violations();
  violation->set_field(std::string(path));
  violation->set_description(std::string(description));
  return *this;
}

Error& Error::RetryAfter(absl::Duration delay) {
  retry_after_ = delay;
  return *this;
}

absl::Status Error::Build() const {
  absl::Status status(code_, message_);
  Attach(status, info_);
  if (bad_request_.field_violations_size() > 0) {
    Attach(status, bad_request_);
  }
  if (retry_after_) {
    google::rpc::RetryInfo retry;
    const int64_t nanos = absl::ToInt64Nanoseconds(*retry_after_);
    retry.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
    Attach(status, retry);
  }
  if (!message_zh_.empty()) {
    google::rpc::LocalizedMessage localized;
    localized.set_locale("zh-CN");
    localized.set_message(message_zh_);
    Attach(status, localized);
  }
  return status;
}

absl::Status InvalidField(absl::string_view path, absl::string_view got, absl::string_view want,
                          absl::string_view want_zh) {
  const std::string text = absl::StrCat(path, ": got ", got, ", want ", want);
  return Error(absl::StatusCode::kInvalidArgument, ErrorReason::ERROR_REASON_INVALID_FIELD, text,
               absl::StrCat(path, "：收到 ", got, "，应为 ", want_zh))
      .Field(path, absl::StrCat("got ", got, ", want ", want));
}

absl::Status NotFound(absl::string_view resource_name) {
  return Error(absl::StatusCode::kNotFound, ErrorReason::ERROR_REASON_RESOURCE_NOT_FOUND,
               absl::StrCat("name: got ", resource_name,
                            ", want a resource that exists and that you may see"),
               absl::StrCat("未找到或无权查看：", resource_name))
      .With("resource", resource_name);
}

absl::Status EtagMismatch(absl::string_view got, absl::string_view want) {
  return Error(absl::StatusCode::kAborted, ErrorReason::ERROR_REASON_ETAG_MISMATCH,
               absl::StrCat("etag: got ", got, ", want ", want, "; read it again and retry"),
               "内容已被他人修改，请重新读取后再提交")
      .With("got", got)
      .With("want", want);
}

absl::Status Internal(absl::string_view detail) {
  return Error(absl::StatusCode::kInternal, ErrorReason::ERROR_REASON_INTERNAL, detail,
               "系统内部错误");
}

std::optional<google::rpc::ErrorInfo> ErrorInfoOf(const absl::Status& status) {
  return Detail<google::rpc::ErrorInfo>(status);
}

std::optional<google::rpc::BadRequest> BadRequestOf(const absl::Status& status) {
  return Detail<google::rpc::BadRequest>(status);
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const auto retry = Detail<google::rpc::RetryInfo>(status);
  if (!retry) {
    return std::nullopt;
  }
  return absl::Seconds(retry->retry_delay().seconds()) +
         absl::Nanoseconds(retry->retry_delay().nanos());
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = ErrorInfoOf(status);
  return info ? info->reason() : "";
}

}  // namespace baimi
