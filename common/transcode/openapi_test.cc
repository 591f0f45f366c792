#include "common/transcode/openapi.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "baimi/options/v1/options.pb.h"
#include "common/transcode/json_gate.h"
#include "google/api/annotations.pb.h"
#include "gtest/gtest.h"

namespace baimi::transcode {
namespace {

constexpr char kGolden[] = "common/transcode/testdata/kitchen_sink.openapi.json";

std::string KitchenSink() {
  const auto contract = Contract::FromGenerated("baimi.testing.");
  const auto routes = RouteTable::Build(*contract);
  return OpenApiJson(**routes, {.title = "Kitchen sink"});
}

// Tests run in the repository root. BAIMI_UPDATE_GOLDEN=1 writes the file anew.
TEST(OpenApi, KitchenSink_IsTheGoldenDocument) {
  const std::string got = KitchenSink();
  if (std::getenv("BAIMI_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kGolden) << got;
  }
  std::stringstream want;
  want << std::ifstream(kGolden).rdbuf();
  EXPECT_EQ(got, want.str()) << "run with BAIMI_UPDATE_GOLDEN=1 if the change is meant";
}

TEST(OpenApi, Document_IsStrictJson) {
  const absl::Status status = ScanJson(KitchenSink());
  EXPECT_TRUE(status.ok()) << status;
}

TEST(OpenApi, Comments_BecomeDescriptionsWhenTheSetHasThem) {
  google::protobuf::FileDescriptorSet set;
  for (const char* name : {"google/protobuf/descriptor.proto", "google/api/http.proto",
                           "google/api/annotations.proto", "baimi/options/v1/options.proto"}) {
    google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name)->CopyTo(
        set.add_file());
  }
  auto& file = *set.add_file();
  file.set_name("x.proto");
  file.set_package("x");
  file.set_syntax("proto3");
  file.add_dependency("google/api/annotations.proto");
  file.add_dependency("baimi/options/v1/options.proto");
  file.add_message_type()->set_name("M");
  auto& field = *file.mutable_message_type(0)->add_field();
  field.set_name("a_b");
  field.set_number(1);
  field.set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
  field.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
  auto& service = *file.add_service();
  service.set_name("S");
  auto& method = *service.add_method();
  method.set_name("GetM");
  method.set_input_type(".x.M");
  method.set_output_type(".x.M");
  method.mutable_options()
      ->MutableExtension(options::v1::policy)
      ->set_audience(options::v1::PUBLIC);
  method.mutable_options()->MutableExtension(google::api::http)->set_get("/v1/m");
  auto& location = *file.mutable_source_code_info()->add_location();
  for (const int step : {4, 0, 2, 0}) {
    location.add_path(step);
  }
  for (const int at : {1, 1, 2}) {
    location.add_span(at);
  }
  location.set_leading_comments(" Says \"hello\".\n  Twice.\n");
  const auto contract = Contract::FromDescriptorSet(set);
  ASSERT_TRUE(contract.ok()) << contract.status();
  const auto routes = RouteTable::Build(**contract);
  ASSERT_TRUE(routes.ok()) << routes.status();
  const std::string document = OpenApiJson(**routes);
  EXPECT_TRUE(absl::StrContains(document, R"("description": "Says \"hello\".\nTwice.")"))
      << document;
  EXPECT_TRUE(absl::StrContains(document, R"("name": "aB")"));
}

}  // namespace
}  // namespace baimi::transcode
