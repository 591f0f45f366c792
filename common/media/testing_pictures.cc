#include "common/media/testing_pictures.h"

#include <boost/crc.hpp>
#include <cstddef>
#include <cstdint>
#include <exiv2/exiv2.hpp>

#include "absl/strings/str_cat.h"

namespace baimi::media {
namespace {

std::string Number(uint32_t value, bool big) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    bytes.push_back(static_cast<char>(value >> static_cast<uint32_t>(8 * (big ? 3 - i : i))));
  }
  return bytes;
}

std::string Zeros(size_t count) { return std::string(count, '\0'); }

}  // namespace

std::string JpegSegment(int marker, absl::string_view body) {
  const size_t length = body.size() + 2;
  return absl::StrCat("\xFF", std::string(1, static_cast<char>(marker)),
                      std::string(1, static_cast<char>(length >> 8U)),
                      std::string(1, static_cast<char>(length & 0xFFU)), body);
}

std::vector<std::pair<int, std::string>> JpegSegments(absl::string_view bytes) {
  std::vector<std::pair<int, std::string>> segments;
  const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  size_t i = 2;
  while (i + 4 <= bytes.size() && at(i) == 0xFF && at(i + 1) != 0xD9) {
    const int marker = at(i + 1);
    size_t end = i + 2 + (size_t{at(i + 2)} << 8U | at(i + 3));
    if (marker == 0xDA) {
      end = bytes.find("\xFF\xD9", end);
    }
    segments.emplace_back(marker, std::string(bytes.substr(i + 4, end - i - 4)));
    i = end;
  }
  return segments;
}

std::string PlainJpeg() {
  const std::string jfif = absl::StrCat(absl::string_view("JFIF\0\1\1\0\0\1\0\1\0\0", 14));
  // 8 bits, 1 x 1, one component.
  const std::string frame("\x08\0\1\0\1\1\1\x11\0", 9);
  const std::string scan("\1\1\0\0\x3F\0", 6);
  return absl::StrCat(
      "\xFF\xD8", JpegSegment(0xE0, jfif),
      JpegSegment(0xDB, absl::StrCat(Zeros(1), std::string(64, '\1'))), JpegSegment(0xC0, frame),
      JpegSegment(0xC4, absl::StrCat(Zeros(1), "\1", Zeros(16))), JpegSegment(0xDA, scan),
      absl::string_view("\x12\xFF\0\xFF\xD0\x34", 6), "\xFF\xD9");
}

std::string PngChunkOf(absl::string_view name, absl::string_view body) {
  const std::string covered = absl::StrCat(name, body);
  boost::crc_32_type sum;
  sum.process_bytes(covered.data(), covered.size());
  return absl::StrCat(Number(static_cast<uint32_t>(body.size()), true), covered,
                      Number(sum.checksum(), true));
}

std::string PlainPng() {
  // 1 x 1, 8 bits of grey; its data as zlib stores them.
  const std::string header =
      absl::StrCat(Number(1, true), Number(1, true), absl::string_view("\x08\0\0\0\0", 5));
  const std::string data("\x78\x01\x01\x02\0\xFD\xFF\0\x7F\0\x82\0\x80", 13);
  return absl::StrCat("\x89PNG\r\n\x1A\n", PngChunkOf("IHDR", header),
                      PngChunkOf("gAMA", Number(45455, true)), PngChunkOf("IDAT", data),
                      PngChunkOf("IEND", ""));
}

std::string RiffChunkOf(absl::string_view name, absl::string_view body) {
  return absl::StrCat(name, Number(static_cast<uint32_t>(body.size()), false), body,
                      Zeros(body.size() % 2));
}

std::string WebpOf(absl::string_view chunks) {
  return absl::StrCat("RIFF", Number(static_cast<uint32_t>(chunks.size() + 4), false), "WEBP",
                      chunks);
}

std::string PlainWebp() {
  // 16 x 16; the picture without loss, of one colour.
  const std::string extended("\0\0\0\0\x0F\0\0\x0F\0\0", 10);
  const std::string picture("\x2F\x0F\xC0\x03\0\x07\x10\xFD\x8F\xFE\x07\x22\xA2\xFF\x01", 15);
  return WebpOf(absl::StrCat(RiffChunkOf("VP8X", extended), RiffChunkOf("VP8L", picture)));
}

std::string WithMetadata(const std::string& plain, int orientation) {
  const auto image = Exiv2::ImageFactory::open(reinterpret_cast<const Exiv2::byte*>(plain.data()),
                                               static_cast<std::ptrdiff_t>(plain.size()));
  image->readMetadata();
  Exiv2::ExifData& exif = image->exifData();
  exif["Exif.Image.Make"] = "SECRET camera";
  exif["Exif.Image.Orientation"] = static_cast<uint16_t>(orientation);
  exif["Exif.Photo.DateTimeOriginal"] = "2026:11:22 08:30:00";
  exif["Exif.Photo.BodySerialNumber"] = "SECRET 4711";
  exif["Exif.GPSInfo.GPSLatitudeRef"] = "N";
  exif["Exif.GPSInfo.GPSLatitude"] = "19/1 44/1 1234/100";
  exif["Exif.GPSInfo.GPSLongitude"] = "110/1 0/1 5678/100";
  exif["Exif.GPSInfo.GPSAreaInformation"] = "SECRET place";
  const std::string preview = PlainJpeg();
  Exiv2::ExifThumb(exif).setJpegThumbnail(reinterpret_cast<const Exiv2::byte*>(preview.data()),
                                          static_cast<std::ptrdiff_t>(preview.size()));
  image->xmpData()["Xmp.dc.creator"] = "SECRET author";
  if (image->checkMode(Exiv2::mdIptc) != Exiv2::amNone) {
    image->iptcData()["Iptc.Application2.City"] = "SECRET city";
  }
  if (image->checkMode(Exiv2::mdComment) != Exiv2::amNone) {
    image->setComment("SECRET words");
  }
  image->writeMetadata();
  Exiv2::BasicIo& io = image->io();
  io.open();
  const Exiv2::DataBuf bytes = io.read(static_cast<std::ptrdiff_t>(io.size()));
  return {reinterpret_cast<const char*>(bytes.pData_), static_cast<size_t>(bytes.size_)};
}

}  // namespace baimi::media
