#include "common/rpc/method.h"

#include "baimi/registry/v1/registry_service.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "gtest/gtest.h"

namespace baimi::rpc {
namespace {

const google::protobuf::MethodDescriptor* Find(const char* name) {
  ticket::v1::Ticket::descriptor();
  registry::v1::Area::descriptor();
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
}

TEST(Method, Scope_FollowsTheFieldPath) {
  const auto method = Method::Resolve(Find("baimi.registry.v1.AreaService.UpdateArea"));
  ASSERT_TRUE(method.ok()) << method.status();
  registry::v1::UpdateAreaRequest request;
  EXPECT_EQ((*method)->Scope(request), "");
  request.mutable_area()->set_name("counties/469030/areas/469030100003");
  EXPECT_EQ((*method)->Scope(request), "counties/469030/areas/469030100003");
}

TEST(Method, Fingerprint_IgnoresTheRequestIdOnly) {
  const auto method = Method::Resolve(Find("baimi.ticket.v1.TicketService.SignTicket"));
  ASSERT_TRUE(method.ok()) << method.status();
  ticket::v1::SignTicketRequest request;
  request.set_name("counties/469030/tickets/20260610-000001");
  request.set_request_id("a");
  EXPECT_EQ((*method)->RequestId(request), "a");
  const std::string first = (*method)->Fingerprint(request);
  request.set_request_id("b");
  EXPECT_EQ((*method)->Fingerprint(request), first);
  request.clear_request_id();
  EXPECT_EQ((*method)->Fingerprint(request), first);
  request.set_etag("v1");
  EXPECT_NE((*method)->Fingerprint(request), first);
}

TEST(Method, Deadlines_ComeFromThePolicyOrTheDefaults) {
  const auto plain = Method::Resolve(Find("baimi.ticket.v1.TicketService.GetTicket"));
  const auto import = Method::Resolve(Find("baimi.registry.v1.AreaService.ImportAreas"));
  ASSERT_TRUE(plain.ok() && import.ok());
  EXPECT_EQ((*plain)->default_deadline(), absl::Seconds(10));
  EXPECT_EQ((*plain)->max_deadline(), absl::Seconds(30));
  EXPECT_EQ((*import)->max_deadline(), absl::Seconds(120));
  EXPECT_TRUE((*plain)->response_has_pii());
  EXPECT_FALSE((*import)->response_has_pii());
}

TEST(Method, MethodWithoutPolicy_IsRefused) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("plain.proto");
  file.set_package("plain");
  file.add_message_type()->set_name("M");
  auto* service = file.add_service();
  service->set_name("S");
  auto* call = service->add_method();
  call->set_name("Do");
  call->set_input_type(".plain.M");
  call->set_output_type(".plain.M");
  google::protobuf::DescriptorPool pool;
  const auto* built = pool.BuildFile(file);
  ASSERT_NE(built, nullptr);
  const auto method = Method::Resolve(built->service(0)->method(0));
  EXPECT_TRUE(absl::IsFailedPrecondition(method.status()));
  EXPECT_NE(method.status().message().find("plain.S.Do"), absl::string_view::npos);
}

}  // namespace
}  // namespace baimi::rpc
