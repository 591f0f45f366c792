#include "common/media/picture_parts.h"

#include <algorithm>
#include <boost/crc.hpp>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"

namespace baimi::media {
namespace {

absl::Status Broken(absl::string_view what) { return absl::InvalidArgumentError(what); }

uint8_t Byte(absl::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

uint32_t Big32(absl::string_view bytes) {
  return uint32_t{Byte(bytes, 0)} << 24U | uint32_t{Byte(bytes, 1)} << 16U |
         uint32_t{Byte(bytes, 2)} << 8U | Byte(bytes, 3);
}
uint32_t Little32(absl::string_view bytes) {
  return uint32_t{Byte(bytes, 3)} << 24U | uint32_t{Byte(bytes, 2)} << 16U |
         uint32_t{Byte(bytes, 1)} << 8U | Byte(bytes, 0);
}
std::string ToBig32(uint32_t value) {
  return {static_cast<char>(value >> 24U), static_cast<char>(value >> 16U),
          static_cast<char>(value >> 8U), static_cast<char>(value)};
}
std::string ToLittle32(uint32_t value) {
  const std::string big = ToBig32(value);
  return {big.rbegin(), big.rend()};
}

bool Turns(int orientation) { return orientation >= 2 && orientation <= 8; }

// The smallest EXIF block: a TIFF header and one directory with one tag.
std::string OrientationBlock(int orientation) {
  constexpr absl::string_view kBefore("MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19);
  return absl::StrCat(kBefore, std::string(1, static_cast<char>(orientation)),
                      absl::string_view("\0\0\0\0\0\0", 6));
}

// ---- JPEG: markers, of which most have a length of two bytes and a body behind them.

constexpr uint8_t kEnd = 0xD9;
constexpr uint8_t kScan = 0xDA;

bool IsFrame(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// Tables, frames, scans and restarts: what the picture is decoded by.
bool IsPictureData(uint8_t marker) {
  constexpr uint8_t kLosslessReserved = 0xC8;
  return (marker >= 0xC0 && marker <= 0xCF && marker != kLosslessReserved) ||
         (marker >= 0xDA && marker <= 0xDD);
}

// What is kept of a segment; "" when nothing is.
std::string KeptSegment(uint8_t marker, absl::string_view body) {
  constexpr absl::string_view kJfif("JFIF\0", 5);
  constexpr absl::string_view kProfile("ICC_PROFILE\0", 12);
  if (IsPictureData(marker) || (marker == 0xE2 && absl::StartsWith(body, kProfile))) {
    return std::string(body);
  }
  if (marker == 0xE0 && absl::StartsWith(body, kJfif) && body.size() >= 14) {
    // Without its thumbnail.
    return absl::StrCat(body.substr(0, 12), absl::string_view("\0\0", 2));
  }
  // How its colours are coded.
  return marker == 0xEE && absl::StartsWith(body, "Adobe") ? std::string(body.substr(0, 12)) : "";
}

// The length of the data of a scan: up to the next marker that is none of it.
size_t ScanLength(absl::string_view bytes) {
  for (size_t at = 0; at + 1 < bytes.size(); ++at) {
    at = bytes.find('\xFF', at);
    if (at == absl::string_view::npos || at + 1 >= bytes.size()) {
      break;
    }
    const uint8_t next = Byte(bytes, at + 1);
    if (next != 0x00 && next != 0xFF && (next < 0xD0 || next > 0xD7)) {
      return at;
    }
  }
  return bytes.size();
}

void AppendSegment(uint8_t marker, absl::string_view body, std::string* out) {
  const size_t length = body.size() + 2;
  absl::StrAppend(out, "\xFF", std::string(1, static_cast<char>(marker)),
                  std::string(1, static_cast<char>(length >> 8U)),
                  std::string(1, static_cast<char>(length & 0xFFU)), body);
}

// ---- PNG and WebP: chunks with a name and a length.

bool Holds(absl::Span<const absl::string_view> names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string PngChunk(absl::string_view name, absl::string_view body) {
  const std::string covered = absl::StrCat(name, body);
  boost::crc_32_type sum;
  sum.process_bytes(covered.data(), covered.size());
  return absl::StrCat(ToBig32(static_cast<uint32_t>(body.size())), covered,
                      ToBig32(sum.checksum()));
}

// Takes a chunk of a RIFF file off `bytes`.
absl::Status TakeRiffChunk(absl::string_view* bytes, absl::string_view* name,
                           absl::string_view* body) {
  if (bytes->size() < 8) {
    return Broken("webp: a chunk without a header");
  }
  *name = bytes->substr(0, 4);
  const size_t size = Little32(bytes->substr(4));
  bytes->remove_prefix(8);
  if (size > bytes->size()) {
    return Broken("webp: a chunk that leads outside");
  }
  *body = bytes->substr(0, size);
  bytes->remove_prefix(std::min(bytes->size(), size + size % 2));
  return absl::OkStatus();
}

void AppendRiffChunk(absl::string_view name, absl::string_view body, std::string* out) {
  absl::StrAppend(out, name, ToLittle32(static_cast<uint32_t>(body.size())), body);
  out->append(body.size() % 2, '\0');
}

// A frame of an animation: its place, then chunks of its own.
absl::StatusOr<std::string> KeptFrame(absl::string_view body) {
  constexpr size_t kPlace = 16;
  constexpr absl::string_view kKept[] = {"VP8 ", "VP8L", "ALPH"};
  if (body.size() < kPlace) {
    return Broken("webp: a frame without a place");
  }
  std::string kept(body.substr(0, kPlace));
  body.remove_prefix(kPlace);
  while (!body.empty()) {
    absl::string_view name;
    absl::string_view part;
    BAIMI_RETURN_IF_ERROR(TakeRiffChunk(&body, &name, &part));
    if (Holds(kKept, name)) {
      AppendRiffChunk(name, part, &kept);
    }
  }
  return kept;
}

}  // namespace

absl::StatusOr<std::string> KeepJpegParts(absl::string_view bytes, int orientation) {
  if (!absl::ConsumePrefix(&bytes, "\xFF\xD8")) {
    return Broken("jpeg: no begin");
  }
  std::string out = "\xFF\xD8";
  bool oriented = !Turns(orientation);
  bool framed = false;
  bool scanned = false;
  while (bytes.size() >= 2) {
    if (Byte(bytes, 0) != 0xFF) {
      return Broken("jpeg: want a marker");
    }
    const uint8_t marker = Byte(bytes, 1);
    bytes.remove_prefix(1);
    if (marker == 0xFF) {  // Fill.
      continue;
    }
    bytes.remove_prefix(1);
    if (marker == kEnd) {
      if (!framed || !scanned) {
        return Broken("jpeg: no picture in it");
      }
      return absl::StrCat(out, "\xFF\xD9");
    }
    if (bytes.size() < 2) {
      break;
    }
    const size_t length = size_t{Byte(bytes, 0)} << 8U | Byte(bytes, 1);
    if (length < 2 || length > bytes.size()) {
      return Broken("jpeg: a segment that leads outside");
    }
    const absl::string_view body = bytes.substr(2, length - 2);
    bytes.remove_prefix(length);
    // EXIF stands behind JFIF, before all else.
    if (!oriented && marker != 0xE0) {
      AppendSegment(0xE1,
                    absl::StrCat(absl::string_view("Exif\0\0", 6), OrientationBlock(orientation)),
                    &out);
      oriented = true;
    }
    const std::string kept = KeptSegment(marker, body);
    if (!kept.empty()) {
      AppendSegment(marker, kept, &out);
    }
    framed = framed || IsFrame(marker);
    if (marker == kScan) {
      if (!framed) {
        return Broken("jpeg: a scan before its frame");
      }
      const size_t scan = ScanLength(bytes);
      absl::StrAppend(&out, bytes.substr(0, scan));
      bytes.remove_prefix(scan);
      scanned = scanned || scan > 0;
    }
  }
  return Broken("jpeg: no end");
}

absl::StatusOr<std::string> KeepPngParts(absl::string_view bytes, int orientation) {
  constexpr absl::string_view kKept[] = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM",
                                         "gAMA", "iCCP", "sBIT", "sRGB", "bKGD", "hIST",
                                         "pHYs", "acTL", "fcTL", "fdAT"};
  constexpr size_t kAround = 12;
  std::string out = "\x89PNG\r\n\x1A\n";
  if (!absl::ConsumePrefix(&bytes, out)) {
    return Broken("png: no begin");
  }
  bool data = false;
  for (bool first = true; bytes.size() >= kAround; first = false) {
    const size_t size = Big32(bytes);
    if (size > bytes.size() - kAround) {
      return Broken("png: a chunk that leads outside");
    }
    const absl::string_view chunk = bytes.substr(0, size + kAround);
    const absl::string_view name = chunk.substr(4, 4);
    if (first != (name == "IHDR")) {
      return Broken("png: want one IHDR, first");
    }
    if (PngChunk(name, chunk.substr(8, size)) != chunk) {
      return Broken("png: a wrong checksum");
    }
    bytes.remove_prefix(chunk.size());
    data = data || (name == "IDAT" && size > 0);
    if (Holds(kKept, name)) {
      absl::StrAppend(&out, chunk);
    }
    if (first && Turns(orientation)) {
      absl::StrAppend(&out, PngChunk("eXIf", OrientationBlock(orientation)));
    }
    if (name == "IEND") {
      return data ? absl::StatusOr<std::string>(std::move(out)) : Broken("png: no picture in it");
    }
  }
  return Broken("png: no end");
}

absl::StatusOr<std::string> KeepWebpParts(absl::string_view bytes, int orientation) {
  constexpr absl::string_view kKept[] = {"VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ICCP"};
  constexpr uint8_t kHasExif = 0x08;
  constexpr uint8_t kHasXmp = 0x04;
  if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WEBP") {
    return Broken("webp: no begin");
  }
  const size_t size = Little32(bytes.substr(4));
  if (size < 4 || size > bytes.size() - 8) {
    return Broken("webp: a file that is shorter than it says");
  }
  bytes = bytes.substr(12, size - 4);
  std::string kept;
  bool extended = false;
  bool data = false;
  while (!bytes.empty()) {
    absl::string_view name;
    absl::string_view body;
    BAIMI_RETURN_IF_ERROR(TakeRiffChunk(&bytes, &name, &body));
    if (name == "VP8X" && kept.empty() && !body.empty()) {
      extended = true;
      std::string flagged(body);
      flagged[0] = static_cast<char>((Byte(body, 0) & ~(kHasExif | kHasXmp)) |
                                     (Turns(orientation) ? kHasExif : 0));
      AppendRiffChunk(name, flagged, &kept);
    } else if (name == "ANMF") {
      BAIMI_ASSIGN_OR_RETURN(const std::string frame, KeptFrame(body));
      AppendRiffChunk(name, frame, &kept);
      data = true;
    } else if (Holds(kKept, name)) {
      AppendRiffChunk(name, body, &kept);
      data = data || (absl::StartsWith(name, "VP8") && name != "VP8X" && !body.empty());
    }
  }
  if (!data) {
    return Broken("webp: no picture in it");
  }
  if (extended && Turns(orientation)) {
    AppendRiffChunk("EXIF", OrientationBlock(orientation), &kept);
  }
  return absl::StrCat("RIFF", ToLittle32(static_cast<uint32_t>(kept.size() + 4)), "WEBP", kept);
}

}  // namespace baimi::media
