#include "services/ticket/api/export_pieces.h"

#include "absl/strings/str_cat.h"

namespace baimi::ticket::api {
namespace {

std::string PageName(int page) { return absl::StrCat("page-", page); }
// Begins no other attempt's name.
std::string FilePrefix(const v1::ExportWork& work) {
  return absl::StrCat("file-", work.file_attempt(), "-");
}

SealedFile FileOf(const v1::ExportWork& work) {
  return {work.place(), FilePrefix(work), work.file_key(), work.operation().response().size()};
}

}  // namespace

absl::Status ExportPieces::PutPage(const v1::ExportWork& work, int page,
                                   absl::string_view rows) const {
  return content_.Put(work.place(), PageName(page), work.file_key(), rows);
}

absl::StatusOr<std::string> ExportPieces::GetPage(const v1::ExportWork& work, int page) const {
  return content_.Get(work.place(), PageName(page));
}

absl::Status ExportPieces::PutChunk(const v1::ExportWork& work, int64_t chunk,
                                    absl::string_view bytes) const {
  return content_.PutChunk(FileOf(work), chunk, bytes);
}

absl::StatusOr<v1::ExportChunk> ExportPieces::Read(const v1::ExportWork& work,
                                                   int64_t offset) const {
  return content_.Read<v1::ExportChunk>(FileOf(work), offset);
}

absl::Status ExportPieces::Clean(const v1::ExportWork& work, bool all) const {
  const bool keep = !all && work.operation().has_response();
  return content_.Prune(work.place(), keep ? FilePrefix(work) : "");
}

}  // namespace baimi::ticket::api
