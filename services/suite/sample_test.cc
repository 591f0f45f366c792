#include "services/suite/sample.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/observe/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/suite/data_dir.h"

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

}  // namespace
}  // namespace baimi::suite
