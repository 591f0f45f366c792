#include "tests/contract/contract.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace baimi::contract {

Contract::Contract(const std::vector<std::string>& roots) : importer_(&tree_, this) {
  for (const std::string& root : roots) tree_.MapPath("", root);
  tree_.MapPath("", BAIMI_PROTOBUF_INCLUDE);
}

void Contract::AddError(const std::string& file, int line, int column, const std::string& message) {
  absl::StrAppend(&errors_, file, ":", line + 1, ":", column + 1, ": ", message, "\n");
}

absl::StatusOr<std::unique_ptr<Contract>> Contract::Load(const std::vector<std::string>& roots,
                                                         const std::vector<std::string>& files) {
  std::unique_ptr<Contract> contract(new Contract(roots));
  for (const std::string& file : files) {
    const pb::FileDescriptor* descriptor = contract->importer_.Import(file);
    if (descriptor == nullptr) return absl::InvalidArgumentError(contract->errors_);
    contract->files_.push_back(descriptor);
  }
  return contract;
}

bool IsProduct(const pb::FileDescriptor* file) {
  return absl::StartsWith(file->package(), "baimi.") &&
         !absl::StartsWith(file->package(), "baimi.testing.");
}

std::vector<const pb::MethodDescriptor*> MethodsOf(
    const std::vector<const pb::FileDescriptor*>& files) {
  std::vector<const pb::MethodDescriptor*> methods;
  for (const pb::FileDescriptor* file : files) {
    if (!IsProduct(file)) continue;
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.push_back(file->service(s)->method(m));
      }
    }
  }
  return methods;
}

const pb::FieldDescriptor* FieldAt(const pb::Descriptor* message, const std::string& path) {
  const pb::FieldDescriptor* field = nullptr;
  for (const absl::string_view step : absl::StrSplit(path, '.')) {
    if (message == nullptr) return nullptr;
    field = message->FindFieldByName(std::string(step));
    if (field == nullptr) return nullptr;
    message = field->is_repeated() ? nullptr : field->message_type();
  }
  return field;
}

bool IsSingleString(const pb::FieldDescriptor* field) {
  return field != nullptr && !field->is_repeated() &&
         field->type() == pb::FieldDescriptor::TYPE_STRING;
}

options::v1::MethodPolicy PolicyOf(const pb::MethodDescriptor* method) {
  return method->options().GetExtension(options::v1::policy);
}

options::v1::FieldRule RuleOf(const pb::FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::rule);
}

options::v1::PiiClass PiiOf(const pb::FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::pii);
}

bool HasBehavior(const pb::FieldDescriptor* field, google::api::FieldBehavior behavior) {
  const pb::FieldOptions& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

std::vector<google::api::HttpRule> RoutesOf(const pb::MethodDescriptor* method) {
  if (!method->options().HasExtension(google::api::http)) return {};
  const google::api::HttpRule& first = method->options().GetExtension(google::api::http);
  std::vector<google::api::HttpRule> routes = {first};
  routes.insert(routes.end(), first.additional_bindings().begin(),
                first.additional_bindings().end());
  return routes;
}

std::vector<Finding> Check(const std::vector<const pb::FileDescriptor*>& files) {
  std::vector<Finding> findings;
  CheckMethods(files, findings);
  CheckShapes(files, findings);
  CheckData(files, findings);
  return findings;
}

}  // namespace baimi::contract
