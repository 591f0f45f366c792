// What a file is, by its first bytes.
#ifndef BAIMI_COMMON_MEDIA_MEDIA_TYPE_H_
#define BAIMI_COMMON_MEDIA_MEDIA_TYPE_H_

#include "absl/strings/string_view.h"

namespace baimi::media {

inline constexpr absl::string_view kJpeg = "image/jpeg";
inline constexpr absl::string_view kPng = "image/png";
inline constexpr absl::string_view kWebp = "image/webp";
inline constexpr absl::string_view kPdf = "application/pdf";
inline constexpr absl::string_view kMp4 = "video/mp4";
inline constexpr absl::string_view kM4a = "audio/mp4";
inline constexpr absl::string_view kMp3 = "audio/mpeg";
inline constexpr absl::string_view kAmr = "audio/amr";
inline constexpr absl::string_view kOgg = "audio/ogg";

// So many bytes of a file tell its type; fewer only when it has no more.
inline constexpr size_t kHeadBytes = 320;

// One of the above; "" for everything else. A file of the MP4 family whose brand says only that it
// is one is kMp4, also when there is nothing but sound in it.
absl::string_view TypeOf(absl::string_view head);

// Whether bytes of type `found` may be declared as `declared`: by the same name, in any case and
// with parameters or without; kM4a also for kMp4, of which its head does not tell.
bool MayBeDeclaredAs(absl::string_view found, absl::string_view declared);

}  // namespace baimi::media

#endif  // BAIMI_COMMON_MEDIA_MEDIA_TYPE_H_
