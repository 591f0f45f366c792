#include "common/transcode/transcoder.h"

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/transcode/json_binder.h"
#include "common/transcode/url.h"
#include "common/transcode/utf8.h"
#include "common/transcode/wire.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver_util.h"

namespace baimi::transcode {
namespace {

using google::protobuf::FieldDescriptor;

constexpr char kTypePrefix[] = "type.googleapis.com";

// Takes the pairs of one query in turn.
class QueryBinder {
 public:
  QueryBinder(const Route& route, const std::vector<BoundField>& bound)
      : route_(route), bound_(bound) {}

  absl::Status Add(absl::string_view name, absl::string_view value, std::string& wire) {
    const std::string shown = absl::Utf8SafeCEscape(Utf8Prefix(name, 64));
    const FieldPath path = ResolveFieldPath(*route_.descriptor->input_type(), name);
    if (route_.body == BodyKind::kWhole || path.empty()) {
      return InvalidField(
          shown, "an unknown query parameter",
          route_.body == BodyKind::kWhole
              ? "no query: every field goes in the body"
              : absl::StrCat("a field of ", route_.descriptor->input_type()->full_name()),
          route_.body == BodyKind::kWhole ? "不带查询参数，字段放在正文中" : "请求消息的字段");
    }
    const std::string dotted = FieldPathText(path);
    if (path.back()->is_map() || !IsScalar(*path.back())) {
      return InvalidField(dotted, "a query parameter", "a scalar field; this one is a message",
                          "标量字段");
    }
    BAIMI_RETURN_IF_ERROR(CheckElsewhere(path, dotted));
    BAIMI_RETURN_IF_ERROR(CheckOnce(path, dotted));
    return AppendAtPath(path, value, wire);
  }

 private:
  absl::Status CheckElsewhere(const FieldPath& path, const std::string& dotted) const {
    for (const BoundField& bound : bound_) {
      if (bound.path == dotted) {
        return InvalidField(dotted, "a query parameter",
                            absl::StrCat("nothing: ", bound.source, " sets it"),
                            "不带：已由路径或请求头给出");
      }
    }
    if (path.front() == route_.body_field) {
      return InvalidField(dotted, "a query parameter", "nothing: the body sets it",
                          "不带：已由正文给出");
    }
    return absl::OkStatus();
  }

  absl::Status CheckOnce(const FieldPath& path, const std::string& dotted) {
    if (path.back()->is_repeated()) {
      return absl::OkStatus();
    }
    if (!seen_.insert(dotted).second) {
      return InvalidField(dotted, "the parameter again", "each once", "每个参数只出现一次");
    }
    std::string prefix;
    for (const FieldDescriptor* field : path) {
      const auto* oneof = field->real_containing_oneof();
      if (oneof == nullptr) {
        absl::StrAppend(&prefix, field->name(), ".");
        continue;
      }
      const auto [at, first] =
          members_.emplace(absl::StrCat(prefix, oneof->name()), field->number());
      if (!first && at->second != field->number()) {
        return InvalidField(dotted, absl::StrCat("a second member of ", oneof->name()),
                            absl::StrCat("one member of ", oneof->name()),
                            absl::StrCat(oneof->name(), " 中只取其一"));
      }
      absl::StrAppend(&prefix, field->name(), ".");
    }
    return absl::OkStatus();
  }

  const Route& route_;
  const std::vector<BoundField>& bound_;
  std::set<std::string> seen_;
  std::map<std::string, int> members_;
};

absl::StatusOr<std::string> BindBody(const Route& route, absl::string_view body,
                                     const std::vector<BoundField>& bound,
                                     const JsonLimits& limits) {
  if (body.empty()) {
    return std::string();
  }
  switch (route.body) {
    case BodyKind::kNone:
      return InvalidField("body", absl::StrCat(body.size(), " bytes"),
                          absl::StrCat("no body with ", route.http_method, " here"), "不带正文");
    case BodyKind::kWhole:
      return JsonToWire(*route.descriptor->input_type(), body, "", bound, limits);
    case BodyKind::kField:
      break;
  }
  BAIMI_ASSIGN_OR_RETURN(
      const std::string inner,
      JsonToWire(*route.body_field->message_type(), body, route.body_field->name(), bound, limits));
  std::string wire;
  AppendBytes(route.body_field->number(), inner, wire);
  return wire;
}

// What a route answers with.
const google::protobuf::Descriptor* AnswerOf(const Route& route) {
  return route.response_field == nullptr ? route.descriptor->output_type()
                                         : route.response_field->message_type();
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Transcoder>> Transcoder::New(const Contract& contract,
                                                                  JsonLimits limits) {
  auto transcoder = std::unique_ptr<Transcoder>(new Transcoder());
  transcoder->limits_ = limits;
  BAIMI_ASSIGN_OR_RETURN(transcoder->routes_, RouteTable::Build(contract));
  transcoder->resolver_.reset(
      google::protobuf::util::NewTypeResolverForDescriptorPool(kTypePrefix, &contract.pool()));
  for (const auto& route : transcoder->routes_->routes()) {
    const auto* type = AnswerOf(*route);
    if (transcoder->printer_.Add(type)) {
      transcoder->printed_.insert(type);
    }
  }
  return transcoder;
}

absl::StatusOr<std::string> Transcoder::BindRequest(const RouteTable::Match& match,
                                                    absl::string_view query, absl::string_view body,
                                                    absl::string_view etag,
                                                    absl::string_view media_type) const {
  const Route& route = *match.route;
  std::vector<BoundField> bound;
  std::string path_wire;
  for (size_t i = 0; i < route.path_fields.size(); ++i) {
    bound.push_back({.path = FieldPathText(route.path_fields[i]), .text = match.values[i]});
    BAIMI_RETURN_IF_ERROR(AppendAtPath(route.path_fields[i], match.values[i], path_wire));
  }
  if (!etag.empty()) {
    bound.push_back({.path = FieldPathText(route.request_etag),
                     .text = std::string(etag),
                     .source = "If-Match"});
    BAIMI_RETURN_IF_ERROR(AppendAtPath(route.request_etag, etag, path_wire));
  }
  if (!media_type.empty() && route.media_type != nullptr) {
    bound.push_back({.path = route.media_type->name(),
                     .text = std::string(media_type),
                     .source = "Content-Type"});
    BAIMI_RETURN_IF_ERROR(AppendAtPath({route.media_type}, media_type, path_wire));
  }
  BAIMI_ASSIGN_OR_RETURN(std::string wire, BindBody(route, body, bound, limits_));
  wire += path_wire;
  if (!query.empty()) {
    BAIMI_ASSIGN_OR_RETURN(const auto pairs, ParseQuery(query));
    QueryBinder binder(route, bound);
    for (const auto& [name, value] : pairs) {
      BAIMI_RETURN_IF_ERROR(binder.Add(name, value, wire));
    }
  }
  return wire;
}

std::string Transcoder::ContentWire(const Route& route, absl::string_view part) {
  std::string wire;
  AppendBytes(route.body_field->number(), part, wire);
  return wire;
}

absl::StatusOr<std::string> Transcoder::ResponseJson(const Route& route,
                                                     const std::string& wire) const {
  const auto* type = AnswerOf(route);
  const std::string* input = &wire;
  std::optional<std::string> part;
  if (route.response_field != nullptr) {
    part = MergedBytesField(wire, route.response_field->number());
    if (!part) {
      return Internal(absl::StrCat(route.method, ": the response is not valid wire format"));
    }
    input = &*part;
  }
  if (printed_.contains(type)) {
    std::string json;
    json.reserve(2 * input->size());
    if (!printer_.Print(type, *input, &json)) {
      return Internal(absl::StrCat(route.method, ": the response is not valid wire format"));
    }
    return json;
  }
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::BinaryToJsonString(
      resolver_.get(), absl::StrCat(kTypePrefix, "/", type->full_name()), *input, &json, options);
  if (!status.ok()) {
    return Internal(absl::StrCat(route.method, ": response to JSON: ", status.ToString()));
  }
  return json;
}

std::string Transcoder::ResponseEtag(const Route& route, const std::string& wire) {
  if (route.response_etag == nullptr) {
    return "";
  }
  std::optional<std::string> message = wire;
  if (route.response_field != nullptr) {
    message = MergedBytesField(wire, route.response_field->number());
  }
  return message ? MergedBytesField(*message, route.response_etag->number()).value_or("") : "";
}

}  // namespace baimi::transcode
