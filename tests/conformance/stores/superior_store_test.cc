// The tables of superior platforms, police links and number blocks on every database.
#include "services/ticket/store/superior_store.h"

#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/store/number_block_store.h"
#include "services/ticket/store/police_link_store.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kCounty[] = "469030";
constexpr char kOther[] = "469029";
constexpr char kTicket[] = "20261123-000001";

class SuperiorStoreTest : public testing::TestWithParam<sql::Backend> {
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
    key_ = *keys_->NewKey();
    vault_ = std::make_unique<privacy::Vault>(keys_.get(), rng_.get());
    store_ = std::make_unique<SuperiorStore>(vault_.get());
    links_ = std::make_unique<PoliceLinkStore>(vault_.get());
    blocks_ = std::make_unique<NumberBlockStore>(vault_.get());
  }

  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    const absl::Status status = database_->Write({}, body);
    ASSERT_TRUE(status.ok()) << status;
  }
  // What `body` gives inside a transaction.
  template <typename T>
  T Do(absl::FunctionRef<absl::StatusOr<T>(sql::Tx&)> body) {
    T done{};
    const absl::Status status = database_->Write({}, [&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(done, body(tx));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return done;
  }

  int64_t Add(absl::string_view ticket, Pending pending = Pending::kPush,
              absl::string_view platform = "hainan") {
    ResultRow row;
    row.key = key_;
    row.result.set_platform(std::string(platform));
    row.result.set_ticket(absl::StrCat("counties/469030/tickets/", ticket));
    row.result.set_text("联系13800138000");
    *row.result.mutable_time() = domain::ToProto(clock_.Now());
    Write([&](sql::Tx& tx) { return store_->Add(tx, kCounty, pending, &row); });
    return row.result.seq();
  }
  std::vector<std::string> Lease() {
    const auto alarms = Do<std::vector<journal::Alarm>>([&](sql::Tx& tx) {
      return store_->Lease(tx, clock_.Now(), clock_.Now() + absl::Seconds(30), 10);
    });
    std::vector<std::string> ids;
    for (const journal::Alarm& alarm : alarms) {
      ids.push_back(alarm.id);
    }
    return ids;
  }
  std::vector<int64_t> Listed(int64_t after, absl::string_view county = kCounty) {
    std::vector<int64_t> seqs;
    for (const ResultRow& row : Do<std::vector<ResultRow>>(
             [&](sql::Tx& tx) { return store_->List(tx, county, "hainan", after, 10); })) {
      seqs.push_back(row.result.seq());
    }
    return seqs;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'781'000'000)};
  const std::unique_ptr<Rng> rng_ = NewSeededRng(7);
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<sql::Database> database_, key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  privacy::KeyId key_ = privacy::kNoKey;
  std::unique_ptr<SuperiorStore> store_;
  std::unique_ptr<PoliceLinkStore> links_;
  std::unique_ptr<NumberBlockStore> blocks_;
};

TEST_P(SuperiorStoreTest, Number_IsClaimedOnceAPlatformAndCounty) {
  const SuperiorOrder order{"hainan", "HN-1", kTicket, "digests"};
  const auto claim = [&](absl::string_view county, const SuperiorOrder& claimed) {
    return Do<bool>([&](sql::Tx& tx) { return store_->ClaimOrder(tx, county, claimed); });
  };
  EXPECT_TRUE(claim(kCounty, order));
  EXPECT_FALSE(claim(kCounty, {"hainan", "HN-1", "20261123-000002", "others"}));
  EXPECT_TRUE(claim(kCounty, {"haikou", "HN-1", "20261123-000003", ""}));
  EXPECT_TRUE(claim(kOther, order));
  const auto found = Do<std::optional<SuperiorOrder>>(
      [&](sql::Tx& tx) { return store_->FindOrder(tx, kCounty, "hainan", "HN-1"); });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->ticket, kTicket);
  EXPECT_EQ(found->digests, "digests");
}

TEST_P(SuperiorStoreTest, MergedOrder_IsToldOfTheOtherUntilItIsSplit) {
  Write([&](sql::Tx& tx) {
    return store_->ClaimOrder(tx, kCounty, {"hainan", "HN-1", kTicket, ""}).status();
  });
  const auto told = [&](absl::string_view ticket) {
    return Do<std::vector<SuperiorOrder>>(
               [&](sql::Tx& tx) { return store_->ToldOf(tx, kCounty, ticket); })
        .size();
  };
  EXPECT_EQ(told(kTicket), 1U);
  EXPECT_EQ(told("20261123-000009"), 0U);
  EXPECT_EQ(told(""), 0U);
  Write([&](sql::Tx& tx) { return store_->FollowMerge(tx, kCounty, kTicket, "20261123-000009"); });
  EXPECT_EQ(told("20261123-000009"), 1U);
  EXPECT_EQ(told(kTicket), 1U);
  Write([&](sql::Tx& tx) { return store_->FollowMerge(tx, kCounty, kTicket, ""); });
  EXPECT_EQ(told("20261123-000009"), 0U);
}

TEST_P(SuperiorStoreTest, Results_AreNumberedWithoutGapsByPlatform_AndSealed) {
  EXPECT_EQ(Add(kTicket), 1);
  EXPECT_EQ(Add("20261123-000002"), 2);
  EXPECT_EQ(Add(kTicket, Pending::kFetch, "haikou"), 1);
  EXPECT_EQ(Add(kTicket), 3);
  EXPECT_THAT(Listed(0), ElementsAre(1, 2, 3));
  EXPECT_THAT(Listed(2), ElementsAre(3));
  EXPECT_THAT(Listed(0, kOther), IsEmpty());
  const auto row =
      Do<ResultRow>([&](sql::Tx& tx) { return store_->Load(tx, kCounty, "hainan", 1); });
  EXPECT_EQ(row.result.text(), "联系13800138000");
  EXPECT_EQ(row.result.name(), "counties/469030/superiorResults/hainan-1");
  const auto status = Do<v1::SuperiorPlatformStatus>(
      [&](sql::Tx& tx) { return store_->Status(tx, kCounty, "hainan"); });
  EXPECT_EQ(status.last_seq(), 3);
  EXPECT_EQ(status.waiting(), 3);
  constexpr sql::Statement kBodies = {"test.bodies", "SELECT body, sealed FROM superior_results"};
  Write([&](sql::Tx& tx) {
    return tx.Query(kBodies, {}, [](const sql::Row& stored) {
      EXPECT_FALSE(absl::StrContains(stored.Bytes(0), "13800138000"));
      EXPECT_FALSE(absl::StrContains(stored.Bytes(1), "13800138000"));
      return absl::OkStatus();
    });
  });
}

TEST_P(SuperiorStoreTest, Lane_GivesItsFirstResultAndIsLeasedOnce) {
  Add(kTicket);
  Add("20261123-000002", Pending::kFetch);
  Add(kTicket);
  EXPECT_THAT(Lease(), ElementsAre(kTicket));
  EXPECT_THAT(Lease(), IsEmpty()) << "leased";
  clock_.Advance(absl::Seconds(30));
  EXPECT_THAT(Lease(), ElementsAre(kTicket)) << "who had it died";
  const auto next = [&] {
    const auto row = Do<std::optional<ResultRow>>(
        [&](sql::Tx& tx) { return store_->Next(tx, kCounty, kTicket); });
    return row ? row->result.seq() : 0;
  };
  EXPECT_EQ(next(), 1);
  auto row = Do<ResultRow>([&](sql::Tx& tx) { return store_->Load(tx, kCounty, "hainan", 1); });
  Write([&](sql::Tx& tx) { return store_->SaveDelivery(tx, kCounty, Pending::kDone, row); });
  EXPECT_EQ(next(), 3);
  Lane lane{.platform = "hainan", .stopped = kLaneStopped, .try_time = std::nullopt};
  Write([&](sql::Tx& tx) { return store_->SaveLane(tx, kCounty, kTicket, lane); });
  Add(kTicket);
  EXPECT_THAT(Lease(), IsEmpty()) << "a stopped lane waits, whatever comes";
  EXPECT_EQ(
      Do<int64_t>([&](sql::Tx& tx) { return store_->Resume(tx, kCounty, "hainan", clock_.Now()); }),
      1);
  EXPECT_THAT(Lease(), ElementsAre(kTicket));
}

TEST_P(SuperiorStoreTest, Acknowledged_FreesTheLanesThatWaitedForIt) {
  Add(kTicket);
  Add("20261123-000002");
  for (const int64_t seq : {1, 2}) {
    auto row = Do<ResultRow>([&](sql::Tx& tx) { return store_->Load(tx, kCounty, "hainan", seq); });
    row.result.mutable_delivery()->set_state(v1::SUPERIOR_GIVEN_UP);
    Write([&](sql::Tx& tx) {
      BAIMI_RETURN_IF_ERROR(store_->SaveDelivery(tx, kCounty, Pending::kPush, row));
      return store_->SaveLane(tx, kCounty, row.result.ticket().substr(24),
                              {.platform = "hainan", .stopped = kLaneStopped});
    });
  }
  const auto status = [&] {
    return Do<v1::SuperiorPlatformStatus>(
        [&](sql::Tx& tx) { return store_->Status(tx, kCounty, "hainan"); });
  };
  EXPECT_EQ(status().given_up(), 2);
  Write(
      [&](sql::Tx& tx) { return store_->Acknowledge(tx, kCounty, "hainan", 0, 1, clock_.Now()); });
  EXPECT_THAT(Lease(), ElementsAre(kTicket));
  EXPECT_EQ(status().given_up(), 1);
  EXPECT_EQ(status().acknowledged_seq(), 1);
  EXPECT_EQ(Do<ResultRow>([&](sql::Tx& tx) { return store_->Load(tx, kCounty, "hainan", 1); })
                .result.delivery()
                .state(),
            v1::SUPERIOR_ACKNOWLEDGED);
}

TEST_P(SuperiorStoreTest, View_IsThatOfTheLastCallAndTheLeastBefore) {
  const auto view = [&] {
    PiiView seen = PiiView::kFull;
    Write([&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(seen, store_->View(tx, kCounty, "hainan"));
      return absl::OkStatus();
    });
    return seen;
  };
  EXPECT_EQ(view(), PiiView::kPublic);
  for (const PiiView last : {PiiView::kFull, PiiView::kStaff, PiiView::kStaff}) {
    Write([&](sql::Tx& tx) { return store_->NoteView(tx, kCounty, "hainan", last); });
    EXPECT_EQ(view(), last);
  }
}

TEST_P(SuperiorStoreTest, PoliceLinks_AreListedByWhatWaits_AndRingOnce) {
  const auto save = [&](int64_t seq, bool acknowledged, absl::string_view ticket) {
    PoliceLinkRow row{.key = key_, .seq = seq};
    row.link.set_name(absl::StrFormat("counties/469030/policeLinks/20261123-%09d", seq));
    row.link.set_ticket(ticket.empty() ? "" : absl::StrCat("counties/469030/tickets/", ticket));
    row.link.set_text("有人被困");
    *row.link.mutable_acknowledge_before() = domain::ToProto(clock_.Now());
    if (acknowledged) {
      *row.link.mutable_acknowledge_time() = domain::ToProto(clock_.Now());
    }
    Write([&](sql::Tx& tx) { return links_->Save(tx, row); });
  };
  save(1, false, kTicket);
  save(2, true, kTicket);
  save(3, false, "");
  const auto listed = [&](bool waiting, absl::string_view ticket, int64_t below = 0) {
    std::vector<int64_t> seqs;
    for (const PoliceLinkRow& row : Do<std::vector<PoliceLinkRow>>(
             [&](sql::Tx& tx) { return links_->List(tx, kCounty, waiting, ticket, below, 10); })) {
      EXPECT_EQ(row.link.text(), "有人被困");
      seqs.push_back(row.seq);
    }
    return seqs;
  };
  EXPECT_THAT(listed(false, ""), ElementsAre(3, 2, 1));
  EXPECT_THAT(listed(true, ""), ElementsAre(3, 1));
  EXPECT_THAT(listed(false, kTicket), ElementsAre(2, 1));
  EXPECT_THAT(listed(true, kTicket), ElementsAre(1));
  EXPECT_THAT(listed(false, "", 3), ElementsAre(2, 1));
  const auto lease = [&] {
    return Do<std::vector<journal::Alarm>>([&](sql::Tx& tx) {
             return links_->Lease(tx, clock_.Now(), clock_.Now() + absl::Seconds(30), 10);
           })
        .size();
  };
  EXPECT_EQ(lease(), 2U);
  EXPECT_EQ(lease(), 0U);
  save(1, true, kTicket);
  clock_.Advance(absl::Seconds(30));
  EXPECT_EQ(lease(), 1U) << "a receipt ends it";
  const PoliceCase known{"J-1", v1::LINK_TRANSFER, "counties/469030/policeLinks/1", "d"};
  const auto claim = [&](v1::PoliceLinkKind kind) {
    PoliceCase asked = known;
    asked.kind = kind;
    return Do<bool>([&](sql::Tx& tx) { return links_->ClaimCase(tx, kCounty, asked); });
  };
  EXPECT_TRUE(claim(v1::LINK_TRANSFER));
  EXPECT_FALSE(claim(v1::LINK_TRANSFER));
  EXPECT_TRUE(claim(v1::LINK_CONSULTATION));
}

TEST_P(SuperiorStoreTest, NumberBlock_OneIsOpenANumber) {
  const std::string phone = vault_->BlindIndex("ticket.phone", "13800138000");
  const auto insert = [&](int64_t seq) {
    NumberBlockRow row{.key = key_, .seq = seq};
    row.block.set_name(absl::StrFormat("counties/469030/numberBlocks/20261123-%09d", seq));
    row.block.set_phone("13800138000");
    return Do<bool>([&](sql::Tx& tx) { return blocks_->Insert(tx, row, phone); });
  };
  const auto open = [&] {
    return Do<std::optional<NumberBlockRow>>(
        [&](sql::Tx& tx) { return blocks_->OpenOf(tx, kCounty, phone); });
  };
  EXPECT_FALSE(open().has_value());
  EXPECT_TRUE(insert(1));
  EXPECT_FALSE(insert(2)) << "while the first is open";
  ASSERT_TRUE(open().has_value());
  EXPECT_EQ(open()->block.phone(), "13800138000");
  Write([&](sql::Tx& tx) {
    return blocks_->Update(tx, *blocks_->OpenOf(tx, kCounty, phone).value(),
                           /*open=*/false);
  });
  EXPECT_FALSE(open().has_value());
  EXPECT_TRUE(insert(3));
  std::vector<int64_t> seqs;
  for (const NumberBlockRow& row : Do<std::vector<NumberBlockRow>>(
           [&](sql::Tx& tx) { return blocks_->List(tx, kCounty, 0, 10); })) {
    seqs.push_back(row.seq);
  }
  EXPECT_THAT(seqs, ElementsAre(3, 1));
}

INSTANTIATE_TEST_SUITE_P(Backends, SuperiorStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
