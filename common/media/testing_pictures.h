// Pictures for tests: small, and whole by their parts.
#ifndef BAIMI_COMMON_MEDIA_TESTING_PICTURES_H_
#define BAIMI_COMMON_MEDIA_TESTING_PICTURES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace baimi::media {

// Without anything that the cleaning takes out.
std::string PlainJpeg();
std::string PlainPng();
// An extended one.
std::string PlainWebp();

// One of them as a telephone would have made it: EXIF with a place, a camera, a preview and
// `orientation`, IPTC, XMP and a comment, as far as its type has them. Each text begins with
// kSecret.
inline constexpr absl::string_view kSecret = "SECRET";
std::string WithMetadata(const std::string& plain, int orientation);

// A segment of a JPEG file by hand, and all segments of one up to its end, as marker and body; the
// body of a scan has its data.
std::string JpegSegment(int marker, absl::string_view body);
std::vector<std::pair<int, std::string>> JpegSegments(absl::string_view bytes);
// A chunk of a PNG file, with its checksum; of a RIFF file, with its padding.
std::string PngChunkOf(absl::string_view name, absl::string_view body);
std::string RiffChunkOf(absl::string_view name, absl::string_view body);
// A WebP file of these chunks.
std::string WebpOf(absl::string_view chunks);

}  // namespace baimi::media

#endif  // BAIMI_COMMON_MEDIA_TESTING_PICTURES_H_
