// Messages written down in tests.
#ifndef BAIMI_COMMON_TESTING_PROTOS_H_
#define BAIMI_COMMON_TESTING_PROTOS_H_

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"

namespace baimi::test {

// A message from its text form; the test fails when it is none.
template <typename T>
T Text(absl::string_view text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &message)) << text;
  return message;
}

// The same from protobuf's JSON.
template <typename T>
T FromJson(absl::string_view json) {
  T message;
  const auto status = google::protobuf::util::JsonStringToMessage(std::string(json), &message);
  EXPECT_TRUE(status.ok()) << status << ": " << json;
  return message;
}

}  // namespace baimi::test

#endif  // BAIMI_COMMON_TESTING_PROTOS_H_
