#include "common/transcode/route_table.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baimi/options/v1/options.pb.h"
#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/base/error.h"
#include "common/text/utf8.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace baimi::transcode {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorSet;

void AddFile(const FileDescriptor& file, FileDescriptorSet& set) {
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddFile(*file.dependency(i), set);
  }
  for (const auto& present : set.file()) {
    if (present.name() == file.name()) {
      return;
    }
  }
  file.CopyTo(set.add_file());
}

// The kitchen sink's dependencies and one service of one method, `method` in text format.
FileDescriptorSet SetWith(const std::string& method) {
  FileDescriptorSet set;
  AddFile(*testing::v1::Dish::descriptor()->file(), set);
  const auto* any = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
      "google/protobuf/struct.proto");
  AddFile(*any, set);
  const std::string text = absl::StrCat(R"(
      name: "x.proto" package: "x" syntax: "proto3"
      dependency: "baimi/testing/v1/kitchen_sink.proto" dependency: "google/protobuf/struct.proto"
      message_type { name: "Deep" field { name: "v" number: 1 type: TYPE_MESSAGE
                     label: LABEL_OPTIONAL type_name: ".google.protobuf.Value" } }
      message_type { name: "Bad" field { name: "deep" number: 1 type: TYPE_MESSAGE
                     label: LABEL_REPEATED type_name: ".x.Deep" } }
      service { name: "S" method { name: "M" output_type: ".baimi.testing.v1.WashDishResponse" )",
                                        method, "} }");
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, set.add_file())) << text;
  return set;
}

std::string Rule(const std::string& http, const std::string& more = "") {
  return absl::StrCat("input_type: \".baimi.testing.v1.UpdateDishRequest\" options { ",
                      "[baimi.options.v1.policy] { audience: PUBLIC } [google.api.http] { ", http,
                      " } } ", more);
}

absl::Status BuildStatus(const std::string& method) {
  const auto contract = Contract::FromDescriptorSet(SetWith(method));
  return contract.ok() ? RouteTable::Build(**contract).status() : contract.status();
}

TEST(RouteTable, PrivatePool_GivesTheSameRoutesAsTheLinkedOne) {
  FileDescriptorSet set;
  AddFile(*testing::v1::Dish::descriptor()->file(), set);
  const auto linked = Contract::FromGenerated("baimi.testing.");
  const auto loaded = Contract::FromDescriptorSet(set);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const auto a = RouteTable::Build(*linked);
  const auto b = RouteTable::Build(**loaded);
  ASSERT_TRUE(a.ok()) << a.status();
  ASSERT_TRUE(b.ok()) << b.status();
  ASSERT_EQ((*a)->routes().size(), 10u);
  ASSERT_EQ((*b)->routes().size(), 10u);
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ((*a)->routes()[i]->method, (*b)->routes()[i]->method);
    EXPECT_EQ((*a)->routes()[i]->pattern, (*b)->routes()[i]->pattern);
  }
}

TEST(RouteTable, Defects_NameMethodAndCause) {
  const std::pair<std::string, const char*> kCases[] = {
      {Rule("get: \"/v1/{nope}\""), "{nope} is no field of baimi.testing.v1.UpdateDishRequest"},
      {Rule("get: \"/v1/{dish}\""), "{dish} must be a singular scalar field"},
      {Rule("get: \"/v1/{dish.tags}\""), "{dish.tags} must be a singular scalar field"},
      {Rule("get: \"/v1/{dish.nested.name}\""), "{dish.nested.name} is no field"},
      {Rule("get: \"/v1/{requestId}\""), "{requestId} is no field"},
      {Rule("get: \"/v1/{x\""), "path template"},
      {Rule("get: \"/v1/x\" body: \"*\""), "GET takes no body"},
      {Rule("post: \"/v1/x\" body: \"nope\""), "\"nope\" is not a singular message field"},
      {Rule("post: \"/v1/x\" body: \"request_id\""), "\"request_id\" is not a singular message"},
      {Rule("post: \"/v1/x\" response_body: \"advice\""), "\"advice\" is not a singular message"},
      {Rule("body: \"*\""), "http rule without a pattern"},
      {Rule("get: \"/v1/x\" additional_bindings { get: \"/v1/x\" }"), "is routed twice"},
      {Rule("get: \"/v1/x\" additional_bindings { get: \"/v1/y\" additional_bindings { get: "
            "\"/v1/z\" } }"),
       "additional_bindings inside"},
      {Rule("post: \"/v1/x\" body: \"*\"", "client_streaming: true"),
       "\"*\" is not a singular bytes field"},
      {Rule("post: \"/v1/x\" body: \"request_id\"", "client_streaming: true"),
       "\"request_id\" is not a singular bytes field"},
      {Rule("post: \"/v1/x\"", "client_streaming: true"), "\"\" is not a singular bytes field"},
      {Rule("post: \"/v1/x\" body: \"*\"", "client_streaming: true server_streaming: true"),
       "http rule on a two-way stream"},
      {R"(input_type: ".baimi.testing.v1.Dish" options { [google.api.http] { get: "/v1/x" } })",
       "http rule without policy"},
      {R"(input_type: ".baimi.testing.v1.Dish" options { [baimi.options.v1.policy] { audience: PUBLIC } })",
       "PUBLIC without http rule"},
      {R"(input_type: ".baimi.testing.v1.Dish" options { [baimi.options.v1.policy] { audience: INTERNAL }
          [google.api.http] { get: "/v1/x" } })",
       "http rule on a method that is not PUBLIC"},
      {R"(input_type: ".x.Bad" options { [baimi.options.v1.policy] { audience: PUBLIC }
          [google.api.http] { get: "/v1/x" } })",
       "x.Deep.v cannot be in a request over HTTP"},
  };
  for (const auto& [method, want] : kCases) {
    const absl::Status status = BuildStatus(method);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << method;
    EXPECT_TRUE(absl::StartsWith(status.message(), "x.S.M: ")) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), want)) << status;
  }
  EXPECT_TRUE(BuildStatus(Rule("put: \"/v1/x\"")).ok());
  EXPECT_TRUE(BuildStatus(Rule("custom { kind: \"REPORT\" path: \"/v1/x\" }")).ok());
  EXPECT_TRUE(BuildStatus(R"(input_type: ".baimi.testing.v1.Dish")").ok());
}

TEST(RouteTable, Upload_KnowsItsContentLimitAndMediaType) {
  const auto contract = Contract::FromGenerated("baimi.testing.");
  const auto routes = RouteTable::Build(*contract);
  const auto match = (*routes)->Find("POST", "/v1/counties/1/dishes/2:uploadPhoto");
  ASSERT_TRUE(match.ok()) << match.status();
  const Route& route = *match->route;
  EXPECT_TRUE(route.client_streaming);
  EXPECT_EQ(route.body, BodyKind::kField);
  EXPECT_EQ(route.body_field->name(), "content");
  EXPECT_EQ(route.media_type->name(), "media_type");
  EXPECT_EQ(route.max_upload_bytes, 600'000);
  EXPECT_TRUE(route.request_etag.empty());
}

TEST(Contract, BrokenSets_SayWhichFile) {
  FileDescriptorSet set = SetWith("input_type: \".x.Missing\"");
  const auto contract = Contract::FromDescriptorSet(set);
  EXPECT_TRUE(absl::StrContains(contract.status().message(), "x.proto does not build"));
  EXPECT_EQ(Contract::FromFile("/nonexistent/set.pb").status().code(), absl::StatusCode::kNotFound);
  const std::string path = absl::StrCat(::testing::TempDir(), "/baimi_contract_test.pb");
  std::ofstream(path, std::ios::binary) << "\xFF\xFF\xFF";
  EXPECT_EQ(Contract::FromFile(path).status().code(), absl::StatusCode::kInvalidArgument);
  FileDescriptorSet good = SetWith(Rule("put: \"/v1/x\""));
  std::ofstream(path, std::ios::binary) << good.SerializeAsString();
  const auto loaded = Contract::FromFile(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->services().size(), 2u);
  std::remove(path.c_str());
}

TEST(RouteTable, PathThatIsNotUtf8_IsRefusedInWordsThatAre) {
  const auto contract = Contract::FromGenerated("baimi.testing.");
  const auto routes = RouteTable::Build(*contract);
  for (const char* path : {"/v1/\xff", "/v1/\xe7\x99", "/\x01"}) {
    const absl::Status status = (*routes)->Find("GET", path).status();
    EXPECT_NE(ReasonOf(status), "");
    EXPECT_TRUE(text::IsValidUtf8(status.message())) << status.message();
    status.ForEachPayload([](absl::string_view, const absl::Cord& payload) {
      // protobuf complains about a string that is none, and writes it all the same.
      EXPECT_EQ(std::string(payload).find('\xff'), std::string::npos);
    });
  }
}

}  // namespace
}  // namespace baimi::transcode
