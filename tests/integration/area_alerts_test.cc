// 区域通知 through the doors: told by a unit, read by everybody at the place and time it is for.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/area_alert_service.grpc.pb.h"
#include "common/base/error.h"
#include "services/ticket/domain/proto_time.h"
#include "tests/integration/publishing_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using ticket::v1::AreaAlert;
using ticket::v1::AreaAlertService;

class AreaAlertsTest : public PublishingTest {
 protected:
  // In force from an hour on, for so many hours.
  absl::StatusOr<AreaAlert> TryTell(const std::string& area, int hours,
                                    const std::string& text = "管道检修，咨询12345。",
                                    const std::string& key = "unit-zhujianju") {
    ticket::v1::CreateAreaAlertRequest request;
    request.set_parent(kCounty);
    AreaAlert& alert = *request.mutable_area_alert();
    alert.set_kind("water");
    alert.set_title("停水通知");
    alert.set_text(text);
    alert.add_areas(absl::StrCat("counties/469030/areas/", area));
    *alert.mutable_start_time() = ticket::domain::ToProto(clock().Now() + absl::Hours(1));
    *alert.mutable_end_time() = ticket::domain::ToProto(clock().Now() + absl::Hours(1 + hours));
    return As(key)(&AreaAlertService::Stub::CreateAreaAlert, request);
  }
  std::string Tell(const std::string& area, int hours) {
    const auto alert = TryTell(area, hours);
    EXPECT_TRUE(alert.ok()) << alert.status();
    return alert.ok() ? alert->name() : "";
  }
  std::vector<std::string> List(const std::string& query, const std::string& key = "webpage") {
    const auto answer = Read(absl::StrCat("counties/469030/areaAlerts?", query), key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> names;
    const auto list = FromJson<ticket::v1::ListAreaAlertsResponse>(answer.body);
    for (const AreaAlert& alert : list.area_alerts()) {
      names.push_back(alert.name());
    }
    return names;
  }
};

TEST_F(AreaAlertsTest, Alert_IsReadWhereAndWhenItHolds) {
  const std::string community = Tell("469030100003", 2);
  const std::string township = Tell("469030100000", 10);
  EXPECT_THAT(List("area=469030100003"), IsEmpty()) << "not yet";
  clock().Advance(absl::Hours(1));
  EXPECT_THAT(List("area=469030100003"), ElementsAre(township, community));
  EXPECT_THAT(List("area=469030100004"), ElementsAre(township));
  EXPECT_THAT(List("area=469030102201"), IsEmpty());
  EXPECT_THAT(List("area=469030100000"), ElementsAre(township));
  EXPECT_THAT(List("area=469030100000&subtree=true"), ElementsAre(township, community));
  EXPECT_THAT(List(""), ElementsAre(township, community));
  ticket::v1::FindAreaAlertsRequest find;
  find.set_parent(kCounty);
  find.mutable_point()->set_latitude(19.035);
  find.mutable_point()->set_longitude(109.835);
  const auto found = As("webpage")(&AreaAlertService::Stub::FindAreaAlerts, find);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->area(), "counties/469030/areas/469030100003");
  ASSERT_EQ(found->area_alerts_size(), 2);
  EXPECT_EQ(found->area_alerts(0).name(), township);
  find.mutable_point()->set_latitude(10);
  EXPECT_TRUE(
      absl::IsNotFound(As("webpage")(&AreaAlertService::Stub::FindAreaAlerts, find).status()));
  clock().Advance(absl::Hours(2));
  EXPECT_THAT(List("area=469030100003"), ElementsAre(township)) << "the other one is over";
  EXPECT_THAT(List("all=true"), ElementsAre(township, community));
  EXPECT_THAT(List("all=true&pageSize=1"), ElementsAre(township));
}

TEST_F(AreaAlertsTest, Alert_IsChangedAndWithdrawnByItsUnit) {
  const std::string alert = Tell("469030100003", 2);
  clock().Advance(absl::Hours(1));
  const auto patch = [&](const std::string& body, const std::string& key) {
    return Http("PATCH", absl::StrCat("/v1/", alert), body, key);
  };
  EXPECT_THAT(patch(R"({"text":"延长"})", "unit-chengguanju").body, HasSubstr("NOT_THE_KEEPER"));
  const auto changed = patch(R"({"text":"延长到晚上。"})", "unit-zhujianju");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_THAT(Read(alert, "webpage").body, HasSubstr("延长到晚上"));
  EXPECT_THAT(patch(R"({"text":"请打13800001001"})", "unit-zhujianju").body,
              HasSubstr("PERSONAL_DATA_IN_TEXT"));
  EXPECT_EQ(Post(alert + ":withdraw", R"({"rationale":"提前恢复"})", "webpage").status, 403);
  ASSERT_EQ(Post(alert + ":withdraw", R"({"rationale":"提前恢复"})", "unit-zhujianju").status, 200);
  EXPECT_THAT(List("area=469030100003"), IsEmpty());
  EXPECT_THAT(Read(alert, "webpage").body, HasSubstr("提前恢复"));
  EXPECT_THAT(patch(R"({"text":"再改"})", "unit-zhujianju").body, HasSubstr("ILLEGAL_TRANSITION"));
}

TEST_F(AreaAlertsTest, PersonalText_IsRefused) {
  EXPECT_EQ(ReasonOf(TryTell("469030100003", 2, "电话１３８ ００００ １００１").status()),
            "PERSONAL_DATA_IN_TEXT");
  EXPECT_EQ(ReasonOf(TryTell("469030100003", 2, "停水", "webpage").status()), "PERMISSION_MISSING");
}

}  // namespace
}  // namespace baimi::integration
