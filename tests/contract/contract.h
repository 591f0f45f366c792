// Reads contracts from their sources, options included, and checks the rules that buf does not
// know.
#ifndef BAIMI_TESTS_CONTRACT_CONTRACT_H_
#define BAIMI_TESTS_CONTRACT_CONTRACT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "baimi/options/v1/options.pb.h"
#include "google/api/annotations.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/compiler/importer.h"
#include "google/protobuf/descriptor.h"

namespace baimi::contract {

namespace pb = ::google::protobuf;

// Owns the descriptors of a set of .proto files.
class Contract : private pb::compiler::MultiFileErrorCollector {
 public:
  // `files` are paths below one of `roots`, the form that `import` uses. An error names file and
  // line.
  static absl::StatusOr<std::unique_ptr<Contract>> Load(const std::vector<std::string>& roots,
                                                        const std::vector<std::string>& files);

  // Those asked for, without what they import.
  const std::vector<const pb::FileDescriptor*>& files() const { return files_; }

 private:
  explicit Contract(const std::vector<std::string>& roots);
  void AddError(const std::string& file, int line, int column, const std::string& message) override;

  pb::compiler::DiskSourceTree tree_;
  pb::compiler::Importer importer_;
  std::vector<const pb::FileDescriptor*> files_;
  std::string errors_;
};

struct Finding {
  // Name of the rule, e.g. "policy.missing"; the folder bad/ holds an example of each.
  std::string rule;
  // Full name of the method, message, field or enum value.
  std::string where;
  std::string message;
};

// The services of the product: every method of packages below `baimi.` but the testing ones.
std::vector<const pb::MethodDescriptor*> MethodsOf(
    const std::vector<const pb::FileDescriptor*>& files);
bool IsProduct(const pb::FileDescriptor* file);

// The field at a dotted path such as "area.name", or null.
const pb::FieldDescriptor* FieldAt(const pb::Descriptor* message, const std::string& path);
bool IsSingleString(const pb::FieldDescriptor* field);
options::v1::MethodPolicy PolicyOf(const pb::MethodDescriptor* method);
options::v1::FieldRule RuleOf(const pb::FieldDescriptor* field);
options::v1::PiiClass PiiOf(const pb::FieldDescriptor* field);
bool HasBehavior(const pb::FieldDescriptor* field, google::api::FieldBehavior behavior);
// Every http rule of the method, the additional bindings included.
std::vector<google::api::HttpRule> RoutesOf(const pb::MethodDescriptor* method);

// policy.*, scope.*, route.*: what the runtime and the gateway need to know about each method.
void CheckMethods(const std::vector<const pb::FileDescriptor*>& files, std::vector<Finding>& out);
// list.*, update.*, request_id.*, state.*, type.*: shapes of requests and resources.
void CheckShapes(const std::vector<const pb::FileDescriptor*>& files, std::vector<Finding>& out);
// pii.*, reason.*, event.*: personal data, errors, the journal.
void CheckData(const std::vector<const pb::FileDescriptor*>& files, std::vector<Finding>& out);

// All of them.
std::vector<Finding> Check(const std::vector<const pb::FileDescriptor*>& files);

}  // namespace baimi::contract

#endif  // BAIMI_TESTS_CONTRACT_CONTRACT_H_
