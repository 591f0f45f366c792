// The tables of helpers, arbitrations, precedents and whistles on every database.
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/store/helper_index.h"
#include "services/ticket/store/ruling_store.h"
#include "services/ticket/store/ticket_store.h"
#include "services/ticket/store/whistle_store.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kCounty[] = "469030";
constexpr char kHere[] = "counties/469030/areas/469030100003";
constexpr char kThere[] = "counties/469030/areas/469030101001";

std::string Unit(absl::string_view id) { return absl::StrCat("counties/469030/units/", id); }

class CooperationStoreTest : public testing::TestWithParam<sql::Backend> {
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
    rulings_ = std::make_unique<RulingStore>(vault_.get());
    whistles_ = std::make_unique<WhistleStore>(vault_.get());
  }

  absl::Status TryWrite(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    return database_->Write({}, body);
  }
  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    const absl::Status status = TryWrite(body);
    ASSERT_TRUE(status.ok()) << status;
  }
  template <typename T>
  T Read(absl::FunctionRef<absl::StatusOr<T>(sql::Reader&)> body) {
    T found{};
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(found, body(reader));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }

  // The n-th record; ruled after n hours unless it is open.
  ArbitrationRow Record(int n, absl::string_view area, bool open = false) const {
    ArbitrationRow row{.key = key_, .seq = n};
    v1::Arbitration& record = row.arbitration;
    record.set_name(absl::StrFormat("counties/469030/arbitrations/20260610-%06d-1", n));
    record.set_ticket(absl::StrFormat("counties/469030/tickets/20260610-%06d", n));
    record.set_category("010101");
    record.set_area(std::string(area));
    record.set_ticket_type(v1::COMPLAINT);
    record.set_question("谁牵头");
    record.set_state(open ? v1::ARBITRATION_OPEN : v1::ARBITRATION_RULED);
    if (!open) {
      record.mutable_ruling()->set_lead(Unit("zhujianju"));
      record.mutable_ruling()->set_rationale("属住建职责");
      record.mutable_ruling()->mutable_rule_time()->set_seconds(
          absl::ToUnixSeconds(clock_.Now() + absl::Hours(n)));
    }
    return row;
  }
  void Insert(const ArbitrationRow& row) {
    Write([&](sql::Tx& tx) { return rulings_->Insert(tx, row); });
  }
  std::vector<int64_t> List(const v1::ListArbitrationsRequest& request, int64_t below = 0,
                            int limit = 10) {
    std::vector<int64_t> seqs;
    for (const ArbitrationRow& row : Read<std::vector<ArbitrationRow>>([&](sql::Reader& reader) {
           return rulings_->List(reader, kCounty, request, below, limit);
         })) {
      seqs.push_back(row.seq);
    }
    return seqs;
  }
  // Last segments of the records shown beside an order of `kHere`.
  std::vector<std::string> Past(int limit) {
    v1::Ticket ticket;
    ticket.set_name("counties/469030/tickets/20260611-000001");
    ticket.set_category("010101");
    ticket.mutable_place()->set_area(kHere);
    std::vector<std::string> shown;
    for (const v1::PastRuling& past : Read<std::vector<v1::PastRuling>>(
             [&](sql::Reader& reader) { return rulings_->PastRulings(reader, ticket, limit); })) {
      EXPECT_EQ(past.rationale(), "属住建职责");
      shown.push_back(past.arbitration().substr(past.arbitration().size() - 3));
    }
    return shown;
  }

  PrecedentRow Precedent(int n, const std::string& category) const {
    PrecedentRow row{.seq = n};
    row.precedent.set_name(absl::StrFormat("counties/469030/precedents/20260610-%06d-1", n));
    row.precedent.set_category(category);
    row.precedent.set_lead(Unit("zhujianju"));
    return row;
  }
  std::vector<std::string> PrecedentsFor(const std::string& category) {
    v1::Ticket ticket;
    ticket.set_name("counties/469030/tickets/20260611-000001");
    ticket.set_category(category);
    std::vector<std::string> found;
    for (const v1::Precedent& precedent : Read<std::vector<v1::Precedent>>(
             [&](sql::Reader& reader) { return rulings_->PrecedentsFor(reader, ticket); })) {
      found.push_back(precedent.category());
    }
    return found;
  }

  WhistleRow Blown(int n, const std::vector<std::string>& called) const {
    WhistleRow row{.key = key_, .seq = n};
    row.whistle.set_name(absl::StrFormat("counties/469030/whistles/20260610-%09d", n));
    row.whistle.set_unit(Unit("yinggen"));
    row.whistle.set_reason("危墙");
    row.whistle.set_state(v1::WHISTLE_OPEN);
    row.whistle.mutable_create_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
    row.whistle.mutable_report_before()->set_seconds(
        absl::ToUnixSeconds(clock_.Now() + absl::Hours(4)));
    for (const std::string& unit : called) {
      row.whistle.add_calls()->set_unit(Unit(unit));
    }
    return row;
  }
  std::vector<int64_t> Whistles(const std::string& unit, bool open_only, int64_t below = 0,
                                int limit = 10) {
    std::vector<int64_t> seqs;
    for (const WhistleRow& row : Read<std::vector<WhistleRow>>([&](sql::Reader& reader) {
           return whistles_->List(reader, kCounty, unit.empty() ? "" : Unit(unit), open_only, below,
                                  limit);
         })) {
      EXPECT_EQ(row.whistle.reason(), "危墙");
      seqs.push_back(row.seq);
    }
    return seqs;
  }

  SimulatedClock clock_{absl::FromCivil(absl::CivilSecond(2026, 6, 10, 8), ShanghaiZone())};
  std::unique_ptr<Rng> rng_ = NewSeededRng(1);
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<sql::Database> database_, key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  privacy::KeyId key_ = privacy::kNoKey;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<RulingStore> rulings_;
  std::unique_ptr<WhistleStore> whistles_;
};

TEST_P(CooperationStoreTest, Helpers_AreFoundByUnitAsTheirPartsOpenAndEnd) {
  v1::Ticket empty;
  v1::Ticket first;
  first.set_name("counties/469030/tickets/20260610-000001");
  first.add_helper_tasks()->set_unit(Unit("yingbei"));
  first.mutable_helper_tasks(0)->set_state(v1::HELP_ASKED);
  v1::Ticket second = first;
  second.set_name("counties/469030/tickets/20260610-000002");
  Write([&](sql::Tx& tx) -> absl::Status {
    BAIMI_RETURN_IF_ERROR(FollowHelpers(tx, kCounty, empty, first));
    return FollowHelpers(tx, kCounty, empty, second);
  });
  const auto helped = [&](bool open, const std::string& below, int limit) {
    return Read<std::vector<std::string>>([&](sql::Reader& reader) {
      return HelpedOrders(reader, kCounty, Unit("yingbei"), open, below, limit);
    });
  };
  EXPECT_THAT(helped(true, "", 10), ElementsAre("20260610-000002", "20260610-000001"));
  EXPECT_THAT(helped(true, "", 1), ElementsAre("20260610-000002"));
  EXPECT_THAT(helped(true, "20260610-000002", 10), ElementsAre("20260610-000001"));
  v1::Ticket given = second;
  given.mutable_helper_tasks(0)->set_state(v1::HELP_GIVEN);
  Write([&](sql::Tx& tx) { return FollowHelpers(tx, kCounty, second, given); });
  EXPECT_THAT(helped(true, "", 10), ElementsAre("20260610-000001"));
  EXPECT_THAT(helped(false, "", 10), ElementsAre("20260610-000002", "20260610-000001"));
}

TEST_P(CooperationStoreTest, Arbitration_ComesBackAsItWentInAndIsListedByEachFilter) {
  Insert(Record(1, kHere));
  Insert(Record(2, kThere));
  Insert(Record(3, kHere, /*open=*/true));
  const ArbitrationRow third = Record(3, kHere, true);
  const auto loaded = Read<ArbitrationRow>([&](sql::Reader& reader) {
    return rulings_->LoadArbitration(reader, third.arbitration.name());
  });
  EXPECT_EQ(loaded.arbitration.SerializeAsString(), third.arbitration.SerializeAsString());
  EXPECT_EQ(loaded.key, key_);
  v1::ListArbitrationsRequest request;
  EXPECT_THAT(List(request), ElementsAre(3, 2, 1));
  EXPECT_THAT(List(request, 3, 1), ElementsAre(2));
  request.set_category("010101");
  EXPECT_THAT(List(request), ElementsAre(3, 2, 1));
  request.set_area("469030100003");
  EXPECT_THAT(List(request), ElementsAre(3, 1));
  request.Clear();
  request.set_category("0203");
  EXPECT_THAT(List(request), IsEmpty());
  request.Clear();
  request.set_ticket(third.arbitration.ticket());
  EXPECT_THAT(List(request), ElementsAre(3));
  EXPECT_EQ(Read<int>([&](sql::Reader& reader) {
              return rulings_->CountOf(reader, third.arbitration.ticket());
            }),
            1);
  const absl::Status missing = database_->Read({}, [&](sql::Reader& reader) {
    return rulings_->LoadArbitration(reader, "counties/469030/arbitrations/none").status();
  });
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
}

TEST_P(CooperationStoreTest, SecondOpenArbitration_OfAnOrderIsRefused) {
  ArbitrationRow first = Record(1, kHere, true);
  Insert(first);
  ArbitrationRow second = first;
  second.seq = 2;
  second.arbitration.set_name("counties/469030/arbitrations/20260610-000001-2");
  const absl::Status refused = TryWrite([&](sql::Tx& tx) { return rulings_->Insert(tx, second); });
  EXPECT_TRUE(absl::IsAlreadyExists(refused)) << refused;
  first.arbitration.set_state(v1::ARBITRATION_DROPPED);
  Write([&](sql::Tx& tx) { return rulings_->Update(tx, first); });
  Insert(second);
}

TEST_P(CooperationStoreTest, PastRulings_StandByPlaceThenTimeAndNeverOfAReport) {
  Insert(Record(1, kHere));
  Insert(Record(2, kHere));
  Insert(Record(3, kThere));
  Insert(Record(4, kThere, /*open=*/true));
  ArbitrationRow report = Record(5, kHere);
  report.arbitration.set_ticket_type(v1::REPORT);
  Insert(report);
  EXPECT_THAT(Past(10), ElementsAre("2-1", "1-1", "3-1"));
  EXPECT_THAT(Past(2), ElementsAre("2-1", "1-1"));
  ArbitrationRow fourth = Record(4, kThere);
  Write([&](sql::Tx& tx) { return rulings_->Update(tx, fourth); });
  EXPECT_THAT(Past(10), ElementsAre("2-1", "1-1", "4-1", "3-1"));
}

TEST_P(CooperationStoreTest, Precedents_FitByPrefixOfTheCategoryUntilWithdrawn) {
  const std::vector<std::string> categories = {"01", "0101", "010101", "010102", "02"};
  for (size_t i = 0; i < categories.size(); ++i) {
    const PrecedentRow row = Precedent(static_cast<int>(i) + 1, categories[i]);
    Write([&](sql::Tx& tx) { return rulings_->Insert(tx, row); });
  }
  EXPECT_THAT(PrecedentsFor("010101"), ElementsAre("01", "0101", "010101"));
  EXPECT_THAT(PrecedentsFor("0101"), ElementsAre("01", "0101"));
  PrecedentRow withdrawn = Precedent(2, "0101");
  withdrawn.precedent.mutable_withdraw_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
  Write([&](sql::Tx& tx) { return rulings_->Update(tx, withdrawn); });
  EXPECT_THAT(PrecedentsFor("010101"), ElementsAre("01", "010101"));
  const auto listed = [&](bool all, int64_t below, int limit) {
    std::vector<int64_t> seqs;
    for (const PrecedentRow& row : Read<std::vector<PrecedentRow>>([&](sql::Reader& reader) {
           return rulings_->ListPrecedents(reader, kCounty, all, below, limit);
         })) {
      seqs.push_back(row.seq);
    }
    return seqs;
  };
  EXPECT_THAT(listed(true, 0, 10), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(listed(false, 0, 10), ElementsAre(5, 4, 3, 1));
  EXPECT_THAT(listed(false, 4, 2), ElementsAre(3, 1)) << "a page is full across what is left out";
  EXPECT_EQ(Read<PrecedentRow>([&](sql::Reader& reader) {
              return rulings_->LoadPrecedent(reader, withdrawn.precedent.name());
            }).precedent.SerializeAsString(),
            withdrawn.precedent.SerializeAsString());
}

TEST_P(CooperationStoreTest, Whistles_AreListedForBothSidesAndScored) {
  WhistleRow first = Blown(1, {"zhujianju", "chengguanju"});
  const WhistleRow second = Blown(2, {"zhujianju"});
  Write([&](sql::Tx& tx) -> absl::Status {
    BAIMI_RETURN_IF_ERROR(whistles_->Insert(tx, first));
    return whistles_->Insert(tx, second);
  });
  EXPECT_THAT(Whistles("", true), ElementsAre(2, 1));
  EXPECT_THAT(Whistles("chengguanju", true), ElementsAre(1));
  EXPECT_THAT(Whistles("yinggen", true), ElementsAre(2, 1));
  EXPECT_THAT(Whistles("zhujianju", true, 2), ElementsAre(1));
  EXPECT_THAT(Whistles("yingbei", false), IsEmpty());

  v1::WhistleCall& prompt = *first.whistle.mutable_calls(0);
  prompt.mutable_report_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
  prompt.set_rating(v1::SATISFIED);
  prompt.set_rating_back(v1::DISSATISFIED);
  first.whistle.mutable_calls(1)->mutable_report_time()->set_seconds(
      absl::ToUnixSeconds(clock_.Now() + absl::Hours(5)));
  first.whistle.set_state(v1::WHISTLE_CLOSED);
  Write([&](sql::Tx& tx) { return whistles_->Update(tx, first); });
  EXPECT_THAT(Whistles("", true), ElementsAre(2));
  EXPECT_THAT(Whistles("chengguanju", true), IsEmpty());
  EXPECT_THAT(Whistles("chengguanju", false), ElementsAre(1));
  auto scores = Read<std::map<std::string, v1::WhistleScore>>(
      [&](sql::Reader& reader) { return whistles_->Scores(reader, kCounty, 20260610, 20260610); });
  EXPECT_EQ(scores[Unit("yinggen")].whistles(), 2);
  EXPECT_EQ(scores[Unit("yinggen")].calls_made(), 3);
  EXPECT_EQ(scores[Unit("yinggen")].ratings_back(), 1);
  EXPECT_EQ(scores[Unit("yinggen")].ratings_back_satisfied(), 0);
  EXPECT_EQ(scores[Unit("zhujianju")].called(), 2);
  EXPECT_EQ(scores[Unit("zhujianju")].reported_in_time(), 1);
  EXPECT_EQ(scores[Unit("zhujianju")].ratings_satisfied(), 1);
  EXPECT_EQ(scores[Unit("chengguanju")].reported(), 1);
  EXPECT_EQ(scores[Unit("chengguanju")].reported_in_time(), 0);
  EXPECT_THAT((Read<std::map<std::string, v1::WhistleScore>>([&](sql::Reader& reader) {
                return whistles_->Scores(reader, kCounty, 20260611, 20260630);
              })),
              IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Backends, CooperationStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
