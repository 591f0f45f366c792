// Client streams between real clients and a real server: over a connection and in the process.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/error.h"
#include "common/rpc/testing/client_stream_fixture.h"
#include "gtest/gtest.h"

namespace baimi::rpc {
namespace {

TEST_P(ClientStreamTest, Messages_AllTaken_AreAnsweredOnce) {
  Start();
  const auto dish = Send({First(kName, "ab"), Part("cde"), Part(std::string(100'000, 'x'))});
  ASSERT_TRUE(dish.ok()) << dish.status();
  EXPECT_EQ(dish->display_name(), "3 messages, 100005 bytes");
  EXPECT_EQ(dish->owner_phone(), "138****1234") << "answers are masked";
  EXPECT_EQ(kitchen_.county, "469030");
  EXPECT_EQ(Send({First()})->display_name(), "1 messages, 0 bytes");
  EXPECT_EQ(kitchen_.finished(), 2);
  EXPECT_EQ(kitchen_.gone(), 2);
  EXPECT_EQ(runtime_->in_flight().count(), 0);
}

TEST_P(ClientStreamTest, Fingerprint_CoversTheContentHoweverItIsCut) {
  Start();
  const auto fingerprint = [this](const std::vector<std::string>& messages) {
    EXPECT_TRUE(Send(messages).ok());
    return kitchen_.fingerprint;
  };
  const std::string whole = fingerprint({First(kName, "abcd", "once")});
  EXPECT_FALSE(whole.empty());
  EXPECT_EQ(fingerprint({First(kName, "", "again"), Part("a"), Part("bcd")}), whole);
  EXPECT_NE(fingerprint({First(kName, "abce", "once")}), whole);
  EXPECT_NE(fingerprint({First("counties/469030/dishes/3", "abcd", "once")}), whole);
  EXPECT_EQ(fingerprint({First(kName, "abcd", "")}), "") << "without a request_id there is none";
}

TEST_P(ClientStreamTest, FirstMessage_NotAllowed_IsRefusedBeforeAnythingIsOpened) {
  Start();
  EXPECT_EQ(Outcome({First()}, ""), "BAD_CREDENTIALS");
  EXPECT_EQ(Outcome({First()}, "guest"), "PERMISSION_MISSING");
  EXPECT_EQ(Outcome({First("counties/469031/dishes/2")}), "PERMISSION_MISSING");
  EXPECT_EQ(Outcome({First("counties/469030/cups/2"), Part("x")}), "INVALID_FIELD");
  EXPECT_EQ(Outcome({First("")}), "INVALID_FIELD");
  EXPECT_EQ(Outcome({}), "INVALID_FIELD") << "closed without a message";
  EXPECT_EQ(Outcome({"\xFF"}), "MALFORMED_BODY");
  EXPECT_EQ(Outcome({"\xFF"}, ""), "BAD_CREDENTIALS");
  EXPECT_EQ(kitchen_.opened(), 0);
  kitchen_.open_error = NotFound(kName);
  EXPECT_EQ(Outcome({First()}), "RESOURCE_NOT_FOUND");
}

TEST_P(ClientStreamTest, LaterMessages_HoldContentOnly) {
  Start();
  UploadPhotoRequest other;
  other.set_content("x");
  other.set_caption("late");
  const absl::Status late = Send({First(), other.SerializeAsString()}).status();
  EXPECT_EQ(ReasonOf(late), "INVALID_FIELD");
  EXPECT_TRUE(absl::StrContains(late.message(), "caption")) << late;
  EXPECT_EQ(Outcome({First(), First("counties/469031/dishes/2")}), "INVALID_FIELD");
  const absl::Status big = Send({First(), Part(std::string(262'145, 'x'))}).status();
  EXPECT_EQ(ReasonOf(big), "INVALID_FIELD") << "by the rule of the field";
  EXPECT_EQ(kitchen_.finished(), 0);
  EXPECT_EQ(kitchen_.gone(), 3);
}

TEST_P(ClientStreamTest, LaterMessage_ThatCannotBeRead_IsNotTakenForTheEnd) {
  Start();
  EXPECT_EQ(Outcome({First(kName, "half"), "\xFF"}), "MALFORMED_BODY");
  EXPECT_TRUE(runtime_->in_flight().AwaitEmpty(absl::Seconds(60)));
  EXPECT_EQ(kitchen_.finished(), 0);
}

TEST_P(ClientStreamTest, TooMuch_IsRefusedWithTheLimit) {
  Setup setup;
  setup.stream.max_messages = 5;
  Start(setup);
  const std::string piece(kLimit / 3, 'x');
  EXPECT_TRUE(Send({First(), Part(piece), Part(piece), Part(piece)}).ok());
  const absl::Status bytes =
      Send({First(kName, "x"), Part(piece), Part(piece), Part(piece)}).status();
  EXPECT_EQ(bytes.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(bytes), "BODY_TOO_LARGE");
  EXPECT_EQ(ErrorInfoOf(bytes)->metadata().at("limit"), absl::StrCat(kLimit));
  EXPECT_TRUE(Send({First(), Part("2"), Part("3"), Part("4"), Part("5")}).ok());
  const absl::Status messages =
      Send({First(), Part("2"), Part("3"), Part("4"), Part("5"), Part("6")}).status();
  EXPECT_EQ(ReasonOf(messages), "BODY_TOO_LARGE");
  EXPECT_EQ(ErrorInfoOf(messages)->metadata().at("limit"), "5");
  EXPECT_EQ(kitchen_.finished(), 2);
  EXPECT_EQ(kitchen_.gone(), 4);
}

TEST_P(ClientStreamTest, Quota_CountsAnUploadOnce) {
  Setup setup;
  setup.quota.bulk = {.per_second = 1, .burst = 2};
  Start(setup);
  EXPECT_TRUE(Send({First(), Part("a"), Part("b"), Part("c")}).ok());
  EXPECT_TRUE(Send({First()}).ok());
  EXPECT_EQ(Outcome({First()}), "QUOTA_EXCEEDED");
  EXPECT_EQ(kitchen_.opened(), 2);
}

TEST_P(ClientStreamTest, Step_ThatFails_EndsTheCallWithItsError) {
  Start();
  kitchen_.take_error = EtagMismatch("v1", "v2");
  auto client = Open();
  client->Write(First());
  EXPECT_EQ(client->Await().status(), kitchen_.take_error) << "although the client is not done";
  EXPECT_EQ(kitchen_.gone(), 1);
  EXPECT_EQ(runtime_->in_flight().count(), 0);
}

TEST_P(ClientStreamTest, Step_ThatAnswersLater_HoldsTheNextMessageBack) {
  Start();
  kitchen_.Hold(true);
  auto client = Open();
  for (const std::string& message : {First(kName, "0"), Part("1"), Part("2")}) {
    client->Write(message);
  }
  client->Close();
  for (const char* want : {"0", "1", "2"}) {
    Kitchen::Held held = kitchen_.AwaitHeld();
    EXPECT_EQ(held.message.content(), want);
    held.done.Set(Taken{});
  }
  EXPECT_TRUE(client->Await().ok());
}

TEST_P(ClientStreamTest, Client_GoneBetweenMessages_DropsTheReceiver) {
  Start();
  auto client = Open();
  client->Write(First(kName, "half of it"));
  kitchen_.AwaitTaken(1);
  client->Cancel();
  kitchen_.AwaitGone(1);
  EXPECT_EQ(client->Await().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(kitchen_.finished(), 0) << "half a picture is none";
}

TEST_P(ClientStreamTest, Client_GoneDuringAStep_DropsTheReceiverAfterIt) {
  Start();
  kitchen_.Hold(true);
  auto client = Open();
  client->Write(First());
  Kitchen::Held held = kitchen_.AwaitHeld();
  client->Cancel();
  client->Await().status().IgnoreError();
  EXPECT_EQ(kitchen_.gone(), 0);
  held.done.Set(Taken{});
  kitchen_.AwaitGone(1);
  EXPECT_EQ(kitchen_.finished(), 0);
}

INSTANTIATE_TEST_SUITE_P(Doors, ClientStreamTest,
                         ::testing::Values(Door::kConnection, Door::kInProcess),
                         [](const ::testing::TestParamInfo<Door>& door) {
                           return door.param == Door::kConnection ? "Connection" : "InProcess";
                         });

}  // namespace
}  // namespace baimi::rpc
