#include "common/rpc/service.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace baimi::rpc {
namespace {

[[noreturn]] void ProgramError(absl::string_view what) {
  std::fprintf(stderr, "%s\n", std::string(what).c_str());
  std::abort();
}

}  // namespace

Service::Service(absl::string_view full_name, Runtime* runtime)
    : descriptor_(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          std::string(full_name))),
      runtime_(runtime) {
  if (descriptor_ == nullptr) {
    ProgramError(absl::StrCat(full_name, ": no such service in the linked contracts"));
  }
}

const Method* Service::Declare(absl::string_view method,
                               const google::protobuf::Descriptor* request,
                               const google::protobuf::Descriptor* response, Shape shape) {
  const auto* descriptor = descriptor_->FindMethodByName(std::string(method));
  if (descriptor == nullptr || descriptor->input_type() != request ||
      descriptor->output_type() != response ||
      descriptor->server_streaming() != (shape == Shape::kServerStream) ||
      descriptor->client_streaming() != (shape == Shape::kClientStream)) {
    ProgramError(absl::StrCat(descriptor_->full_name(), ".", method,
                              ": the handler does not fit the contract"));
  }
  absl::StatusOr<std::unique_ptr<Method>> resolved = Method::Resolve(descriptor);
  if (!resolved.ok()) {
    ProgramError(resolved.status().message());
  }
  if (shape == Shape::kClientStream && (*resolved)->policy().lane() == options::v1::INLINE) {
    ProgramError(absl::StrCat((*resolved)->full_name(), ": lane: got INLINE, want another"));
  }
  auto [entry, inserted] = methods_.emplace(std::string(method), *std::move(resolved));
  if (!inserted) {
    ProgramError(absl::StrCat(entry->second->full_name(), ": got two handlers"));
  }
  return entry->second.get();
}

absl::Status Service::Check() const {
  std::vector<std::string> missing;
  for (int i = 0; i < descriptor_->method_count(); ++i) {
    if (!methods_.contains(descriptor_->method(i)->name())) {
      missing.push_back(descriptor_->method(i)->full_name());
    }
  }
  if (missing.empty()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("methods without a handler: ", absl::StrJoin(missing, ", ")));
}

}  // namespace baimi::rpc
