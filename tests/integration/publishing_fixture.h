// A county that publishes: k of 5, leaders' shifts all day, alerts of two kinds.
#ifndef BAIMI_TESTS_INTEGRATION_PUBLISHING_FIXTURE_H_
#define BAIMI_TESTS_INTEGRATION_PUBLISHING_FIXTURE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {

class PublishingTest : public SuiteTest {
 protected:
  void SetUp() override {
    SuiteTest::SetUp();
    clock().Advance(absl::Minutes(1));
    ticket::v1::CreateTicketPolicyRequest request;
    request.set_parent(kCounty);
    *request.mutable_ticket_policy() = ticket::domain::SamplePolicy();
    request.mutable_ticket_policy()->MergeFrom(Text<ticket::v1::TicketPolicy>(R"pb(
      publications {
        min_count: 5
        category_digits: 4
        top_categories: 3
        channels { display_name: "热线电话" reach: "12345" opening_hours: "全天" }
        flow { title: "受理" text: "登记诉求并告知工单编号。" }
      }
      leader_shifts {
        windows { start_minute: 0 end_minute: 1440 }
        settle_same_day: true
      }
      area_alerts {
        kinds { id: "water" display_name: "停水" }
        kinds { id: "power" display_name: "停电" }
        max_days: 10
      }
    )pb"));
    const auto created =
        As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  http::testing::ClientResponse Post(const std::string& path, const std::string& body,
                                     const std::string& key = "clerk") {
    return Http("POST", absl::StrCat("/v1/", path), body, key);
  }
  http::testing::ClientResponse Read(const std::string& path, const std::string& key = "clerk") {
    return Http("GET", absl::StrCat("/v1/", path), "", key);
  }
};

}  // namespace baimi::integration

#endif  // BAIMI_TESTS_INTEGRATION_PUBLISHING_FIXTURE_H_
