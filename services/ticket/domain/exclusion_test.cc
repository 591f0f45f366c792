#include "services/ticket/domain/exclusion.h"

#include <gtest/gtest.h>

#include <vector>

#include "common/base/error.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

v1::RequestExclusionRequest Asking(absl::string_view ground,
                                   const std::vector<v1::ExclusionScope>& scopes) {
  v1::RequestExclusionRequest request;
  v1::Exclusion& exclusion = *request.mutable_exclusion();
  exclusion.set_ground(std::string(ground));
  exclusion.set_reason("台风期间道路中断");
  exclusion.add_evidence("blobs/7");
  for (const v1::ExclusionScope scope : scopes) {
    exclusion.add_scopes(scope);
  }
  return request;
}

v1::DecideExclusionRequest Deciding(bool approve, absl::string_view note = "") {
  v1::DecideExclusionRequest request;
  request.set_approve(approve);
  request.set_note(std::string(note));
  return request;
}

class ExclusionTest : public testing::Test {
 protected:
  // By 县住建局, about its order, which was closed.
  ExclusionTest() : order_("2025-09-08 09:00") {
    order_.Do({kDispatch, kSign, kReply, kPassAudit, kRecordCallback, kClose});
  }

  absl::StatusOr<Decision> Ask(const v1::RequestExclusionRequest& request,
                               absl::string_view unit = "zhujianju") {
    return RequestExclusion(order_.ticket(), request, order_.As(unit));
  }
  // By another person than the one who asks.
  absl::StatusOr<Decision> Decided(const v1::DecideExclusionRequest& request,
                                   absl::string_view unit = "hotline",
                                   absl::string_view id = "reviewer") {
    reviewer_ = MakeActor(id, unit);
    return DecideExclusion(order_.ticket(), request, {order_.now(), reviewer_, SampleInForce()});
  }

  Order order_;
  type::v1::Actor reviewer_;
};

TEST_F(ExclusionTest, ApprovedDeadline_LeavesTheFiguresOfTheDueDay) {
  const v1::FigureShare before = *ShareOfState(order_.ticket());
  order_.Take(Ask(Asking("weather", {v1::DEADLINE_FIGURES})));
  EXPECT_EQ(ShareOfState(order_.ticket())->excluded_size(), 0) << "it only waits";
  order_.Take(Decided(Deciding(true)));
  const v1::FigureShare after = *ShareOfState(order_.ticket());
  EXPECT_EQ(after.counts().SerializeAsString(), before.counts().SerializeAsString())
      << "the raw figures stay";
  ASSERT_EQ(after.excluded_size(), 1);
  EXPECT_EQ(after.excluded(0).SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(order_.ticket().state(), v1::CLOSED);
  EXPECT_EQ(order_.ticket().exclusion().decider().id(), "reviewer");
}

TEST_F(ExclusionTest, ApprovedCallbacks_LeaveTheFiguresOfTheirOwnDays) {
  order_.Take(Ask(Asking("malice", {v1::CALLBACK_FIGURES})));
  order_.Take(Decided(Deciding(true)));
  const v1::FigureShare share = *ShareOfState(order_.ticket());
  ASSERT_EQ(share.excluded_size(), 1);
  v1::FigureCounts counted;
  for (const v1::TicketFact& fact : order_.facts()) {
    if (fact.has_callback_recorded()) {
      const auto of_fact = ShareOfFact(order_.ticket(), fact);
      EXPECT_EQ(share.excluded(0).SerializeAsString(), of_fact->SerializeAsString())
          << "exactly what the callback counts for";
    }
  }
}

TEST_F(ExclusionTest, Revoked_CountsAgain) {
  order_.Take(Ask(Asking("weather", {v1::DEADLINE_FIGURES}))).Take(Decided(Deciding(true)));
  EXPECT_EQ(ReasonOf(Decided(Deciding(true)).status()), "EXCLUSION_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(Decided(Deciding(false)).status()), "INVALID_FIELD") << "without a reason";
  order_.Take(Decided(Deciding(false, "材料不实")));
  EXPECT_EQ(order_.ticket().exclusion().state(), v1::EXCLUSION_REVOKED);
  EXPECT_EQ(ShareOfState(order_.ticket())->excluded_size(), 0);
}

TEST_F(ExclusionTest, Requests_HaveAnEnd) {
  order_.Take(Ask(Asking("weather", {v1::DEADLINE_FIGURES})));
  EXPECT_EQ(ReasonOf(Ask(Asking("malice", {v1::CALLBACK_FIGURES})).status()),
            "EXCLUSION_NOT_ALLOWED")
      << "one waits";
  order_.Take(Decided(Deciding(false, "证据不足")));
  order_.Take(Ask(Asking("malice", {v1::CALLBACK_FIGURES})));
  EXPECT_EQ(order_.ticket().exclusion().requests(), 2);
  order_.Take(Decided(Deciding(false, "证据不足")));
  EXPECT_EQ(ReasonOf(Ask(Asking("malice", {v1::CALLBACK_FIGURES})).status()),
            "EXCLUSION_NOT_ALLOWED")
      << "the policy grants two";
}

TEST_F(ExclusionTest, WhoMayAskAndDecide_IsNotTheSame) {
  EXPECT_EQ(ReasonOf(Ask(Asking("weather", {v1::DEADLINE_FIGURES}), "chengguanju").status()),
            "NOT_THE_LEAD");
  order_.Take(Ask(Asking("weather", {v1::DEADLINE_FIGURES})));
  EXPECT_EQ(ReasonOf(Decided(Deciding(true), "zhujianju").status()), "UNDERTAKER_MAY_NOT_DECIDE");
  const std::string asked_by = order_.ticket().exclusion().actor().id();
  EXPECT_EQ(ReasonOf(Decided(Deciding(true), "", asked_by).status()), "EXCLUSION_NOT_ALLOWED");
}

TEST_F(ExclusionTest, BadRequests_NameTheField) {
  const auto field = [&](const v1::RequestExclusionRequest& request) {
    return std::string(Ask(request).status().message());
  };
  EXPECT_NE(field(Asking("boredom", {v1::DEADLINE_FIGURES})).find("exclusion.ground"),
            std::string::npos);
  EXPECT_NE(field(Asking("weather", {v1::CALLBACK_FIGURES})).find("exclusion.scopes"),
            std::string::npos);
  EXPECT_NE(field(Asking("malice", {v1::CALLBACK_FIGURES, v1::CALLBACK_FIGURES}))
                .find("exclusion.scopes"),
            std::string::npos);
  v1::RequestExclusionRequest bare = Asking("weather", {v1::DEADLINE_FIGURES});
  bare.mutable_exclusion()->clear_evidence();
  EXPECT_NE(field(bare).find("exclusion.evidence"), std::string::npos);
}

TEST_F(ExclusionTest, WithoutAPolicyOrWithoutFigures_NothingIsTakenOut) {
  const type::v1::Actor lead = MakeActor("staff", "zhujianju");
  v1::TicketPolicy policy = SamplePolicy();
  policy.clear_exclusions();
  const PolicyInForce granting_none = InForce(policy);
  EXPECT_EQ(ReasonOf(RequestExclusion(order_.ticket(), Asking("weather", {v1::DEADLINE_FIGURES}),
                                      {order_.now(), lead, granting_none})
                         .status()),
            "EXCLUSION_NOT_ALLOWED");
  for (const v1::TicketState state :
       {v1::PENDING_DISPATCH, v1::MERGED, v1::SUSPENDED, v1::TERMINATED, v1::ANSWERED}) {
    const type::v1::Actor platform = MakeActor("staff", "");
    const Order other = OrderIn(state);
    EXPECT_EQ(ReasonOf(RequestExclusion(other.ticket(), Asking("weather", {v1::DEADLINE_FIGURES}),
                                        {order_.now(), platform, SampleInForce()})
                           .status()),
              "EXCLUSION_NOT_ALLOWED")
        << v1::TicketState_Name(state);
  }
}

TEST_F(ExclusionTest, Archive_WaitsForTheDecision) {
  order_.Take(Ask(Asking("weather", {v1::DEADLINE_FIGURES})));
  EXPECT_EQ(ReasonOf(Archive(order_.ticket(), {}, order_.Now()).status()), "EXCLUSION_WAITS");
  order_.Take(Decided(Deciding(true))).Do(kArchive);
  EXPECT_EQ(ReasonOf(Decided(Deciding(false, "材料不实")).status()), "EXCLUSION_NOT_ALLOWED")
      << "what is archived stays";
}

TEST_F(ExclusionTest, Facts_ReplayToTheRow) {
  order_.Take(Ask(Asking("malice", {v1::CALLBACK_FIGURES}))).Take(Decided(Deciding(true, "属实")));
  v1::Ticket row;
  for (const v1::TicketFact& fact : order_.facts()) {
    row = Apply(std::move(row), fact);
  }
  EXPECT_EQ(row.SerializeAsString(), order_.ticket().SerializeAsString());
}

TEST(AdjustedFigures, AreTheFiguresOfWhatIsLeft) {
  v1::FigureCounts counts;
  counts.set_due(200);
  counts.set_responded(188);
  counts.set_answered_callbacks(160);
  counts.set_solved(138);
  counts.set_rated(150);
  counts.set_satisfied(141);
  v1::FigureCounts excluded;
  excluded.set_due(12);
  excluded.set_answered_callbacks(22);
  const v1::Figures figures = MakeFigures("", counts, excluded, WeightsOf({}));
  EXPECT_EQ(figures.score(), 91.29);
  EXPECT_EQ(figures.adjusted().response().percent(), 100.00);
  EXPECT_EQ(figures.adjusted().resolution().percent(), 100.00);
  EXPECT_EQ(figures.adjusted().satisfaction().percent(), 94.00);
  EXPECT_EQ(figures.adjusted().score(), 97.90);
  EXPECT_FALSE(MakeFigures("", counts, {}, WeightsOf({})).has_adjusted());
}

}  // namespace
}  // namespace baimi::ticket::domain
