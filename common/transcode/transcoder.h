// HTTP/JSON requests to protobuf wire bytes and back, without generated classes. No I/O.
#ifndef BAIMI_COMMON_TRANSCODE_TRANSCODER_H_
#define BAIMI_COMMON_TRANSCODE_TRANSCODER_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/transcode/json_gate.h"
#include "common/transcode/message_printer.h"
#include "common/transcode/route_table.h"
#include "google/protobuf/util/type_resolver.h"

namespace baimi::transcode {

// Immutable; every method is thread-safe and takes no lock. Lives no longer than its contract.
class Transcoder {
 public:
  // As RouteTable::Build.
  static absl::StatusOr<std::unique_ptr<const Transcoder>> New(const Contract& contract,
                                                               JsonLimits limits = {});

  const RouteTable& routes() const { return *routes_; }

  // The wire bytes of the request message. Body first, then path, then query:
  // * The body fills the request ("*") or the named field; an empty body is an empty message; a
  //   route without body refuses one. Fields as in JsonToWire.
  // * Each path variable fills its field. The body may repeat its value, not contradict it.
  // * Every other leaf may come in the query by its dotted path, in lowerCamelCase or proto names;
  //   a repeated scalar as often as it likes. With body "*" there is no query.
  // * `media_type`, unless empty, fills the route's media_type, if it has one; it is an upload's,
  //   whose `body` is empty here: its bytes go in messages of their own (ContentWire).
  // * `etag`, unless empty, fills the route's request_etag, which must exist then. The body may
  //   repeat it, not contradict it.
  // `query` is raw, without '?'. Errors are INVALID_ARGUMENT with one violation that names the
  // field, and those of ScanJson.
  absl::StatusOr<std::string> BindRequest(const RouteTable::Match& match, absl::string_view query,
                                          absl::string_view body, absl::string_view etag = "",
                                          absl::string_view media_type = "") const;

  // The wire bytes of a message of an upload with a part of its body.
  static std::string ContentWire(const Route& route, absl::string_view part);

  // JSON of a response message, or of its response_body: lowerCamelCase, enums by name, 64-bit
  // integers as strings, fields without a value printed (but not unset messages and optional
  // fields). INTERNAL when `wire` is not that message.
  absl::StatusOr<std::string> ResponseJson(const Route& route, const std::string& wire) const;

  // The etag in a response message, "" when it has none.
  static std::string ResponseEtag(const Route& route, const std::string& wire);

 private:
  Transcoder() = default;

  JsonLimits limits_;
  std::unique_ptr<const RouteTable> routes_;
  MessagePrinter printer_;
  // The types that it prints.
  absl::flat_hash_set<const google::protobuf::Descriptor*> printed_;
  // For what the printer leaves to protobuf. Thread-safe, as its interface demands; not const in
  // protobuf's API.
  std::unique_ptr<google::protobuf::util::TypeResolver> resolver_;
};

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_TRANSCODER_H_
