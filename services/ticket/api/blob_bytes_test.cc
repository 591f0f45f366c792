#include "services/ticket/api/blob_bytes.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/attachment_service.pb.h"
#include "common/base/digest.h"
#include "common/privacy/key_ring_fixture.h"
#include "common/privacy/vault.h"

namespace baimi::ticket::api {
namespace {

// In memory, to be looked into and changed.
class OpenContent final : public Content {
 public:
  absl::Status Put(absl::string_view place, absl::string_view name,
                   absl::string_view bytes) override {
    pieces[absl::StrCat(place, "/", name)] = std::string(bytes);
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Get(absl::string_view place, absl::string_view name) override {
    const auto found = pieces.find(absl::StrCat(place, "/", name));
    return found != pieces.end() ? absl::StatusOr<std::string>(found->second)
                                 : absl::NotFoundError("not there");
  }
  absl::Status Prune(absl::string_view, absl::string_view) override { return absl::OkStatus(); }

  std::map<std::string, std::string> pieces;
};

class BlobBytesTest : public privacy::KeyRingFixture {
 protected:
  // Puts `bytes` by portions of `portion`.
  store::BlobRow Put(absl::string_view bytes, size_t portion) {
    store::BlobRow row;
    row.stored.mutable_blob()->set_name("counties/469030/blobs/b1");
    row.stored.set_key(*keys_->NewKey());
    BlobBytes writer(&sealed_, "b1", row.stored.key());
    for (; !bytes.empty(); bytes.remove_prefix(std::min(portion, bytes.size()))) {
      EXPECT_TRUE(writer.Add(bytes.substr(0, portion)).ok());
    }
    EXPECT_TRUE(writer.Finish(row.stored.mutable_blob()->mutable_media()).ok());
    row.part_hashes = writer.part_hashes();
    return row;
  }
  absl::StatusOr<std::string> ReadAll(const store::BlobRow& row) {
    std::string bytes;
    for (;;) {
      absl::StatusOr<v1::AttachmentChunk> chunk =
          sealed_.Read<v1::AttachmentChunk>(FileOf(row), static_cast<int64_t>(bytes.size()));
      if (!chunk.ok()) {
        return chunk.status();
      }
      bytes += chunk->data();
      EXPECT_EQ(chunk->next_offset(), static_cast<int64_t>(bytes.size()));
      if (chunk->last()) {
        return bytes;
      }
    }
  }
  static std::string Bytes(size_t size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) {
      bytes.push_back(static_cast<char>(i * 131 + i / 977));
    }
    return bytes;
  }

  const std::unique_ptr<privacy::KeyRing> keys_ = OpenRing();
  privacy::Vault vault_{keys_.get(), rng_.get()};
  OpenContent content_;
  const SealedContent sealed_{&content_, &vault_};
};

TEST_F(BlobBytesTest, WhateverThePortions_ComeBackWithTheirHashes) {
  constexpr auto kChunk = static_cast<size_t>(kChunkBytes);
  for (const size_t size : {size_t{0}, size_t{1}, kChunk - 1, kChunk, kChunk + 1, 3 * kChunk}) {
    for (const size_t portion : {size_t{7000}, kChunk, 4 * kChunk}) {
      content_.pieces.clear();
      const std::string bytes = Bytes(size);
      const store::BlobRow row = Put(bytes, portion);
      const v1::MediaInfo& media = row.stored.blob().media();
      EXPECT_EQ(media.size(), static_cast<int64_t>(size));
      EXPECT_EQ(media.sha256(), absl::BytesToHexString(Sha256(bytes)));
      EXPECT_EQ(media.sm3(), absl::BytesToHexString(Sm3(bytes)));
      EXPECT_EQ(content_.pieces.size(), (size + kChunk - 1) / kChunk);
      EXPECT_EQ(*ReadAll(row), bytes);
    }
  }
}

TEST_F(BlobBytesTest, Read_FromAnyOffset_GoesToTheEndOfItsChunk) {
  const std::string bytes = Bytes(static_cast<size_t>(kChunkBytes) + 100);
  const store::BlobRow row = Put(bytes, bytes.size());
  const auto at = [&](int64_t offset) {
    return *sealed_.Read<v1::AttachmentChunk>(FileOf(row), offset);
  };
  EXPECT_EQ(at(kChunkBytes - 3).data(), bytes.substr(kChunkBytes - 3, 3));
  EXPECT_FALSE(at(kChunkBytes - 3).last());
  EXPECT_EQ(at(kChunkBytes + 40).data(), bytes.substr(kChunkBytes + 40));
  EXPECT_TRUE(at(kChunkBytes + 40).last());
  EXPECT_EQ(at(kChunkBytes + 100).data(), "");
  EXPECT_TRUE(at(kChunkBytes + 100).last());
}

TEST_F(BlobBytesTest, Bytes_AreSealedAndHeldAgainstTheirHashes) {
  const std::string bytes = Bytes(2 * static_cast<size_t>(kChunkBytes));
  const store::BlobRow row = Put(bytes, bytes.size());
  for (const auto& [name, piece] : content_.pieces) {
    EXPECT_FALSE(absl::StrContains(piece, bytes.substr(0, 64))) << name;
  }
  // Not even with the key can other bytes take their place.
  const SealedFile file = FileOf(row);
  ASSERT_TRUE(sealed_.PutChunk(file, 1, std::string(kChunkBytes, 'x')).ok());
  EXPECT_TRUE(absl::IsInternal(ReadAll(row).status()));
  content_.pieces["b1/part-1"] = content_.pieces["b1/part-0"];
  EXPECT_FALSE(ReadAll(row).ok()) << "another part";
  content_.pieces.erase("b1/part-1");
  EXPECT_TRUE(absl::IsNotFound(ReadAll(row).status()));
}

TEST_F(BlobBytesTest, DestroyedKey_LeavesNothingToRead) {
  const store::BlobRow row = Put("%PDF-1.7", 100);
  ASSERT_TRUE(keys_->Destroy(row.stored.key()).ok());
  EXPECT_FALSE(ReadAll(row).ok());
}

}  // namespace
}  // namespace baimi::ticket::api
