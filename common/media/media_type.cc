#include "common/media/media_type.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace baimi::media {
namespace {

uint8_t Byte(absl::string_view head, size_t at) {
  return at < head.size() ? static_cast<uint8_t>(head[at]) : uint8_t{0};
}

// Pictures have brands of this family too (HEIC, AVIF): only those that are named here are known.
absl::string_view Mp4TypeOf(absl::string_view brand) {
  constexpr absl::string_view kSound[] = {"M4A ", "M4B "};
  constexpr absl::string_view kAny[] = {"isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7",
                                        "iso8", "iso9", "mp41", "mp42", "avc1", "M4V ", "MSNV"};
  if (std::find(std::begin(kSound), std::end(kSound), brand) != std::end(kSound)) {
    return kM4a;
  }
  return std::find(std::begin(kAny), std::end(kAny), brand) != std::end(kAny) ? kMp4 : "";
}

// The first page of a stream holds the first packet of its codec, and that alone.
absl::string_view OggTypeOf(absl::string_view head) {
  const size_t begin = 27U + Byte(head, 26);
  const absl::string_view packet = head.substr(std::min(begin, head.size()));
  for (const absl::string_view codec : {"OpusHead", "\x01vorbis", "Speex   ",
                                        "\x7F"
                                        "FLAC"}) {
    if (absl::StartsWith(packet, codec)) {
      return kOgg;
    }
  }
  return "";
}

// A frame header of MPEG-1, 2 or 2.5, layer III, with a bit rate and a sampling rate.
bool IsMp3Frame(absl::string_view head) {
  const uint8_t b1 = Byte(head, 1);
  const uint8_t b2 = Byte(head, 2);
  return Byte(head, 0) == 0xFF && (b1 & 0xE0U) == 0xE0U && (b1 & 0x18U) != 0x08U &&
         (b1 & 0x06U) == 0x02U && (b2 & 0xF0U) != 0xF0U && (b2 & 0xF0U) != 0 &&
         (b2 & 0x0CU) != 0x0CU;
}

}  // namespace

absl::string_view TypeOf(absl::string_view head) {
  if (absl::StartsWith(head, "\xFF\xD8\xFF")) {
    return kJpeg;
  }
  if (absl::StartsWith(head, "\x89PNG\r\n\x1A\n")) {
    return kPng;
  }
  if (absl::StartsWith(head, "RIFF") && head.size() >= 12) {
    return head.substr(8, 4) == "WEBP" ? kWebp : "";
  }
  if (absl::StartsWith(head, "%PDF-")) {
    return kPdf;
  }
  if (head.size() >= 12 && head.substr(4, 4) == "ftyp") {
    return Mp4TypeOf(head.substr(8, 4));
  }
  if (absl::StartsWith(head, "#!AMR\n") || absl::StartsWith(head, "#!AMR-WB\n")) {
    return kAmr;
  }
  if (absl::StartsWith(head, "OggS")) {
    return OggTypeOf(head);
  }
  return absl::StartsWith(head, "ID3") || IsMp3Frame(head) ? kMp3 : "";
}

bool MayBeDeclaredAs(absl::string_view found, absl::string_view declared) {
  declared = absl::StripAsciiWhitespace(declared.substr(0, declared.find(';')));
  return !found.empty() && (absl::EqualsIgnoreCase(declared, found) ||
                            (found == kMp4 && absl::EqualsIgnoreCase(declared, kM4a)));
}

}  // namespace baimi::media
