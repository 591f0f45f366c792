// Attachments on every durable database: a blob goes to one order, and is destroyed once, whichever
// replicas work on it.
#include <atomic>
#include <filesystem>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/attachment_service.grpc.pb.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/base/error.h"
#include "common/journal/log.h"
#include "common/sql/migrate.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "services/ticket/api/file_content.h"
#include "tests/conformance/sql/backend.h"
#include "tests/conformance/stores/replica.h"

namespace baimi::ticket {
namespace {

using test::IsOk;
using Stub = v1::AttachmentService::Stub;

constexpr char kCounty[] = "counties/469030";

class AttachmentReplicas : public ::testing::TestWithParam<sql::Backend> {
 protected:
  void SetUp() override {
    site_ = GetParam().make_site();
    key_site_ = GetParam().make_site();
    const auto database = *sql::Open(site_->Uri(), {});
    const auto keys = *sql::Open(key_site_->Uri(), {});
    ASSERT_THAT(TicketService::Migrate(*database, clock_), IsOk());
    ASSERT_THAT(sql::Migrate(*keys, "privacy", privacy::KeyRingMigrations(), clock_), IsOk());
    ASSERT_THAT(privacy::MasterKeys::Create(dir_.File("master.key"), *rng_), IsOk());
    content_ = *api::NewFileContent(dir_.File("attachments"));
    a_ = NewReplica(1);
    b_ = NewReplica(2);
    v1::CreateTicketPolicyRequest policy;
    policy.set_parent(kCounty);
    *policy.mutable_ticket_policy() = domain::SamplePolicy();
    ASSERT_THAT(a_->admin()(&v1::TicketPolicyService::Stub::CreateTicketPolicy, policy), IsOk());
    const auto ticket =
        a_->admin()(&v1::TicketService::Stub::CreateTicket, domain::SampleRequest());
    ASSERT_THAT(ticket, IsOk());
    ticket_ = ticket->name();
  }

  std::unique_ptr<Replica> NewReplica(uint64_t seed) {
    return std::make_unique<Replica>(site_->Uri(), key_site_->Uri(), dir_.File("master.key"),
                                     &clock_, seed, ExportsOptions(), content_.get());
  }

  std::string Upload(Replica& replica) {
    const test::Caller caller = replica.admin();
    Stub stub(caller.channel());
    grpc::ClientContext context;
    caller.Prepare(&context);
    v1::Blob blob;
    const auto stream = stub.UploadBlob(&context, &blob);
    v1::UploadBlobRequest request;
    request.set_parent(kCounty);
    request.set_media_type("application/pdf");
    request.set_data(absl::StrCat("%PDF-1.7", std::string(300'000, 'x')));
    stream->Write(request);
    stream->WritesDone();
    EXPECT_THAT(rpc::FromGrpc(stream->Finish()), IsOk());
    return blob.name();
  }

  absl::Status Attach(Replica& replica, const std::string& blob) {
    v1::CreateAttachmentRequest request;
    request.set_parent(ticket_);
    request.set_blob(blob);
    request.set_kind(v1::ATTACHMENT_REQUEST);
    return replica.admin()(&Stub::CreateAttachment, request).status();
  }

  int Pieces() const {
    namespace fs = std::filesystem;
    int pieces = 0;
    for (const auto& entry : fs::recursive_directory_iterator(dir_.File("attachments"))) {
      pieces += entry.is_regular_file() ? 1 : 0;
    }
    return pieces;
  }

  int Recorded(absl::string_view type) {
    int recorded = 0;
    EXPECT_THAT(a_->database().Read({},
                                    [&](sql::Reader& reader) {
                                      recorded = 0;
                                      return journal::ReadStream(
                                          reader, "469030", journal::kAccessStream, 0, 1000,
                                          [&](const type::v1::JournalRecord& record) {
                                            recorded += absl::EndsWith(record.type(), type) ? 1 : 0;
                                            return absl::OkStatus();
                                          });
                                    }),
                IsOk());
    return recorded;
  }

  const test::TempDir dir_;
  SimulatedClock clock_{domain::At("2026-11-23 09:00")};
  const std::unique_ptr<Rng> rng_ = NewSeededRng(5);
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<api::Content> content_;
  std::unique_ptr<Replica> a_, b_;
  std::string ticket_;
};

INSTANTIATE_TEST_SUITE_P(DurableBackends, AttachmentReplicas,
                         ::testing::ValuesIn(sql::DurableBackends()),
                         ::testing::PrintToStringParamName());

TEST_P(AttachmentReplicas, BlobThatTwoWant_GoesToOne) {
  const std::string blob = Upload(*a_);
  std::atomic<int> taken{0};
  const auto attach = [&](Replica& replica) {
    const absl::Status status = Attach(replica, blob);
    taken += status.ok() ? 1 : 0;
    EXPECT_TRUE(status.ok() || ReasonOf(status) == "BLOB_TAKEN") << status;
  };
  std::thread other([&] { attach(*b_); });
  attach(*a_);
  other.join();
  EXPECT_EQ(taken, 1);
  v1::ListAttachmentsRequest list;
  list.set_parent(ticket_);
  EXPECT_EQ(b_->admin()(&Stub::ListAttachments, list)->attachments_size(), 1);
  EXPECT_THAT(journal::Verify(a_->database()), IsOk());
}

TEST_P(AttachmentReplicas, BlobsThatNobodyTook_AreDestroyedOnce) {
  for (int i = 0; i < 5; ++i) {
    Upload(i % 2 == 0 ? *a_ : *b_);
  }
  ASSERT_THAT(Attach(*b_, Upload(*a_)), IsOk());
  ASSERT_EQ(Pieces(), 12);
  clock_.Advance(absl::Hours(24));
  std::thread other([&] { b_->Ring(); });
  a_->Ring();
  other.join();
  // SQLite's writers may find the file busy; what was leased and not done comes after the lease.
  for (int i = 0; i < 20 && Pieces() > 2; ++i) {
    clock_.Advance(absl::Minutes(1));
    a_->Ring();
  }
  EXPECT_EQ(Pieces(), 2) << "those of the attachment";
  EXPECT_EQ(Recorded(".BlobRemoved"), 5);
}

TEST_P(AttachmentReplicas, ReplicaThatDiesOverIt_IsFollowedByAnother) {
  const std::string blob = Upload(*a_);
  clock_.Advance(absl::Hours(24));
  // What a replica does first; then it dies with the bytes half gone.
  const store::BlobStore store(a_->vault());
  const std::string id = blob.substr(blob.rfind('/') + 1);
  ASSERT_THAT(a_->database().Write({},
                                   [&](sql::Tx& tx) -> absl::Status {
                                     const auto leased = store.Lease(
                                         tx, clock_.Now(), clock_.Now() + absl::Seconds(30), 1);
                                     return leased.ok() ? store.DoomLeased(tx, "469030", id, 1)
                                                        : leased.status();
                                   }),
              IsOk());
  ASSERT_THAT(content_->Prune(id, "part-1"), IsOk());
  EXPECT_TRUE(absl::IsNotFound(Attach(*b_, blob)));
  b_->Ring();
  EXPECT_EQ(Pieces(), 1) << "still leased";
  clock_.Advance(absl::Seconds(30));
  for (int i = 0; i < 20 && Pieces() > 0; ++i) {
    b_->Ring();
    clock_.Advance(absl::Minutes(1));
  }
  EXPECT_EQ(Pieces(), 0);
  EXPECT_EQ(Recorded(".BlobRemoved"), 1);
}

}  // namespace
}  // namespace baimi::ticket
