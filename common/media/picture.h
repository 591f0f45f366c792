// Takes out of pictures what tells where, when and by what they were made.
#ifndef BAIMI_COMMON_MEDIA_PICTURE_H_
#define BAIMI_COMMON_MEDIA_PICTURE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::media {

// Larger pictures are refused. Memory: a few times the size of one picture, whatever the number of
// callers, as pictures are cleaned one at a time.
inline constexpr int64_t kMostPictureBytes = 32 << 20;

bool IsPicture(absl::string_view media_type);

// `bytes`, of type kJpeg, kPng or kWebp, without EXIF but for the orientation (without which a
// picture lies on its side), XMP, IPTC, comments, previews, and whatever else is no picture data;
// nothing of the picture itself is changed. INVALID_ARGUMENT when it is broken, too large, or of
// another type. Thread-safe; callers wait for each other.
absl::StatusOr<std::string> CleanPicture(absl::string_view media_type, absl::string_view bytes);

}  // namespace baimi::media

#endif  // BAIMI_COMMON_MEDIA_PICTURE_H_
