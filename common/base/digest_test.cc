#include "common/base/digest.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace baimi {
namespace {

// RFC 4231, cases 1, 2, 6 and 7: short keys and those longer than a block.
TEST(HmacSha256, StandardVectors_Agree) {
  const auto hex = [](absl::string_view key, absl::string_view data) {
    return absl::BytesToHexString(HmacSha256(key, data));
  };
  EXPECT_EQ(hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hex(std::string(131, '\xaa'),
                "This is a test using a larger than block-size key and a larger than block-size "
                "data. The key needs to be hashed before being used by the HMAC algorithm."),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(Sha256, StandardVectors_Agree) {
  EXPECT_EQ(absl::BytesToHexString(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Sum, Parts_AreHashedAsTheWhole) {
  Sha256Sum sum;
  for (const char* part : {"", "a", "bc", ""}) {
    sum.Add(part);
  }
  EXPECT_EQ(sum.Finish(), Sha256("abc"));
  EXPECT_EQ(Sha256Sum().Finish(), Sha256(""));
}

}  // namespace
}  // namespace baimi
