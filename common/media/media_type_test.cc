#include "common/media/media_type.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/media/testing_pictures.h"

namespace baimi::media {
namespace {

std::string Ftyp(absl::string_view brand) {
  return absl::StrCat(std::string("\0\0\0\x18", 4), "ftyp", brand, std::string("\0\0\2\0", 4));
}

std::string Ogg(absl::string_view packet) {
  return absl::StrCat("OggS", std::string(22, '\0'), "\x01\x13", packet);
}

struct Case {
  const char* what;
  std::string head;
  absl::string_view type;
};

TEST(MediaType, TypeOf_KnownHeads_GivesTheirTypes) {
  const Case cases[] = {
      {"jpeg", PlainJpeg(), kJpeg},
      {"png", PlainPng(), kPng},
      {"webp", PlainWebp(), kWebp},
      {"pdf", "%PDF-1.7\n", kPdf},
      {"mp4", Ftyp("isom"), kMp4},
      {"mp4 of a telephone", Ftyp("mp42"), kMp4},
      {"m4a", Ftyp("M4A "), kM4a},
      {"mp3 with a tag", "ID3\x04", kMp3},
      {"mp3, a frame", "\xFF\xFB\x90\x64", kMp3},
      {"mp3 of MPEG-2.5", "\xFF\xE3\x18\x64", kMp3},
      {"amr", "#!AMR\n\x3C", kAmr},
      {"amr wide", "#!AMR-WB\n\x3C", kAmr},
      {"opus", Ogg("OpusHead\1"), kOgg},
      {"vorbis", Ogg("\x01vorbis"), kOgg},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(TypeOf(c.head), c.type) << c.what;
  }
}

TEST(MediaType, TypeOf_EverythingElse_IsUnknown) {
  const Case cases[] = {
      {"nothing", "", ""},
      {"text", "hello", ""},
      {"a page", "<!DOCTYPE html><script>", ""},
      {"a drawing with a script", "<svg xmlns=", ""},
      {"a program",
       "\x7F"
       "ELF\2\1\1",
       ""},
      {"an archive", "PK\x03\x04", ""},
      {"gif", "GIF89a", ""},
      {"heic", Ftyp("heic"), ""},
      {"quicktime", Ftyp("qt  "), ""},
      {"wave", absl::StrCat("RIFF", std::string(4, '\1'), "WAVE"), ""},
      {"riff, cut", "RIFF\1\1\1\1WEB", ""},
      {"theora", Ogg("\x80theora"), ""},
      {"ogg, cut", "OggS", ""},
      {"aac", "\xFF\xF1\x50\x80", ""},
      {"mp3 without a bit rate", std::string("\xFF\xFB\0\x64", 4), ""},
      {"mp3 of layer II", "\xFF\xFD\x90\x64", ""},
      {"jpeg, cut", "\xFF\xD8", ""},
      {"pdf, later", " %PDF-1.7", ""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(TypeOf(c.head), c.type) << c.what;
  }
}

TEST(MediaType, TypeOf_LongestOggHeader_IsWithinTheHead) {
  std::string head =
      absl::StrCat("OggS", std::string(22, '\0'), "\xFF", std::string(255, '\1'), "OpusHead");
  ASSERT_LE(head.size(), kHeadBytes);
  EXPECT_EQ(TypeOf(head), kOgg);
}

TEST(MediaType, MayBeDeclaredAs_ItsNameInAnyFormOnly) {
  EXPECT_TRUE(MayBeDeclaredAs(kJpeg, "image/jpeg"));
  EXPECT_TRUE(MayBeDeclaredAs(kOgg, "Audio/OGG; codecs=opus"));
  EXPECT_TRUE(MayBeDeclaredAs(kMp4, "audio/mp4")) << "its head does not tell";
  EXPECT_FALSE(MayBeDeclaredAs(kM4a, "video/mp4")) << "its head tells";
  EXPECT_FALSE(MayBeDeclaredAs(kPng, "image/jpeg"));
  EXPECT_FALSE(MayBeDeclaredAs("", ""));
  EXPECT_FALSE(MayBeDeclaredAs(kJpeg, ""));
}

}  // namespace
}  // namespace baimi::media
