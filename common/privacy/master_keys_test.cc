#include "common/privacy/master_keys.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace baimi::privacy {
namespace {

const std::string& KeyHex() {
  static const std::string& hex = *new std::string(64, 'a');
  return hex;
}

class MasterKeysFile : public testing::Test {
 protected:
  std::string Write(const std::string& text, mode_t mode = 0600) {
    std::string path = dir_.File("master.keys");
    std::ofstream(path) << text;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  test::TempDir dir_;
};

TEST_F(MasterKeysFile, Create_MakesAPrivateFileThatLoads) {
  const auto rng = NewSeededRng(1);
  const std::string path = dir_.File("new.keys");
  ASSERT_TRUE(MasterKeys::Create(path, *rng).ok());
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  const auto keys = MasterKeys::Load(path);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->current().id, "m1");
  EXPECT_EQ(keys->current().bytes.size(), 32U);
  EXPECT_EQ(keys->index_key().size(), 32U);
  EXPECT_NE(keys->index_key(), keys->current().bytes);
  EXPECT_EQ(MasterKeys::Create(path, *rng).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(MasterKeysFile, Load_FirstLineIsCurrent) {
  const auto keys =
      MasterKeys::Load(Write(absl::StrCat("# comment\n\nindex ", std::string(64, 'c'), "\n2027 ",
                                          KeyHex(), "\r\nm1 ", std::string(64, 'B'), "\n")));
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->current().id, "2027");
  ASSERT_NE(keys->Find("m1"), nullptr);
  EXPECT_EQ(keys->Find("m1")->bytes, std::string(32, '\xBB'));
  EXPECT_EQ(keys->Find("index"), nullptr);
  EXPECT_EQ(keys->index_key(), std::string(32, '\xCC'));
}

TEST_F(MasterKeysFile, Load_RefusesAFileOthersMayTouch) {
  const std::string text = absl::StrCat("m1 ", KeyHex(), "\nindex ", KeyHex(), "\n");
  for (const mode_t mode : {0640U, 0604U, 0660U, 0602U, 0601U}) {
    const auto keys = MasterKeys::Load(Write(text, mode));
    EXPECT_EQ(keys.status().code(), absl::StatusCode::kFailedPrecondition) << mode;
    EXPECT_TRUE(absl::StrContains(keys.status().message(), "want 0600")) << keys.status();
  }
  EXPECT_TRUE(MasterKeys::Load(Write(text, 0400)).ok());
}

TEST_F(MasterKeysFile, Load_MissingOrNoFile_SaysSo) {
  EXPECT_EQ(MasterKeys::Load(dir_.File("absent")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MasterKeys::Load(dir_.path()).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MasterKeysFile, Load_MalformedText_NamesTheLineAndNotTheKey) {
  const std::string good = absl::StrCat("m1 ", KeyHex(), "\nindex ", KeyHex(), "\n");
  struct Malformed {
    std::string text;
    const char* want;
  };
  const Malformed cases[] = {
      {"", "no wrapping key"},
      {absl::StrCat("m1 ", KeyHex(), "\n"), "\"index\""},
      {absl::StrCat("index ", KeyHex(), "\n"), "no wrapping key"},
      {absl::StrCat(good, "m1 ", KeyHex(), "\n"), "line 3: id m1 occurs twice"},
      {absl::StrCat(good, "index ", KeyHex(), "\n"), "line 3: id index occurs twice"},
      {absl::StrCat(good, "m2 ", KeyHex().substr(2), "\n"), "line 3: key of m2: want 64 hex"},
      {absl::StrCat(good, "m2 ", KeyHex().substr(1), "g\n"), "line 3: key of m2: want 64 hex"},
      {absl::StrCat(good, "m 2 ", KeyHex(), "\n"), "line 3: got 3 words"},
      {absl::StrCat(good, KeyHex(), "\n"), "line 3: got 1 words"},
      {absl::StrCat(good, "m/2 ", KeyHex(), "\n"), "line 3: id: want"},
  };
  for (const Malformed& c : cases) {
    const auto keys = MasterKeys::Load(Write(c.text));
    EXPECT_EQ(keys.status().code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_TRUE(absl::StrContains(keys.status().message(), c.want)) << keys.status();
    EXPECT_FALSE(absl::StrContains(keys.status().message(), "aaaa")) << keys.status();
  }
}

}  // namespace
}  // namespace baimi::privacy
