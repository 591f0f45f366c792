// The bytes of a blob in the content: cut into chunks, hashed and sealed as they come, held against
// their hashes when they are read.
#ifndef BAIMI_SERVICES_TICKET_API_BLOB_BYTES_H_
#define BAIMI_SERVICES_TICKET_API_BLOB_BYTES_H_

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/attachments.pb.h"
#include "services/ticket/api/sealed_content.h"
#include "services/ticket/store/attachment_store.h"

namespace baimi::ticket::api {

// Where the bytes of `blob` are.
SealedFile FileOf(const store::BlobRow& blob);

// For one thread.
class BlobBytes {
 public:
  // Of the blob `id`, sealed under `key`. `content` outlives it.
  BlobBytes(const SealedContent* content, absl::string_view id, privacy::KeyId key);

  // Puts every chunk that is full.
  absl::Status Add(absl::string_view bytes);
  // Puts the rest, and sets size and hashes of `media`. Nothing is added afterwards.
  absl::Status Finish(v1::MediaInfo* media);
  // Of the chunks, for the row.
  const std::string& part_hashes() const { return part_hashes_; }

 private:
  using Hash = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
  absl::Status PutChunk(absl::string_view bytes);

  const SealedContent* const content_;
  SealedFile file_;
  const Hash sha256_;
  const Hash sm3_;
  std::string waiting_;
  std::string part_hashes_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_BLOB_BYTES_H_
