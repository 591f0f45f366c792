#include "services/ticket/api/blob_bytes.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::api {
namespace {

constexpr auto kChunk = static_cast<size_t>(kChunkBytes);
constexpr char kPrefix[] = "part-";

std::string Hex(EVP_MD_CTX* hash) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_DigestFinal_ex(hash, reinterpret_cast<unsigned char*>(digest.data()), &size);
  return absl::BytesToHexString(absl::string_view(digest).substr(0, size));
}

}  // namespace

SealedFile FileOf(const store::BlobRow& blob) {
  return {.place = std::string(domain::IdOf(blob.stored.blob().name())),
          .prefix = kPrefix,
          .key = blob.stored.key(),
          .size = blob.stored.blob().media().size(),
          .hashes = blob.part_hashes};
}

BlobBytes::BlobBytes(const SealedContent* content, absl::string_view id, privacy::KeyId key)
    : content_(content),
      file_{.place = std::string(id), .prefix = kPrefix, .key = key},
      sha256_(EVP_MD_CTX_new(), &EVP_MD_CTX_free),
      sm3_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  EVP_DigestInit_ex(sha256_.get(), EVP_sha256(), nullptr);
  EVP_DigestInit_ex(sm3_.get(), EVP_sm3(), nullptr);
}

absl::Status BlobBytes::Add(absl::string_view bytes) {
  for (const Hash* hash : {&sha256_, &sm3_}) {
    EVP_DigestUpdate(hash->get(), bytes.data(), bytes.size());
  }
  file_.size += static_cast<int64_t>(bytes.size());
  absl::StrAppend(&waiting_, bytes);
  size_t done = 0;
  for (; waiting_.size() - done >= kChunk; done += kChunk) {
    BAIMI_RETURN_IF_ERROR(PutChunk(absl::string_view(waiting_).substr(done, kChunk)));
  }
  waiting_.erase(0, done);
  return absl::OkStatus();
}

absl::Status BlobBytes::Finish(v1::MediaInfo* media) {
  if (!waiting_.empty()) {
    BAIMI_RETURN_IF_ERROR(PutChunk(waiting_));
  }
  media->set_size(file_.size);
  media->set_sha256(Hex(sha256_.get()));
  media->set_sm3(Hex(sm3_.get()));
  return absl::OkStatus();
}

absl::Status BlobBytes::PutChunk(absl::string_view bytes) {
  const std::string hash = Sha256(bytes);
  const auto number = static_cast<int64_t>(part_hashes_.size() / hash.size());
  absl::StrAppend(&part_hashes_, hash);
  return content_->PutChunk(file_, number, bytes);
}

}  // namespace baimi::ticket::api
