// A JSON body to protobuf wire bytes, by descriptor, in the same pass that checks its grammar.
// Stricter than protobuf's own JSON parser, which flattens nested arrays, takes one object for a
// list of objects, and names the field of an error only sometimes.
#ifndef BAIMI_COMMON_TRANSCODE_JSON_BINDER_H_
#define BAIMI_COMMON_TRANSCODE_JSON_BINDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/transcode/json_gate.h"
#include "google/protobuf/descriptor.h"

namespace baimi::transcode {

// A field that the path or a header has set already: a body may repeat its value but not contradict
// it.
struct BoundField {
  // Proto names from the request message, e.g. "ticket.name".
  std::string path;
  std::string text;
  // What has set it.
  std::string source = "the path";
};

// True when the message tree of `type` holds nothing that JsonToWire cannot write: no Any, Struct,
// Value, ListValue and no groups. `offender` names the first field found.
bool IsBindable(const google::protobuf::Descriptor& type, std::string* offender);

// Wire bytes of the `type` that `json` holds; `type` must be bindable. `prefix` is put before every
// field path in errors ("ticket" for a body that is the field `ticket`, "" for the whole request).
// Errors: those of ScanJson; INVALID_ARGUMENT with one violation that names the field, what was got
// and what is wanted, for unknown fields, wrong types, values out of range, a field given twice
// (two spellings, two members of a oneof) and contradictions with `bound`. null means not set.
absl::StatusOr<std::string> JsonToWire(const google::protobuf::Descriptor& type,
                                       absl::string_view json, absl::string_view prefix,
                                       const std::vector<BoundField>& bound,
                                       const JsonLimits& limits);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_JSON_BINDER_H_
