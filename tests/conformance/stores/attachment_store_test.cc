// Attachments and their blobs on every database: who takes a blob, who destroys it, what is sealed.
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/store/attachment_store.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kCounty[] = "469030";
constexpr char kTicket[] = "counties/469030/tickets/20261127-000001";

class AttachmentStoreTest : public testing::TestWithParam<sql::Backend> {
 protected:
  void SetUp() override {
    site_ = GetParam().make_site();
    key_site_ = GetParam().make_site();
    database_ = *sql::Open(site_->Uri(), {});
    key_database_ = *sql::Open(key_site_->Uri(), {});
    ASSERT_TRUE(sql::Migrate(*database_, "ticket", TicketMigrations(), clock_).ok());
    ASSERT_TRUE(sql::Migrate(*key_database_, "privacy", privacy::KeyRingMigrations(), clock_).ok());
    const std::string master = testing::TempDir() + "/" + NewUuid(*NewSystemRng()) + ".key";
    ASSERT_TRUE(privacy::MasterKeys::Create(master, *rng_).ok());
    keys_ = *privacy::KeyRing::Open(key_database_.get(), *privacy::MasterKeys::Load(master),
                                    &clock_, rng_.get(), {});
    std::filesystem::remove(master);
    vault_ = std::make_unique<privacy::Vault>(keys_.get(), rng_.get());
    blobs_ = std::make_unique<BlobStore>(vault_.get());
    attachments_ = std::make_unique<AttachmentStore>(vault_.get());
  }

  absl::Status Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    return database_->Write({}, body);
  }
  template <typename T>
  absl::StatusOr<T> Read(absl::FunctionRef<absl::StatusOr<T>(sql::Reader&)> body) {
    absl::StatusOr<T> result = absl::UnknownError("not read");
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) {
      result = body(reader);
      return result.status();
    });
    return status.ok() ? std::move(result) : status;
  }

  static std::string Id(int i) { return absl::StrFormat("%032x", i); }
  static std::string AlarmId(int i, int attempt) { return absl::StrFormat("%032x/%d", i, attempt); }
  static absl::Time At(int second) { return absl::FromUnixSeconds(second); }

  // Arriving, due in second `i`.
  v1::StoredBlob Make(int i) {
    v1::StoredBlob blob;
    blob.mutable_blob()->set_name(BlobName(kCounty, Id(i)));
    blob.mutable_uploader()->set_id("clerk");
    blob.set_file_name("珉华小区.jpg");
    blob.set_key(*keys_->NewKey());
    const absl::Status inserted =
        Write([&](sql::Tx& tx) { return blobs_->Insert(tx, blob, At(i)); });
    EXPECT_TRUE(inserted.ok()) << inserted;
    return blob;
  }
  absl::Status Arrive(const v1::StoredBlob& blob, int alarm) {
    return Write([&](sql::Tx& tx) { return blobs_->Arrive(tx, blob, "hashes", At(alarm)); });
  }
  absl::Status Take(const v1::StoredBlob& blob) {
    return Write([&](sql::Tx& tx) { return blobs_->Take(tx, blob); });
  }
  absl::Status Doom(int i, int alarm) {
    return Write([&](sql::Tx& tx) { return blobs_->Doom(tx, kCounty, Id(i), At(alarm)); });
  }
  absl::Status DoomLeased(int i, int attempt) {
    return Write([&](sql::Tx& tx) { return blobs_->DoomLeased(tx, kCounty, Id(i), attempt); });
  }
  absl::Status Delete(int i, int attempt) {
    return Write([&](sql::Tx& tx) { return blobs_->Delete(tx, kCounty, Id(i), attempt); });
  }
  absl::StatusOr<BlobRow> Load(int i) {
    return Read<BlobRow>([&](sql::Reader& reader) { return blobs_->Load(reader, kCounty, Id(i)); });
  }
  std::vector<std::string> Lease(int now, int until, int limit = 10) {
    std::vector<std::string> ids;
    const absl::Status leased = Write([&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(const auto alarms, blobs_->Lease(tx, At(now), At(until), limit));
      ids.clear();
      for (const journal::Alarm& alarm : alarms) {
        EXPECT_EQ(alarm.county, kCounty);
        ids.push_back(alarm.id);
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(leased.ok()) << leased;
    return ids;
  }

  static std::string Name(int number) { return absl::StrCat(kTicket, "/attachments/", number); }
  v1::StoredAttachment Add(int number, privacy::KeyId key) {
    v1::StoredAttachment stored;
    stored.mutable_attachment()->set_name(Name(number));
    stored.mutable_attachment()->set_description("电梯口的照片");
    stored.set_blob(Id(number));
    const absl::Status inserted =
        Write([&](sql::Tx& tx) { return attachments_->Insert(tx, stored, key); });
    EXPECT_TRUE(inserted.ok()) << inserted;
    return stored;
  }
  absl::StatusOr<v1::StoredAttachment> LoadAttachment(const std::string& name) {
    return Read<v1::StoredAttachment>(
        [&](sql::Reader& reader) { return attachments_->Load(reader, name); });
  }
  std::vector<std::string> List(const std::string& ticket, int after, int limit) {
    const auto found = Read<std::vector<v1::StoredAttachment>>(
        [&](sql::Reader& reader) { return attachments_->List(reader, ticket, after, limit); });
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<std::string> names;
    for (const v1::StoredAttachment& stored : *found) {
      names.push_back(stored.attachment().name());
    }
    return names;
  }
  int Next(const std::string& ticket) {
    return Read<int>([&](sql::Reader& reader) { return attachments_->NextNumber(reader, ticket); })
        .value_or(-1);
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  const std::unique_ptr<Rng> rng_ = NewSeededRng(7);
  std::unique_ptr<sql::Site> site_;
  std::unique_ptr<sql::Site> key_site_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<sql::Database> key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<AttachmentStore> attachments_;
};

TEST_P(AttachmentStoreTest, Blob_ComesIsFreeAndIsTakenOnce) {
  v1::StoredBlob blob = Make(1);
  EXPECT_EQ(Load(1)->state, BlobState::kArriving);
  EXPECT_TRUE(absl::IsAborted(Take(blob))) << "not before it is there";
  blob.mutable_blob()->mutable_media()->set_size(7);
  ASSERT_TRUE(Arrive(blob, 50).ok());
  EXPECT_TRUE(absl::IsAborted(Arrive(blob, 60))) << "twice";
  const auto row = Load(1);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->state, BlobState::kFree);
  EXPECT_EQ(row->part_hashes, "hashes");
  EXPECT_EQ(row->stored.SerializeAsString(), blob.SerializeAsString());
  blob.set_attachment(Name(1));
  ASSERT_TRUE(Take(blob).ok());
  EXPECT_TRUE(absl::IsAborted(Take(blob))) << "twice";
  EXPECT_EQ(Load(1)->state, BlobState::kTaken);
  EXPECT_EQ(Load(1)->stored.attachment(), Name(1));
  EXPECT_EQ(Load(1)->part_hashes, "hashes");
  EXPECT_TRUE(absl::IsNotFound(Load(2).status()));
}

TEST_P(AttachmentStoreTest, Lease_GivesEachToOneUntilItsTimeIsOver) {
  Make(1);
  Make(2);
  ASSERT_TRUE(Arrive(Make(3), 9).ok());
  const v1::StoredBlob taken = Make(4);
  ASSERT_TRUE(Arrive(taken, 5).ok());
  ASSERT_TRUE(Take(taken).ok());
  EXPECT_THAT(Lease(5, 8, 1), ElementsAre(AlarmId(1, 1))) << "the earliest, one at a time";
  EXPECT_THAT(Lease(5, 8), ElementsAre(AlarmId(2, 1)));
  EXPECT_THAT(Lease(5, 8), IsEmpty());
  EXPECT_THAT(Lease(8, 20), UnorderedElementsAre(AlarmId(1, 2), AlarmId(2, 2)))
      << "a lease ran out";
  EXPECT_THAT(Lease(9, 20), ElementsAre(AlarmId(3, 1))) << "its time has come";
  EXPECT_THAT(Lease(1000, 2000), testing::SizeIs(3)) << "what an order has is not due";
}

TEST_P(AttachmentStoreTest, Destruction_IsOfWhoLeasedItLastUnlessAnOrderTookIt) {
  const v1::StoredBlob blob = Make(1);
  ASSERT_TRUE(Arrive(blob, 1).ok());
  Lease(1, 2);
  Lease(2, 30);
  EXPECT_TRUE(absl::IsAborted(DoomLeased(1, 1))) << "overtaken";
  ASSERT_TRUE(DoomLeased(1, 2).ok());
  EXPECT_TRUE(absl::IsAborted(Take(blob))) << "too late";
  EXPECT_TRUE(DoomLeased(1, 2).ok()) << "again";
  EXPECT_TRUE(absl::IsAborted(Delete(1, 1)));
  ASSERT_TRUE(Delete(1, 2).ok());
  EXPECT_TRUE(absl::IsNotFound(Load(1).status()));

  const v1::StoredBlob faster = Make(2);
  ASSERT_TRUE(Arrive(faster, 40).ok());
  EXPECT_THAT(Lease(40, 50), ElementsAre(AlarmId(2, 1)));
  ASSERT_TRUE(Take(faster).ok());
  EXPECT_TRUE(absl::IsAborted(DoomLeased(2, 1)));
  EXPECT_EQ(Load(2)->state, BlobState::kTaken);
  EXPECT_THAT(Lease(1000, 2000), IsEmpty());
}

TEST_P(AttachmentStoreTest, Doom_TakesItFromItsOrder) {
  const v1::StoredBlob blob = Make(1);
  ASSERT_TRUE(Arrive(blob, 40).ok());
  ASSERT_TRUE(Take(blob).ok());
  ASSERT_TRUE(Doom(1, 3).ok());
  EXPECT_EQ(Load(1)->state, BlobState::kDoomed);
  EXPECT_THAT(Lease(3, 30), ElementsAre(AlarmId(1, 1)));
  EXPECT_TRUE(Doom(9, 3).ok()) << "of nothing";
}

TEST_P(AttachmentStoreTest, Blob_WhoseKeyIsDestroyed_IsStillThereWithoutItsWords) {
  const v1::StoredBlob blob = Make(1);
  ASSERT_TRUE(keys_->Destroy(blob.key()).ok());
  const auto row = Load(1);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->stored.file_name(), "");
  EXPECT_EQ(row->stored.key(), blob.key());
}

TEST_P(AttachmentStoreTest, Attachments_AreListedByNumberOfTheirOrder) {
  const privacy::KeyId key = *keys_->NewKey();
  EXPECT_EQ(Next(kTicket), 1);
  for (int number = 1; number <= 11; ++number) {
    Add(number, key);
  }
  EXPECT_EQ(Next(kTicket), 12);
  EXPECT_THAT(List(kTicket, 0, 2), ElementsAre(Name(1), Name(2)));
  EXPECT_THAT(List(kTicket, 9, 10), ElementsAre(Name(10), Name(11)));
  const std::string other = "counties/469030/tickets/20261127-000002";
  EXPECT_THAT(List(other, 0, 10), IsEmpty());
  EXPECT_EQ(Next(other), 1);
}

TEST_P(AttachmentStoreTest, Attachment_HasItsWordsUnderTheKeyOfTheOrder) {
  const privacy::KeyId key = *keys_->NewKey();
  v1::StoredAttachment stored = Add(1, key);
  EXPECT_EQ(LoadAttachment(Name(1))->SerializeAsString(), stored.SerializeAsString());
  stored.mutable_attachment()->set_change_reason("遮盖车牌");
  stored.set_original_blob(Id(7));
  ASSERT_TRUE(Write([&](sql::Tx& tx) { return attachments_->Update(tx, stored, key); }).ok());
  EXPECT_EQ(LoadAttachment(Name(1))->SerializeAsString(), stored.SerializeAsString());
  for (const char* none : {"/attachments/2", "/attachments/01", "/attachments/x"}) {
    EXPECT_TRUE(absl::IsNotFound(LoadAttachment(absl::StrCat(kTicket, none)).status())) << none;
  }
  ASSERT_TRUE(keys_->Destroy(key).ok());
  const auto shredded = LoadAttachment(Name(1));
  ASSERT_TRUE(shredded.ok()) << shredded.status();
  EXPECT_EQ(shredded->attachment().description(), "");
  EXPECT_EQ(shredded->blob(), Id(1));
}

INSTANTIATE_TEST_SUITE_P(Backends, AttachmentStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
