#include "common/privacy/signer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baimi::privacy {
namespace {

TEST(Signer, NewKey_SignsWhatItsPublicHalfVerifies) {
  const auto rng = NewSeededRng(7);
  const auto key = SigningKey::FromPem(SigningKey::NewPem(*rng));
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string signature = key->Sign("收据");
  EXPECT_EQ(signature.size(), 64U);
  EXPECT_TRUE(VerifySignature(key->public_pem(), "收据", signature).ok());
  EXPECT_EQ(*PublicKeyId(key->public_pem()), key->id());
  EXPECT_EQ(key->id().size(), 16U);
}

TEST(Signer, ChangedMessageSignatureOrKey_IsDataLoss) {
  const auto rng = NewSeededRng(7);
  const auto key = SigningKey::FromPem(SigningKey::NewPem(*rng));
  const auto other = SigningKey::FromPem(SigningKey::NewPem(*rng));
  const std::string signature = key->Sign("a");
  for (size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_TRUE(absl::IsDataLoss(VerifySignature(key->public_pem(), "a", changed))) << i;
  }
  EXPECT_TRUE(absl::IsDataLoss(VerifySignature(key->public_pem(), "b", signature)));
  EXPECT_TRUE(absl::IsDataLoss(VerifySignature(other->public_pem(), "a", signature)));
  EXPECT_TRUE(absl::IsDataLoss(VerifySignature(key->public_pem(), "a", "")));
}

// RFC 8032, 7.1, test 1: the seed there gives this public key and this signature of nothing.
TEST(Signer, KnownKey_GivesTheKnownSignature) {
  const auto key = SigningKey::FromPem(
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
      "-----END PRIVATE KEY-----\n");
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string signature = key->Sign("");
  EXPECT_EQ(static_cast<unsigned char>(signature[0]), 0xe5);
  EXPECT_EQ(static_cast<unsigned char>(signature[63]), 0x0b);
}

TEST(Signer, WhatIsNoKey_IsRefusedWithoutAWordOfIt) {
  const auto key = SigningKey::FromPem("geheim");
  EXPECT_TRUE(absl::IsInvalidArgument(key.status()));
  EXPECT_FALSE(absl::StrContains(key.status().message(), "geheim"));
  EXPECT_TRUE(absl::IsInvalidArgument(VerifySignature("geheim", "a", "b")));
}

TEST(Signer, FileThatOthersMayRead_IsRefused) {
  const auto rng = NewSeededRng(7);
  const std::string path = absl::StrCat(testing::TempDir(), "/", NewUuid(*NewSystemRng()));
  EXPECT_TRUE(absl::IsNotFound(SigningKey::Load(path).status()));
  std::ofstream(path) << SigningKey::NewPem(*rng);
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(SigningKey::Load(path).status()));
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  EXPECT_TRUE(SigningKey::Load(path).ok());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace baimi::privacy
