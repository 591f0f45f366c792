#include "services/suite/sample.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/observe/log.h"
#include "common/process/secrets.h"
#include "common/testing/caller.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/suite/data_dir.h"
#include "services/suite/suite.h"

namespace baimi::suite {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kSample[] = "deploy/sample";  // Tests run in the repository root.

class LoadSampleOnceTest : public ::testing::Test {
 protected:
  LoadSampleOnceTest() {
    observe::LogOptions log;
    log.level = observe::LogLevel::kError;
    observe::ConfigureLog(log);
    fs::remove_all(root_);
    fs::create_directory(root_);
  }
  ~LoadSampleOnceTest() override { fs::remove_all(root_); }

  absl::StatusOr<std::string> Load(const std::string& sample) {
    absl::StatusOr<DataDir> data = DataDir::Prepare(root_ + "/data", *rng_);
    if (!data.ok()) {
      return data.status();
    }
    return LoadSampleOnce(sample, *data, rng_.get());
  }
  bool Has(const std::string& file) const { return fs::exists(root_ + "/data/" + file); }

  const std::unique_ptr<Rng> rng_ = NewSystemRng();
  const std::string root_ =
      absl::StrCat(::testing::TempDir(), "/sample-",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name(), "-", getpid());
};

TEST_F(LoadSampleOnceTest, NewDirectory_ReplaysTheDayOnce) {
  const absl::StatusOr<std::string> told = Load(kSample);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_THAT(*told, HasSubstr("469030"));
  EXPECT_THAT(*told, HasSubstr("archived"));
  EXPECT_TRUE(Has("sample.done"));

  const absl::StatusOr<std::string> again = Load(kSample);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(*again, IsEmpty());
}

TEST_F(LoadSampleOnceTest, Databases_LoadedOrInUse_AreLeftAlone) {
  absl::StatusOr<DataDir> data = DataDir::Prepare(root_ + "/data", *rng_);
  ASSERT_TRUE(data.ok()) << data.status();
  const auto load = [&](const std::string& sample) {
    return LoadSample(sample, {}, data->databases(), data->secrets(), rng_.get());
  };
  const absl::StatusOr<std::string> told = load(kSample);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_THAT(*told, HasSubstr("archived"));
  const absl::StatusOr<std::string> again = load(kSample);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(*again, IsEmpty());

  // For a sample of another day these are somebody's orders.
  fs::copy(kSample, root_ + "/sample", fs::copy_options::recursive);
  std::ofstream(root_ + "/sample/ticket/day.json") << R"({"county": "469030", "date": "2026-06-11",
    "orders": [{"id": "o01", "minute": 42, "actor": "clerk", "ticket": {"type": "HELP"}}]})";
  const absl::StatusOr<std::string> other = load(root_ + "/sample");
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_THAT(*other, HasSubstr("not loaded"));
}

TEST_F(LoadSampleOnceTest, DirectoryInUse_IsLeftAlone) {
  ASSERT_TRUE(DataDir::Prepare(root_ + "/data", *rng_).ok());
  const absl::StatusOr<std::string> told = Load(kSample);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_THAT(*told, HasSubstr("not loaded"));
  EXPECT_FALSE(Has("ticket.db"));
}

TEST_F(LoadSampleOnceTest, UnknownField_NamesTheFileAndLoadsNothing) {
  fs::copy(kSample, root_ + "/sample", fs::copy_options::recursive);
  std::ofstream(root_ + "/sample/ticket/day.json") << R"({"county": "469030", "dates": "x"})";
  const absl::StatusOr<std::string> told = Load(root_ + "/sample");
  EXPECT_EQ(told.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(told.status().message()), HasSubstr("ticket/day.json"));
  EXPECT_FALSE(Has("ticket.db"));
}

TEST_F(LoadSampleOnceTest, RefusedLoad_IsTakenUpAgain) {
  fs::copy(kSample, root_ + "/sample", fs::copy_options::recursive);
  std::ofstream(root_ + "/sample/ticket/day.json") << R"({
    "county": "469030", "date": "2026-06-10", "orders": [{"id": "o01", "minute": 42,
    "actor": "clerk", "ticket": {"type": "HELP", "channel": "PHONE", "category": "99"}}]})";
  const absl::StatusOr<std::string> refused = Load(root_ + "/sample");
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("order o01"));
  EXPECT_FALSE(Has("sample.done"));

  const absl::StatusOr<std::string> told = Load(kSample);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_TRUE(Has("sample.done"));
}

// S6 of domain.md §10, word for word: an order at 营北 for an elevator goes 住建局 lead + 营北
// helper directly; the township is only copied; one clock.
TEST_F(LoadSampleOnceTest, S6_LiftAtYingbei_GoesToTheDepartmentWithTheCommunityDirectly) {
  absl::StatusOr<DataDir> data = DataDir::Prepare(root_ + "/data", *rng_);
  ASSERT_TRUE(data.ok()) << data.status();
  ASSERT_TRUE(LoadSample(kSample, {}, data->databases(), data->secrets(), rng_.get()).ok());
  SimulatedClock clock(absl::FromCivil(absl::CivilMinute(2026, 7, 1, 9, 30), ShanghaiZone()));
  absl::StatusOr<process::Secrets> secrets = process::Secrets::Load(data->secrets(), &clock);
  ASSERT_TRUE(secrets.ok()) << secrets.status();
  SuiteOptions options;
  options.http_port = -1;
  options.node.grpc_port = 0;
  auto suite = Suite::Start(options, data->databases(), *std::move(secrets), &clock, rng_.get());
  ASSERT_TRUE(suite.ok()) << suite.status();
  const test::Caller clerk((*suite)->Channel(), *data->Token("clerk"));

  ticket::v1::CreateTicketRequest file;
  file.set_parent("counties/469030");
  ticket::v1::Ticket& lift = *file.mutable_ticket();
  lift.set_type(ticket::v1::HELP);
  lift.set_channel(ticket::v1::PHONE);
  lift.set_category("010101");
  lift.set_title("珉华小区3栋电梯停运");
  lift.mutable_caller()->set_phone("13800000001");
  lift.mutable_place()->set_address("营根镇营北社区珉华小区3栋");
  using Stub = ticket::v1::TicketService::Stub;
  const auto filed = clerk(&Stub::CreateTicket, file);
  ASSERT_TRUE(filed.ok()) << filed.status();
  EXPECT_EQ(filed->place().area(), "counties/469030/areas/469030100003");

  ticket::v1::PreviewDispatchRequest look;
  look.set_name(filed->name());
  const auto preview = clerk(&Stub::PreviewDispatch, look);
  ASSERT_TRUE(preview.ok()) << preview.status();
  ticket::v1::DispatchTicketRequest dispatch;
  dispatch.set_name(filed->name());
  const auto sent = clerk(&Stub::DispatchTicket, dispatch);
  ASSERT_TRUE(sent.ok()) << sent.status();
  const ticket::v1::Assignment& assignment = sent->assignment();
  EXPECT_EQ(assignment.SerializeAsString(), preview->assignment().SerializeAsString());
  EXPECT_EQ(assignment.lead(), "counties/469030/units/zhujianju");
  EXPECT_TRUE(assignment.direct());
  ASSERT_EQ(assignment.helpers_size(), 1);
  EXPECT_EQ(assignment.helpers(0), "counties/469030/units/cun-469030100003");
  ASSERT_EQ(assignment.copied_size(), 1);
  EXPECT_EQ(assignment.copied(0), "counties/469030/units/yinggen-zhengfu");
  EXPECT_THAT(assignment.duty_rows(), ::testing::ElementsAre("community-lift"));
  int handling = 0;
  for (const ticket::v1::Clock& running : sent->clocks()) {
    handling += running.kind() == ticket::v1::HANDLE ? 1 : 0;
  }
  EXPECT_EQ(handling, 1) << "one clock for all";
  ASSERT_EQ(sent->helper_tasks_size(), 1);
  EXPECT_LE(sent->helper_tasks(0).clock().due_time().seconds(),
            sent->clocks(sent->clocks_size() - 1).due_time().seconds());
}

}  // namespace
}  // namespace baimi::suite
