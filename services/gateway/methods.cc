#include "services/gateway/methods.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "baimi/options/v1/options.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/name.h"
#include "common/transcode/wire.h"

namespace baimi::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

// As the services do without a deadline of the policy (options.proto).
constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);

absl::StatusOr<std::vector<int>> ScopeOf(const MethodDescriptor& method,
                                         const std::string& field_path) {
  std::vector<int> numbers;
  const auto* type = method.input_type();
  for (absl::string_view part : absl::StrSplit(field_path, '.', absl::SkipEmpty())) {
    const FieldDescriptor* field =
        type == nullptr ? nullptr : type->FindFieldByName(std::string(part));
    if (field == nullptr || field->is_repeated()) {
      return absl::InvalidArgumentError(absl::StrCat(method.full_name(), ": scope_field: got ",
                                                     field_path, ", want a string field"));
    }
    numbers.push_back(field->number());
    type = field->message_type();
  }
  return numbers;
}

}  // namespace

std::string Method::CountyOf(absl::string_view wire) const {
  if (scope.empty()) {
    return "";
  }
  std::string value(wire);
  for (const int number : scope) {
    std::optional<std::string> inner = transcode::MergedBytesField(value, number);
    if (!inner) {
      return "";
    }
    value = *std::move(inner);
  }
  return std::string(resource::CountyOf(value));
}

bool Method::IsIdempotent(absl::string_view wire) const {
  return read ||
         (request_id != 0 && !transcode::MergedBytesField(wire, request_id).value_or("").empty());
}

Backend* Methods::BackendOf(absl::string_view full_name) const {
  Backend* best = nullptr;
  for (const auto& [prefix, backend] : backends_) {
    if (absl::StartsWith(full_name, prefix) &&
        (best == nullptr || prefix.size() > best->prefix.size())) {
      best = backend.get();
    }
  }
  return best;
}

absl::Status Methods::Add(const MethodDescriptor& descriptor) {
  if (!descriptor.options().HasExtension(options::v1::policy)) {
    return absl::OkStatus();
  }
  const options::v1::MethodPolicy& policy = descriptor.options().GetExtension(options::v1::policy);
  if (policy.audience() != options::v1::PUBLIC ||
      (descriptor.client_streaming() && descriptor.server_streaming())) {
    return absl::OkStatus();
  }
  auto method = std::make_unique<Method>();
  method->path = absl::StrCat("/", descriptor.service()->full_name(), "/", descriptor.name());
  method->backend = BackendOf(descriptor.full_name());
  if (method->backend == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(method->path, ": got no upstream for it, want one"));
  }
  method->local = local_ == nullptr ? nullptr : local_->Find(method->path);
  method->server_streaming = descriptor.server_streaming();
  method->client_streaming = descriptor.client_streaming();
  method->read = policy.idempotency() == options::v1::READ;
  method->default_deadline = policy.default_deadline_ms() > 0
                                 ? absl::Milliseconds(policy.default_deadline_ms())
                                 : kDefaultDeadline;
  BAIMI_ASSIGN_OR_RETURN(method->scope, ScopeOf(descriptor, policy.scope_field()));
  if (const auto* field = descriptor.input_type()->FindFieldByName("request_id")) {
    method->request_id = field->number();
  }
  methods_.emplace(method->path, std::move(method));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<const Methods>> Methods::Build(
    const transcode::Contract& contract,
    const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels,
    const rpc::RetryOptions& retry, std::shared_ptr<const rpc::LocalMethods> local) {
  auto methods = std::unique_ptr<Methods>(new Methods());
  methods->local_ = std::move(local);
  for (const auto& [prefix, channel] : channels) {
    methods->backends_.emplace(prefix, std::make_unique<Backend>(prefix, channel, retry));
  }
  for (const auto* service : contract.services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      BAIMI_RETURN_IF_ERROR(methods->Add(*service->method(i)));
    }
  }
  return methods;
}

const Method* Methods::Find(absl::string_view path) const {
  const auto found = methods_.find(path);
  return found == methods_.end() ? nullptr : found->second.get();
}

}  // namespace baimi::gateway
