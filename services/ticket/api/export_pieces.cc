#include "services/ticket/api/export_pieces.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::ticket::api {
namespace {

std::string PageName(int page) { return absl::StrCat("page-", page); }
// Begins no other attempt's name.
std::string FilePrefix(const v1::ExportWork& work) {
  return absl::StrCat("file-", work.file_attempt(), "-");
}

}  // namespace

absl::Status ExportPieces::PutPage(const v1::ExportWork& work, int page,
                                   absl::string_view rows) const {
  return Put(work, PageName(page), rows);
}

absl::StatusOr<std::string> ExportPieces::GetPage(const v1::ExportWork& work, int page) const {
  return Get(work, PageName(page));
}

absl::Status ExportPieces::PutChunk(const v1::ExportWork& work, int64_t chunk,
                                    absl::string_view bytes) const {
  return Put(work, absl::StrCat(FilePrefix(work), chunk), bytes);
}

absl::StatusOr<v1::ExportChunk> ExportPieces::Read(const v1::ExportWork& work,
                                                   int64_t offset) const {
  const int64_t size = work.operation().response().size();
  v1::ExportChunk chunk;
  chunk.set_offset(offset);
  chunk.set_next_offset(offset);
  if (offset < size) {
    BAIMI_ASSIGN_OR_RETURN(const std::string bytes,
                           Get(work, absl::StrCat(FilePrefix(work), offset / kExportChunk)));
    const auto skip = static_cast<size_t>(offset % kExportChunk);
    if (skip >= bytes.size()) {
      return Internal("export: a chunk is shorter than the file says");
    }
    chunk.set_data(bytes.substr(skip));
    chunk.set_next_offset(offset + static_cast<int64_t>(chunk.data().size()));
  }
  chunk.set_last(chunk.next_offset() >= size);
  return chunk;
}

absl::Status ExportPieces::Clean(const v1::ExportWork& work, bool all) const {
  const bool keep = !all && work.operation().has_response();
  return content_->Prune(work.place(), keep ? FilePrefix(work) : "");
}

absl::Status ExportPieces::Put(const v1::ExportWork& work, const std::string& name,
                               absl::string_view bytes) const {
  BAIMI_ASSIGN_OR_RETURN(
      const std::string sealed,
      vault_->SealBytes(work.file_key(), bytes, absl::StrCat(work.place(), "/", name)));
  return content_->Put(work.place(), name, sealed);
}

absl::StatusOr<std::string> ExportPieces::Get(const v1::ExportWork& work,
                                              const std::string& name) const {
  BAIMI_ASSIGN_OR_RETURN(const std::string sealed, content_->Get(work.place(), name));
  return vault_->OpenBytes(sealed, absl::StrCat(work.place(), "/", name));
}

}  // namespace baimi::ticket::api
