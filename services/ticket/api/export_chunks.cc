#include "services/ticket/api/export_chunks.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace baimi::ticket::api {
namespace {

constexpr auto kChunk = static_cast<size_t>(kChunkBytes);

}  // namespace

ExportChunks::ExportChunks(const ExportPieces* pieces, const v1::ExportWork* work)
    : pieces_(pieces), work_(work), hash_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr);
}

absl::Status ExportChunks::Add(absl::string_view bytes) {
  EVP_DigestUpdate(hash_.get(), bytes.data(), bytes.size());
  size_ += static_cast<int64_t>(bytes.size());
  absl::StrAppend(&waiting_, bytes);
  size_t done = 0;
  for (; waiting_.size() - done >= kChunk; done += kChunk) {
    const absl::string_view chunk = absl::string_view(waiting_).substr(done, kChunk);
    BAIMI_RETURN_IF_ERROR(pieces_->PutChunk(*work_, count_++, chunk));
  }
  waiting_.erase(0, done);
  return absl::OkStatus();
}

absl::Status ExportChunks::Finish(v1::ExportedFile* file) {
  if (!waiting_.empty()) {
    BAIMI_RETURN_IF_ERROR(pieces_->PutChunk(*work_, count_++, waiting_));
  }
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_DigestFinal_ex(hash_.get(), reinterpret_cast<unsigned char*>(digest.data()), &size);
  file->set_size(size_);
  file->set_sha256(absl::BytesToHexString(absl::string_view(digest).substr(0, size)));
  return absl::OkStatus();
}

}  // namespace baimi::ticket::api
