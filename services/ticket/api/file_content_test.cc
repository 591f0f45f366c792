#include "services/ticket/api/file_content.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "common/testing/temp_dir.h"

namespace baimi::ticket::api {
namespace {

namespace fs = std::filesystem;
using testing::UnorderedElementsAre;

class FileContentTest : public testing::Test {
 protected:
  FileContentTest() : content_(*NewFileContent(dir_.path() + "/exports")) {}

  std::vector<std::string> Names(const std::string& place) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_.path() + "/exports/" + place)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  const test::TempDir dir_;
  const std::unique_ptr<Content> content_;
};

TEST_F(FileContentTest, Put_ThenGet_GivesTheBytes) {
  const std::string bytes("a\0b\xFF\n", 5);
  ASSERT_TRUE(content_->Put("place", "page-0", bytes).ok());
  EXPECT_EQ(*content_->Get("place", "page-0"), bytes);
  ASSERT_TRUE(content_->Put("place", "page-0", "").ok()) << "replaces";
  EXPECT_EQ(*content_->Get("place", "page-0"), "");
  EXPECT_THAT(Names("place"), UnorderedElementsAre("page-0")) << "no draft is left";
}

TEST_F(FileContentTest, Files_AreForTheirOwnerOnly) {
  ASSERT_TRUE(content_->Put("place", "page-0", "x").ok());
  for (const char* path : {"", "/place"}) {
    EXPECT_EQ(fs::status(dir_.path() + "/exports" + path).permissions(), fs::perms::owner_all);
  }
  EXPECT_EQ(fs::status(dir_.path() + "/exports/place/page-0").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(FileContentTest, Get_WhatIsNotThere_IsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(content_->Get("place", "page-0").status()));
}

TEST_F(FileContentTest, Names_ThatLeadElsewhere_AreRefused) {
  for (const char* name : {"", "..", "a/b", ".hidden", "A", "a b", "a\n"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(content_->Put(name, "x", "")));
    EXPECT_TRUE(absl::IsInvalidArgument(content_->Put("x", name, "")));
    EXPECT_TRUE(absl::IsInvalidArgument(content_->Get(name, "x").status()));
    EXPECT_TRUE(absl::IsInvalidArgument(content_->Prune(name, "")));
  }
}

TEST_F(FileContentTest, Prune_KeepsWhatBeginsAlike) {
  for (const char* name : {"page-0", "page-1", "file-1-0", "file-12-0", "file-1-1"}) {
    ASSERT_TRUE(content_->Put("place", name, "x").ok());
  }
  ASSERT_TRUE(content_->Prune("place", "file-1-").ok());
  EXPECT_THAT(Names("place"), UnorderedElementsAre("file-1-0", "file-1-1"));
  ASSERT_TRUE(content_->Prune("place", "").ok());
  EXPECT_FALSE(fs::exists(dir_.path() + "/exports/place"));
  EXPECT_TRUE(content_->Prune("place", "").ok()) << "twice";
  EXPECT_TRUE(content_->Prune("place", "file-1-").ok()) << "of nothing";
}

TEST_F(FileContentTest, Put_WhereNothingCanBeWritten_IsUnavailable) {
  fs::remove_all(dir_.path() + "/exports");
  EXPECT_TRUE(absl::IsUnavailable(content_->Put("place", "page-0", "x")));
}

}  // namespace
}  // namespace baimi::ticket::api
