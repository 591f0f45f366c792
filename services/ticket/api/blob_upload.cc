#include "services/ticket/api/blob_upload.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/attachment_events.pb.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/media/media_type.h"
#include "common/media/picture.h"
#include "services/ticket/api/blob_bytes.h"
#include "services/ticket/domain/attachments.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/store/attachment_store.h"

namespace baimi::ticket::api {
namespace {

constexpr size_t kIdBytes = 16;

absl::Status TooMuchInMemory() {
  return Error(absl::StatusCode::kResourceExhausted, type::v1::ERROR_REASON_LANE_FULL,
               "pictures: got more at a time than can be cleaned, want fewer",
               "正在处理的图片过多，请稍后再试")
      .RetryAfter(absl::Seconds(1));
}

absl::Status PictureTooLarge() {
  const std::string most = absl::StrCat(media::kMostPictureBytes);
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ATTACHMENT_LIMIT,
               absl::StrCat("data: got a picture of more than ", most,
                            " bytes, want at most as many"),
               absl::StrCat("图片超过 ", most, " 字节"))
      .With("max_bytes", most);
}

// Memory for one picture, out of that for all.
class PictureBuffer {
 public:
  explicit PictureBuffer(std::atomic<int64_t>* all) : all_(all) {}
  ~PictureBuffer() { all_->fetch_sub(static_cast<int64_t>(bytes_.size())); }
  PictureBuffer(const PictureBuffer&) = delete;
  PictureBuffer& operator=(const PictureBuffer&) = delete;

  absl::Status Add(absl::string_view bytes) {
    const auto more = static_cast<int64_t>(bytes.size());
    if (static_cast<int64_t>(bytes_.size()) + more > media::kMostPictureBytes) {
      return PictureTooLarge();
    }
    if (all_->fetch_add(more) + more > kPictureMemory) {
      all_->fetch_sub(more);
      return TooMuchInMemory();
    }
    absl::StrAppend(&bytes_, bytes);
    return absl::OkStatus();
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::atomic<int64_t>* const all_;
  std::string bytes_;
};

class Upload final : public BlobUploads::Receiver {
 public:
  Upload(const Parts& parts, const SealedContent* content, Rng* rng,
         std::atomic<int64_t>* picture_bytes, const Call& call,
         std::shared_ptr<const domain::PolicyInForce> policy, const v1::UploadBlobRequest& first)
      : parts_(parts),
        content_(content),
        call_(call),
        policy_(std::move(policy)),
        declared_(first.media_type()),
        picture_(picture_bytes) {
    id_ = absl::BytesToHexString(rng->Bytes(kIdBytes));
    stored_.mutable_blob()->set_name(store::BlobName(call.county, id_));
    *stored_.mutable_uploader() = call.actor;
    stored_.set_file_name(first.file_name());
  }

  Async<rpc::Taken> Take(v1::UploadBlobRequest message) override {
    BAIMI_RETURN_IF_ERROR(Add(message.data()));
    return rpc::Taken{};
  }

  Async<v1::Blob> Finish(const rpc::Received& all) override {
    if (all.bytes == 0) {
      return domain::BadMedia("nothing", "the bytes of a file", "文件内容");
    }
    if (media_type_.empty()) {
      BAIMI_RETURN_IF_ERROR(Begin());
    }
    v1::MediaInfo& media = *stored_.mutable_blob()->mutable_media();
    media.set_media_type(media_type_);
    if (media::IsPicture(media_type_)) {
      const absl::StatusOr<std::string> clean = media::CleanPicture(media_type_, picture_.bytes());
      if (!clean.ok()) {
        return absl::IsInvalidArgument(clean.status())
                   ? domain::BadMedia("a picture that cannot be read", "a whole one", "完整的图片")
                   : clean.status();
      }
      BAIMI_RETURN_IF_ERROR(Store(*clean));
      media.set_metadata_removed(true);
    }
    BAIMI_RETURN_IF_ERROR(bytes_->Finish(&media));
    return Arrive();
  }

 private:
  absl::Status Add(absl::string_view data) {
    size_ += static_cast<int64_t>(data.size());
    BAIMI_RETURN_IF_ERROR(domain::CheckSize(policy_->policy(), size_));
    if (!media_type_.empty()) {
      return Handle(data);
    }
    absl::StrAppend(&head_, data);
    return head_.size() < media::kHeadBytes ? absl::OkStatus() : Begin();
  }

  // Looks what it is, and handles what has come so far.
  absl::Status Begin() {
    const absl::string_view found = media::TypeOf(head_);
    if (found.empty()) {
      return domain::BadMedia("bytes of no type that is known",
                              "JPEG, PNG, WebP, MP4, M4A, MP3, AMR, OGG or PDF",
                              "JPEG、PNG、WebP、MP4、M4A、MP3、AMR、OGG 或 PDF");
    }
    if (!media::MayBeDeclaredAs(found, declared_)) {
      return domain::BadMedia(declared_, found, found);
    }
    // Of two that its head does not tell apart, the one that was declared.
    media_type_ = std::string(media::MayBeDeclaredAs(media::kM4a, declared_) ? media::kM4a : found);
    BAIMI_RETURN_IF_ERROR(domain::CheckMedia(policy_->policy(), media_type_));
    return Handle(std::exchange(head_, {}));
  }

  absl::Status Handle(absl::string_view data) {
    return media::IsPicture(media_type_) ? picture_.Add(data) : Store(data);
  }

  // To the content, where a row says of it first.
  absl::Status Store(absl::string_view data) {
    if (!bytes_) {
      BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, parts_.keys->NewKey());
      stored_.set_key(key);
      BAIMI_RETURN_IF_ERROR(parts_.database->Write({call_.machine_deadline}, [&](sql::Tx& tx) {
        return store::BlobStore(parts_.vault).Insert(tx, stored_, call_.now + kArrivesWithin);
      }));
      bytes_.emplace(content_, id_, key);
    }
    return bytes_->Add(data);
  }

  Async<v1::Blob> Arrive() {
    return parts_.writer->Execute<v1::Blob>(
        call_,
        [blobs = store::BlobStore(parts_.vault), stored = stored_, hashes = bytes_->part_hashes(),
         hours = policy_->policy().attachments().unclaimed_hours()](
            journal::Tx& tx) -> absl::StatusOr<v1::Blob> {
          v1::StoredBlob arrived = stored;
          v1::Blob& blob = *arrived.mutable_blob();
          const absl::Time expiry = tx.now() + absl::Hours(hours);
          *blob.mutable_create_time() = domain::ToProto(tx.now());
          *blob.mutable_expire_time() = domain::ToProto(expiry);
          BAIMI_RETURN_IF_ERROR(blobs.Arrive(tx.sql(), arrived, hashes, expiry));
          v1::BlobUploaded event;
          event.set_blob(blob.name());
          *event.mutable_media() = blob.media();
          BAIMI_RETURN_IF_ERROR(tx.RecordAccess(blob.name(), event, privacy::kNoKey).status());
          return blob;
        });
  }

  const Parts& parts_;
  const SealedContent* const content_;
  const Call& call_;
  const std::shared_ptr<const domain::PolicyInForce> policy_;
  const std::string declared_;
  std::string id_;
  v1::StoredBlob stored_;
  int64_t size_ = 0;
  // Until the type is known, which is empty as long.
  std::string head_;
  std::string media_type_;
  PictureBuffer picture_;
  std::optional<BlobBytes> bytes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BlobUploads::Receiver>> BlobUploads::Open(
    const Call& call, const v1::UploadBlobRequest& first) {
  if (content_ == nullptr) {
    return domain::MayAttach({});
  }
  std::shared_ptr<const domain::PolicyInForce> policy;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(policy, parts_.policies->At(reader, call.county, call.now));
        return absl::OkStatus();
      }));
  BAIMI_RETURN_IF_ERROR(domain::MayAttach(policy->policy()));
  return std::make_unique<Upload>(parts_, content_, rng_, &picture_bytes_, call, std::move(policy),
                                  first);
}

}  // namespace baimi::ticket::api
