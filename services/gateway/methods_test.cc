#include "services/gateway/methods.h"

#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "services/gateway/gateway_process.h"
#include "services/gateway/seq_memory.h"
#include "services/gateway/testing/kitchen.h"

namespace baimi::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::shared_ptr<grpc::Channel> Nowhere() {
  return grpc::CreateChannel("ipv4:127.0.0.1:1", grpc::InsecureChannelCredentials());
}

TEST(Methods, Contract_TellsWhatMayBeRepeatedAndWhereTheCountyStands) {
  const auto contract = kitchen::KitchenWithGlue();
  const auto methods =
      Methods::Build(*contract, {{"baimi.", Nowhere()}, {"baimi.testing.", Nowhere()}}, {});
  ASSERT_TRUE(methods.ok()) << methods.status();
  EXPECT_EQ((*methods)->Find(kitchen::kInternal), nullptr);
  EXPECT_EQ((*methods)->Find("/baimi.testing.v1.KitchenService/Nothing"), nullptr);

  const Method* glue = (*methods)->Find(kitchen::kGlue);
  ASSERT_NE(glue, nullptr);
  EXPECT_EQ(glue->backend->prefix, "baimi.testing.") << "the longest that fits";
  EXPECT_TRUE(glue->read);
  baimi::testing::v1::GetDishRequest get;
  get.set_name("counties/469030/dishes/2");
  EXPECT_EQ(glue->CountyOf(get.SerializeAsString()), "469030");
  EXPECT_EQ(glue->CountyOf("\xFF"), "");

  const Method* update = (*methods)->Find("/baimi.testing.v1.KitchenService/UpdateDish");
  ASSERT_NE(update, nullptr);
  baimi::testing::v1::UpdateDishRequest change;
  change.mutable_dish()->set_name("counties/469029/dishes/2");
  EXPECT_EQ(update->CountyOf(change.SerializeAsString()), "469029");
  EXPECT_FALSE(update->IsIdempotent(change.SerializeAsString()));
  change.set_request_id("once");
  EXPECT_TRUE(update->IsIdempotent(change.SerializeAsString()));
}

TEST(Methods, Upload_IsKnownByItsFirstMessage) {
  const auto contract = kitchen::KitchenWithGlue();
  const auto methods = Methods::Build(*contract, {{"baimi.", Nowhere()}}, {});
  const Method* upload = (*methods)->Find("/baimi.testing.v1.KitchenService/UploadPhoto");
  ASSERT_NE(upload, nullptr);
  EXPECT_TRUE(upload->client_streaming);
  EXPECT_FALSE(upload->read);
  baimi::testing::v1::UploadPhotoRequest first;
  first.set_name("counties/469030/dishes/2");
  EXPECT_EQ(upload->CountyOf(first.SerializeAsString()), "469030");
  EXPECT_FALSE(upload->IsIdempotent(first.SerializeAsString()));
  first.set_request_id("once");
  EXPECT_TRUE(upload->IsIdempotent(first.SerializeAsString()));
}

TEST(Methods, NoUpstream_NamesTheMethod) {
  const auto contract = kitchen::KitchenWithGlue();
  const auto methods = Methods::Build(*contract, {{"baimi.ticket.", Nowhere()}}, {});
  EXPECT_THAT(std::string(methods.status().message()), HasSubstr("KitchenService/"));
}

TEST(ParseUpstreams, Addresses_StandTogetherAfterTheirPrefix) {
  EXPECT_THAT(*ParseUpstreams({"baimi.ticket.=ipv4:127.0.0.1:1", "127.0.0.1:2",
                               "baimi.registry.=dns:///grid-registry:9090"}),
              UnorderedElementsAre(Pair("baimi.ticket.", "ipv4:127.0.0.1:1,127.0.0.1:2"),
                                   Pair("baimi.registry.", "dns:///grid-registry:9090")));
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"127.0.0.1:2"}, {"=dns:///x:1"}, {"a.="}, {"a.=b", "a.=c"}}) {
    EXPECT_EQ(ParseUpstreams(wrong).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(SeqMemory, Changes_AreKeptApartAndNeverGoBack) {
  SeqMemory memory;
  const SeqMemory::Key clerk = {.credentials = "a", .service = "ticket", .county = "469030"};
  EXPECT_EQ(memory.Last(clerk), 0);
  memory.Changed(clerk, 7);
  memory.Changed(clerk, 5);
  EXPECT_EQ(memory.Last(clerk), 7);
  EXPECT_EQ(memory.Last({.credentials = "b", .service = "ticket", .county = "469030"}), 0);
  EXPECT_EQ(memory.Last({.credentials = "a", .service = "registry", .county = "469030"}), 0);
  EXPECT_EQ(memory.Last({.credentials = "a", .service = "ticket", .county = "469029"}), 0);
}

TEST(SeqMemory, Full_ForgetsWhoWasLongestAway) {
  SeqMemory memory(2);
  const auto key = [](const char* who) {
    return SeqMemory::Key{.credentials = who, .service = "s", .county = "c"};
  };
  memory.Changed(key("a"), 1);
  memory.Changed(key("b"), 2);
  EXPECT_EQ(memory.Last(key("a")), 1);
  memory.Changed(key("c"), 3);
  EXPECT_EQ(memory.Last(key("b")), 0);
  EXPECT_EQ(memory.Last(key("a")), 1);
  EXPECT_EQ(memory.Last(key("c")), 3);
}

}  // namespace
}  // namespace baimi::gateway
