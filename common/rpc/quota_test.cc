#include "common/rpc/quota.h"

#include "baimi/registry/v1/registry_service.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"
#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::rpc {
namespace {

using ::testing::HasSubstr;

constexpr char kGet[] = "baimi.ticket.v1.TicketService.GetTicket";
constexpr char kSign[] = "baimi.ticket.v1.TicketService.SignTicket";
constexpr char kImport[] = "baimi.registry.v1.AreaService.ImportAreas";

class QuotaTest : public ::testing::Test {
 protected:
  QuotaTest() {
    ticket::v1::Ticket::descriptor();
    registry::v1::Area::descriptor();
    for (const char* name : {kGet, kSign, kImport}) {
      methods_[name] = *Method::Resolve(
          google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name));
    }
    clerk_.id = "clerk-03";
    clerk_.audience = auth::Audience::kStaff;
  }

  absl::Status Call(const auth::Identity& identity, const char* method) {
    CallState state;
    state.method = methods_.at(method).get();
    state.identity = std::make_shared<auth::Identity>(identity);
    return Quota(counters_.get(), limits_, &metrics_).admit(state);
  }
  int Allowed(const auth::Identity& identity, const char* method, int calls = 20) {
    int allowed = 0;
    for (int i = 0; i < calls; ++i) {
      allowed += Call(identity, method).ok() ? 1 : 0;
    }
    return allowed;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  std::unique_ptr<rate::Counters> counters_ = rate::NewMemoryCounters(&clock_);
  QuotaLimits limits_ = {.read = {.per_second = 2, .burst = 5},
                         .write = {.per_second = 1, .burst = 3},
                         .bulk = {.per_second = 1, .burst = 1}};
  observe::Registry metrics_;
  auth::Identity clerk_;
  std::map<std::string, std::unique_ptr<Method>> methods_;
};

TEST_F(QuotaTest, Classes_ComeFromThePolicy) {
  EXPECT_EQ(ClassOf(methods_.at(kGet)->policy()), rate::Class::kRead);
  EXPECT_EQ(ClassOf(methods_.at(kSign)->policy()), rate::Class::kWrite);
  EXPECT_EQ(ClassOf(methods_.at(kImport)->policy()), rate::Class::kBulk);
}

TEST_F(QuotaTest, Classes_AreCountedApart) {
  EXPECT_EQ(Allowed(clerk_, kSign), 3);
  EXPECT_EQ(Allowed(clerk_, kGet), 5);
  EXPECT_EQ(Allowed(clerk_, kImport), 1);
}

TEST_F(QuotaTest, Keys_AreCountedApart) {
  auth::Identity other = clerk_;
  other.id = "clerk-04";
  EXPECT_EQ(Allowed(clerk_, kSign), 3);
  EXPECT_EQ(Allowed(other, kSign), 3);
}

TEST_F(QuotaTest, Refusal_HasReasonDelayAndMetric) {
  Allowed(clerk_, kSign, 3);
  const absl::Status refused = Call(clerk_, kSign);
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_EQ(ReasonOf(refused), "QUOTA_EXCEEDED");
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(1));
  EXPECT_EQ(refused.message(),
            "quota: got more write calls from key clerk-03, want 1 a second or fewer; nothing was "
            "started, retry later");
  EXPECT_EQ(ErrorInfoOf(refused)->metadata().at("class"), "write");
  EXPECT_EQ(ErrorInfoOf(refused)->metadata().at("per_second"), "1");
  EXPECT_THAT(metrics_.Scrape(),
              HasSubstr(R"(baimi_rpc_quota_refused_total{class="write",key="clerk-03"} 1)"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Allowed(clerk_, kSign), 1);
}

TEST_F(QuotaTest, OwnLimit_ReplacesThatOfItsClassOnly) {
  clerk_.quota[0] = rate::Limit{.per_second = 1, .burst = 2};
  EXPECT_EQ(Allowed(clerk_, kGet), 2);
  EXPECT_EQ(Allowed(clerk_, kSign), 3);
}

TEST_F(QuotaTest, Services_HaveTheirLimitOrTheirOwn) {
  auth::Identity service = clerk_;
  service.audience = auth::Audience::kService;
  EXPECT_EQ(Allowed(service, kSign, 1000), 1000);
  limits_.service = {.per_second = 1, .burst = 7};
  EXPECT_EQ(Allowed(service, kSign), 7);
  service.quota[1] = rate::Limit{.per_second = 1, .burst = 9};
  EXPECT_EQ(Allowed(service, kSign), 2);
}

TEST_F(QuotaTest, NoLimitOrNoCounters_NobodyIsRefused) {
  limits_.write.per_second = 0;
  EXPECT_EQ(Allowed(clerk_, kSign, 1000), 1000);
  const Stage stage = Quota(nullptr, limits_, nullptr);
  EXPECT_EQ(stage.name, "quota");
  EXPECT_FALSE(stage.admit);
}

}  // namespace
}  // namespace baimi::rpc
