#include "common/media/picture.h"

#include <exiv2/error.hpp>
#include <exiv2/exif.hpp>
#include <exiv2/image.hpp>
#include <exiv2/iptc.hpp>
#include <exiv2/xmp_exiv2.hpp>

#include <cstddef>
#include <exception>

#include "absl/base/const_init.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status_macros.h"
#include "common/media/media_type.h"
#include "common/media/picture_parts.h"

namespace baimi::media {
namespace {

// The library's XMP parser is for one thread at a time.
ABSL_CONST_INIT absl::Mutex library(absl::kConstInit);

struct Stripped {
  std::string bytes;
  // 1: as it is.
  int orientation = 1;
};

int OrientationOf(const Exiv2::ExifData& exif) {
  const auto found = exif.findKey(Exiv2::ExifKey("Exif.Image.Orientation"));
  return found == exif.end() || found->count() == 0 ? 1 : static_cast<int>(found->toLong());
}

// Throws what the library throws.
Stripped StripWithLibrary(absl::string_view bytes) {
  const auto* const data = reinterpret_cast<const Exiv2::byte*>(bytes.data());
  const Exiv2::Image::AutoPtr image =
      Exiv2::ImageFactory::open(data, static_cast<std::ptrdiff_t>(bytes.size()));
  image->readMetadata();
  Stripped stripped;
  stripped.orientation = OrientationOf(image->exifData());
  image->clearExifData();
  image->clearIptcData();
  image->clearXmpPacket();
  image->clearXmpData();
  image->clearComment();
  image->writeMetadata();
  Exiv2::BasicIo& io = image->io();
  if (io.open() != 0) {
    throw Exiv2::Error(Exiv2::kerDataSourceOpenFailed);
  }
  const Exiv2::DataBuf written = io.read(static_cast<std::ptrdiff_t>(io.size()));
  io.close();
  stripped.bytes.assign(reinterpret_cast<const char*>(written.pData_),
                        static_cast<size_t>(written.size_));
  return stripped;
}

// The only place where the library's exceptions are seen.
absl::StatusOr<Stripped> Strip(absl::string_view bytes) {
  absl::MutexLock lock(&library);
  static const bool ready = [] {
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    return Exiv2::XmpParser::initialize();
  }();
  if (!ready) {
    return absl::InternalError("picture: the XMP parser does not start");
  }
  try {
    return StripWithLibrary(bytes);
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("picture: ", error.what()));
  }
}

absl::StatusOr<std::string> KeepParts(absl::string_view media_type, absl::string_view bytes,
                                      int orientation) {
  if (media_type == kJpeg) {
    return KeepJpegParts(bytes, orientation);
  }
  return media_type == kPng ? KeepPngParts(bytes, orientation) : KeepWebpParts(bytes, orientation);
}

}  // namespace

bool IsPicture(absl::string_view media_type) {
  return media_type == kJpeg || media_type == kPng || media_type == kWebp;
}

absl::StatusOr<std::string> CleanPicture(absl::string_view media_type, absl::string_view bytes) {
  if (!IsPicture(media_type) || TypeOf(bytes) != media_type) {
    return absl::InvalidArgumentError("picture: of another type");
  }
  if (static_cast<int64_t>(bytes.size()) > kMostPictureBytes) {
    return absl::InvalidArgumentError("picture: too large");
  }
  // Before the library sees it, so that it only gets whole pictures; its metadata are read from the
  // bytes as they came.
  BAIMI_RETURN_IF_ERROR(KeepParts(media_type, bytes, 1).status());
  BAIMI_ASSIGN_OR_RETURN(const Stripped stripped, Strip(bytes));
  return KeepParts(media_type, stripped.bytes, stripped.orientation);
}

}  // namespace baimi::media
