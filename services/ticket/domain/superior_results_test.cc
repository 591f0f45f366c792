#include "services/ticket/domain/superior_results.h"

#include <map>
#include <set>

#include "gtest/gtest.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

// Each kind of fact that there is: told, told to those merged into it too, or of no concern.
TEST(ResultKindOf, EveryFact_IsToldOrIsKnownNotToBe) {
  const std::map<std::string, v1::SuperiorResultKind> told = {
      {"accepted", v1::SUPERIOR_ACCEPTED},
      {"answered", v1::SUPERIOR_REPLIED},
      {"refused", v1::SUPERIOR_REFUSED},
      {"merged", v1::SUPERIOR_MERGED},
      {"dispatched", v1::SUPERIOR_DISPATCHED},
      {"extension_decided", v1::SUPERIOR_EXTENSION_DECIDED},
      {"suspended", v1::SUPERIOR_SUSPENDED},
      {"resumed", v1::SUPERIOR_TAKEN_UP},
      {"audit_passed", v1::SUPERIOR_REPLIED},
      {"sent_back", v1::SUPERIOR_REOPENED},
      {"callback_recorded", v1::SUPERIOR_CALLED_BACK},
      {"closed", v1::SUPERIOR_CLOSED},
      {"terminated", v1::SUPERIOR_TERMINATED},
      {"reopened", v1::SUPERIOR_REOPENED},
      {"split", v1::SUPERIOR_SPLIT},
      {"withdrawn", v1::SUPERIOR_WITHDRAWN},
      {"self_solved", v1::SUPERIOR_REPLIED},
      {"transferred", v1::SUPERIOR_RETURNED},
  };
  const std::set<std::string> told_to_merged = {"dispatched", "extension_decided", "suspended",
                                                "resumed",    "audit_passed",      "sent_back",
                                                "reopened"};
  const google::protobuf::OneofDescriptor* facts =
      v1::TicketFact::descriptor()->FindOneofByName("fact");
  std::set<std::string> seen;
  for (int i = 0; i < facts->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = facts->field(i);
    v1::TicketFact fact;
    fact.set_state_before(v1::PENDING_CALLBACK);
    fact.GetReflection()->MutableMessage(&fact, field);
    const auto want = told.find(field->name());
    const v1::SuperiorResultKind own =
        want == told.end() ? v1::SUPERIOR_RESULT_KIND_UNSPECIFIED : want->second;
    EXPECT_EQ(ResultKindOf(fact), own) << field->name();
    EXPECT_EQ(ResultKindOfGroup(fact),
              told_to_merged.contains(field->name()) ? own : v1::SUPERIOR_RESULT_KIND_UNSPECIFIED)
        << field->name();
    seen.insert(field->name());
  }
  for (const auto& [name, kind] : told) {
    EXPECT_TRUE(seen.contains(name)) << name;
  }
}

TEST(ResultKindOf, SentBackBeforeTheAudit_IsNobodysBusiness) {
  v1::TicketFact fact;
  fact.set_state_before(v1::REPLIED);
  fact.mutable_sent_back();
  EXPECT_EQ(ResultKindOf(fact), v1::SUPERIOR_RESULT_KIND_UNSPECIFIED);
}

// The result of the newest fact.
v1::SuperiorResult Last(const Order& order) {
  const v1::TicketFact& fact = order.facts().back();
  return MakeResult(ResultKindOf(fact), fact, order.ticket());
}

TEST(MakeResult, TellsWhatHappened) {
  Order order("2025-09-08 09:00");
  order.Do(kDispatch);
  EXPECT_EQ(Last(order).kind(), v1::SUPERIOR_DISPATCHED);
  EXPECT_EQ(Last(order).lead(), UnitName("zhujianju"));
  EXPECT_EQ(FromProto(Last(order).due_time()), At("2025-09-16 00:00"));
  EXPECT_EQ(Last(order).state(), v1::DISPATCHED);
  order.Do({kSign, kReply});
  const std::string reply = order.ticket().reply().result();
  order.Do(kPassAudit);
  EXPECT_EQ(Last(order).kind(), v1::SUPERIOR_REPLIED);
  EXPECT_EQ(Last(order).text(), reply);
  ASSERT_FALSE(reply.empty());
  order.Do(kRecordCallback);
  EXPECT_EQ(Last(order).kind(), v1::SUPERIOR_CALLED_BACK);
  EXPECT_EQ(Last(order).outcome(), order.ticket().callbacks(0).outcome());
  EXPECT_EQ(Last(order).solved(), order.ticket().callbacks(0).solved());
  EXPECT_EQ(Last(order).rating(), order.ticket().callbacks(0).rating());
  order.Do(kClose);
  EXPECT_EQ(Last(order).kind(), v1::SUPERIOR_CLOSED);
  order.Do(kReopen);
  EXPECT_EQ(Last(order).kind(), v1::SUPERIOR_REOPENED);
  EXPECT_TRUE(Last(order).has_due_time());
}

TEST(MakeResult, Refusal_NamesCodeAndChannel) {
  Order order("2025-09-08 09:00");
  v1::RejectTicketRequest request;
  request.mutable_refusal()->set_code(v1::LEGAL_CHANNEL);
  request.mutable_refusal()->set_channel("人民法院");
  request.mutable_refusal()->set_reason("已在诉讼中");
  order.Take(Reject(order.ticket(), request, order.Now()));
  const v1::SuperiorResult result = Last(order);
  EXPECT_EQ(result.kind(), v1::SUPERIOR_REFUSED);
  EXPECT_EQ(result.refusal_code(), v1::LEGAL_CHANNEL);
  EXPECT_EQ(result.channel(), "人民法院");
  EXPECT_EQ(result.text(), "已在诉讼中");
}

TEST(Wants, NoneNamed_MeansAll) {
  v1::SuperiorPlatform platform;
  EXPECT_TRUE(Wants(platform, v1::SUPERIOR_CLOSED));
  platform.add_results(v1::SUPERIOR_REPLIED);
  EXPECT_TRUE(Wants(platform, v1::SUPERIOR_REPLIED));
  EXPECT_FALSE(Wants(platform, v1::SUPERIOR_CLOSED));
}

TEST(PutOff, PausesDouble_UntilItIsGivenUp) {
  v1::SuperiorPlatform platform;
  platform.set_max_attempts(4);
  platform.set_retry_minutes(5);
  const absl::Time now = At("2025-09-08 09:00");
  v1::SuperiorDelivery delivery;
  int64_t pause = 5;
  for (int attempt = 1; attempt < 4; ++attempt, pause *= 2) {
    delivery.set_attempts(attempt);
    PutOff("down", now, platform, &delivery);
    EXPECT_EQ(delivery.state(), v1::SUPERIOR_WAITING);
    EXPECT_EQ(FromProto(delivery.try_time()) - now, absl::Minutes(pause));
  }
  delivery.set_attempts(4);
  PutOff("down", now, platform, &delivery);
  EXPECT_EQ(delivery.state(), v1::SUPERIOR_GIVEN_UP);
  EXPECT_FALSE(delivery.has_try_time());
  EXPECT_EQ(delivery.failure(), "down");
}

}  // namespace
}  // namespace baimi::ticket::domain
