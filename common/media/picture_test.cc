#include "common/media/picture.h"

#include <gmock/gmock.h>

#include <cstddef>
#include <exiv2/exiv2.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "common/media/media_type.h"
#include "common/media/testing_pictures.h"
#include "common/testing/matchers.h"

namespace baimi::media {
namespace {

using ::baimi::test::IsOk;
using ::testing::ElementsAre;

std::vector<int> Markers(absl::string_view bytes) {
  std::vector<int> markers;
  for (const auto& [marker, body] : JpegSegments(bytes)) {
    markers.push_back(marker);
  }
  return markers;
}

// What the library finds in it.
std::vector<std::string> Tags(const std::string& bytes) {
  const auto image = Exiv2::ImageFactory::open(reinterpret_cast<const Exiv2::byte*>(bytes.data()),
                                               static_cast<std::ptrdiff_t>(bytes.size()));
  image->readMetadata();
  std::vector<std::string> tags;
  for (const Exiv2::Exifdatum& tag : image->exifData()) {
    tags.push_back(tag.key() + "=" + tag.toString());
  }
  for (const Exiv2::Iptcdatum& tag : image->iptcData()) {
    tags.push_back(tag.key());
  }
  for (const Exiv2::Xmpdatum& tag : image->xmpData()) {
    tags.push_back(tag.key());
  }
  if (!image->comment().empty()) {
    tags.push_back("comment");
  }
  return tags;
}

TEST(Picture, Jpeg_OfATelephone_KeepsItsPictureAndHowItIsHeldOnly) {
  const std::string taken = WithMetadata(PlainJpeg(), 6);
  ASSERT_TRUE(absl::StrContains(taken, kSecret));
  ASSERT_GT(Tags(taken).size(), 8U);
  ASSERT_THAT(Markers(taken), testing::IsSupersetOf({0xE1, 0xED, 0xFE}));

  const absl::StatusOr<std::string> clean = CleanPicture(kJpeg, taken);
  ASSERT_THAT(clean, IsOk());
  EXPECT_FALSE(absl::StrContains(*clean, kSecret));
  EXPECT_FALSE(absl::StrContains(*clean, "GPS"));
  EXPECT_FALSE(absl::StrContains(*clean, "2026:11:22"));
  EXPECT_THAT(Tags(*clean), ElementsAre("Exif.Image.Orientation=6"));
  // Read without the library: header, orientation, then the picture as it was.
  EXPECT_THAT(Markers(*clean), ElementsAre(0xE0, 0xE1, 0xDB, 0xC0, 0xC4, 0xDA));
  auto segments = JpegSegments(*clean);
  segments.erase(segments.begin() + 1);
  EXPECT_EQ(segments, JpegSegments(PlainJpeg()));
}

TEST(Picture, Jpeg_ThatIsHeldUpright_HasNoExifAtAll) {
  const absl::StatusOr<std::string> clean = CleanPicture(kJpeg, WithMetadata(PlainJpeg(), 1));
  ASSERT_THAT(clean, IsOk());
  EXPECT_EQ(*clean, PlainJpeg());
}

TEST(Picture, Jpeg_WithASecondPictureBehind_LosesIt) {
  const std::string taken = WithMetadata(PlainJpeg(), 1) + WithMetadata(PlainJpeg(), 1);
  EXPECT_EQ(*CleanPicture(kJpeg, taken), PlainJpeg());
}

TEST(Picture, PngAndWebp_KeepTheirPictureOnly) {
  const std::string png = WithMetadata(PlainPng(), 6);
  ASSERT_NE(png, PlainPng());
  EXPECT_EQ(
      *CleanPicture(kPng, png),
      PlainPng().substr(0, 33) + CleanPicture(kPng, png)->substr(33, 38) + PlainPng().substr(33));
  const std::string webp = WithMetadata(PlainWebp(), 1);
  ASSERT_TRUE(absl::StrContains(webp, kSecret));
  EXPECT_EQ(*CleanPicture(kWebp, webp), PlainWebp());
  EXPECT_THAT(Tags(*CleanPicture(kWebp, WithMetadata(PlainWebp(), 8))),
              ElementsAre("Exif.Image.Orientation=8"));
}

TEST(Picture, Plain_StaysAsItIs) {
  EXPECT_EQ(*CleanPicture(kJpeg, PlainJpeg()), PlainJpeg());
  EXPECT_EQ(*CleanPicture(kPng, PlainPng()), PlainPng());
  EXPECT_EQ(*CleanPicture(kWebp, PlainWebp()), PlainWebp());
}

TEST(Picture, WhatIsBroken_IsRefused) {
  const std::string taken = WithMetadata(PlainJpeg(), 6);
  for (size_t size = 0; size < taken.size(); size += 7) {
    EXPECT_TRUE(absl::IsInvalidArgument(CleanPicture(kJpeg, taken.substr(0, size)).status()));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(CleanPicture(kPng, PlainJpeg()).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(CleanPicture(kPdf, "%PDF-1.7").status()));
  std::string large = PlainJpeg();
  large.resize(kMostPictureBytes + 1);
  EXPECT_TRUE(absl::IsInvalidArgument(CleanPicture(kJpeg, large).status()));
}

// Each byte of the metadata changed: refused, or clean.
TEST(Picture, WhateverTheMetadataSay_NothingOfThemStays) {
  const std::string taken = WithMetadata(PlainJpeg(), 6);
  for (size_t at = 2; at + 2 < taken.size(); ++at) {
    std::string changed = taken;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    const absl::StatusOr<std::string> clean = CleanPicture(kJpeg, changed);
    if (clean.ok()) {
      EXPECT_FALSE(absl::StrContains(*clean, kSecret)) << at;
    } else {
      EXPECT_TRUE(absl::IsInvalidArgument(clean.status())) << at;
    }
  }
}

TEST(Picture, ManyCallersAtOnce_GetTheSame) {
  const std::string taken = WithMetadata(PlainJpeg(), 6);
  const std::string want = *CleanPicture(kJpeg, taken);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        EXPECT_EQ(*CleanPicture(kJpeg, taken), want);
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
}

}  // namespace
}  // namespace baimi::media
