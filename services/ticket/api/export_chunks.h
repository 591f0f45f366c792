// The bytes of a file in the making, cut into chunks.
#ifndef BAIMI_SERVICES_TICKET_API_EXPORT_CHUNKS_H_
#define BAIMI_SERVICES_TICKET_API_EXPORT_CHUNKS_H_

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/exports.pb.h"
#include "services/ticket/api/export_pieces.h"

namespace baimi::ticket::api {

// For one thread.
class ExportChunks {
 public:
  // Both outlive it.
  ExportChunks(const ExportPieces* pieces, const v1::ExportWork* work);

  // Puts every chunk that is full.
  absl::Status Add(absl::string_view bytes);
  // Puts the rest, and sets size and hash of `file`. Nothing is added afterwards.
  absl::Status Finish(v1::ExportedFile* file);

 private:
  const ExportPieces* const pieces_;
  const v1::ExportWork* const work_;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash_;
  std::string waiting_;
  int64_t size_ = 0;
  int64_t count_ = 0;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_EXPORT_CHUNKS_H_
