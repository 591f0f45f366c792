#include "services/ticket/domain/superior.h"

#include <random>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/account.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/group.h"
#include "services/ticket/domain/notices.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;
using ::testing::HasSubstr;

v1::TicketPolicy WithPlatform() {
  v1::TicketPolicy policy = SamplePolicy();
  v1::SuperiorPlatform& platform = *policy.mutable_superior()->add_platforms();
  platform.set_id("hainan");
  platform.set_key("staff-1");
  platform.set_margin_minutes(120);
  return policy;
}

const PolicyInForce& Platform() {
  static const auto& policy = *new PolicyInForce(InForce(WithPlatform()));
  return policy;
}

v1::ReceiveSuperiorTicketRequest Sent(absl::string_view due = "") {
  v1::ReceiveSuperiorTicketRequest request;
  request.set_parent("counties/469030");
  request.set_platform("hainan");
  request.set_superior_number("HN-7");
  *request.mutable_ticket() = SampleRequest().ticket();
  if (!due.empty()) {
    *request.mutable_superior_due_time() = ToProto(At(due));
  }
  return request;
}

// An order of the platform, wanted until `due`.
Order Received(absl::string_view filed_at, absl::string_view due,
               const PolicyInForce& policy = Platform()) {
  Order order(filed_at, policy);
  const Context context = order.Now();
  Order received = order;
  const absl::StatusOr<Decision> filed = FileSuperior(
      Sent(due), kTicketName, SamplePlace(), policy.policy().superior().platforms(0), context);
  received.Take(filed);
  return received;
}

v1::SuperiorUpdate Update(int64_t number, v1::SuperiorUpdateKind kind, absl::string_view text = "",
                          absl::string_view due = "") {
  v1::SuperiorUpdate update;
  update.set_number(number);
  update.set_kind(kind);
  update.set_text(std::string(text));
  if (!due.empty()) {
    *update.mutable_due_time() = ToProto(At(due));
  }
  return update;
}

absl::StatusOr<Decision> Amended(Order& order, const v1::SuperiorUpdate& update) {
  return Amend(order.ticket(), update, Platform().policy().superior().platforms(0), order.Now());
}

absl::Time HandleDue(const Order& order) {
  return FromProto(OpenClock(order.ticket(), v1::HANDLE)->due_time());
}

TEST(SpeaksFor, OnlyTheKeyOfThePolicy_AndSaysNoMore) {
  const v1::TicketPolicy policy = WithPlatform();
  EXPECT_TRUE(SpeaksFor(policy, "hainan", MakeActor("staff-1", "")).ok());
  const absl::Status other = SpeaksFor(policy, "hainan", MakeActor("staff-2", "")).status();
  const absl::Status none = SpeaksFor(policy, "nowhere", MakeActor("staff-2", "")).status();
  EXPECT_EQ(ReasonOf(other), "NOT_THE_PLATFORM");
  EXPECT_EQ(ReasonOf(none), "NOT_THE_PLATFORM");
  EXPECT_EQ(absl::StrReplaceAll(other.message(), {{"hainan", "nowhere"}}), none.message());
}

TEST(FileSuperior, IsFiledWithWhereItComesFrom) {
  const Order order = Received("2025-09-08 09:00", "2025-09-12 18:00");
  const v1::Ticket& ticket = order.ticket();
  EXPECT_EQ(ticket.channel(), v1::SUPERIOR_PLATFORM);
  EXPECT_EQ(ticket.state(), v1::PENDING_DISPATCH);
  EXPECT_EQ(ticket.superior().platform(), "hainan");
  EXPECT_EQ(ticket.superior().number(), "HN-7");
  EXPECT_EQ(FromProto(ticket.superior().due_time()), At("2025-09-12 18:00"));
  EXPECT_EQ(FromProto(ticket.superior().handle_before()), At("2025-09-12 16:00"));
  EXPECT_EQ(FromProto(ticket.superior().receive_time()), At("2025-09-08 09:00"));
}

TEST(HandleClock, EndsBeforeThePlatformsTime_AndItsRuleTells) {
  Order order = Received("2025-09-08 09:00", "2025-09-12 18:00");
  order.Do(kDispatch);
  const v1::Clock& clock = *OpenClock(order.ticket(), v1::HANDLE);
  EXPECT_EQ(FromProto(clock.due_time()), At("2025-09-12 16:00")) << "five working days: the 16th";
  EXPECT_EQ(clock.rule(), "handle/superior");
  EXPECT_THAT(ExplainClock(clock), HasSubstr("不晚于上级平台时限"));
  EXPECT_EQ(OpenClock(order.ticket(), v1::SIGN)->rule(), "sign");
}

TEST(HandleClock, LaterPlatformTime_ChangesNothing) {
  Order order = Received("2025-09-08 09:00", "2025-10-30 18:00");
  order.Do(kDispatch);
  EXPECT_EQ(HandleDue(order), At("2025-09-16 00:00"));
  EXPECT_EQ(OpenClock(order.ticket(), v1::HANDLE)->rule(), "handle");
  EXPECT_FALSE(IsCut(*OpenClock(order.ticket(), v1::HANDLE)));
}

TEST(HandleClock, PlatformTimeThatHasPassed_IsDueAtItsStart) {
  Order order = Received("2025-09-08 09:00", "2025-09-08 08:00");
  order.Do(kDispatch);
  EXPECT_EQ(HandleDue(order), order.now());
  order.Ring();
  EXPECT_TRUE(OpenClock(order.ticket(), v1::HANDLE)->has_run_out_time());
}

TEST(HandleClock, ReworkAndSplit_StayWithinThePlatformsTime) {
  Order order = Received("2025-09-08 09:00", "2025-09-12 18:00");
  order.Do({kDispatch, kSign, kReply, kSendBack});
  EXPECT_EQ(HandleDue(order), At("2025-09-12 16:00"));
  Order merged = Received("2025-09-08 09:00", "2025-09-12 18:00");
  merged.Do({kDispatch, kSign, kMerge}).WaitUntil("2025-09-11 09:00").Do(kSplit);
  EXPECT_EQ(HandleDue(merged), At("2025-09-12 16:00"));
  EXPECT_TRUE(IsCut(*OpenClock(merged.ticket(), v1::HANDLE)));
}

TEST(HandleClock, ExtensionBeyondThePlatformsTime_IsRefusedUntilItMovesIt) {
  Order order = Received("2025-09-08 09:00", "2025-09-12 18:00");
  order.Do({kDispatch, kSign, kRequestExtension});
  v1::DecideExtensionRequest approve;
  approve.set_approve(true);
  EXPECT_EQ(ReasonOf(DecideExtension(order.ticket(), approve, order.Now()).status()),
            "EXTENSION_NOT_ALLOWED");
  order.Take(Amended(order, Update(1, v1::SUPERIOR_NEW_DUE_TIME, "", "2025-09-17 12:00")));
  EXPECT_EQ(HandleDue(order), At("2025-09-16 00:00")) << "the county's own time";
  order.Take(DecideExtension(order.ticket(), approve, order.Now()));
  EXPECT_EQ(HandleDue(order), At("2025-09-17 10:00")) << "and not a minute more";
  EXPECT_TRUE(IsCut(*OpenClock(order.ticket(), v1::HANDLE)));
}

TEST(Amend, NewDueTime_MovesTheClocksThatAreNotDue) {
  Order order = Received("2025-09-08 09:00", "2025-10-30 18:00");
  order.Do({kDispatch, kSign});
  order.Take(Amended(order, Update(1, v1::SUPERIOR_NEW_DUE_TIME, "", "2025-09-10 12:00")));
  EXPECT_EQ(HandleDue(order), At("2025-09-10 10:00"));
  ASSERT_EQ(order.ticket().helper_tasks_size(), 1);
  EXPECT_EQ(FromProto(order.ticket().helper_tasks(0).clock().due_time()), At("2025-09-10 10:00"))
      << "a helper is never due after the lead";
  order.Take(Amended(order, Update(2, v1::SUPERIOR_NEW_DUE_TIME, "", "2025-11-30 12:00")));
  EXPECT_EQ(HandleDue(order), At("2025-09-16 00:00"));
  EXPECT_EQ(OpenClock(order.ticket(), v1::HANDLE)->rule(), "handle");
  EXPECT_EQ(FromProto(order.ticket().helper_tasks(0).clock().due_time()), At("2025-09-12 00:00"));
}

TEST(Amend, NewDueTimeInThePast_IsDueNowAndNotBefore) {
  Order order = Received("2025-09-08 09:00", "2025-10-30 18:00");
  order.Do(kDispatch).Wait(absl::Hours(1));
  order.Take(Amended(order, Update(1, v1::SUPERIOR_NEW_DUE_TIME, "", "2025-09-08 10:00")));
  EXPECT_EQ(HandleDue(order), order.now());
  EXPECT_TRUE(IsCut(*OpenClock(order.ticket(), v1::HANDLE)));
}

TEST(Amend, DueTimeThatPassed_StaysPassed) {
  Order order = Received("2025-09-08 09:00", "2025-09-09 12:00");
  order.Do({kDispatch, kSign}).WaitUntil("2025-09-09 11:00").Ring();
  order.Take(Amended(order, Update(1, v1::SUPERIOR_NEW_DUE_TIME, "", "2025-09-20 12:00")));
  EXPECT_EQ(HandleDue(order), At("2025-09-09 10:00")) << "the promise was broken";
  EXPECT_TRUE(OpenClock(order.ticket(), v1::HANDLE)->has_run_out_time());
  order.Do({kReply, kSendBack});
  EXPECT_EQ(HandleDue(order), At("2025-09-17 00:00")) << "the next one follows the new time";
}

TEST(Amend, OlderDueTime_IsKeptAndNotApplied) {
  Order order = Received("2025-09-08 09:00", "2025-10-30 18:00");
  order.Do(kDispatch);
  order.Take(Amended(order, Update(3, v1::SUPERIOR_NEW_DUE_TIME, "", "2025-09-10 12:00")));
  order.Take(Amended(order, Update(2, v1::SUPERIOR_NEW_DUE_TIME, "", "2025-09-30 12:00")));
  EXPECT_EQ(HandleDue(order), At("2025-09-10 10:00"));
  EXPECT_EQ(order.ticket().superior().due_update(), 3);
  EXPECT_EQ(order.ticket().superior().updates_size(), 2);
}

TEST(Amend, Withdrawal_EndsTheOrder_AndNothingIsAddedAfterwards) {
  Order order = Received("2025-09-08 09:00", "2025-09-12 18:00");
  order.Do({kDispatch, kSign});
  order.Take(Amended(order, Update(1, v1::SUPERIOR_WITHDRAW, "诉求人已自行解决")));
  EXPECT_EQ(order.ticket().state(), v1::WITHDRAWN);
  EXPECT_EQ(ReasonOf(Amended(order, Update(2, v1::SUPERIOR_URGE)).status()), "NOT_APPLICABLE");
  Order replied = Received("2025-09-08 09:00", "2025-09-12 18:00");
  replied.Do({kDispatch, kSign, kReply});
  EXPECT_EQ(ReasonOf(Amended(replied, Update(1, v1::SUPERIOR_WITHDRAW, "撤回")).status()),
            "ILLEGAL_TRANSITION");
}

TEST(Amend, Urge_ReachesTheUnitAsTheCallersWould) {
  Order order = Received("2025-09-08 09:00", "");
  order.Do({kDispatch, kSign});
  order.Take(Amended(order, Update(1, v1::SUPERIOR_URGE)));
  EXPECT_EQ(EventOf(order.facts().back()), v1::NOTICE_URGED);
  order.Take(Amended(order, Update(2, v1::SUPERIOR_SUPPLEMENT, "另附照片")));
  EXPECT_EQ(EventOf(order.facts().back()), v1::NOTICE_EVENT_UNSPECIFIED);
  EXPECT_EQ(order.ticket().superior().updates(1).text(), "另附照片");
}

TEST(Amend, Incomplete_IsRefused) {
  Order order = Received("2025-09-08 09:00", "");
  const auto field = [&](const v1::SuperiorUpdate& update) {
    const auto bad = BadRequestOf(Amended(order, update).status());
    return bad ? bad->field_violations(0).field() : "none";
  };
  EXPECT_EQ(field(Update(1, v1::SUPERIOR_UPDATE_KIND_UNSPECIFIED)), "update.kind");
  EXPECT_EQ(field(Update(1, v1::SUPERIOR_SUPPLEMENT)), "update.text");
  EXPECT_EQ(field(Update(1, v1::SUPERIOR_WITHDRAW)), "update.text");
  EXPECT_EQ(field(Update(1, v1::SUPERIOR_NEW_DUE_TIME)), "update.due_time");
  EXPECT_EQ(field(Update(1, v1::SUPERIOR_URGE, "", "2025-09-12 18:00")), "update.due_time");
}

TEST(CheckSameUpdate, NamesWhatDiffers) {
  const v1::SuperiorUpdate first = Update(1, v1::SUPERIOR_SUPPLEMENT, "另附照片");
  EXPECT_TRUE(CheckSameUpdate(first, first).ok());
  const absl::Status status =
      CheckSameUpdate(Update(1, v1::SUPERIOR_NEW_DUE_TIME, "另附", "2025-09-12 18:00"), first);
  EXPECT_EQ(ReasonOf(status), "SUPERIOR_TICKET_DIFFERS");
  ASSERT_EQ(BadRequestOf(status)->field_violations_size(), 3);
}

// Every field that a caller can set is part of the content, and names itself.
TEST(ContentOf, EachFieldThatIsChanged_IsNamedAlone) {
  struct Case {
    const char* field;
    void (*change)(v1::ReceiveSuperiorTicketRequest&);
  };
  const Case cases[] = {
      {"ticket.type", [](auto& r) { r.mutable_ticket()->set_type(v1::CONSULT); }},
      {"ticket.category", [](auto& r) { r.mutable_ticket()->set_category("04"); }},
      {"ticket.title", [](auto& r) { r.mutable_ticket()->set_title("另一件"); }},
      {"ticket.description", [](auto& r) { r.mutable_ticket()->set_description("详情"); }},
      {"ticket.caller.name", [](auto& r) { r.mutable_ticket()->mutable_caller()->set_name("李"); }},
      {"ticket.caller.phone",
       [](auto& r) { r.mutable_ticket()->mutable_caller()->set_phone("13900139000"); }},
      {"ticket.caller.anonymous",
       [](auto& r) { r.mutable_ticket()->mutable_caller()->set_anonymous(true); }},
      {"ticket.caller.confidential",
       [](auto& r) { r.mutable_ticket()->mutable_caller()->set_confidential(true); }},
      {"ticket.caller.no_reply_wanted",
       [](auto& r) { r.mutable_ticket()->mutable_caller()->set_no_reply_wanted(true); }},
      {"ticket.place.address",
       [](auto& r) { r.mutable_ticket()->mutable_place()->set_address("别处"); }},
      {"ticket.place.point", [](auto& r) { r.mutable_ticket()->mutable_place()->mutable_point(); }},
      {"ticket.urgency", [](auto& r) { r.mutable_ticket()->set_urgency(v1::EMERGENCY); }},
      {"ticket.occurred_time", [](auto& r) { r.mutable_ticket()->mutable_occurred_time(); }},
      {"ticket.subject_unit",
       [](auto& r) { r.mutable_ticket()->set_subject_unit("counties/469030/units/x"); }},
      {"ticket.answers", [](auto& r) { r.mutable_ticket()->add_answers()->set_question("q"); }},
      {"superior_due_time", [](auto& r) { r.mutable_superior_due_time()->set_seconds(5); }},
  };
  const v1::ReceiveSuperiorTicketRequest sent = Sent();
  const std::vector<ContentPart> before = ContentOf(sent);
  std::set<std::string> named;
  for (const Case& c : cases) {
    v1::ReceiveSuperiorTicketRequest changed = sent;
    c.change(changed);
    const std::vector<ContentPart> after = ContentOf(changed);
    ASSERT_EQ(after.size(), before.size());
    for (size_t i = 0; i < after.size(); ++i) {
      EXPECT_EQ(after[i].value != before[i].value, after[i].field == c.field) << after[i].field;
    }
    named.insert(c.field);
  }
  EXPECT_EQ(named.size(), before.size()) << "a part without a case";
}

TEST(ContentOf, WhatTheCountyOrTheCallAdds_IsNoContent) {
  v1::ReceiveSuperiorTicketRequest again = Sent();
  again.set_request_id("other");
  again.mutable_ticket()->set_channel(v1::APP);
  again.mutable_ticket()->set_urgency(v1::NORMAL);
  const std::vector<ContentPart> before = ContentOf(Sent());
  const std::vector<ContentPart> after = ContentOf(again);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i].value, before[i].value) << before[i].field;
  }
}

TEST(NotePush, SaysEachOnce) {
  Order order = Received("2025-09-08 09:00", "");
  order.Take(NotePush(order.ticket(), v1::SUPERIOR_PUSH_STOPPED, 4, "down", order.Now()));
  EXPECT_EQ(order.ticket().superior().push(), v1::SUPERIOR_PUSH_STOPPED);
  EXPECT_TRUE(
      NotePush(order.ticket(), v1::SUPERIOR_PUSH_STOPPED, 4, "down", order.Now()).facts.empty());
  order.Take(NotePush(order.ticket(), v1::SUPERIOR_PUSH_RESUMED, 4, "", order.Now()));
  EXPECT_EQ(order.ticket().superior().push(), v1::SUPERIOR_PUSH_RESUMED);
}

TEST(CheckSuperior, NamesEachContradiction) {
  v1::TicketPolicy policy = WithPlatform();
  EXPECT_TRUE(ValidatePolicy(policy, "469030").ok());
  v1::SuperiorPlatform& twin = *policy.mutable_superior()->add_platforms();
  twin = policy.superior().platforms(0);
  twin.set_push(true);
  twin.set_margin_minutes(-1);
  std::set<std::string> paths;
  CheckSuperior(policy, [&](absl::string_view path, absl::string_view, absl::string_view) {
    paths.emplace(path);
  });
  EXPECT_THAT(paths, ::testing::ElementsAre("superior.platforms[1].id", "superior.platforms[1].key",
                                            "superior.platforms[1].margin_minutes",
                                            "superior.platforms[1].max_attempts"));
}

// Whatever the platform sends and the county does, in whatever sequence: the facts replay to the
// row, and no handling clock that starts or moves is due after the platform's time.
TEST(SuperiorProperty, ClocksStayWithinThePlatformsTime_AndFactsReplay) {
  constexpr Command kCommands[] = {
      kDispatch,        kSign,          kReply,        kSendBack, kPassAudit,
      kMerge,           kSplit,         kSuspend,      kResume,   kRequestExtension,
      kDecideExtension, kRequestReturn, kApproveReturn};
  int cut = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](int most) { return static_cast<int>(random() % most); };
    const auto time = [&] {
      return absl::FormatTime("%Y-%m-%d %H:%M", At("2025-09-08 00:00") + absl::Hours(draw(24 * 20)),
                              absl::FixedTimeZone(8 * 3600));
    };
    Order order = Received("2025-09-08 09:00", time());
    v1::Ticket replayed;
    size_t applied = 0;
    for (const v1::TicketFact& fact : order.facts()) {
      replayed = Apply(fact.has_filed() ? v1::Ticket() : replayed, fact);
      ++applied;
    }
    int64_t number = 0;
    for (int step = 0; step < 25; ++step) {
      absl::StatusOr<Decision> decision = absl::UnknownError("");
      if (draw(4) == 0) {
        decision = Amended(order, Update(++number, v1::SUPERIOR_NEW_DUE_TIME, "", time()));
      } else {
        decision = Perform(kCommands[draw(std::size(kCommands))], order.ticket(), order.Now());
      }
      if (decision.ok()) {
        order.Take(decision);
      }
      for (; applied < order.facts().size(); ++applied) {
        const v1::TicketFact& fact = order.facts()[applied];
        replayed = Apply(std::move(replayed), fact);
        const v1::Clock* clock = OpenClock(replayed, v1::HANDLE);
        const bool started = !fact.started_clocks().empty() || fact.has_extension_decided();
        if (clock != nullptr && started) {
          const absl::Time latest = std::max(FromProto(replayed.superior().handle_before()),
                                             FromProto(clock->start_time()));
          ASSERT_LE(FromProto(clock->due_time()), latest) << "seed " << seed;
          cut += IsCut(*clock) ? 1 : 0;
        }
      }
      ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(replayed, order.ticket()))
          << "seed " << seed;
      order.Wait(absl::Minutes(draw(60 * 12)));
    }
  }
  EXPECT_GT(cut, 100) << "or nothing was tried";
}

}  // namespace
}  // namespace baimi::ticket::domain
