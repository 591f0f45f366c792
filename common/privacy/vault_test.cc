#include "common/privacy/vault.h"

#include "absl/strings/match.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/privacy/key_ring_fixture.h"
#include "common/privacy/random_message.h"
#include "common/privacy/sample.pb.h"
#include "common/testing/matchers.h"

namespace baimi::privacy {
namespace {

using test::EqualsProto;

constexpr char kPlace[] = "counties/469030/tickets/1";

class VaultTest : public KeyRingFixture, public testing::WithParamInterface<Algorithm> {
 protected:
  static VaultOptions Options() {
    VaultOptions options;
    options.algorithm = GetParam();
    return options;
  }

  std::unique_ptr<KeyRing> ring_ = OpenRing();
  Vault vault_{ring_.get(), rng_.get(), Options()};
};

TEST_P(VaultTest, RandomMessages_ComeBack) {
  const auto rng = NewSeededRng(31);
  const KeyId key = *ring_->NewKey();
  for (int i = 0; i < 300; ++i) {
    sample::Ticket ticket, opened;
    FillRandomly(&ticket, *rng, 3);
    const auto sealed = vault_.Seal(key, ticket, kPlace);
    ASSERT_TRUE(sealed.ok()) << sealed.status();
    opened.set_name("left over");
    ASSERT_TRUE(vault_.Open(sealed->open, sealed->sealed, kPlace, &opened).ok());
    ASSERT_THAT(ticket, EqualsProto(opened));
  }
}

TEST_P(VaultTest, Seal_HidesThePersonalPart) {
  sample::Ticket ticket;
  ticket.set_title("电梯停运");
  ticket.mutable_caller()->set_phone("13812341234");
  const auto sealed = vault_.Seal(*ring_->NewKey(), ticket, kPlace);
  ASSERT_TRUE(sealed.ok());
  EXPECT_TRUE(absl::StrContains(sealed->open, "电梯停运"));
  EXPECT_FALSE(absl::StrContains(sealed->open, "13812341234"));
  EXPECT_FALSE(absl::StrContains(sealed->sealed, "13812341234"));
  EXPECT_EQ(sealed->sealed[0], 1);
  EXPECT_EQ(sealed->sealed[1], static_cast<char>(GetParam()));
}

TEST_P(VaultTest, SameMessageTwice_SealsDifferently) {
  const KeyId key = *ring_->NewKey();
  EXPECT_NE(*vault_.SealBytes(key, "王芳", kPlace), *vault_.SealBytes(key, "王芳", kPlace));
}

TEST_P(VaultTest, AnyChangedByteOrPlace_IsRefused) {
  const std::string sealed = *vault_.SealBytes(*ring_->NewKey(), "王芳 13812341234", kPlace);
  ASSERT_EQ(*vault_.OpenBytes(sealed, kPlace), "王芳 13812341234");
  for (size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      EXPECT_FALSE(vault_.OpenBytes(changed, kPlace).ok()) << i;
    }
  }
  for (size_t size = 1; size < sealed.size(); ++size) {
    EXPECT_FALSE(vault_.OpenBytes(sealed.substr(0, size), kPlace).ok()) << size;
  }
  EXPECT_FALSE(vault_.OpenBytes(sealed + "x", kPlace).ok());
  EXPECT_FALSE(vault_.OpenBytes(sealed, "counties/469030/tickets/2").ok());
  EXPECT_FALSE(vault_.OpenBytes(sealed, "").ok());
}

TEST_P(VaultTest, KeyOfAnotherResource_DoesNotOpen) {
  const std::string sealed = *vault_.SealBytes(*ring_->NewKey(), "王芳", kPlace);
  std::string other = *vault_.SealBytes(*ring_->NewKey(), "李强", kPlace);
  other.replace(10, std::string::npos, sealed, 10, std::string::npos);
  EXPECT_EQ(vault_.OpenBytes(other, kPlace).status().code(), absl::StatusCode::kInternal);
}

TEST_P(VaultTest, NothingPersonal_NeedsNoKey) {
  sample::Ticket ticket, opened;
  ticket.set_title("路灯");
  const auto sealed = vault_.Seal(kNoKey, ticket, kPlace);
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  EXPECT_EQ(sealed->sealed, "");
  ASSERT_TRUE(vault_.Open(sealed->open, "", kPlace, &opened).ok());
  EXPECT_THAT(ticket, EqualsProto(opened));
}

TEST_P(VaultTest, PersonalWithoutKey_IsRefused) {
  sample::Ticket ticket;
  ticket.set_text("私事");
  EXPECT_EQ(vault_.Seal(kNoKey, ticket, kPlace).status().code(), absl::StatusCode::kInternal);
}

TEST_P(VaultTest, ShreddedKey_LeavesTheOpenPart) {
  const KeyId key = *ring_->NewKey();
  sample::Ticket ticket, opened;
  ticket.set_title("电梯停运");
  ticket.mutable_caller()->set_phone("13812341234");
  const auto sealed = vault_.Seal(key, ticket, kPlace);
  ASSERT_TRUE(ring_->Destroy(key).ok());
  const absl::Status status = vault_.Open(sealed->open, sealed->sealed, kPlace, &opened);
  EXPECT_EQ(ReasonOf(status), "DATA_SHREDDED");
  EXPECT_EQ(opened.title(), "电梯停运");
  EXPECT_EQ(opened.caller().phone(), "");
  EXPECT_EQ(ReasonOf(vault_.Seal(key, ticket, kPlace).status()), "DATA_SHREDDED");
}

TEST_P(VaultTest, EitherAlgorithm_IsOpenedByAVaultOfTheOther) {
  VaultOptions other;
  other.algorithm =
      GetParam() == Algorithm::kAes256Gcm ? Algorithm::kSm4CtrHmacSm3 : Algorithm::kAes256Gcm;
  const std::string sealed = *vault_.SealBytes(*ring_->NewKey(), "王芳", kPlace);
  EXPECT_EQ(*Vault(ring_.get(), rng_.get(), other).OpenBytes(sealed, kPlace), "王芳");
}

TEST_P(VaultTest, BlindIndex_DependsOnLabelAndValueOnly) {
  const std::string index = vault_.BlindIndex("ticket.phone", "13812341234");
  EXPECT_EQ(index.size(), 16U);
  EXPECT_NE(index, vault_.BlindIndex("ticket.phone", "13812341235"));
  EXPECT_NE(index, vault_.BlindIndex("ticket.citizen", "13812341234"));
  EXPECT_EQ(
      index,
      HmacSha256(HmacSha256(std::string(32, '\xFF'), "ticket.phone"), "13812341234").substr(0, 16));
  WriteMasters("m2 " + std::string(64, '2') + "\nm1 " + std::string(64, '1') + "\n");
  const auto rotated = OpenRing();
  EXPECT_EQ(Vault(rotated.get(), rng_.get()).BlindIndex("ticket.phone", "13812341234"), index);
  VaultOptions sm3;
  sm3.sm3_index = true;
  EXPECT_NE(Vault(ring_.get(), rng_.get(), sm3).BlindIndex("ticket.phone", "13812341234"), index);
}

INSTANTIATE_TEST_SUITE_P(Both, VaultTest,
                         testing::Values(Algorithm::kAes256Gcm, Algorithm::kSm4CtrHmacSm3),
                         [](const auto& test) {
                           return test.param == Algorithm::kAes256Gcm ? "AesGcm" : "Sm4";
                         });

}  // namespace
}  // namespace baimi::privacy
