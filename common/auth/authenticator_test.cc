#include "common/auth/authenticator.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "gtest/gtest.h"

namespace baimi::auth {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() {
    std::string name = testing::TempDir() + "baimi-keys-XXXXXX";
    const int fd = mkstemp(name.data());
    EXPECT_GE(fd, 0);
    close(fd);
    path_ = name;
  }
  ~AuthenticatorTest() override { std::remove(path_.c_str()); }

  void Write(const std::string& id, const std::string& hash) {
    std::ofstream(path_) << "{\"roles\": {\"r\": [\"ticket.get\"]}, \"keys\": [{\"id\": \"" << id
                         << "\", \"sha256\": \"" << hash
                         << "\", \"roles\": [\"r\"], \"counties\": [\"469030\"], "
                            "\"expires\": \"2027-01-01\"}]}";
  }

  std::string path_;
  std::unique_ptr<Rng> rng_ = NewSeededRng(1);
  SimulatedClock clock_{absl::FromCivil(absl::CivilDay(2026, 12, 31), ShanghaiZone())};
};

TEST_F(AuthenticatorTest, NewKey_OpensItsOwnIdentityOnly) {
  const NewKeyResult key = NewKey(*rng_);
  EXPECT_TRUE(absl::StartsWith(key.token, "bmk_"));
  EXPECT_EQ(key.token.size(), 47U);
  EXPECT_NE(NewKey(*rng_).token, key.token);
  Write("clerk-03", key.sha256);
  const auto authenticator = Authenticator::Load(path_, &clock_);
  ASSERT_TRUE(authenticator.ok()) << authenticator.status();
  const auto identity = (*authenticator)->Authenticate(key.token);
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ((*identity)->id, "clerk-03");
}

TEST_F(AuthenticatorTest, WrongKeys_AllGetTheSameAnswerWithoutTheKey) {
  const NewKeyResult key = NewKey(*rng_);
  Write("clerk-03", key.sha256);
  const auto authenticator = *Authenticator::Load(path_, &clock_);
  std::string longer = key.token + "x";
  std::string other_case = key.token;
  other_case[0] = 'B';
  const std::string tokens[] = {
      "", "bmk_", longer, key.token.substr(1), other_case, key.sha256, std::string(100'000, 'x')};
  absl::Status answer;
  for (const std::string& token : tokens) {
    const absl::Status status = authenticator->Authenticate(token).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << token;
    EXPECT_EQ(ReasonOf(status), "BAD_CREDENTIALS");
    EXPECT_TRUE(answer.ok() || answer == status) << status;
    answer = status;
  }
  clock_.Advance(kDay);
  EXPECT_EQ(authenticator->Authenticate(key.token).status(), answer);
}

TEST_F(AuthenticatorTest, Expiry_IsTheStartOfTheShanghaiDay) {
  const NewKeyResult key = NewKey(*rng_);
  Write("clerk-03", key.sha256);
  const auto authenticator = *Authenticator::Load(path_, &clock_);
  clock_.Advance(kDay - absl::Microseconds(1));
  EXPECT_TRUE(authenticator->Authenticate(key.token).ok());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_FALSE(authenticator->Authenticate(key.token).ok());
}

TEST_F(AuthenticatorTest, Reload_SwapsAllOrNothing) {
  const NewKeyResult old_key = NewKey(*rng_);
  const NewKeyResult new_key = NewKey(*rng_);
  Write("old", old_key.sha256);
  const auto authenticator = *Authenticator::Load(path_, &clock_);
  std::ofstream(path_) << "{";
  EXPECT_EQ(authenticator->Reload().code(), absl::StatusCode::kInvalidArgument);
  const auto held = authenticator->Authenticate(old_key.token);
  ASSERT_TRUE(held.ok());
  Write("new", new_key.sha256);
  ASSERT_TRUE(authenticator->Reload().ok());
  EXPECT_FALSE(authenticator->Authenticate(old_key.token).ok());
  EXPECT_TRUE(authenticator->Authenticate(new_key.token).ok());
  EXPECT_EQ((*held)->id, "old");  // A call under way keeps its identity.
}

TEST_F(AuthenticatorTest, Reload_UnderLoad_NeverLosesAKey) {
  const NewKeyResult key = NewKey(*rng_);
  Write("clerk-03", key.sha256);
  const auto authenticator = *Authenticator::Load(path_, &clock_);
  std::thread caller([&] {
    for (int i = 0; i < 2000; ++i) {
      ASSERT_TRUE(authenticator->Authenticate(key.token).ok());
    }
  });
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(authenticator->Reload().ok());
  }
  caller.join();
}

TEST_F(AuthenticatorTest, Load_RefusesAMissingFileAndOneThatOthersMayWrite) {
  EXPECT_EQ(Authenticator::Load(path_ + ".absent", &clock_).status().code(),
            absl::StatusCode::kNotFound);
  Write("clerk-03", NewKey(*rng_).sha256);
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  EXPECT_TRUE(Authenticator::Load(path_, &clock_).ok());
  for (const mode_t mode : {0664U, 0646U}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_EQ(Authenticator::Load(path_, &clock_).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
}

TEST(BearerToken, Header_GivesTheTokenOfThatSchemeOnly) {
  EXPECT_EQ(BearerToken("Bearer bmk_x"), "bmk_x");
  EXPECT_EQ(BearerToken("bearer  bmk_x "), "bmk_x");
  EXPECT_EQ(BearerToken("Basic bmk_x"), "");
  EXPECT_EQ(BearerToken("Bearer"), "");
  EXPECT_EQ(BearerToken(""), "");
}

}  // namespace
}  // namespace baimi::auth
