// The parts of a picture.
#include "common/media/media_type.h"
#include "common/media/picture_parts.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using baimi::fuzz::Require;
  namespace media = baimi::media;
  const absl::string_view bytes = baimi::fuzz::Text(data, size);
  // A head is enough: nothing behind it is looked at.
  Require(media::TypeOf(bytes) == media::TypeOf(bytes.substr(0, media::kHeadBytes)),
          "the head tells the type");
  const int orientation = size > 0 ? data[size - 1] % 10 : 1;
  for (const auto keep : {&media::KeepJpegParts, &media::KeepPngParts, &media::KeepWebpParts}) {
    const auto once = keep(bytes, orientation);
    if (once.ok()) {
      const auto again = keep(*once, orientation);
      Require(again.ok() && *again == *once, "what was kept is kept again");
    }
  }
  return 0;
}
