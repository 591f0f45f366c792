#include "services/ticket/api/sealed_content.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::ticket::api {

absl::Status SealedContent::Put(absl::string_view place, absl::string_view name, privacy::KeyId key,
                                absl::string_view bytes) const {
  BAIMI_ASSIGN_OR_RETURN(const std::string sealed,
                         vault_->SealBytes(key, bytes, absl::StrCat(place, "/", name)));
  return content_->Put(place, name, sealed);
}

absl::StatusOr<std::string> SealedContent::Get(absl::string_view place,
                                               absl::string_view name) const {
  BAIMI_ASSIGN_OR_RETURN(const std::string sealed, content_->Get(place, name));
  return vault_->OpenBytes(sealed, absl::StrCat(place, "/", name));
}

absl::Status SealedContent::PutChunk(const SealedFile& file, int64_t chunk,
                                     absl::string_view bytes) const {
  return Put(file.place, absl::StrCat(file.prefix, chunk), file.key, bytes);
}

absl::StatusOr<std::string> SealedContent::GetChunk(const SealedFile& file, int64_t chunk) const {
  BAIMI_ASSIGN_OR_RETURN(std::string bytes, Get(file.place, absl::StrCat(file.prefix, chunk)));
  const int64_t want = std::min(kChunkBytes, file.size - chunk * kChunkBytes);
  if (static_cast<int64_t>(bytes.size()) != want) {
    return Internal("content: a chunk is not as long as the file says");
  }
  constexpr size_t kHash = 32;
  const size_t hash = static_cast<size_t>(chunk) * kHash;
  if (!file.hashes.empty() &&
      (file.hashes.size() < hash + kHash ||
       Sha256(bytes) != absl::string_view(file.hashes).substr(hash, kHash))) {
    return Internal("content: a chunk is not the one that was stored");
  }
  return bytes;
}

}  // namespace baimi::ticket::api
