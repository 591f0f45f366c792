#include "common/privacy/cipher.h"

#include "absl/strings/escaping.h"
#include "common/base/digest.h"
#include "common/base/random.h"
#include "gtest/gtest.h"

namespace baimi::privacy {
namespace {

struct Suite {
  const char* name;
  size_t nonce_size;
  size_t tag_size;
  decltype(&AesGcmSeal) seal;
  decltype(&AesGcmOpen) open;
};

class Ciphers : public testing::TestWithParam<Suite> {};

TEST_P(Ciphers, RandomTexts_ComeBackAndAnyChangeIsRefused) {
  const Suite& suite = GetParam();
  const auto rng = NewSeededRng(5);
  for (int i = 0; i < 200; ++i) {
    const std::string key = rng->Bytes(kKeySize);
    const std::string nonce = rng->Bytes(suite.nonce_size);
    const std::string plain = rng->Bytes(rng->Uint64() % 100);
    const std::string sealed = suite.seal(key, nonce, "head", "place", plain);
    ASSERT_EQ(sealed.size(), plain.size() + suite.tag_size);
    ASSERT_EQ(suite.open(key, nonce, "head", "place", sealed), plain);

    std::string changed = sealed;
    char& byte = changed[rng->Uint64() % changed.size()];
    byte = static_cast<char>(byte ^ (1 << rng->Uint64() % 8));
    EXPECT_EQ(suite.open(key, nonce, "head", "place", changed), std::nullopt);
    EXPECT_EQ(suite.open(key, nonce, "hea", "place", sealed), std::nullopt);
    EXPECT_EQ(suite.open(key, nonce, "head", "Place", sealed), std::nullopt);
    EXPECT_EQ(suite.open(key, rng->Bytes(suite.nonce_size), "head", "place", sealed), std::nullopt);
    EXPECT_EQ(suite.open(rng->Bytes(kKeySize), nonce, "head", "place", sealed), std::nullopt);
    EXPECT_EQ(suite.open(key, nonce, "head", "place",
                         absl::string_view(sealed).substr(0, rng->Uint64() % sealed.size())),
              std::nullopt);
    EXPECT_EQ(suite.open(key, nonce.substr(1), "head", "place", sealed), std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(Both, Ciphers,
                         testing::Values(Suite{"AesGcm", kGcmNonceSize, kGcmTagSize, &AesGcmSeal,
                                               &AesGcmOpen},
                                         Suite{"Sm4", kSm4IvSize, kSm3TagSize, &Sm4Seal, &Sm4Open}),
                         [](const auto& test) { return test.param.name; });

// Test case 16 of the GCM specification (McGrew, Viega), AES-256 with associated data.
TEST(Ciphers, AesGcm_MatchesThePublishedVector) {
  const std::string key =
      absl::HexStringToBytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string plain = absl::HexStringToBytes(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const std::string sealed = AesGcmSeal(key, absl::HexStringToBytes("cafebabefacedbaddecaf888"),
                                        absl::HexStringToBytes("feedfacedeadbeeffeedfacedeadbeef"),
                                        absl::HexStringToBytes("abaddad2"), plain);
  EXPECT_EQ(absl::BytesToHexString(sealed),
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            "76fc6ece0f4e1768cddf8853bb2d551b");
}

TEST(Ciphers, HmacSm3_FollowsTheDefinition) {
  const std::string key(32, 'k');
  std::string inner(64, '\x36'), outer(64, '\x5c');
  for (size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  EXPECT_EQ(HmacSm3(key, "百米"), Sm3(outer + Sm3(inner + "百米")));
}

}  // namespace
}  // namespace baimi::privacy
