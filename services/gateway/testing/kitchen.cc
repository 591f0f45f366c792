#include "services/gateway/testing/kitchen.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"

namespace baimi::gateway::kitchen {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorSet;

constexpr char kGlueMethod[] = R"pb(
  name: "GlueDish"
  input_type: ".baimi.testing.v1.GetDishRequest"
  output_type: ".baimi.testing.v1.Dish"
  options {
    [google.api.http] { get: "/v1/{name=counties/*/dishes/*}:glue" }
    [baimi.options.v1.policy] {
      permission: "dish.glue"
      scope_field: "name"
      audience: PUBLIC
      idempotency: READ
      lane: INTERACTIVE
      audit: NONE
    }
  }
)pb";

// As protoc writes them: what is imported first.
void Add(const FileDescriptor& file, std::set<std::string>& seen, FileDescriptorSet& set) {
  if (!seen.insert(file.name()).second) {
    return;
  }
  for (int i = 0; i < file.dependency_count(); ++i) {
    Add(*file.dependency(i), seen, set);
  }
  file.CopyTo(set.add_file());
}

}  // namespace

std::unique_ptr<const transcode::Contract> KitchenWithGlue() {
  FileDescriptorSet set;
  std::set<std::string> seen;
  Add(*baimi::testing::v1::Dish::descriptor()->file(), seen, set);
  auto* kitchen = set.mutable_file(set.file_size() - 1)->mutable_service(0);
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kGlueMethod, kitchen->add_method()));
  // Through bytes, as from a file.
  FileDescriptorSet packaged;
  EXPECT_TRUE(packaged.ParseFromString(set.SerializeAsString()));
  auto contract = transcode::Contract::FromDescriptorSet(packaged);
  EXPECT_TRUE(contract.ok()) << contract.status();
  return contract.ok() ? *std::move(contract) : nullptr;
}

}  // namespace baimi::gateway::kitchen
