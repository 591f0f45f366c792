#include "common/rpc/method.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/digest.h"
#include "common/privacy/split.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"

namespace baimi::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);
constexpr absl::Duration kMaxDeadline = absl::Seconds(30);
constexpr int64_t kMaxUpload = int64_t{1} << 20;

bool IsString(const FieldDescriptor* field) {
  return field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
}

std::string Deterministic(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  return bytes;
}

// Null unless there is exactly one.
const FieldDescriptor* ContentOf(const google::protobuf::Descriptor& type) {
  const FieldDescriptor* content = nullptr;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->type() != FieldDescriptor::TYPE_BYTES) {
      continue;
    }
    if (content != nullptr || field->is_repeated()) {
      return nullptr;
    }
    content = field;
  }
  return content;
}

// Takes one field out of a message in wire form, as if it had not been set.
void EraseField(int number, std::string* bytes) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes->data()),
                                            static_cast<int>(bytes->size()));
  for (int start = 0;; start = in.CurrentPosition()) {
    const uint32_t tag = in.ReadTag();
    if (tag == 0 || !WireFormatLite::SkipField(&in, tag)) {
      return;
    }
    if (WireFormatLite::GetTagFieldNumber(tag) == number) {
      bytes->erase(static_cast<size_t>(start), static_cast<size_t>(in.CurrentPosition() - start));
      return;
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Method>> Method::Resolve(
    const google::protobuf::MethodDescriptor* descriptor) {
  const auto fail = [&](absl::string_view what) {
    return absl::FailedPreconditionError(absl::StrCat(descriptor->full_name(), ": ", what));
  };
  if (!descriptor->options().HasExtension(options::v1::policy)) {
    return fail("got no policy option, want baimi.options.v1.policy");
  }
  auto method = std::unique_ptr<Method>(new Method());
  method->descriptor_ = descriptor;
  method->full_name_ =
      absl::StrCat("/", descriptor->service()->full_name(), "/", descriptor->name());
  method->policy_ = descriptor->options().GetExtension(options::v1::policy);
  const auto& policy = method->policy_;
  if (policy.permission().empty() || policy.audience() == 0 || policy.idempotency() == 0 ||
      policy.lane() == 0 || policy.audit() == 0) {
    return fail("policy: got unset members, want permission, audience, idempotency, lane, audit");
  }
  method->default_deadline_ = policy.default_deadline_ms() > 0
                                  ? absl::Milliseconds(policy.default_deadline_ms())
                                  : kDefaultDeadline;
  method->max_deadline_ =
      policy.max_deadline_ms() > 0 ? absl::Milliseconds(policy.max_deadline_ms()) : kMaxDeadline;
  const auto* input = descriptor->input_type();
  for (absl::string_view part : absl::StrSplit(policy.scope_field(), '.', absl::SkipEmpty())) {
    const FieldDescriptor* field =
        input == nullptr ? nullptr : input->FindFieldByName(std::string(part));
    if (field == nullptr || field->is_repeated()) {
      return fail(absl::StrCat("scope_field: got ", policy.scope_field(), ", want a string field"));
    }
    method->scope_path_.push_back(field);
    input = field->message_type();
  }
  if (!method->scope_path_.empty() && !IsString(method->scope_path_.back())) {
    return fail(absl::StrCat("scope_field: got ", policy.scope_field(), ", want a string field"));
  }
  method->request_id_ = descriptor->input_type()->FindFieldByName("request_id");
  method->validate_only_ = descriptor->input_type()->FindFieldByName("validate_only");
  const bool wants_id = policy.idempotency() == options::v1::REQUEST_ID;
  if (wants_id != (method->request_id_ != nullptr)) {
    return fail("idempotency: want REQUEST_ID exactly where the request has a request_id");
  }
  if (descriptor->client_streaming()) {
    method->content_ = ContentOf(*descriptor->input_type());
    if (method->content_ == nullptr) {
      return fail("client stream: want a request with exactly one bytes field, not repeated");
    }
    if (method->scope_path_.empty()) {
      return fail("client stream: want a scope_field, which the first message carries");
    }
    method->max_upload_bytes_ =
        policy.max_upload_bytes() > 0 ? policy.max_upload_bytes() : kMaxUpload;
  }
  method->response_has_pii_ = privacy::HasPii(descriptor->output_type());
  return method;
}

std::string Method::Scope(const Message& request) const {
  const Message* message = &request;
  for (size_t i = 0; i < scope_path_.size(); ++i) {
    const auto* reflection = message->GetReflection();
    if (i + 1 == scope_path_.size()) {
      return reflection->GetString(*message, scope_path_[i]);
    }
    if (!reflection->HasField(*message, scope_path_[i])) {
      return "";
    }
    message = &reflection->GetMessage(*message, scope_path_[i]);
  }
  return "";
}

std::string Method::RequestId(const Message& request) const {
  return request_id_ == nullptr ? "" : request.GetReflection()->GetString(request, request_id_);
}

bool Method::ValidateOnly(const Message& request) const {
  return validate_only_ != nullptr && request.GetReflection()->GetBool(request, validate_only_);
}

std::string Method::Fingerprint(const Message& request) const {
  std::string bytes = Deterministic(request);
  if (request_id_ != nullptr) {
    EraseField(request_id_->number(), &bytes);
  }
  if (content_ != nullptr) {
    EraseField(content_->number(), &bytes);
  }
  return Sha256(bytes);
}

}  // namespace baimi::rpc
