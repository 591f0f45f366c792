#include "common/base/error.h"
#include "common/resource/sample.pb.h"
#include "common/resource/validate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::resource {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<std::string> Faults(sample::UpdateTicketRequest request) {
  std::vector<std::string> paths;
  const absl::Status status = Validate(&request, absl::FromUnixSeconds(1'795'000'000));
  if (const auto details = BadRequestOf(status)) {
    for (const auto& violation : details->field_violations()) {
      paths.push_back(violation.field());
    }
  }
  return paths;
}

sample::UpdateTicketRequest Update(std::initializer_list<const char*> paths) {
  sample::UpdateTicketRequest request;
  request.mutable_ticket()->set_name("counties/469030/tickets/1");
  for (const char* path : paths) {
    request.mutable_update_mask()->add_paths(path);
  }
  return request;
}

TEST(ValidateUpdate, NoMask_ChecksWhatIsPopulated) {
  sample::UpdateTicketRequest request = Update({});
  EXPECT_THAT(Faults(request), IsEmpty());
  request.mutable_ticket()->set_title("电");
  request.mutable_ticket()->mutable_caller()->set_phone("110");
  EXPECT_THAT(Faults(request),
              ElementsAre("ticket.title", "ticket.caller.name", "ticket.caller.phone"));
}

TEST(ValidateUpdate, Paths_CheckOnlyWhatTheyName) {
  sample::UpdateTicketRequest request = Update({"title"});
  EXPECT_THAT(Faults(request), ElementsAre("ticket.title"));
  request.mutable_ticket()->set_title("电梯");
  request.mutable_ticket()->set_amount(99);
  EXPECT_THAT(Faults(request), IsEmpty());
  EXPECT_THAT(Faults(Update({"amount"})), ElementsAre("ticket.amount"));
}

TEST(ValidateUpdate, MaskWithoutBound_IsRefused) {
  sample::UpdateTicketRequest request = Update({});
  request.mutable_ticket()->set_title("电梯");
  for (int i = 0; i < kMaxMaskPaths; ++i) {
    request.mutable_update_mask()->add_paths("title");
  }
  EXPECT_THAT(Faults(request), IsEmpty());
  request.mutable_update_mask()->add_paths("title");
  EXPECT_THAT(Faults(request), ElementsAre("update_mask"));
}

TEST(ValidateUpdate, PathInsideAMessage_LeavesTheRestOfItAlone) {
  sample::UpdateTicketRequest request = Update({"caller.phone"});
  request.mutable_ticket()->mutable_caller()->set_phone("110");
  EXPECT_THAT(Faults(request), ElementsAre("ticket.caller.phone"));
  request.mutable_update_mask()->add_paths("caller");
  EXPECT_THAT(Faults(request), ElementsAre("ticket.caller.name", "ticket.caller.phone"));
}

TEST(ValidateUpdate, Star_ChecksEverything) {
  EXPECT_THAT(Faults(Update({"*"})),
              UnorderedElementsAre("ticket.kind", "ticket.title", "ticket.amount"));
}

TEST(ValidateUpdate, OtherFieldsOfTheRequest_AreCheckedAsEver) {
  sample::UpdateTicketRequest request = Update({});
  request.set_request_id("a b");
  EXPECT_THAT(Faults(request), ElementsAre("request_id"));
  request.clear_request_id();
  request.clear_ticket();
  EXPECT_THAT(Faults(request), ElementsAre("ticket"));
}

TEST(ValidateUpdate, NameAndEtag_StayAndOtherOutputFieldsGo) {
  sample::UpdateTicketRequest request = Update({"title"});
  request.mutable_ticket()->set_title("电梯");
  request.mutable_ticket()->set_etag("v3");
  request.mutable_ticket()->set_state("CLOSED");
  ASSERT_TRUE(Validate(&request, absl::FromUnixSeconds(1'795'000'000)).ok());
  EXPECT_EQ(request.ticket().name(), "counties/469030/tickets/1");
  EXPECT_EQ(request.ticket().etag(), "v3");
  EXPECT_EQ(request.ticket().state(), "");
}

}  // namespace
}  // namespace baimi::resource
