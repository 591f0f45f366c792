#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/process/healthcheck.h"
#include "common/process/secrets.h"
#include "common/process/service_program.h"
#include "common/rpc/admin.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::process {
namespace {

using ::testing::HasSubstr;

class SecretsTest : public ::testing::Test {
 protected:
  SecretsTest() {
    std::filesystem::create_directory(dir_);
    EXPECT_TRUE(privacy::MasterKeys::Create(File("master.key"), *rng_).ok());
    Write("page.key", std::string(32, 'p'));
    Write("api-keys.json", R"({"roles": {}, "keys": []})");
    ::mkdir(File("tokens").c_str(), 0700);
    Write("tokens/service", "bmk_ours\n");
  }
  ~SecretsTest() override { std::filesystem::remove_all(dir_); }
  std::string File(const std::string& name) const { return dir_ + "/" + name; }
  void Write(const std::string& name, const std::string& content) {
    std::ofstream(File(name), std::ios::binary) << content;
    ::chmod(File(name).c_str(), 0600);
  }

  const std::string dir_ =
      absl::StrCat(::testing::TempDir(), "/secrets-",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name(), "-", getpid());
  const SystemClock clock_{};
  const std::unique_ptr<Rng> rng_ = NewSystemRng();
};

TEST_F(SecretsTest, Directory_GivesAllOfThem) {
  const auto secrets = Secrets::Load({.directory = dir_}, &clock_);
  ASSERT_TRUE(secrets.ok()) << secrets.status();
  EXPECT_EQ(secrets->page_token_key, std::string(32, 'p'));
  EXPECT_EQ(secrets->service_token, "bmk_ours");
  EXPECT_NE(secrets->authenticator, nullptr);
}

TEST_F(SecretsTest, SingleFile_MayStandElsewhere) {
  Write("other", std::string(32, 'o'));
  const auto secrets = Secrets::Load({.directory = dir_, .page_key = File("other")}, &clock_);
  ASSERT_TRUE(secrets.ok()) << secrets.status();
  EXPECT_EQ(secrets->page_token_key, std::string(32, 'o'));
}

TEST_F(SecretsTest, MissingOrCut_NamesTheFile) {
  Write("page.key", "short");
  auto secrets = Secrets::Load({.directory = dir_}, &clock_);
  EXPECT_EQ(secrets.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(secrets.status().message()), HasSubstr("page.key"));
  ::unlink(File("page.key").c_str());
  secrets = Secrets::Load({.directory = dir_}, &clock_);
  EXPECT_EQ(secrets.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(secrets.status().message()), HasSubstr("page.key"));
}

TEST(CheckHealth, Readiness_IsWhatTheProcessSays) {
  observe::Registry metrics;
  std::atomic<bool> ready{true};
  rpc::AdminOptions options;
  options.http.address = "127.0.0.1";
  options.http.port = 0;
  options.metrics = &metrics;
  options.ready = [&ready] { return ready.load(); };
  const auto admin = rpc::StartAdmin(options);
  ASSERT_TRUE(admin.ok()) << admin.status();
  const int port = (*admin)->port();
  EXPECT_EQ(CheckHealth("127.0.0.1", port, absl::Seconds(5)), absl::OkStatus());
  EXPECT_EQ(CheckHealth("0.0.0.0", port, absl::Seconds(5)), absl::OkStatus());
  ready = false;
  const absl::Status not_ready = CheckHealth("127.0.0.1", port, absl::Seconds(5));
  EXPECT_THAT(std::string(not_ready.message()), HasSubstr("503"));
  (*admin)->Shutdown(absl::ZeroDuration());
  EXPECT_FALSE(CheckHealth("127.0.0.1", port, absl::Seconds(5)).ok());
  EXPECT_FALSE(CheckHealth("no address", port, absl::Seconds(5)).ok());
}

TEST(Door, Ipv6_StandsInBrackets) {
  EXPECT_EQ(Door("127.0.0.1", 1), "127.0.0.1:1");
  EXPECT_EQ(Door("::1", 1), "[::1]:1");
  EXPECT_EQ(Door("[::1]", 1), "[::1]:1");
}

}  // namespace
}  // namespace baimi::process
