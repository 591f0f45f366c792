#include "common/transcode/route_table.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/transcode/json_binder.h"
#include "google/api/annotations.pb.h"

namespace baimi::transcode {
namespace {

using google::api::HttpRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr int64_t kMaxUpload = int64_t{1} << 20;  // options.proto

absl::Status Defect(const MethodDescriptor& method, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(method.full_name(), ": ", what));
}

std::pair<std::string, std::string> MethodAndPattern(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get()};
    case HttpRule::kPut:
      return {"PUT", rule.put()};
    case HttpRule::kPost:
      return {"POST", rule.post()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

absl::StatusOr<const FieldDescriptor*> MessageField(const Descriptor& type,
                                                    const std::string& name) {
  const auto* field = type.FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || IsScalar(*field)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", name, "\" is not a singular message field of ", type.full_name()));
  }
  return field;
}

const FieldDescriptor* StringField(const Descriptor& type, const std::string& name) {
  const auto* field = type.FindFieldByName(name);
  const bool fits =
      field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
  return fits ? field : nullptr;
}

absl::Status ResolveUpload(const MethodDescriptor& method, const HttpRule& rule, Route& route) {
  const auto* field = method.input_type()->FindFieldByName(rule.body());
  if (field == nullptr || field->type() != FieldDescriptor::TYPE_BYTES || field->is_repeated()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", rule.body(),
                                                   "\" is not a singular bytes field of ",
                                                   method.input_type()->full_name()));
  }
  route.body = BodyKind::kField;
  route.body_field = field;
  route.media_type = StringField(*method.input_type(), "media_type");
  route.max_upload_bytes =
      route.policy.max_upload_bytes() > 0 ? route.policy.max_upload_bytes() : kMaxUpload;
  return absl::OkStatus();
}

absl::Status ResolveVariables(const Descriptor& input, Route& route) {
  for (const PathVariable& variable : route.path.variables) {
    FieldPath field = ResolveFieldPath(input, variable.field_path);
    if (field.empty() || FieldPathText(field) != variable.field_path) {
      return absl::InvalidArgumentError(
          absl::StrCat("{", variable.field_path, "} is no field of ", input.full_name()));
    }
    if (field.back()->is_repeated() || !IsScalar(*field.back())) {
      return absl::InvalidArgumentError(
          absl::StrCat("{", variable.field_path, "} must be a singular scalar field"));
    }
    route.path_fields.push_back(std::move(field));
  }
  return absl::OkStatus();
}

absl::Status ResolveBody(const MethodDescriptor& method, const HttpRule& rule, Route& route) {
  if (!rule.body().empty() && (route.http_method == "GET" || route.http_method == "HEAD")) {
    return absl::InvalidArgumentError(absl::StrCat(route.http_method, " takes no body"));
  }
  if (route.client_streaming) {
    BAIMI_RETURN_IF_ERROR(ResolveUpload(method, rule, route));
  } else if (rule.body() == "*") {
    route.body = BodyKind::kWhole;
  } else if (!rule.body().empty()) {
    route.body = BodyKind::kField;
    BAIMI_ASSIGN_OR_RETURN(route.body_field, MessageField(*method.input_type(), rule.body()));
  }
  if (!rule.response_body().empty()) {
    BAIMI_ASSIGN_OR_RETURN(route.response_field,
                           MessageField(*method.output_type(), rule.response_body()));
  }
  return absl::OkStatus();
}

void ResolveEtags(const MethodDescriptor& method, Route& route) {
  if (const auto* etag = StringField(*method.input_type(), "etag")) {
    route.request_etag = {etag};
  } else if (route.body == BodyKind::kField && !route.client_streaming) {
    // A resource that the body creates has no version yet; one that the path names has.
    for (const FieldPath& path : route.path_fields) {
      const auto* inner = StringField(*route.body_field->message_type(), "etag");
      if (path.front() == route.body_field && inner != nullptr) {
        route.request_etag = {route.body_field, inner};
      }
    }
  }
  route.response_etag =
      StringField(route.response_field != nullptr ? *route.response_field->message_type()
                                                  : *method.output_type(),
                  "etag");
}

absl::StatusOr<Route> Compile(const MethodDescriptor& method, const HttpRule& rule) {
  Route route;
  route.method = absl::StrCat("/", method.service()->full_name(), "/", method.name());
  route.descriptor = &method;
  route.policy = method.options().GetExtension(options::v1::policy);
  route.server_streaming = method.server_streaming();
  route.client_streaming = method.client_streaming();
  std::tie(route.http_method, route.pattern) = MethodAndPattern(rule);
  if (route.http_method.empty()) {
    return absl::InvalidArgumentError("http rule without a pattern");
  }
  BAIMI_ASSIGN_OR_RETURN(route.path, ParsePathTemplate(route.pattern));
  BAIMI_RETURN_IF_ERROR(ResolveVariables(*method.input_type(), route));
  BAIMI_RETURN_IF_ERROR(ResolveBody(method, rule, route));
  ResolveEtags(method, route);
  return route;
}

}  // namespace

absl::Status RouteTable::AddBinding(const MethodDescriptor& method, const HttpRule& rule) {
  auto route = Compile(method, rule);
  if (!route.ok()) {
    return Defect(method, route.status().message());
  }
  const absl::Status added =
      trie_.Add(route->path, route->http_method, static_cast<int>(routes_.size()));
  if (!added.ok()) {
    return Defect(method, added.message());
  }
  routes_.push_back(std::make_unique<const Route>(*std::move(route)));
  return absl::OkStatus();
}

absl::Status RouteTable::AddMethod(const MethodDescriptor& method) {
  const bool has_policy = method.options().HasExtension(options::v1::policy);
  const bool has_rule = method.options().HasExtension(google::api::http);
  if (has_rule && !has_policy) {
    return Defect(method, "http rule without policy");
  }
  if (!has_policy ||
      method.options().GetExtension(options::v1::policy).audience() != options::v1::PUBLIC) {
    return has_rule ? Defect(method, "http rule on a method that is not PUBLIC") : absl::OkStatus();
  }
  if (!has_rule) {
    return Defect(method, "PUBLIC without http rule");
  }
  if (method.client_streaming() && method.server_streaming()) {
    return Defect(method, "http rule on a two-way stream");
  }
  std::string offender;
  if (!IsBindable(*method.input_type(), &offender)) {
    return Defect(method, absl::StrCat(offender, " cannot be in a request over HTTP"));
  }
  const HttpRule& rule = method.options().GetExtension(google::api::http);
  BAIMI_RETURN_IF_ERROR(AddBinding(method, rule));
  for (const HttpRule& more : rule.additional_bindings()) {
    if (more.additional_bindings_size() > 0) {
      return Defect(method, "additional_bindings inside additional_bindings");
    }
    BAIMI_RETURN_IF_ERROR(AddBinding(method, more));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<const RouteTable>> RouteTable::Build(const Contract& contract) {
  auto table = std::unique_ptr<RouteTable>(new RouteTable());
  for (const auto* service : contract.services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      BAIMI_RETURN_IF_ERROR(table->AddMethod(*service->method(i)));
    }
  }
  return table;
}

absl::StatusOr<RouteTable::Match> RouteTable::Find(absl::string_view http_method,
                                                   absl::string_view path) const {
  BAIMI_ASSIGN_OR_RETURN(RouteTrie::Hit hit, trie_.Find(http_method, path));
  return Match{routes_[static_cast<size_t>(hit.id)].get(), std::move(hit.values)};
}

}  // namespace baimi::transcode
