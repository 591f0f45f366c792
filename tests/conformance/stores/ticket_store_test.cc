// The ticket store on every database: lists against a plain filter over all rows, counts against a
// recount, rows that come back as they went in.
#include "services/ticket/store/ticket_store.h"

#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

constexpr char kCounty[] = "469030";
const RowScope kEverything{.whole_county = true, .area_prefixes = {}, .units = {}};

class TicketStoreTest : public testing::TestWithParam<sql::Backend> {
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
    store_ = std::make_unique<TicketStore>(vault_.get());
  }

  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    const absl::Status status = database_->Write({}, body);
    ASSERT_TRUE(status.ok()) << status;
  }

  // Random orders over a few days, communities, units, states and callers.
  TicketRow Make(int i) {
    const auto pick = [&](int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); };
    const absl::Time filed = clock_.Now() + absl::Minutes(i * 7);
    TicketRow row;
    v1::Ticket& ticket = row.ticket;
    Write([&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(const std::string number, store_->NextNumber(tx, kCounty, filed));
      ticket.set_name(absl::StrCat("counties/469030/tickets/", number));
      return absl::OkStatus();
    });
    ticket.set_type(static_cast<v1::TicketType>(1 + pick(7)));
    ticket.set_channel(static_cast<v1::Channel>(1 + pick(4)));
    ticket.set_category(std::vector<std::string>{"01", "0101", "010101", "0203",
                                                 "020301"}[static_cast<size_t>(pick(5))]);
    ticket.set_title(absl::StrCat("第", i, "件"));
    ticket.set_state(static_cast<v1::TicketState>(1 + pick(12)));
    if (pick(4) != 0) {
      const std::string area = absl::StrFormat("46903010%d%03d", pick(2), 1 + pick(3));
      ticket.mutable_place()->set_area("counties/469030/areas/" + area);
      ticket.mutable_place()->set_grid(
          absl::StrCat("counties/469030/grids/", area, "00", 1 + pick(2)));
    }
    if (pick(3) != 0) {
      ticket.mutable_assignment()->set_lead(absl::StrCat("counties/469030/units/u", pick(3)));
      v1::Clock* clock = ticket.add_clocks();
      clock->set_kind(v1::HANDLE);
      clock->mutable_due_time()->set_seconds(absl::ToUnixSeconds(filed) +
                                             int64_t{3600} * pick(100));
      clock->set_provisional(pick(3) == 0);
      if (pick(2) == 0) {
        clock->mutable_stop_time()->set_seconds(absl::ToUnixSeconds(filed));
      }
    }
    ticket.mutable_caller()->set_phone(absl::StrCat("1380000000", pick(5)));
    ticket.mutable_create_time()->set_seconds(absl::ToUnixSeconds(filed));
    if (pick(5) == 0) {
      ticket.set_merged_into(absl::StrCat("counties/469030/tickets/20260610-00000", 1 + pick(3)));
    }
    row.key = *keys_->NewKey();
    row.seq = i + 1;
    return row;
  }

  std::vector<TicketRow> Fill(int count) {
    std::vector<TicketRow> rows;
    for (int i = 0; i < count; ++i) {
      rows.push_back(Make(i));
      Write([&](sql::Tx& tx) { return store_->Insert(tx, rows.back()); });
    }
    return rows;
  }

  // One part; `next` as List gives it.
  std::vector<std::string> List(const v1::ListTicketsRequest& request, const RowScope& scope,
                                const ListPart& part, const std::string& phone = "",
                                std::string* next = nullptr) {
    std::vector<std::string> names;
    EXPECT_TRUE(database_
                    ->Read({},
                           [&](sql::Reader& reader) -> absl::Status {
                             BAIMI_ASSIGN_OR_RETURN(
                                 const TicketPage page,
                                 store_->List(reader, kCounty, request, scope, part, phone));
                             for (const TicketRow& row : page.rows) {
                               names.push_back(row.ticket.name());
                             }
                             if (next != nullptr) {
                               *next = page.next;
                             }
                             return absl::OkStatus();
                           })
                    .ok());
    return names;
  }

  // All parts, one after the other.
  std::vector<std::string> Pages(const v1::ListTicketsRequest& request, ListPart part,
                                 const std::string& phone) {
    std::vector<std::string> names;
    do {
      const std::string before = part.below;
      const auto page = List(request, kEverything, part, phone, &part.below);
      EXPECT_LE(page.size(), static_cast<size_t>(part.limit));
      EXPECT_TRUE(before.empty() || part.below.empty() || part.below < before) << "no end";
      names.insert(names.end(), page.begin(), page.end());
    } while (!part.below.empty() && !HasFailure());
    return names;
  }

  std::mt19937 random_{42};
  SimulatedClock clock_{absl::FromCivil(absl::CivilSecond(2026, 6, 10, 8), ShanghaiZone())};
  std::unique_ptr<Rng> rng_ = NewSeededRng(1);
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<sql::Database> database_, key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<TicketStore> store_;
};

bool Fits(const v1::Ticket& ticket, const v1::ListTicketsRequest& request,
          const std::string& phone) {
  const auto open_due = [&]() -> std::optional<int64_t> {
    for (const v1::Clock& clock : ticket.clocks()) {
      if (!clock.has_stop_time()) {
        return clock.due_time().seconds();
      }
    }
    return std::nullopt;
  }();
  const std::string& subtree = request.subtree();
  std::string prefix = subtree;
  while (absl::EndsWith(prefix, "000") && prefix.size() > 6) {
    prefix.resize(prefix.size() - 3);
  }
  const std::string area = ticket.place().area().substr(
      ticket.place().area().empty() ? 0 : std::string("counties/469030/areas/").size());
  return (request.states_size() == 0 || std::find(request.states().begin(), request.states().end(),
                                                  ticket.state()) != request.states().end()) &&
         (request.type() == 0 || request.type() == ticket.type()) &&
         (request.channel() == 0 || request.channel() == ticket.channel()) &&
         absl::StartsWith(ticket.category(), request.category()) &&
         (request.lead().empty() || request.lead() == ticket.assignment().lead()) &&
         (request.merged_into().empty() || request.merged_into() == ticket.merged_into()) &&
         (request.grid().empty() || request.grid() == ticket.place().grid()) &&
         (subtree.empty() || absl::StartsWith(area, prefix)) &&
         (phone.empty() || phone == ticket.caller().phone()) &&
         (!request.has_filed_from() ||
          ticket.create_time().seconds() >= request.filed_from().seconds()) &&
         (!request.has_filed_before() ||
          ticket.create_time().seconds() < request.filed_before().seconds()) &&
         (!request.has_due_before() || (open_due && *open_due < request.due_before().seconds()));
}

TEST_P(TicketStoreTest, List_EveryFilter_EqualsAPlainFilterOverAllRows) {
  std::vector<TicketRow> rows = Fill(400);
  std::reverse(rows.begin(), rows.end());
  int hits = 0;
  for (int round = 0; round < 300; ++round) {
    const auto chance = [&](unsigned n) { return random_() % n == 0; };
    const v1::Ticket& like = rows[random_() % rows.size()].ticket;
    v1::ListTicketsRequest request;
    if (chance(3)) {
      request.add_states(like.state());
      if (chance(2)) {
        request.add_states(rows[random_() % rows.size()].ticket.state());
      }
    }
    if (chance(4)) request.set_type(like.type());
    if (chance(5)) request.set_channel(like.channel());
    if (chance(4)) request.set_category(like.category());
    if (chance(4)) request.set_lead(like.assignment().lead());
    if (chance(5)) request.set_grid(like.place().grid());
    if (chance(5)) request.set_merged_into(like.merged_into());
    if (chance(5)) request.set_subtree(chance(2) ? "469030100000" : "469030101002");
    const std::string phone = chance(6) ? like.caller().phone() : "";
    if (chance(6)) *request.mutable_filed_from() = like.create_time();
    if (chance(6)) *request.mutable_filed_before() = like.create_time();
    if (chance(8)) *request.mutable_due_before() = like.create_time();
    std::vector<std::string> want;
    for (const TicketRow& row : rows) {
      if (Fits(row.ticket, request, phone)) {
        want.push_back(row.ticket.name());
      }
    }
    hits += want.empty() ? 0 : 1;
    std::string next = "unset";
    EXPECT_EQ(List(request, kEverything, {.limit = 1000}, phone, &next), want)
        << request.ShortDebugString();
    EXPECT_EQ(next, "");
    // Page by page gives the same, also when a page ends before it is full.
    EXPECT_EQ(Pages(request, {.limit = 7}, phone), want) << request.ShortDebugString();
    EXPECT_EQ(Pages(request, {.limit = 7, .look_at = 20}, phone), want)
        << request.ShortDebugString();
  }
  EXPECT_GT(hits, 150) << "the filters must find something to prove anything";
}

TEST_P(TicketStoreTest, MergedInto_GivesTheOrdersOfOneGroupOldestFirst) {
  const std::vector<TicketRow> rows = Fill(120);
  const std::string into = "counties/469030/tickets/20260610-000002";
  std::vector<std::string> want;
  for (const TicketRow& row : rows) {
    if (row.ticket.merged_into() == into) {
      want.push_back(row.ticket.name());
    }
  }
  ASSERT_GT(want.size(), 2U);
  const auto found = [&](int limit) {
    std::vector<std::string> names;
    EXPECT_TRUE(database_
                    ->Read({},
                           [&](sql::Reader& reader) -> absl::Status {
                             BAIMI_ASSIGN_OR_RETURN(const auto merged,
                                                    store_->MergedInto(reader, into, limit));
                             for (const TicketRow& row : merged) {
                               names.push_back(row.ticket.name());
                               EXPECT_EQ(row.ticket.merged_into(), into);
                               EXPECT_NE(row.key, privacy::kNoKey);
                             }
                             return absl::OkStatus();
                           })
                    .ok());
    return names;
  };
  EXPECT_EQ(found(100), want);
  EXPECT_EQ(found(2).size(), 2U);

  // One that is split off is found no more.
  for (const TicketRow& before : rows) {
    if (before.ticket.name() == want[0]) {
      TicketRow after = before;
      after.ticket.clear_merged_into();
      Write([&](sql::Tx& tx) { return store_->Update(tx, before, after); });
    }
  }
  want.erase(want.begin());
  EXPECT_EQ(found(100), want);
}

TEST_P(TicketStoreTest, List_Scope_HidesWhatIsOutside) {
  const std::vector<TicketRow> rows = Fill(100);
  const RowScope scope{.whole_county = false, .area_prefixes = {"469030101"}, .units = {"u1"}};
  size_t want = 0;
  for (const TicketRow& row : rows) {
    want += InScope(row.ticket, scope) ? 1 : 0;
  }
  ASSERT_GT(want, 0u);
  ASSERT_LT(want, rows.size());
  EXPECT_EQ(List({}, scope, {.limit = 1000}).size(), want);
}

TEST_P(TicketStoreTest, List_FilterThatNothingFits_StopsAtItsBound) {
  Fill(60);
  v1::ListTicketsRequest request;
  request.set_channel(v1::MEETING);
  std::string next;
  EXPECT_TRUE(List(request, kEverything, {.limit = 5, .look_at = 20}, "", &next).empty());
  EXPECT_NE(next, "");
  EXPECT_TRUE(List(request, kEverything, {.below = next, .limit = 5}, "", &next).empty());
  EXPECT_EQ(next, "");
}

TEST_P(TicketStoreTest, Load_GivesTheRowBack_AndHidesPersonalFieldsAtRest) {
  const TicketRow row = Make(0);
  Write([&](sql::Tx& tx) { return store_->Insert(tx, row); });
  const absl::Status status = database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(const TicketRow loaded,
                           store_->Load(reader, row.ticket.name(), kEverything));
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(loaded.ticket, row.ticket));
    EXPECT_EQ(loaded.key, row.key);
    EXPECT_EQ(loaded.seq, row.seq);
    int64_t seq = 0;
    BAIMI_ASSIGN_OR_RETURN(const std::string stored,
                           store_->LoadSealed(reader, row.ticket.name(), &seq));
    EXPECT_THAT(stored, testing::Not(testing::HasSubstr(row.ticket.caller().phone())));
    EXPECT_THAT(stored, testing::Not(testing::HasSubstr(row.ticket.title())));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_P(TicketStoreTest, Shredded_KeepsTheOpenPart) {
  const TicketRow row = Make(0);
  Write([&](sql::Tx& tx) { return store_->Insert(tx, row); });
  ASSERT_TRUE(keys_->Destroy(row.key).ok());
  const absl::Status status = database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(const TicketRow loaded,
                           store_->Load(reader, row.ticket.name(), kEverything));
    EXPECT_EQ(loaded.ticket.category(), row.ticket.category());
    EXPECT_EQ(loaded.ticket.caller().phone(), "");
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_P(TicketStoreTest, Counts_AfterRandomUpdates_EqualARecount) {
  std::vector<TicketRow> rows = Fill(60);
  for (int i = 0; i < 200; ++i) {
    TicketRow& row = rows[random_() % rows.size()];
    TicketRow after = row;
    after.ticket.set_state(static_cast<v1::TicketState>(1 + random_() % 15));
    after.ticket.mutable_assignment()->set_lead(
        random_() % 3 == 0 ? "" : absl::StrCat("counties/469030/units/u", random_() % 3));
    Write([&](sql::Tx& tx) { return store_->Update(tx, row, after); });
    row = after;
  }
  std::map<std::pair<std::string, int>, int64_t> want;
  for (const TicketRow& row : rows) {
    ++want[{row.ticket.assignment().lead(), row.ticket.state()}];
  }
  std::map<std::pair<std::string, int>, int64_t> got;
  const absl::Status status = database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(const v1::TicketCounts counts, store_->Counts(reader, kCounty, ""));
    for (const v1::TicketCount& count : counts.counts()) {
      got[{count.lead(), count.state()}] = count.count();
    }
    EXPECT_EQ(counts.total(), 60);
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(got, want);
}

TEST_P(TicketStoreTest, LeaseAlarms_GivesDueOrdersOnceUntilTheLeaseOrTheOrderChanges) {
  std::vector<TicketRow> rows;
  for (int i = 0; i < 4; ++i) {
    TicketRow row = Make(i);
    row.ticket.clear_clocks();
    if (i < 3) {
      v1::Clock* clock = row.ticket.add_clocks();
      clock->set_kind(v1::SIGN);
      clock->mutable_due_time()->set_seconds(int64_t{1000} * (3 - i));
    }
    rows.push_back(row);
    Write([&](sql::Tx& tx) { return store_->Insert(tx, rows.back()); });
  }
  const auto lease = [&](int now, int until, int limit) {
    std::set<std::string> numbers;
    Write([&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(
          const auto alarms,
          store_->LeaseAlarms(tx, absl::FromUnixSeconds(now), absl::FromUnixSeconds(until), limit));
      for (const journal::Alarm& alarm : alarms) {
        EXPECT_EQ(alarm.county, kCounty);
        numbers.insert(absl::StrCat("counties/", alarm.county, "/tickets/", alarm.id));
      }
      return absl::OkStatus();
    });
    return numbers;
  };
  using testing::ElementsAre;
  using testing::IsEmpty;
  const auto name = [&](size_t i) { return rows[i].ticket.name(); };
  EXPECT_THAT(lease(999, 5000, 10), IsEmpty());
  EXPECT_THAT(lease(2500, 2600, 1), ElementsAre(name(2))) << "the earliest first";
  EXPECT_THAT(lease(2500, 2600, 10), ElementsAre(name(1))) << "the other one is leased";
  EXPECT_THAT(lease(2600, 9000, 10), testing::UnorderedElementsAre(name(1), name(2)));
  EXPECT_THAT(lease(3000, 9000, 10), ElementsAre(name(0)));
  // A change ends the lease: here the clock is due again at another time.
  TicketRow after = rows[1];
  after.ticket.mutable_clocks(0)->mutable_due_time()->set_seconds(3500);
  Write([&](sql::Tx& tx) { return store_->Update(tx, rows[1], after); });
  EXPECT_THAT(lease(3499, 9000, 10), IsEmpty());
  EXPECT_THAT(lease(3500, 9000, 10), ElementsAre(name(1)));
  // On record, so nothing is due any more.
  TicketRow noted = rows[0];
  noted.ticket.mutable_clocks(0)->mutable_run_out_time()->set_seconds(3600);
  Write([&](sql::Tx& tx) { return store_->Update(tx, rows[0], noted); });
  EXPECT_THAT(lease(9999, 10000, 10), testing::UnorderedElementsAre(name(1), name(2)));
}

TEST_P(TicketStoreTest, NextNumber_CountsPerDay_AndLeavesGapsOnRollback) {
  std::vector<std::string> numbers;
  const auto next = [&](absl::Time at, bool keep) {
    (void)database_->Write({}, [&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(const std::string number, store_->NextNumber(tx, kCounty, at));
      numbers.push_back(number);
      return keep ? absl::OkStatus() : absl::AbortedError("undone");
    });
  };
  const absl::Time late = absl::FromCivil(absl::CivilSecond(2026, 6, 10, 23, 59), ShanghaiZone());
  next(late, true);
  next(late, true);
  next(late + absl::Minutes(2), true);
  EXPECT_THAT(numbers,
              testing::ElementsAre("20260610-000001", "20260610-000002", "20260611-000001"));
}

TEST_P(TicketStoreTest, Policies_TheNewestThatIsInForceCounts) {
  for (int version = 1; version <= 3; ++version) {
    v1::TicketPolicy policy;
    policy.set_version(version);
    policy.mutable_effective_time()->set_seconds(int64_t{1000} * version);
    Write([&](sql::Tx& tx) { return store_->InsertPolicy(tx, kCounty, policy); });
  }
  const absl::Status status = database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
    const std::map<int, int> cases = {{999, 0}, {1000, 1}, {2500, 2}, {3000, 3}, {9000, 3}};
    for (const auto& [seconds, want] : cases) {
      BAIMI_ASSIGN_OR_RETURN(
          const int32_t version,
          store_->PolicyVersionAt(reader, kCounty, absl::FromUnixSeconds(seconds)));
      EXPECT_EQ(version, want) << seconds;
    }
    BAIMI_ASSIGN_OR_RETURN(const auto policies, store_->ListPolicies(reader, kCounty, 3, 10));
    EXPECT_EQ(policies.size(), 2u);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

INSTANTIATE_TEST_SUITE_P(Backends, TicketStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
