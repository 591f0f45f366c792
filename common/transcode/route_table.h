// Every HTTP route of a contract, compiled from google.api.http at start. A method is routed when
// its policy says PUBLIC.
#ifndef BAIMI_COMMON_TRANSCODE_ROUTE_TABLE_H_
#define BAIMI_COMMON_TRANSCODE_ROUTE_TABLE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/options/v1/options.pb.h"
#include "common/transcode/contract.h"
#include "common/transcode/field_codec.h"
#include "common/transcode/path_template.h"
#include "common/transcode/route_trie.h"
#include "google/api/http.pb.h"

namespace baimi::transcode {

enum class BodyKind { kNone, kField, kWhole };

struct Route {
  // "/baimi.ticket.v1.TicketService/DispatchTicket".
  std::string method;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  options::v1::MethodPolicy policy;
  bool server_streaming = false;
  // An upload: the body's bytes, as they are, become the content of the messages.
  bool client_streaming = false;
  // "GET".
  std::string http_method;
  // As written in the contract and as parsed.
  std::string pattern;
  PathTemplate path;
  // The field of each variable of `path`.
  std::vector<FieldPath> path_fields;
  BodyKind body = BodyKind::kNone;
  // Set for kField: a singular message field of the request; of an upload its bytes field.
  const google::protobuf::FieldDescriptor* body_field = nullptr;
  // Of an upload: the most bytes of the body, and the string field "media_type", which is null when
  // there is none.
  int64_t max_upload_bytes = 0;
  const google::protobuf::FieldDescriptor* media_type = nullptr;
  // The singular message field of the response that is sent; null for the whole response.
  const google::protobuf::FieldDescriptor* response_field = nullptr;
  // Where the request takes the etag that the caller last saw: its string field "etag", or that of
  // the resource in the body whose name the path gives. Empty when there is none.
  FieldPath request_etag;
  // The string field "etag" of what is sent; null when there is none.
  const google::protobuf::FieldDescriptor* response_etag = nullptr;
};

// Immutable and thread-safe; lives no longer than its contract.
class RouteTable {
 public:
  struct Match {
    const Route* route = nullptr;
    // Decoded, one for each variable of the route.
    std::vector<std::string> values;
  };

  // INVALID_ARGUMENT names the method and the defect: a template that does not parse, fields that
  // do not exist or cannot be bound, a PUBLIC method without http rule, an http rule without policy
  // or on a two-way stream, a client stream whose body is no bytes field, equal routes, Any or
  // Struct in a request.
  static absl::StatusOr<std::unique_ptr<const RouteTable>> Build(const Contract& contract);

  // As RouteTrie::Find.
  absl::StatusOr<Match> Find(absl::string_view http_method, absl::string_view path) const;

  // In the order of the contract, additional bindings after their method's first.
  const std::vector<std::unique_ptr<const Route>>& routes() const { return routes_; }

 private:
  RouteTable() = default;
  absl::Status AddMethod(const google::protobuf::MethodDescriptor& method);
  absl::Status AddBinding(const google::protobuf::MethodDescriptor& method,
                          const google::api::HttpRule& rule);

  std::vector<std::unique_ptr<const Route>> routes_;
  RouteTrie trie_;
};

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_ROUTE_TABLE_H_
