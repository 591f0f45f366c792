#include "services/gateway/reflection.h"

#include <set>

#include "common/transcode/wire.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "services/gateway/testing/kitchen.h"

namespace baimi::gateway {
namespace {

using google::protobuf::FileDescriptorProto;
using transcode::MergedBytesField;

// ServerReflectionRequest with one string field.
std::string Ask(int field, absl::string_view value) {
  std::string request;
  transcode::AppendBytes(field, value, request);
  return request;
}

// Every occurrence of a field, merged messages apart: FileDescriptorResponse has one field only.
std::vector<FileDescriptorProto> FilesOf(const std::string& response) {
  google::protobuf::FileDescriptorSet set;
  // file_descriptor_proto = 1, as file = 1 of the set.
  EXPECT_TRUE(set.ParseFromString(MergedBytesField(response, 4).value_or("")));
  return {set.file().begin(), set.file().end()};
}

class ReflectionTest : public ::testing::Test {
 protected:
  const std::unique_ptr<const transcode::Contract> contract_ = kitchen::KitchenWithGlue();
};

TEST_F(ReflectionTest, Symbol_GivesItsFileAndAllItsImports) {
  for (const char* symbol : {"baimi.testing.v1.KitchenService", "baimi.testing.v1.Dish",
                             "baimi.testing.v1.KitchenService.GlueDish"}) {
    const auto files = FilesOf(AnswerReflection(*contract_, Ask(4, symbol)));
    ASSERT_FALSE(files.empty()) << symbol;
    EXPECT_EQ(files.front().name(), "baimi/testing/v1/kitchen_sink.proto");
    std::set<std::string> names;
    for (const auto& file : files) {
      names.insert(file.name());
    }
    for (const auto& file : files) {
      for (const auto& import : file.dependency()) {
        EXPECT_EQ(names.count(import), 1U) << import;
      }
    }
  }
}

TEST_F(ReflectionTest, FilenameAndExtension_AreFound) {
  const auto file = FilesOf(AnswerReflection(*contract_, Ask(3, "baimi/options/v1/options.proto")));
  ASSERT_FALSE(file.empty());
  EXPECT_EQ(file.front().package(), "baimi.options.v1");

  std::string extension = Ask(1, "google.protobuf.MethodOptions");
  transcode::AppendTag(2, transcode::WireType::kVarint, extension);
  transcode::AppendVarint(50101, extension);
  const auto of_extension = FilesOf(AnswerReflection(*contract_, Ask(5, extension)));
  ASSERT_FALSE(of_extension.empty());
  EXPECT_EQ(of_extension.front().package(), "baimi.options.v1");

  const std::string numbers = AnswerReflection(*contract_, Ask(6, "google.protobuf.MethodOptions"));
  EXPECT_FALSE(MergedBytesField(numbers, 5).value_or("").empty());
}

TEST_F(ReflectionTest, List_NamesTheServices) {
  const std::string response = AnswerReflection(*contract_, Ask(7, "*"));
  EXPECT_THAT(MergedBytesField(response, 6).value_or(""),
              ::testing::HasSubstr("baimi.testing.v1.KitchenService"));
}

TEST_F(ReflectionTest, WhatIsNotThere_IsAnErrorThatRepeatsTheQuestion) {
  for (const std::string& request : {Ask(4, "baimi.testing.v1.Nobody"), Ask(3, "nothing.proto"),
                                     std::string(), Ask(99, "x"), std::string("\xFF\xFF")}) {
    const std::string response = AnswerReflection(*contract_, request);
    EXPECT_EQ(MergedBytesField(response, 2), request);
    EXPECT_FALSE(MergedBytesField(response, 7).value_or("").empty());
    EXPECT_TRUE(MergedBytesField(response, 4).value_or("").empty());
  }
}

}  // namespace
}  // namespace baimi::gateway
