#include <functional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/contract/contract.h"

namespace baimi::contract {
namespace {

bool IsOpenType(const pb::Descriptor* message) {
  const std::string& name = message->full_name();
  return name == "google.protobuf.Any" || name == "google.protobuf.Struct" ||
         name == "google.protobuf.Value" || name == "google.protobuf.ListValue";
}

bool HasString(const pb::Descriptor* message, const std::string& name) {
  return IsSingleString(message->FindFieldByName(name));
}

bool HasInt32(const pb::Descriptor* message, const std::string& name) {
  const pb::FieldDescriptor* field = message->FindFieldByName(name);
  return field != nullptr && !field->is_repeated() &&
         field->type() == pb::FieldDescriptor::TYPE_INT32;
}

// What has a name and an etag is stored and can be written back.
bool IsResource(const pb::Descriptor* message) {
  return HasString(message, "name") && HasString(message, "etag") &&
         !absl::EndsWith(message->name(), "Request");
}

bool IsState(const pb::FieldDescriptor* field) {
  return field->enum_type() != nullptr && absl::EndsWith(field->enum_type()->name(), "State");
}

class Checker {
 public:
  explicit Checker(std::vector<Finding>& out) : out_(out) {}

  void CheckMethod(const pb::MethodDescriptor* method) {
    const pb::Descriptor* request = method->input_type();
    if (absl::StartsWith(method->name(), "List")) CheckList(method);
    if (absl::StartsWith(method->name(), "Update")) CheckUpdate(request);
    const bool writes = PolicyOf(method).idempotency() == options::v1::REQUEST_ID;
    CheckRequestId(method, writes);
    if (writes) CheckNoState(request);
    CheckClosed(method, request);
  }

  void CheckMessage(const pb::Descriptor* message) {
    for (int i = 0; IsResource(message) && i < message->field_count(); ++i) {
      const pb::FieldDescriptor* field = message->field(i);
      if (IsState(field) && !HasBehavior(field, google::api::OUTPUT_ONLY)) {
        Report("state.output_only", field->full_name(), "states change by verbs: OUTPUT_ONLY");
      }
    }
    for (int i = 0; i < message->nested_type_count(); ++i) CheckMessage(message->nested_type(i));
  }

 private:
  void CheckList(const pb::MethodDescriptor* method) {
    const pb::Descriptor* request = method->input_type();
    const pb::Descriptor* response = method->output_type();
    if (!HasInt32(request, "page_size") || !HasString(request, "page_token")) {
      Report("list.paging", request->full_name(), "want int32 page_size and string page_token");
    }
    int lists = 0;
    for (int i = 0; i < response->field_count(); ++i) {
      lists += response->field(i)->is_repeated() && response->field(i)->message_type() != nullptr;
    }
    if (!HasString(response, "next_page_token") || lists != 1) {
      Report("list.paging", response->full_name(),
             "want one repeated message and string next_page_token");
    }
  }

  void CheckUpdate(const pb::Descriptor* request) {
    const pb::FieldDescriptor* mask = request->FindFieldByName("update_mask");
    if (mask == nullptr || mask->message_type() == nullptr ||
        mask->message_type()->full_name() != "google.protobuf.FieldMask") {
      Report("update.mask", request->full_name(), "want google.protobuf.FieldMask update_mask");
    }
  }

  void CheckRequestId(const pb::MethodDescriptor* method, bool writes) {
    const pb::FieldDescriptor* id = method->input_type()->FindFieldByName("request_id");
    if (!writes) {
      if (id != nullptr) Report("request_id.read", method->full_name(), "a read has no request_id");
      return;
    }
    if (!IsSingleString(id) || RuleOf(id).format() != options::v1::REQUEST_ID_TOKEN) {
      Report("request_id.missing", method->full_name(),
             "want string request_id with format REQUEST_ID_TOKEN");
    }
  }

  void CheckNoState(const pb::Descriptor* request) {
    for (int i = 0; i < request->field_count(); ++i) {
      if (IsState(request->field(i))) {
        Report("state.request", request->field(i)->full_name(), "nobody sets a state; add a verb");
      }
    }
  }

  // Everything a caller can send is typed: free-form JSON is slow to parse and cannot be checked.
  void CheckClosed(const pb::MethodDescriptor* method, const pb::Descriptor* request) {
    std::set<const pb::Descriptor*> seen;
    const std::function<void(const pb::Descriptor*)> visit = [&](const pb::Descriptor* message) {
      if (!seen.insert(message).second) return;
      for (int i = 0; i < message->field_count(); ++i) {
        const pb::FieldDescriptor* field = message->field(i);
        if (field->message_type() == nullptr) continue;
        if (IsOpenType(field->message_type())) {
          Report("type.open", field->full_name(),
                 absl::StrCat(field->message_type()->full_name(), " is reachable from ",
                              method->full_name()));
        } else {
          visit(field->message_type());
        }
      }
    };
    visit(request);
  }

  void Report(const std::string& rule, const std::string& where, const std::string& message) {
    out_.push_back({rule, where, message});
  }

  std::vector<Finding>& out_;
};

}  // namespace

void CheckShapes(const std::vector<const pb::FileDescriptor*>& files, std::vector<Finding>& out) {
  Checker checker(out);
  for (const pb::MethodDescriptor* method : MethodsOf(files)) checker.CheckMethod(method);
  for (const pb::FileDescriptor* file : files) {
    for (int i = 0; IsProduct(file) && i < file->message_type_count(); ++i) {
      checker.CheckMessage(file->message_type(i));
    }
  }
}

}  // namespace baimi::contract
