#include "common/media/picture_parts.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/media/testing_pictures.h"
#include "common/testing/matchers.h"

namespace baimi::media {
namespace {

using ::baimi::test::IsOk;

std::string WithSegments(absl::string_view segments) {
  std::string bytes = PlainJpeg();
  return absl::StrCat(bytes.substr(0, 2), segments, bytes.substr(2));
}

TEST(PictureParts, Jpeg_WithoutMetadata_StaysAsItIs) {
  EXPECT_EQ(*KeepJpegParts(PlainJpeg(), 1), PlainJpeg());
}

TEST(PictureParts, Jpeg_SegmentsThatAreNoPicture_AreLeftOut) {
  const std::string more = absl::StrCat(
      JpegSegment(0xE1, "http://ns.adobe.com/xmp/extension/SECRET"),
      JpegSegment(0xE2, absl::StrCat(absl::string_view("MPF\0", 4), "SECRET")),
      JpegSegment(0xE3, "SECRET"), JpegSegment(0xEC, "DuckySECRET"), JpegSegment(0xED, "SECRET"),
      JpegSegment(0xEE, "SECRETSECRETS"), JpegSegment(0xF7, "SECRET"), JpegSegment(0xA1, "SECRET"),
      JpegSegment(0xFE, "SECRET"),
      JpegSegment(0xE0, absl::StrCat(absl::string_view("JFXX\0", 5), "SECRET")));
  EXPECT_EQ(*KeepJpegParts(WithSegments(more), 1), PlainJpeg());
}

TEST(PictureParts, Jpeg_ProfileAndColours_Stay) {
  const std::string more = absl::StrCat(
      JpegSegment(0xE2, absl::StrCat(absl::string_view("ICC_PROFILE\0", 12), "\1\1profile")),
      JpegSegment(0xEE, absl::string_view("Adobe\0\x64\0\0\0\0\1", 12)));
  EXPECT_EQ(*KeepJpegParts(WithSegments(more), 1), WithSegments(more));
}

TEST(PictureParts, Jpeg_ThumbnailOfTheHeader_IsCutOff) {
  std::string bytes = PlainJpeg();
  const size_t header = 2 + 2 + 16;
  std::string jfif(bytes.substr(6, 14));
  jfif[12] = jfif[13] = '\1';
  const std::string with =
      absl::StrCat(bytes.substr(0, 2), JpegSegment(0xE0, jfif + "RGB"), bytes.substr(header));
  EXPECT_EQ(*KeepJpegParts(with, 1), PlainJpeg());
}

TEST(PictureParts, Jpeg_WhatStandsBehindTheEnd_IsCutOff) {
  EXPECT_EQ(*KeepJpegParts(PlainJpeg() + PlainJpeg() + "SECRET", 1), PlainJpeg());
}

TEST(PictureParts, Jpeg_Turned_SaysSoBehindItsHeader) {
  const auto segments = JpegSegments(*KeepJpegParts(PlainJpeg(), 8));
  ASSERT_GE(segments.size(), 2U);
  EXPECT_EQ(segments[0].first, 0xE0);
  EXPECT_EQ(segments[1].first, 0xE1);
  EXPECT_EQ(segments[1].second.size(), 6U + 26U);
  for (const int none : {-1, 0, 1, 9, 274}) {
    EXPECT_EQ(*KeepJpegParts(PlainJpeg(), none), PlainJpeg()) << none;
  }
}

// Each begin of a file that is not the whole file is refused, and none leads outside.
template <typename Keep>
void ExpectOnlyTheWhole(const std::string& whole, Keep keep) {
  ASSERT_THAT(keep(whole, 1), IsOk());
  for (size_t size = 0; size < whole.size(); ++size) {
    // In a buffer of just this size, so that a sanitizer sees what is read behind it.
    const std::string cut(whole.substr(0, size));
    EXPECT_TRUE(absl::IsInvalidArgument(keep(cut, 1).status())) << size;
  }
}

TEST(PictureParts, CutFiles_AreRefused) {
  ExpectOnlyTheWhole(PlainJpeg(), KeepJpegParts);
  ExpectOnlyTheWhole(PlainPng(), KeepPngParts);
  ExpectOnlyTheWhole(PlainWebp(), KeepWebpParts);
}

// Whatever is changed in one byte, the answer is a picture or a refusal, and the second cleaning
// changes nothing.
template <typename Keep>
void ExpectStable(const std::string& whole, Keep keep) {
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int other : {0x00, 0x01, 0x7F, 0xD9, 0xFF}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(other);
      const absl::StatusOr<std::string> once = keep(changed, 6);
      if (once.ok()) {
        EXPECT_EQ(*keep(*once, 6), *once) << at;
      }
    }
  }
}

TEST(PictureParts, ChangedBytes_GiveStablePictures) {
  ExpectStable(PlainJpeg(), KeepJpegParts);
  ExpectStable(PlainPng(), KeepPngParts);
  ExpectStable(PlainWebp(), KeepWebpParts);
}

std::string WithChunk(absl::string_view name, absl::string_view body) {
  constexpr size_t kHeader = 8 + 25;
  const std::string bytes = PlainPng();
  return absl::StrCat(bytes.substr(0, kHeader), PngChunkOf(name, body), bytes.substr(kHeader));
}

TEST(PictureParts, Png_ChunksThatAreNoPicture_AreLeftOut) {
  EXPECT_EQ(*KeepPngParts(PlainPng(), 1), PlainPng());
  for (const char* name : {"tEXt", "zTXt", "iTXt", "eXIf", "tIME", "prVW"}) {
    EXPECT_EQ(*KeepPngParts(WithChunk(name, "SECRET"), 1), PlainPng()) << name;
  }
  EXPECT_EQ(*KeepPngParts(WithChunk("sRGB", "\1"), 1), WithChunk("sRGB", "\1"));
  EXPECT_EQ(*KeepPngParts(PlainPng() + "SECRET", 1), PlainPng());
}

TEST(PictureParts, Png_WrongChecksum_IsRefused) {
  std::string bytes = PlainPng();
  bytes[bytes.size() - 20] ^= 1;
  EXPECT_TRUE(absl::IsInvalidArgument(KeepPngParts(bytes, 1).status()));
}

TEST(PictureParts, Webp_ChunksThatAreNoPicture_AreLeftOut) {
  const std::string plain = PlainWebp();
  EXPECT_EQ(*KeepWebpParts(plain, 1), plain);
  for (const char* name : {"EXIF", "XMP ", "SECR"}) {
    std::string with = WebpOf(absl::StrCat(plain.substr(12), RiffChunkOf(name, "SECRET!")));
    with[20] = '\x0C';
    EXPECT_EQ(*KeepWebpParts(with, 1), plain) << name;
  }
  EXPECT_EQ(*KeepWebpParts(plain + "SECRET", 1), plain);
}

TEST(PictureParts, Webp_FramesOfAnAnimation_AreCleanedToo) {
  const std::string place(16, '\0');
  const std::string picture = RiffChunkOf("VP8L", "picture!");
  const std::string head = RiffChunkOf("VP8X", std::string(10, '\2'));
  const std::string with = WebpOf(absl::StrCat(
      head, RiffChunkOf("ANMF", absl::StrCat(place, picture, RiffChunkOf("junk", "SECRET")))));
  EXPECT_EQ(*KeepWebpParts(with, 1),
            WebpOf(absl::StrCat(head, RiffChunkOf("ANMF", absl::StrCat(place, picture)))));
}

}  // namespace
}  // namespace baimi::media
