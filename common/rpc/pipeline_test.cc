#include "common/rpc/pipeline.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::rpc {
namespace {

using ::testing::ElementsAre;

Stage Named(const std::string& name, std::vector<std::string> after = {}) {
  Stage stage;
  stage.name = name;
  stage.after = std::move(after);
  return stage;
}

TEST(Pipeline, NameTwice_IsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Pipeline::Create({Named("authn"), Named("authn")}).status()));
}

TEST(Pipeline, OrderViolated_IsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      Pipeline::Create({Named("authn", {"metrics"}), Named("metrics")}).status()));
  EXPECT_TRUE(Pipeline::Create({Named("metrics"), Named("authn", {"metrics"})}).ok());
  EXPECT_TRUE(Pipeline::Create({Named("authn", {"metrics"})}).ok()) << "an absent one is no order";
}

TEST(Pipeline, Refusal_FinishesOnlyWhatWasEntered_InReverse) {
  std::vector<std::string> log;
  std::vector<Stage> stages;
  for (const char* name : {"a", "b", "c"}) {
    Stage stage = Named(name);
    const std::string text = name;
    stage.admit = [&log, text](CallState&) {
      log.push_back("+" + text);
      return text == "b" ? absl::PermissionDeniedError("no") : absl::OkStatus();
    };
    stage.finish = [&log, text](CallState&, google::protobuf::Message* response,
                                absl::Status& status) {
      EXPECT_EQ(response, nullptr);
      EXPECT_TRUE(absl::IsPermissionDenied(status));
      log.push_back("-" + text);
    };
    stages.push_back(std::move(stage));
  }
  const auto pipeline = Pipeline::Create(std::move(stages));
  ASSERT_TRUE(pipeline.ok());
  CallState state;
  absl::Status status = pipeline->Admit(state);
  pipeline->Finish(state, nullptr, status);
  EXPECT_THAT(log, ElementsAre("+a", "+b", "-b", "-a"));
}

TEST(Pipeline, Finish_MayChangeTheStatusForStagesAround) {
  Stage outer = Named("outer");
  absl::StatusCode seen = absl::StatusCode::kOk;
  outer.finish = [&](CallState&, google::protobuf::Message*, absl::Status& status) {
    seen = status.code();
  };
  Stage mask = Named("mask");
  mask.finish = [](CallState&, google::protobuf::Message*, absl::Status& status) {
    status = absl::InternalError("masked");
  };
  const auto pipeline = Pipeline::Create({outer, mask});
  ASSERT_TRUE(pipeline.ok());
  CallState state;
  absl::Status status = pipeline->Admit(state);
  status = absl::UnknownError("driver text");
  pipeline->Finish(state, nullptr, status);
  EXPECT_EQ(seen, absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(), "masked");
}

}  // namespace
}  // namespace baimi::rpc
