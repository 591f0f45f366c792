// The tables of the figures on every database: counts kept as orders change equal a recount, also
// those of orders that were hung up at the end of any day.
#include "services/ticket/store/figure_store.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "baimi/ticket/v1/events.pb.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/domain/verbs.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using domain::Command;
using domain::Order;
using testing::IsEmpty;
using v1::FigureCounts;
using v1::FigureShare;

constexpr char kCounty[] = "469030";
constexpr const char* kCategories[] = {"0203", "020301", "0401"};

class FigureStoreTest : public testing::TestWithParam<sql::Backend> {
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
    figures_ = std::make_unique<FigureStore>(vault_.get());
  }

  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    const absl::Status status = database_->Write({}, body);
    ASSERT_TRUE(status.ok()) << status;
  }

  // Files the order as the n-th of the day, or keeps what became of it, and counts it.
  void Put(int n, v1::Ticket ticket) {
    ticket.set_name(absl::StrFormat("counties/469030/tickets/20250908-%06d", n));
    const auto [at, is_new] = rows_.try_emplace(ticket.name());
    const TicketRow before = at->second;
    TicketRow& row = at->second;
    row.ticket = std::move(ticket);
    row.key = key_;
    row.seq = ++seq_;
    Write([&](sql::Tx& tx) {
      return is_new ? tickets_->Insert(tx, row) : tickets_->Update(tx, before, row);
    });
    CountAgain({row.ticket.name()});
  }
  // What their state counts for; a record without a fact counts for nothing by itself.
  void CountAgain(const std::vector<std::string>& names) {
    std::vector<type::v1::JournalRecord> records;
    for (const std::string& name : names) {
      type::v1::JournalRecord& record = records.emplace_back();
      record.set_resource(name);
      record.set_type(v1::TicketFact::descriptor()->full_name());
    }
    Write([&](sql::Tx& tx) { return figures_->Apply(tx, kCounty, records); });
  }

  std::map<std::string, FigureCounts> Read(const FigureQuery& query) {
    std::map<std::string, FigureCounts> found;
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(found, figures_->Read(reader, kCounty, query));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }

  // The same from the orders themselves.
  std::map<std::string, FigureCounts> CountedByHand(const FigureQuery& query) const {
    std::map<std::string, FigureCounts> counts;
    const auto key_of = [&](const FigureShare& share) -> std::string {
      switch (query.grouping) {
        case v1::BY_UNIT:
          return share.unit();
        case v1::BY_AREA:
          return share.area();
        case v1::BY_CATEGORY:
          return share.category();
        default:
          return "";
      }
    };
    const auto add = [&](const FigureShare& share) {
      if (share.day() >= query.from_day && share.day() <= query.to_day) {
        domain::AddCounts(share.counts(), 1, &counts[key_of(share)]);
      }
      for (const FigureShare& change : share.hung_up()) {
        if (change.day() <= query.to_day) {
          domain::AddCounts(change.counts(), 1, &counts[key_of(change)]);
        }
      }
    };
    for (const auto& [name, row] : rows_) {
      const auto share = domain::ShareOfState(row.ticket);
      if (!share) {
        continue;
      }
      if (query.excluded) {
        std::for_each(share->excluded().begin(), share->excluded().end(), add);
      } else {
        add(*share);
      }
    }
    std::erase_if(counts, [&](const auto& one) {
      return domain::IsZero(one.second) || !absl::StartsWith(one.first, query.key_prefix);
    });
    return counts;
  }

  void ExpectEqualToARecount(const FigureQuery& query) {
    const auto got = Read(query);
    const auto want = CountedByHand(query);
    EXPECT_EQ(got.size(), want.size()) << query.from_day << " to " << query.to_day;
    for (const auto& [key, counts] : want) {
      const auto found = got.find(key);
      ASSERT_NE(found, got.end()) << key;
      EXPECT_EQ(found->second.ShortDebugString(), counts.ShortDebugString())
          << key << " " << query.from_day << " to " << query.to_day;
    }
  }

  SimulatedClock clock_{domain::At("2025-09-08 09:00")};
  std::unique_ptr<Rng> rng_ = NewSeededRng(1);
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<sql::Database> database_, key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  privacy::KeyId key_ = 0;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<TicketStore> tickets_;
  std::unique_ptr<FigureStore> figures_;
  std::map<std::string, TicketRow> rows_;
  int64_t seq_ = 0;
};

// An order of one of the categories that is hung up and taken up again some times.
class HangingLife {
 public:
  explicit HangingLife(std::mt19937* random)
      : random_(random), order_("2025-09-08 09:00", domain::SupervisedInForce(), Request(random)) {
    order_.Do({Command::kDispatch, Command::kSign});
  }

  v1::Ticket Step() {
    // An extension is asked for in time or not at all.
    const bool soon = order_.ticket().state() == v1::SIGNED && !order_.ticket().has_extension();
    order_.Wait(absl::Minutes((*random_)() % (soon ? 6'000 : 60'000))).Ring();
    switch (order_.ticket().state()) {
      case v1::SIGNED:
        Leave();
        break;
      case v1::SUSPENDED:
        order_.Do((*random_)() % 6 == 0 ? Command::kWithdraw : Command::kResume);
        break;
      case v1::REPLIED:
        order_.Do(Command::kPassAudit);
        break;
      default:
        break;
    }
    v1::Ticket ticket = order_.ticket();
    if ((*random_)() % 4 == 0) {
      ticket.mutable_exclusion()->set_state(v1::EXCLUSION_APPROVED);
      ticket.mutable_exclusion()->add_scopes(v1::DEADLINE_FIGURES);
    }
    return ticket;
  }

 private:
  static v1::CreateTicketRequest Request(std::mt19937* random) {
    v1::CreateTicketRequest request = domain::SampleRequest();
    request.mutable_ticket()->set_category(kCategories[(*random)() % std::size(kCategories)]);
    return request;
  }
  void Leave() {
    if ((*random_)() % 5 == 0) {
      order_.Do(Command::kReply);
      return;
    }
    v1::Ticket ticket = order_.ticket();
    if (!ticket.has_extension()) {
      v1::RequestExtensionRequest ask;
      ask.set_reason("配件");
      *ask.mutable_period() = domain::MakePeriod(v1::WORKING_DAYS, 5);
      const auto asked = domain::RequestExtension(ticket, ask, order_.Now());
      if (!asked.ok()) {
        return;
      }
      order_.Take(asked).Do(Command::kDecideExtension);
    }
    order_.Do(Command::kSuspend);
  }

  std::mt19937* const random_;
  Order order_;
};

TEST_P(FigureStoreTest, CountsOfChangingOrders_EqualARecountForEveryPeriod) {
  std::mt19937 random(11);
  std::vector<HangingLife> lives;
  for (int n = 0; n < 30; ++n) {
    lives.emplace_back(&random);
  }
  const auto check = [&] {
    for (const auto grouping :
         {v1::FIGURE_GROUPING_UNSPECIFIED, v1::BY_UNIT, v1::BY_AREA, v1::BY_CATEGORY}) {
      for (const bool excluded : {false, true}) {
        for (const auto& [from, to] :
             {std::pair{20250901, 20250930}, std::pair{20250908, 20250908},
              std::pair{20251001, 20251231}, std::pair{20251231, 20260101},
              std::pair{20260101, 20260131}, std::pair{20251215, 20260615},
              std::pair{20260228, 20260301}, std::pair{20200101, 20991231}}) {
          ExpectEqualToARecount({.grouping = grouping,
                                 .from_day = from,
                                 .to_day = to,
                                 .key_prefix = grouping == v1::BY_CATEGORY ? "0203" : "",
                                 .excluded = excluded});
        }
      }
    }
  };
  for (int round = 0; round < 8; ++round) {
    for (size_t n = 0; n < lives.size(); ++n) {
      Put(static_cast<int>(n) + 1, lives[n].Step());
    }
    check();
  }
  int64_t hung_up = 0;
  for (const auto& [key, counts] : Read({.from_day = 20251001, .to_day = 20251031})) {
    hung_up += counts.suspended();
  }
  EXPECT_GT(hung_up, 3) << "the lives say nothing";
  std::vector<std::string> names;
  for (const auto& [name, row] : rows_) {
    names.push_back(name);
  }
  CountAgain(names);
  check();
}

TEST_P(FigureStoreTest, HungUp_BeforeTheFirstOne_IsNothing) {
  EXPECT_THAT(Read({.from_day = 20250101, .to_day = 20251231}), IsEmpty());
  Order order("2025-09-08 09:00", domain::SupervisedInForce());
  order.Do({Command::kDispatch, Command::kSign, Command::kRequestExtension,
            Command::kDecideExtension, Command::kSuspend});
  Put(1, order.ticket());
  EXPECT_THAT(Read({.from_day = 20250101, .to_day = 20250907}), IsEmpty());
  const auto on_the_day = Read({.from_day = 20250908, .to_day = 20250908});
  ASSERT_EQ(on_the_day.size(), 1U);
  EXPECT_EQ(on_the_day.at("").ShortDebugString(), "suspended: 1");
  EXPECT_EQ(Read({.from_day = 20300101, .to_day = 20300101}).at("").suspended(), 1) << "still";
}

INSTANTIATE_TEST_SUITE_P(Backends, FigureStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
