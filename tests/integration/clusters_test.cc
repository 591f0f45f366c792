// 未诉先办 through the doors: a rise is proposed, settled, silent, and proposed when it rises anew.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/cluster_service.grpc.pb.h"
#include "services/ticket/domain/testing_order.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using ticket::v1::ClusterService;
using ticket::v1::ListClustersResponse;
using ticket::v1::Ticket;

constexpr char kCell[] = "counties/469030/clusters/grid-469030100003001-020301";
constexpr int kBaselineDays = 14;

class ClustersTest : public SuiteTest {
 protected:
  // Weeks are short here: one is held against two.
  void SetUp() override {
    SuiteTest::SetUp();
    clock().Advance(absl::Minutes(1));
    ticket::v1::CreateTicketPolicyRequest request;
    request.set_parent(kCounty);
    *request.mutable_ticket_policy() = ticket::domain::SamplePolicy();
    *request.mutable_ticket_policy()->mutable_clusters() = Text<ticket::v1::ClusterPolicy>(R"pb(
      window_weeks: 1
      baseline_weeks: 2
      min_count: 3
      false_alarms_per_year: 12
      dispersion_percent: 100
      topic_grids: 2
    )pb");
    const auto created =
        As("admin")(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  std::vector<Ticket> FileSome(int orders, bool reports = false) {
    std::vector<Ticket> filed;
    for (int i = 0; i < orders; ++i) {
      ticket::v1::CreateTicketRequest request = LiftRequest("");
      if (reports) {
        request.mutable_ticket()->set_type(ticket::v1::REPORT);
        request.mutable_ticket()->set_subject_unit("counties/469030/units/yinggen");
      }
      filed.push_back(File(request));
    }
    return filed;
  }
  // Four orders in two weeks, and the first day of the week after.
  void LiveAsUsual() {
    for (int i = 0; i < 4; ++i) {
      FileSome(1);
      clock().Advance(absl::Hours(24 * 3));
    }
    clock().Advance(absl::Hours(24 * (kBaselineDays - 12 + 6)));
  }
  void Count() {
    absl::StatusOr<int64_t> counted = suite().CountFigures();
    for (int i = 0; i < 100 && !counted.ok(); ++i) {
      counted = suite().CountFigures();
    }
    EXPECT_TRUE(counted.ok()) << counted.status();
  }
  ListClustersResponse List(const std::string& key, bool show_settled = false,
                            const std::string& as_of = "", const std::string& area = "") {
    Count();
    ticket::v1::ListClustersRequest request;
    request.set_parent(kCounty);
    request.set_show_settled(show_settled);
    request.set_as_of(as_of);
    request.set_area(area);
    const auto list = As(key)(&ClusterService::Stub::ListClusters, request);
    EXPECT_TRUE(list.ok()) << key << ": " << list.status();
    return list.ok() ? *list : ListClustersResponse();
  }
  http::testing::ClientResponse Settle(const std::string& body, const std::string& key = "clerk",
                                       const std::string& name = kCell) {
    Count();
    return Http("POST", absl::StrCat("/v1/", name, ":settle"), body, key);
  }
};

constexpr char kPatrol[] =
    R"({"requestId":"settle-1","settlement":{"action":"PATROL","note":"请社区上门查看管道",)"
    R"("unit":"counties/469030/units/yingbei"}})";

TEST_F(ClustersTest, Burst_IsProposedWithWhatIsKnownAboutIt) {
  FileSome(1);
  EXPECT_EQ(List("clerk").ready_date(), "2026-12-13") << "three weeks of counts";
  LiveAsUsual();
  const std::vector<Ticket> burst = FileSome(15);
  const ListClustersResponse list = List("clerk");
  EXPECT_EQ(list.as_of_date(), "2026-12-13");
  EXPECT_EQ(list.as_of_seq(), Head());
  EXPECT_EQ(list.ready_date(), "");
  EXPECT_EQ(list.cells(), 3);
  EXPECT_EQ(list.false_alarms_per_year(), 12);
  EXPECT_GT(list.doubling_found_from(), 0);
  ASSERT_EQ(list.clusters_size(), 1) << "community and county rise by this grid alone";
  const ticket::v1::Cluster& cluster = list.clusters(0);
  EXPECT_EQ(cluster.name(), kCell);
  EXPECT_EQ(cluster.grid(), kGrid);
  EXPECT_EQ(cluster.area(), "counties/469030/areas/469030100003");
  EXPECT_EQ(cluster.from_date(), "2026-12-07");
  EXPECT_EQ(cluster.to_date(), "2026-12-13");
  EXPECT_EQ(cluster.since_date(), "2026-12-13");
  EXPECT_EQ(cluster.count(), 15);
  EXPECT_DOUBLE_EQ(cluster.expected(), 2.5);
  EXPECT_DOUBLE_EQ(cluster.ratio(), 6);
  EXPECT_LT(cluster.p_value(), cluster.p_limit());
  EXPECT_DOUBLE_EQ(cluster.p_limit(), 12.0 / (365 * 3));
  EXPECT_EQ(cluster.grids(), 1);
  ASSERT_EQ(cluster.samples_size(), 5);
  EXPECT_EQ(cluster.samples(0), burst.back().name()) << "the newest first";
  EXPECT_EQ(cluster.proposal(), ticket::v1::PATROL);
  EXPECT_THAT(cluster.explanation(), HasSubstr("诉求15件，往常约2.5件，为往常的6.0倍"));
  EXPECT_EQ(cluster.state(), ticket::v1::CLUSTER_OPEN);
  EXPECT_EQ(List("clerk", false, "2026-12-12").clusters_size(), 0) << "not ready then";
  EXPECT_EQ(List("clerk", false, "", "counties/469030/areas/469030100000").clusters_size(), 1);
  EXPECT_EQ(List("clerk", false, "", "counties/469030/areas/469030100004").clusters_size(), 0);
  const auto later = Http("GET", absl::StrCat("/v1/", kCounty, "/clusters?asOf=2026-12-14"));
  EXPECT_EQ(later.status, 400);
  EXPECT_THAT(later.body, HasSubstr("as_of"));
}

TEST_F(ClustersTest, MergedOrders_CountEachAndWithdrawnOnesDoNot) {
  FileSome(1);
  LiveAsUsual();
  const std::vector<Ticket> burst = FileSome(15);
  const auto post = [&](const Ticket& ticket, const std::string& verb, const std::string& body) {
    const auto answer = Http("POST", absl::StrCat("/v1/", ticket.name(), ":", verb), body);
    EXPECT_EQ(answer.status, 200) << answer.body;
  };
  for (size_t i = 1; i < 6; ++i) {
    post(burst[i], "merge", absl::StrCat(R"({"into":")", burst[0].name(), R"("})"));
  }
  EXPECT_EQ(List("clerk").clusters(0).count(), 15);
  post(burst[14], "withdraw", R"({"reason":"市民撤回"})");
  EXPECT_EQ(List("clerk").clusters(0).count(), 14);
}

TEST_F(ClustersTest, CallerOfAPart_SeesItsCells) {
  FileSome(1);
  LiveAsUsual();
  FileSome(15);
  EXPECT_EQ(List("unit-yinggen").clusters_size(), 1);
  EXPECT_EQ(List("township").clusters_size(), 0) << "another community";
  EXPECT_EQ(List("unit-zhujianju").clusters_size(), 0) << "a department has no area";
  EXPECT_EQ(Settle(kPatrol, "township").status, 404);
  EXPECT_EQ(Settle(kPatrol, "unit-yinggen").status, 403);
}

TEST_F(ClustersTest, Settled_IsSilentUntilItRisesAnew) {
  FileSome(1);
  LiveAsUsual();
  FileSome(15);
  EXPECT_EQ(Settle(R"({"settlement":{"action":"PATROL","note":"上门查看"}})").status, 400);
  const auto unknown = Settle(
      R"({"settlement":{"action":"TOPIC","note":"列专题","unit":"counties/469030/units/nobody"}})");
  EXPECT_THAT(unknown.body, HasSubstr("UNKNOWN_UNIT"));
  EXPECT_THAT(Settle(kPatrol, "clerk", "counties/469030/clusters/county-469030-020301").body,
              HasSubstr("CLUSTER_NOT_OPEN"))
      << "the county rises by its grid alone";
  EXPECT_EQ(Settle(kPatrol, "clerk", "counties/469030/clusters/grid-1-2").status, 404);

  const auto settled = Settle(kPatrol);
  ASSERT_EQ(settled.status, 200) << settled.body;
  EXPECT_EQ(Settle(kPatrol).body, settled.body) << "the same answer";
  EXPECT_THAT(Settle(R"({"settlement":{"action":"DISMISS","note":"再看"}})").body,
              HasSubstr("CLUSTER_NOT_OPEN"));
  EXPECT_EQ(List("clerk").clusters_size(), 0);
  const ListClustersResponse all = List("clerk", /*show_settled=*/true);
  ASSERT_EQ(all.clusters_size(), 1);
  EXPECT_EQ(all.clusters(0).state(), ticket::v1::CLUSTER_SETTLED);
  EXPECT_EQ(all.clusters(0).settlement().action(), ticket::v1::PATROL);
  EXPECT_EQ(all.clusters(0).settlement().note(), "请社区上门查看管道");
  EXPECT_EQ(all.clusters(0).settlement().unit(), "counties/469030/units/yingbei");
  EXPECT_EQ(all.clusters(0).settlement().count(), 15);
  EXPECT_EQ(all.clusters(0).settlement().weeks(), 1);
  EXPECT_EQ(all.clusters(0).settlement().actor().unit(), "hotline");

  clock().Advance(absl::Hours(48));
  FileSome(2);
  EXPECT_EQ(List("clerk").clusters_size(), 0) << "the same rise";
  FileSome(25);
  ASSERT_EQ(List("clerk").clusters_size(), 1) << "far above what was settled";
  EXPECT_EQ(List("clerk").clusters(0).since_date(), "2026-12-13");
  EXPECT_EQ(Settle(R"({"settlement":{"action":"DISMISS","note":"演练产生"}})").status, 200);
  EXPECT_EQ(List("clerk").clusters_size(), 0);
}

TEST_F(ClustersTest, Reports_AreCountedForNobodyTheyAreAbout) {
  FileSome(1);
  LiveAsUsual();
  FileSome(2);
  const std::vector<Ticket> reports = FileSome(13, /*reports=*/true);
  const ListClustersResponse list = List("clerk");
  ASSERT_EQ(list.clusters_size(), 1);
  EXPECT_EQ(list.clusters(0).count(), 15);
  EXPECT_EQ(list.clusters(0).reports(), 13);
  EXPECT_EQ(list.clusters(0).samples(0), reports.back().name());
  EXPECT_THAT(list.clusters(0).explanation(), HasSubstr("其中举报13件"));
  EXPECT_EQ(List("unit-yinggen").clusters_size(), 0) << "the unit complained of";
  EXPECT_EQ(List("curious").clusters_size(), 0) << "the same, with the whole county in view";

  const std::string about =
      R"({"settlement":{"action":"PATROL","note":"核查举报","unit":"counties/469030/units/)";
  EXPECT_THAT(Settle(about + R"(yinggen"}})").body, HasSubstr("RECUSED"));
  EXPECT_EQ(Settle(about + R"(xianfuban"}})").status, 200);

  FileSome(14);
  ASSERT_EQ(List("unit-yinggen", true).clusters_size(), 1);
  const ticket::v1::Cluster seen = List("unit-yinggen", true).clusters(0);
  EXPECT_EQ(seen.count(), 16);
  EXPECT_EQ(seen.reports(), 0);
  EXPECT_FALSE(seen.has_settlement()) << "it was about reports";
  for (const std::string& sample : seen.samples()) {
    for (const Ticket& report : reports) {
      EXPECT_NE(sample, report.name());
    }
  }
  EXPECT_THAT(seen.explanation(), testing::Not(HasSubstr("举报")));
}

}  // namespace
}  // namespace baimi::integration
