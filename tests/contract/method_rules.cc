#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/contract/contract.h"

namespace baimi::contract {
namespace {

using options::v1::MethodPolicy;

// "<resource>.<verb>", both lowerCamel.
bool IsPermission(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  if (parts.size() != 2) return false;
  for (const std::string& part : parts) {
    if (part.empty() || !absl::ascii_islower(static_cast<unsigned char>(part[0]))) return false;
    for (const char c : part) {
      if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) return false;
    }
  }
  return true;
}

// HTTP method and template of a rule.
std::pair<std::string, std::string> TargetOf(const google::api::HttpRule& route) {
  switch (route.pattern_case()) {
    case google::api::HttpRule::kGet:
      return {"GET", route.get()};
    case google::api::HttpRule::kPut:
      return {"PUT", route.put()};
    case google::api::HttpRule::kPost:
      return {"POST", route.post()};
    case google::api::HttpRule::kDelete:
      return {"DELETE", route.delete_()};
    case google::api::HttpRule::kPatch:
      return {"PATCH", route.patch()};
    case google::api::HttpRule::kCustom:
      return {route.custom().kind(), route.custom().path()};
    case google::api::HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {"", ""};
}

// The template with its variables taken out, and their names:
// "/v1/{name=counties/*}:sign" gives "/v1/counties/*:sign" and {"name"}.
std::pair<std::string, std::vector<std::string>> SplitTemplate(const std::string& path) {
  std::string shape;
  std::vector<std::string> names;
  size_t at = 0;
  while (at < path.size()) {
    const size_t close = path[at] == '{' ? path.find('}', at) : std::string::npos;
    if (close == std::string::npos) {
      shape.push_back(path[at++]);
      continue;
    }
    const std::string variable = path.substr(at + 1, close - at - 1);
    const size_t equals = variable.find('=');
    names.push_back(variable.substr(0, equals));
    shape.append(equals == std::string::npos ? "*" : variable.substr(equals + 1));
    at = close + 1;
  }
  return {shape, names};
}

// Null unless there is exactly one bytes field.
const pb::FieldDescriptor* ContentOf(const pb::Descriptor* type) {
  const pb::FieldDescriptor* content = nullptr;
  for (int i = 0; i < type->field_count(); ++i) {
    const pb::FieldDescriptor* field = type->field(i);
    if (field->type() != pb::FieldDescriptor::TYPE_BYTES) continue;
    if (content != nullptr || field->is_repeated()) return nullptr;
    content = field;
  }
  return content;
}

class Checker {
 public:
  explicit Checker(std::vector<Finding>& out) : out_(out) {}

  void CheckMethod(const pb::MethodDescriptor* method) {
    method_ = method;
    if (!method->options().HasExtension(options::v1::policy)) {
      return Report("policy.missing", "want option (baimi.options.v1.policy)");
    }
    policy_ = PolicyOf(method);
    CheckPolicy();
    CheckScope();
    CheckStream();
    const std::vector<google::api::HttpRule> routes = RoutesOf(method);
    CheckAudience(routes);
    for (const google::api::HttpRule& route : routes) CheckRoute(route);
  }

 private:
  void CheckPolicy() {
    const std::string& permission = policy_.permission();
    if (!IsPermission(permission)) {
      Report("policy.permission", absl::StrCat("got \"", permission, "\", want <resource>.<verb>"));
    }
    const auto [owner, fresh] = permissions_.try_emplace(permission, method_->full_name());
    if (!fresh) {
      Report("policy.permission_unique",
             absl::StrCat("\"", permission, "\" is the permission of ", owner->second));
    }
    if (policy_.lane() == options::v1::LANE_UNSPECIFIED) Report("policy.lane", "want a lane");
    const bool writes = policy_.idempotency() == options::v1::REQUEST_ID;
    if (policy_.idempotency() == options::v1::IDEMPOTENCY_UNSPECIFIED) {
      Report("policy.idempotency", "want READ or REQUEST_ID");
    } else if (writes != (policy_.audit() == options::v1::CHANGE) ||
               policy_.audit() == options::v1::AUDIT_UNSPECIFIED) {
      Report("policy.audit", "want CHANGE for a mutation, NONE or ACCESS for a read");
    }
    const int longest = policy_.max_deadline_ms() == 0 ? 30000 : policy_.max_deadline_ms();
    const int usual = policy_.default_deadline_ms() == 0 ? 10000 : policy_.default_deadline_ms();
    if (usual < 0 || longest < usual) {
      Report("policy.deadline", absl::StrCat("default ", usual, " ms, max ", longest, " ms"));
    }
  }

  void CheckScope() {
    if (!IsSingleString(FieldAt(method_->input_type(), policy_.scope_field()))) {
      Report("scope.field", absl::StrCat("\"", policy_.scope_field(), "\" is no string field of ",
                                         method_->input_type()->full_name()));
    }
  }

  // A client stream is an upload: one county, judged by the first message, and bytes that follow.
  void CheckStream() {
    if (!method_->client_streaming()) {
      if (policy_.max_upload_bytes() != 0) {
        Report("stream.limit", "max_upload_bytes is for client streams");
      }
      return;
    }
    if (method_->server_streaming()) {
      Report("stream.two_way", "a two-way stream has no form over HTTP and no handler");
    }
    if (ContentOf(method_->input_type()) == nullptr) {
      Report("stream.content", absl::StrCat("want exactly one bytes field, not repeated, in ",
                                            method_->input_type()->full_name()));
    }
    if (policy_.lane() != options::v1::BULK) {
      Report("stream.lane", "an upload goes in lane BULK");
    }
    if (policy_.max_upload_bytes() < 0) {
      Report("stream.limit", absl::StrCat("max_upload_bytes: got ", policy_.max_upload_bytes()));
    }
  }

  void CheckAudience(const std::vector<google::api::HttpRule>& routes) {
    switch (policy_.audience()) {
      case options::v1::PUBLIC:
        if (routes.empty()) Report("route.missing", "a public method needs google.api.http");
        return;
      case options::v1::INTERNAL:
        if (!routes.empty()) Report("route.internal", "an internal method is never routed");
        return;
      default:
        Report("policy.audience", "want PUBLIC or INTERNAL");
    }
  }

  void CheckRoute(const google::api::HttpRule& route) {
    const auto [verb, path] = TargetOf(route);
    const auto [shape, variables] = SplitTemplate(path);
    const std::string key = absl::StrCat(verb, " ", shape);
    const auto [owner, fresh] = routes_.try_emplace(key, method_->full_name());
    if (!fresh) Report("route.duplicate", absl::StrCat(key, " leads to ", owner->second));
    for (const std::string& name : variables) {
      if (!IsSingleString(FieldAt(method_->input_type(), name))) {
        Report("route.field", absl::StrCat("{", name, "} is no string field of the request"));
      }
    }
    const std::string& body = route.body();
    if (!body.empty() && body != "*" && FieldAt(method_->input_type(), body) == nullptr) {
      Report("route.field", absl::StrCat("body \"", body, "\" is no field of the request"));
    }
    const auto* content = ContentOf(method_->input_type());
    if (method_->client_streaming() && (content == nullptr || body != content->name())) {
      Report("route.stream", "the body of an upload is the bytes field of its request");
    }
    const bool reads = policy_.idempotency() == options::v1::READ;
    if (reads ? verb != "GET" && verb != "POST" : verb == "GET") {
      Report("route.verb",
             absl::StrCat(verb, ": reads use GET or a POST verb, mutations do not GET"));
    }
    if ((verb == "GET" || verb == "DELETE") && !body.empty()) {
      Report("route.verb", absl::StrCat(verb, " has no body"));
    }
  }

  void Report(const std::string& rule, const std::string& message) {
    out_.push_back({rule, method_->full_name(), message});
  }

  std::vector<Finding>& out_;
  const pb::MethodDescriptor* method_ = nullptr;
  MethodPolicy policy_;
  // Permission or route to the method that has it.
  std::map<std::string, std::string> permissions_;
  std::map<std::string, std::string> routes_;
};

}  // namespace

void CheckMethods(const std::vector<const pb::FileDescriptor*>& files, std::vector<Finding>& out) {
  Checker checker(out);
  for (const pb::MethodDescriptor* method : MethodsOf(files)) checker.CheckMethod(method);
}

}  // namespace baimi::contract
