// The tables of the heat on every database: counts kept as orders change equal a recount.
#include "services/ticket/store/heat_store.h"

#include <filesystem>
#include <map>
#include <numeric>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "baimi/ticket/v1/events.pb.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using domain::CellKey;
using domain::HeatCell;
using domain::HeatShare;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kCounty[] = "469030";
constexpr absl::CivilDay kFirst(2026, 6, 10);
constexpr const char* kGrids[] = {"469030100003001", "469030100003002", "469030101001001", ""};
constexpr const char* kCategories[] = {"0101", "010101", "0301"};

class HeatStoreTest : public testing::TestWithParam<sql::Backend> {
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
    tickets_ = std::make_unique<TicketStore>(vault_.get());
    heat_ = std::make_unique<HeatStore>(vault_.get());
  }

  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    const absl::Status status = database_->Write({}, body);
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

  // The n-th order, `days` days after the first.
  v1::Ticket Order(int n, int days, const std::string& grid, const std::string& category) {
    v1::Ticket ticket;
    const absl::CivilDay day = kFirst + days;
    ticket.set_name(absl::StrCat("counties/469030/tickets/",
                                 absl::FormatCivilTime(absl::CivilYear(day)),
                                 absl::StrFormat("%02d%02d-%06d", day.month(), day.day(), n)));
    *ticket.mutable_create_time() =
        domain::ToProto(absl::FromCivil(day, ShanghaiZone()) + absl::Hours(23));
    ticket.set_state(v1::PENDING_DISPATCH);
    ticket.set_type(v1::HELP);
    ticket.set_title("楼道堆物");
    ticket.set_category(category);
    if (!grid.empty()) {
      ticket.mutable_place()->set_grid(absl::StrCat("counties/469030/grids/", grid));
      ticket.mutable_place()->set_area(absl::StrCat("counties/469030/areas/", grid.substr(0, 12)));
    }
    ticket.set_etag("v1");
    return ticket;
  }
  v1::Ticket Report(int n, int days, const std::string& subject) {
    v1::Ticket ticket = Order(n, days, kGrids[0], kCategories[0]);
    ticket.set_type(v1::REPORT);
    ticket.set_subject_unit(absl::StrCat("counties/469030/units/", subject));
    return ticket;
  }
  // Files or changes it, and counts it.
  void Put(const v1::Ticket& ticket) {
    const auto [at, is_new] = rows_.try_emplace(ticket.name());
    const TicketRow before = at->second;
    TicketRow& row = at->second;
    row.ticket = ticket;
    row.key = key_;
    row.seq = ++seq_;
    Write([&](sql::Tx& tx) {
      return is_new ? tickets_->Insert(tx, row) : tickets_->Update(tx, before, row);
    });
    CountAgain({ticket.name()});
  }
  void CountAgain(const std::vector<std::string>& names) {
    std::vector<type::v1::JournalRecord> records;
    for (const std::string& name : names) {
      type::v1::JournalRecord& record = records.emplace_back();
      record.set_resource(name);
      record.set_type(v1::TicketFact::descriptor()->full_name());
    }
    // Not of an order.
    records.emplace_back().set_type(v1::ClusterFact::descriptor()->full_name());
    Write([&](sql::Tx& tx) { return heat_->Apply(tx, kCounty, records); });
  }

  std::vector<HeatCell> Cells(const HeatView& view, int weeks) {
    return Read<std::vector<HeatCell>>(
        [&](sql::Reader& reader) { return heat_->Cells(reader, kCounty, view, weeks); });
  }
  // The same from the orders themselves.
  std::map<CellKey, std::vector<int64_t>> CountedByHand(const HeatView& view, int weeks) const {
    std::map<CellKey, std::vector<int64_t>> cells;
    for (const auto& [name, row] : rows_) {
      const auto share = domain::HeatOf(row.ticket);
      const int64_t ago = share ? view.as_of - share->day : -1;
      if (ago < 0 || ago >= int64_t{weeks} * 7 || (share->report && !view.with_reports)) {
        continue;
      }
      for (const CellKey& key : domain::CellsOf(*share, kCounty)) {
        cells.try_emplace(key, static_cast<size_t>(weeks), 0)
            .first->second[static_cast<size_t>(ago / 7)] += 1;
      }
    }
    return cells;
  }

  SimulatedClock clock_{absl::FromCivil(kFirst, ShanghaiZone())};
  std::unique_ptr<Rng> rng_ = NewSeededRng(1);
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<sql::Database> database_, key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  privacy::KeyId key_ = 0;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<TicketStore> tickets_;
  std::unique_ptr<HeatStore> heat_;
  std::map<std::string, TicketRow> rows_;
  int64_t seq_ = 0;
};

TEST_P(HeatStoreTest, CountsOfChangingOrders_EqualARecountOfTheRows) {
  std::mt19937 random(7);
  constexpr v1::TicketState kStates[] = {v1::SIGNED,    v1::MERGED,      v1::REJECTED, v1::CLOSED,
                                         v1::WITHDRAWN, v1::TRANSFERRED, v1::SIGNED};
  for (int n = 1; n <= 60; ++n) {
    v1::Ticket ticket = random() % 5 == 0 ? Report(n, static_cast<int>(random() % 30), "yinggen")
                                          : Order(n, static_cast<int>(random() % 30),
                                                  kGrids[random() % 4], kCategories[random() % 3]);
    Put(ticket);
    for (int change = 0; change < 3; ++change) {
      const auto other = std::next(rows_.begin(), static_cast<int>(random() % rows_.size()));
      ticket = other->second.ticket;
      ticket.set_state(kStates[random() % std::size(kStates)]);
      Put(ticket);
    }
    if (n % 15 != 0) {
      continue;
    }
    for (const bool with_reports : {false, true}) {
      for (const int day : {5, 20, 29}) {
        const HeatView view{.as_of = kFirst + day, .with_reports = with_reports};
        std::map<CellKey, std::vector<int64_t>> cells;
        for (HeatCell& cell : Cells(view, 3)) {
          for (int week = 0; week < 3; ++week) {
            const std::vector<int64_t> days = Read<std::vector<int64_t>>([&](sql::Reader& reader) {
              return heat_->Days(reader, kCounty, cell.key, view, 21);
            });
            const auto from = days.begin() + week * 7;
            EXPECT_EQ(std::accumulate(from, from + 7, int64_t{0}),
                      cell.weeks[static_cast<size_t>(week)]);
          }
          EXPECT_TRUE(cells.emplace(std::move(cell.key), std::move(cell.weeks)).second);
        }
        EXPECT_EQ(cells, CountedByHand(view, 3));
      }
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, row] : rows_) {
    names.push_back(name);
  }
  const HeatView all{.as_of = kFirst + 29, .with_reports = true};
  const auto before = CountedByHand(all, 5);
  CountAgain(names);
  const std::vector<HeatCell> after = Cells(all, 5);
  EXPECT_EQ(after.size(), before.size()) << "counted once, however often";
  for (const HeatCell& cell : after) {
    EXPECT_EQ(cell.weeks, before.at(cell.key));
  }
}

TEST_P(HeatStoreTest, Orders_AreThoseOfTheCellNewestFirst) {
  EXPECT_EQ(Read<std::optional<absl::CivilDay>>(
                [&](sql::Reader& reader) { return heat_->FirstDay(reader, kCounty); }),
            std::nullopt);
  Put(Order(1, 0, kGrids[0], "0101"));
  Put(Order(2, 3, kGrids[0], "0101"));
  Put(Order(3, 3, kGrids[1], "0101"));
  Put(Order(4, 4, kGrids[2], "0101"));
  Put(Order(5, 4, kGrids[0], "010101"));
  Put(Report(6, 5, "yinggen"));
  Put(Order(7, 6, "", "0101"));
  EXPECT_EQ(Read<std::optional<absl::CivilDay>>(
                [&](sql::Reader& reader) { return heat_->FirstDay(reader, kCounty); }),
            kFirst);
  const auto orders = [&](const CellKey& key, bool with_reports, int days,
                          const std::set<std::string>& without = {}) {
    return Read<HeatOrders>([&](sql::Reader& reader) {
      return heat_->Orders(reader, kCounty, key, {kFirst + 6, with_reports}, days, without);
    });
  };
  const CellKey grid{v1::GRID_CLUSTER, kGrids[0], "0101"};
  const CellKey area{v1::AREA_CLUSTER, "469030100003", "0101"};
  const CellKey county{v1::COUNTY_CLUSTER, kCounty, "0101"};
  EXPECT_THAT(orders(grid, false, 7).numbers, ElementsAre("20260613-000002", "20260610-000001"));
  EXPECT_THAT(orders(grid, true, 4).numbers, ElementsAre("20260615-000006", "20260613-000002"));
  EXPECT_EQ(orders(grid, true, 4).reports, 1);
  EXPECT_THAT(orders(area, false, 5).numbers, ElementsAre("20260613-000003", "20260613-000002"));
  EXPECT_EQ(orders(area, false, 5).grids, 2);
  EXPECT_EQ(orders(county, false, 7).numbers.size(), 5U);
  EXPECT_EQ(orders(county, false, 7).grids, 3);
  EXPECT_THAT(orders(county, true, 7, {"469030100003", kGrids[2]}).numbers,
              ElementsAre("20260616-000007"));
}

TEST_P(HeatStoreTest, ReportedUnit_IsKnownWhileTheReportCounts) {
  const auto reported = [&](absl::string_view unit, int days, absl::string_view category = "") {
    return Read<bool>([&](sql::Reader& reader) {
      return heat_->IsReported(reader, kCounty, unit, kFirst + days, category);
    });
  };
  v1::Ticket ticket = Report(1, 5, "yinggen");
  Put(ticket);
  EXPECT_TRUE(reported("yinggen", 5));
  EXPECT_TRUE(reported("yinggen", 0, kCategories[0]));
  EXPECT_FALSE(reported("yinggen", 0, kCategories[2]));
  EXPECT_FALSE(reported("yinggen", 6));
  EXPECT_FALSE(reported("hotline", 0));
  EXPECT_FALSE(reported("", 0));
  ticket.set_state(v1::WITHDRAWN);
  Put(ticket);
  EXPECT_FALSE(reported("yinggen", 0));
  EXPECT_THAT(Cells({kFirst + 5, true}, 2), IsEmpty());
}

TEST_P(HeatStoreTest, Settlement_TheNewestStays) {
  const std::string name = "counties/469030/clusters/grid-469030100003001-0101";
  const auto load = [&] {
    return Read<std::optional<SettlementRow>>(
        [&](sql::Reader& reader) { return heat_->LoadSettlement(reader, name); });
  };
  EXPECT_FALSE(load().has_value());
  for (const char* note : {"上门查看", "列入专题"}) {
    SettlementRow row{.key = key_};
    row.settlement.set_action(v1::TOPIC);
    row.settlement.set_note(note);
    row.settlement.set_count(12);
    Write([&](sql::Tx& tx) { return heat_->SaveSettlement(tx, name, row); });
    ASSERT_TRUE(load().has_value());
    EXPECT_EQ(load()->settlement.note(), note);
    EXPECT_EQ(load()->settlement.count(), 12);
    EXPECT_EQ(load()->key, key_);
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, HeatStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
