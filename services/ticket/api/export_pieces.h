// The bytes of one export in the content: sealed under its own key, piece by piece.
#ifndef BAIMI_SERVICES_TICKET_API_EXPORT_PIECES_H_
#define BAIMI_SERVICES_TICKET_API_EXPORT_PIECES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/export_service.pb.h"
#include "common/privacy/vault.h"
#include "services/ticket/api/sealed_content.h"

namespace baimi::ticket::api {

// Stateless; thread-safe.
class ExportPieces {
 public:
  // Both outlive it.
  ExportPieces(Content* content, const privacy::Vault* vault) : content_(content, vault) {}

  // Rows of a page, in the form of the caller; pages count from 0.
  absl::Status PutPage(const v1::ExportWork& work, int page, absl::string_view rows) const;
  absl::StatusOr<std::string> GetPage(const v1::ExportWork& work, int page) const;

  // Chunks of the file that `work.file_attempt` put together, from 0.
  absl::Status PutChunk(const v1::ExportWork& work, int64_t chunk, absl::string_view bytes) const;
  // From `offset`, which is below the size, to the end of its chunk.
  absl::StatusOr<v1::ExportChunk> Read(const v1::ExportWork& work, int64_t offset) const;

  // Removes everything but the finished file; that too when there is none, or with `all`.
  absl::Status Clean(const v1::ExportWork& work, bool all) const;

 private:
  const SealedContent content_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_EXPORT_PIECES_H_
