// A request for any method that a contract names, filled in from the options of its fields alone.
#ifndef BAIMI_TESTS_INTEGRATION_SAMPLE_REQUEST_H_
#define BAIMI_TESTS_INTEGRATION_SAMPLE_REQUEST_H_

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace baimi::integration {

struct SampleRequestOptions {
  // What stands for a resource, by its pattern ("counties/*/tickets/*"); of others each `*` is "1".
  std::map<std::string, std::string> resources;
  // What every free text is; long enough for any field's min_len.
  std::string text;
  // Fill in optional references to resources that are named above, too.
  bool optional_references = false;
};

// Every REQUIRED field is filled in, deeply; of a oneof the first. Enums get their first value that
// is not UNSPECIFIED.
std::unique_ptr<google::protobuf::Message> SampleRequest(const google::protobuf::Descriptor& type,
                                                         const SampleRequestOptions& options);

}  // namespace baimi::integration

#endif  // BAIMI_TESTS_INTEGRATION_SAMPLE_REQUEST_H_
