// The parts that pictures are made of. Everything that is no picture data is left out: what a
// library that knows metadata does not know is not kept either.
#ifndef BAIMI_COMMON_MEDIA_PICTURE_PARTS_H_
#define BAIMI_COMMON_MEDIA_PICTURE_PARTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::media {

// A file with nothing but what shows the picture, its colour profile, and, for an `orientation` of
// 2 to 8, an EXIF block that says it; what stands behind the end is cut off. INVALID_ARGUMENT when
// the parts are not those of a whole picture: a length that leads outside, no picture data, no end;
// of PNG also a wrong checksum.
absl::StatusOr<std::string> KeepJpegParts(absl::string_view bytes, int orientation);
absl::StatusOr<std::string> KeepPngParts(absl::string_view bytes, int orientation);
absl::StatusOr<std::string> KeepWebpParts(absl::string_view bytes, int orientation);

}  // namespace baimi::media

#endif  // BAIMI_COMMON_MEDIA_PICTURE_PARTS_H_
