// One scalar, as text from a JSON body, a path or a query, to protobuf wire bytes, by descriptor
// alone.
#ifndef BAIMI_COMMON_TRANSCODE_FIELD_CODEC_H_
#define BAIMI_COMMON_TRANSCODE_FIELD_CODEC_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace baimi::transcode {

// kText: from a path or a query, where everything is text. Strict JSON does not mix the others: a
// bool is no string, a string is no number (but 64-bit integers and NaN, Infinity may be quoted).
enum class ScalarForm { kText, kJsonString, kJsonNumber, kJsonBool };

// True for everything that JSON writes as a string, number or bool: primitives, enums, Timestamp,
// Duration, FieldMask and the wrappers. Ignores whether the field is repeated.
bool IsScalar(const google::protobuf::FieldDescriptor& field);

// Appends tag and value of one occurrence of `field`, for which IsScalar holds. Integers are in
// range, enums known by name or number, bytes base64 (both alphabets), FieldMask in camelCase or
// snake_case. Otherwise INVALID_ARGUMENT with a violation at `path`; what was got is withheld when
// the field is personal data.
absl::Status AppendScalar(const google::protobuf::FieldDescriptor& field, ScalarForm form,
                          absl::string_view text, absl::string_view path, std::string& wire);

// The error of AppendScalar, for other shapes that were got where `field` was wanted.
absl::Status WantField(const google::protobuf::FieldDescriptor& field, absl::string_view got,
                       absl::string_view path);

// By lowerCamelCase or by proto name; null when there is none.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor& message,
                                                   absl::string_view name);

// From a message to one of its leaves, e.g. {ticket, caller, phone}.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;
// Every step but the last must be a singular message that is not a scalar. Empty when `dotted` does
// not resolve.
FieldPath ResolveFieldPath(const google::protobuf::Descriptor& message, absl::string_view dotted);
// By proto names, joined with dots.
std::string FieldPathText(const FieldPath& path);
// Appends the scalar at the end of `path`, wrapped in the messages that lead to it. Parsers merge
// the fragments of a singular message, so fragments of several paths may follow each other.
absl::Status AppendAtPath(const FieldPath& path, absl::string_view text, std::string& wire);

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_FIELD_CODEC_H_
