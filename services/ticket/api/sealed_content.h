// Bytes in the content, sealed piece by piece under the data key of their file.
#ifndef BAIMI_SERVICES_TICKET_API_SEALED_CONTENT_H_
#define BAIMI_SERVICES_TICKET_API_SEALED_CONTENT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/privacy/vault.h"
#include "services/ticket/api/content.h"

namespace baimi::ticket::api {

// Of every file that is read by parts, but its last one.
inline constexpr int64_t kChunkBytes = 256 << 10;

// Where a file's chunks are: named `prefix` and their number, from 0.
struct SealedFile {
  std::string place;
  std::string prefix;
  privacy::KeyId key = privacy::kNoKey;
  int64_t size = 0;
  // SHA-256 of each chunk, 32 bytes each, that what is read is held against; "": of none.
  std::string hashes = {};
};

// Stateless; thread-safe. Errors are those of content and vault.
class SealedContent {
 public:
  // Both outlive it.
  SealedContent(Content* content, const privacy::Vault* vault) : content_(content), vault_(vault) {}

  absl::Status Put(absl::string_view place, absl::string_view name, privacy::KeyId key,
                   absl::string_view bytes) const;
  absl::StatusOr<std::string> Get(absl::string_view place, absl::string_view name) const;
  absl::Status Prune(absl::string_view place, absl::string_view keep) const {
    return content_->Prune(place, keep);
  }

  absl::Status PutChunk(const SealedFile& file, int64_t chunk, absl::string_view bytes) const;
  // Whole. INTERNAL when its length is not what the file's size says, or its hash another one.
  absl::StatusOr<std::string> GetChunk(const SealedFile& file, int64_t chunk) const;
  // A part of the file, from `offset`, which is not above the size, to the end of its chunk: Chunk
  // is a message with offset, data, next_offset and last.
  template <typename Chunk>
  absl::StatusOr<Chunk> Read(const SealedFile& file, int64_t offset) const;

 private:
  Content* const content_;
  const privacy::Vault* const vault_;
};

template <typename Chunk>
absl::StatusOr<Chunk> SealedContent::Read(const SealedFile& file, int64_t offset) const {
  Chunk chunk;
  chunk.set_offset(offset);
  chunk.set_next_offset(offset);
  if (offset < file.size) {
    absl::StatusOr<std::string> bytes = GetChunk(file, offset / kChunkBytes);
    if (!bytes.ok()) {
      return bytes.status();
    }
    bytes->erase(0, static_cast<size_t>(offset % kChunkBytes));
    chunk.set_data(*std::move(bytes));
    chunk.set_next_offset(offset + static_cast<int64_t>(chunk.data().size()));
  }
  chunk.set_last(chunk.next_offset() >= file.size);
  return chunk;
}

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SEALED_CONTENT_H_
