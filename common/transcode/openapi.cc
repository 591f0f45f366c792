#include "common/transcode/openapi.h"

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/transcode/openapi_schema.h"

namespace baimi::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::ServiceDescriptor;

struct PathParameter {
  std::string name;
  std::string description;
};

struct FlatPath {
  std::string text;
  std::vector<PathParameter> parameters;
};

// "counties" -> "county", "classes" -> "class", "tickets" -> "ticket"; "" when not a plural.
std::string Singular(absl::string_view plural) {
  if (absl::ConsumeSuffix(&plural, "ies")) {
    return absl::StrCat(plural, "y");
  }
  if (absl::EndsWith(plural, "sses") || absl::EndsWith(plural, "ches") ||
      absl::EndsWith(plural, "shes")) {
    return std::string(plural.substr(0, plural.size() - 2));
  }
  return absl::ConsumeSuffix(&plural, "s") ? std::string(plural) : "";
}

const PathVariable* VariableAt(const Route& route, size_t segment) {
  for (const PathVariable& variable : route.path.variables) {
    if (variable.begin <= segment && segment < variable.end) {
      return &variable;
    }
  }
  return nullptr;
}

FlatPath Flatten(const Route& route) {
  FlatPath flat;
  std::set<std::string> used;
  std::string before;
  for (size_t i = 0; i < route.path.segments.size(); ++i) {
    const PathSegment& segment = route.path.segments[i];
    if (segment.kind == PathSegment::kLiteral) {
      before = segment.literal;
      absl::StrAppend(&flat.text, "/", segment.literal);
      continue;
    }
    const PathVariable* variable = VariableAt(route, i);
    std::string name = Singular(before);
    if (name.empty()) {
      name = variable != nullptr ? variable->field_path : "part";
    }
    while (!used.insert(name).second) {
      name += "_";
    }
    absl::StrAppend(&flat.text, "/{", name, "}");
    flat.parameters.push_back(
        {name, variable != nullptr ? absl::StrCat("Part of `", variable->field_path, "`.") : ""});
    before.clear();
  }
  if (!route.path.verb.empty()) {
    absl::StrAppend(&flat.text, ":", route.path.verb);
  }
  return flat;
}

// "DispatchTicket" -> "Dispatch ticket".
std::string Words(absl::string_view camel) {
  std::string out;
  for (const char c : camel) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isupper(byte) && !out.empty()) {
      out.push_back(' ');
      out.push_back(static_cast<char>(absl::ascii_tolower(byte)));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

class Document {
 public:
  Document(const RouteTable& routes, const OpenApiOptions& options)
      : routes_(routes), options_(options) {}

  std::string Write() {
    json_.BeginObject().Field("openapi", "3.1.0");
    Info();
    Tags();
    Paths();
    json_.Key("components").BeginObject();
    json_.Key("schemas").BeginObject();
    schemas_.Components();
    ErrorSchema();
    json_.EndObject();
    json_.Key("responses").BeginObject().Key("Error").BeginObject();
    json_.Field("description", "What went wrong (AIP-193).");
    json_.Key("content").BeginObject().Key("application/json").BeginObject();
    json_.Key("schema").BeginObject().Field("$ref", "#/components/schemas/Error").EndObject();
    json_.EndObject().EndObject().EndObject().EndObject();
    json_.Key("securitySchemes").BeginObject().Key("bearer").BeginObject();
    json_.Field("type", "http").Field("scheme", "bearer").EndObject().EndObject();
    json_.EndObject().EndObject();
    return json_.Take() + "\n";
  }

 private:
  void Info() {
    json_.Key("info").BeginObject().Field("title", options_.title);
    json_.Field("version", options_.version).Field("description", options_.description);
    json_.Key("license").BeginObject().Field("name", "Apache-2.0");
    json_.Field("identifier", "Apache-2.0").EndObject().EndObject();
    json_.Key("servers").BeginArray().BeginObject().Field("url", options_.server_url);
    json_.EndObject().EndArray();
    json_.Key("security").BeginArray().BeginObject().Key("bearer").BeginArray().EndArray();
    json_.EndObject().EndArray();
  }

  void Tags() {
    std::map<std::string, const ServiceDescriptor*> services;
    for (const auto& route : routes_.routes()) {
      services.emplace(route->descriptor->service()->full_name(), route->descriptor->service());
    }
    json_.Key("tags").BeginArray();
    for (const auto& [name, service] : services) {
      const std::string comment = CommentOf(*service);
      json_.BeginObject().Field("name", name);
      json_.Field("description", comment.empty() ? Words(service->name()) : comment).EndObject();
    }
    json_.EndArray();
  }

  void Paths() {
    // Routes of one shape share a path item and so the parameter names of the first.
    std::map<std::string, FlatPath> by_shape;
    std::map<std::string, std::map<std::string, const Route*>> by_path;
    for (const auto& route : routes_.routes()) {
      const FlatPath& flat = by_shape.emplace(route->path.Shape(), Flatten(*route)).first->second;
      by_path[flat.text][absl::AsciiStrToLower(route->http_method)] = route.get();
    }
    json_.Key("paths").BeginObject();
    for (const auto& [path, operations] : by_path) {
      json_.Key(path).BeginObject();
      for (const auto& [method, route] : operations) {
        // Other methods have no place in OpenAPI 3.1.
        static const auto* const kKnown = new std::set<std::string>{
            "get", "put", "post", "delete", "options", "head", "patch", "trace"};
        if (kKnown->count(method) > 0) {
          json_.Key(method);
          Operation(*route, by_shape.at(route->path.Shape()));
        }
      }
      json_.EndObject();
    }
    json_.EndObject();
  }

  void Operation(const Route& route, const FlatPath& flat) {
    const auto& method = *route.descriptor;
    const std::string comment = CommentOf(method);
    std::string id = absl::StrCat(method.service()->name(), "_", method.name());
    const int again = operation_ids_[absl::StrCat(method.full_name())]++;
    if (again > 0) {
      absl::StrAppend(&id, "_", again + 1);
    }
    json_.BeginObject().Field("operationId", id).Field("summary", Words(method.name()));
    if (!comment.empty()) {
      json_.Field("description", comment);
    }
    json_.Key("tags").BeginArray().String(method.service()->full_name()).EndArray();
    json_.Field("x-permission", route.policy.permission());
    Parameters(route, flat);
    Body(route);
    Responses(route);
    json_.EndObject();
  }

  void Parameters(const Route& route, const FlatPath& flat) {
    json_.Key("parameters").BeginArray();
    for (const PathParameter& parameter : flat.parameters) {
      json_.BeginObject().Field("name", parameter.name).Field("in", "path");
      json_.Key("required").Bool(true).Field("description", parameter.description);
      json_.Key("schema").BeginObject().Field("type", "string").Key("minLength").Int(1);
      json_.EndObject().EndObject();
    }
    if (route.body != BodyKind::kWhole) {
      std::set<std::string> bound;
      for (const FieldPath& path : route.path_fields) {
        bound.insert(FieldPathText(path));
      }
      if (route.media_type != nullptr) {
        bound.insert(route.media_type->name());
      }
      std::set<const Descriptor*> inside;
      Query(route, *route.descriptor->input_type(), "", "", bound, inside);
    }
    if (!route.request_etag.empty()) {
      ConditionHeader("If-Match", "The ETag last seen; when it is no longer current, 409.");
    }
    if (HasNotModified(route)) {
      ConditionHeader("If-None-Match", "ETags at hand; when one is current, 304 without a body.");
    }
    json_.EndArray();
  }

  static bool HasNotModified(const Route& route) {
    return route.response_etag != nullptr && route.http_method == "GET" && !route.server_streaming;
  }

  void ConditionHeader(absl::string_view name, absl::string_view description) {
    json_.BeginObject().Field("name", name).Field("in", "header");
    json_.Field("description", description);
    json_.Key("schema").BeginObject().Field("type", "string").EndObject().EndObject();
  }

  void Query(const Route& route, const Descriptor& type, const std::string& name_prefix,
             const std::string& json_prefix, const std::set<std::string>& bound,
             std::set<const Descriptor*>& inside) {
    // A message inside itself could go on for ever: its leaves are listed once.
    if (!inside.insert(&type).second) {
      return;
    }
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const std::string name = absl::StrCat(name_prefix, field.name());
      const std::string json_name = absl::StrCat(json_prefix, field.json_name());
      if (&field == route.body_field || bound.count(name) > 0 || field.is_map() ||
          HasBehavior(field, google::api::OUTPUT_ONLY)) {
        continue;
      }
      if (!IsScalar(field)) {
        if (!field.is_repeated()) {
          Query(route, *field.message_type(), name + ".", json_name + ".", bound, inside);
        }
        continue;
      }
      json_.BeginObject().Field("name", json_name).Field("in", "query");
      if (name_prefix.empty() && HasBehavior(field, google::api::REQUIRED)) {
        json_.Key("required").Bool(true);
      }
      json_.Key("schema");
      schemas_.Field(field);
      json_.EndObject();
    }
    inside.erase(&type);
  }

  void Body(const Route& route) {
    if (route.body == BodyKind::kNone) {
      return;
    }
    json_.Key("requestBody").BeginObject();
    if (route.client_streaming) {
      json_.Field("description",
                  absl::StrCat("The bytes themselves, at most ", route.max_upload_bytes,
                               ", with any Content-Type but multipart."));
      json_.Key("content").BeginObject().Key("application/octet-stream").BeginObject();
      json_.Key("schema").BeginObject().Field("type", "string").Field("format", "binary");
      json_.EndObject().EndObject().EndObject().Key("required").Bool(true).EndObject();
      return;
    }
    json_.Key("content").BeginObject();
    json_.Key("application/json").BeginObject().Key("schema");
    bool required = false;
    if (route.body == BodyKind::kField) {
      schemas_.Message(*route.body_field->message_type());
      required = HasBehavior(*route.body_field, google::api::REQUIRED);
    } else {
      std::set<std::string> in_path;
      for (const FieldPath& path : route.path_fields) {
        if (path.size() == 1) {
          in_path.insert(path[0]->name());
        }
      }
      required = schemas_.Object(*route.descriptor->input_type(), in_path);
    }
    json_.EndObject().EndObject().Key("required").Bool(required).EndObject();
  }

  void Responses(const Route& route) {
    const Descriptor& type = route.response_field != nullptr ? *route.response_field->message_type()
                                                             : *route.descriptor->output_type();
    json_.Key("responses").BeginObject().Key("200").BeginObject();
    json_.Field("description", route.server_streaming ? "Events as they happen." : "OK.");
    if (route.response_etag != nullptr && !route.server_streaming) {
      json_.Key("headers").BeginObject().Key("ETag").BeginObject();
      json_.Field("description", "The version of what is sent, in quotes.");
      json_.Key("schema").BeginObject().Field("type", "string").EndObject();
      json_.EndObject().EndObject();
    }
    json_.Key("content").BeginObject();
    if (route.server_streaming) {
      json_.Key("text/event-stream").BeginObject().Key("schema").BeginObject();
      json_.Field("type", "string").Field("contentMediaType", "application/json");
      json_.Key("contentSchema").BeginObject().Field("type", "object");
      json_.Key("properties").BeginObject().Key("result");
      schemas_.Message(type);
      json_.Key("error").BeginObject();
      json_.Field("$ref", "#/components/schemas/Error/properties/error").EndObject();
      json_.EndObject().EndObject().EndObject().EndObject();
    } else {
      json_.Key("application/json").BeginObject().Key("schema");
      schemas_.Message(type);
      json_.EndObject();
    }
    json_.EndObject().EndObject();
    if (HasNotModified(route)) {
      json_.Key("304").BeginObject().Field("description", "Not modified.").EndObject();
    }
    for (const char* failed : {"4XX", "5XX"}) {
      json_.Key(failed).BeginObject().Field("$ref", "#/components/responses/Error").EndObject();
    }
    json_.EndObject();
  }

  void ErrorSchema() {
    json_.Key("Error").Raw(
        R"({"type":"object","required":["error"],"properties":{"error":{)"
        R"("type":"object","required":["code","message","status","details"],)"
        R"("properties":{"code":{"type":"integer","description":"The HTTP code."},)"
        R"("message":{"type":"string","description":"For developers."},)"
        R"("status":{"type":"string","description":"The canonical code."},)"
        R"("details":{"type":"array","items":{"type":"object","required":["@type"],)"
        R"("properties":{"@type":{"type":"string"}}}}}}}})");
  }

  const RouteTable& routes_;
  const OpenApiOptions& options_;
  JsonWriter json_{2};
  SchemaWriter schemas_{json_};
  std::map<std::string, int> operation_ids_;
};

}  // namespace

std::string OpenApiJson(const RouteTable& routes, const OpenApiOptions& options) {
  return Document(routes, options).Write();
}

}  // namespace baimi::transcode
