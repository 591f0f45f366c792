// Desks, duties and notices on every database, against a plain sort and filter of all rows.
#include <algorithm>
#include <filesystem>
#include <random>

#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/store/desk_store.h"
#include "services/ticket/store/notice_store.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCounty[] = "469030";
constexpr char kLead[] = "counties/469030/units/zhujianju";

class TellingStoreTest : public testing::TestWithParam<sql::Backend> {
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
    desks_ = std::make_unique<DeskStore>(vault_.get());
  }

  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    const absl::Status status = database_->Write({}, body);
    ASSERT_TRUE(status.ok()) << status;
  }
  void Read(absl::FunctionRef<absl::Status(sql::Reader&)> body) {
    const absl::Status status = database_->Read({}, body);
    ASSERT_TRUE(status.ok()) << status;
  }

  // An order of `lead` whose handling clock is due in `hours`.
  TicketRow Make(int i, const std::string& lead, int hours) {
    TicketRow row;
    v1::Ticket& ticket = row.ticket;
    ticket.set_name(absl::StrFormat("counties/469030/tickets/20260610-%06d", i));
    ticket.set_state(v1::SIGNED);
    ticket.mutable_assignment()->set_lead(lead);
    ticket.mutable_caller()->set_phone("13800000001");
    v1::Clock* clock = ticket.add_clocks();
    clock->set_kind(v1::HANDLE);
    clock->mutable_due_time()->set_seconds(1'800'000'000 + int64_t{3600} * hours);
    row.key = *keys_->NewKey();
    row.seq = i;
    Write([&](sql::Tx& tx) { return store_->Insert(tx, row); });
    return row;
  }

  // All pages of `limit`.
  std::vector<std::string> Desk(const std::string& lead, int limit) {
    std::vector<std::string> names;
    DeskKey after;
    for (size_t got = static_cast<size_t>(limit); got == static_cast<size_t>(limit);) {
      Read([&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const auto rows, desks_->Desk(reader, kCounty, lead, after, limit));
        got = rows.size();
        for (const DeskRow& row : rows) {
          names.push_back(row.ticket.name());
          after = row.key;
        }
        return absl::OkStatus();
      });
    }
    return names;
  }
  std::vector<std::string> On(const std::string& assignee) {
    std::vector<std::string> names;
    Read([&](sql::Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(const auto rows,
                             desks_->OfAssignee(reader, kCounty, kLead, assignee, 100));
      for (const TicketRow& row : rows) {
        names.push_back(row.ticket.name());
      }
      return absl::OkStatus();
    });
    return names;
  }
  std::vector<std::string> Owed(const std::string& after = "") {
    std::vector<std::string> names;
    Read([&](sql::Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(const auto rows, desks_->WithDuties(reader, kCounty, after, 100));
      for (const TicketRow& row : rows) {
        names.push_back(row.ticket.name());
      }
      return absl::OkStatus();
    });
    return names;
  }
  void Change(TicketRow& row, const std::function<void(v1::Ticket&)>& change) {
    const TicketRow before = row;
    change(row.ticket);
    Write([&](sql::Tx& tx) { return store_->Update(tx, before, row); });
  }

  SimulatedClock clock_{absl::FromCivil(absl::CivilSecond(2026, 6, 10, 8), ShanghaiZone())};
  std::unique_ptr<Rng> rng_ = NewSeededRng(1);
  std::unique_ptr<sql::Site> site_, key_site_;
  std::unique_ptr<sql::Database> database_, key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<TicketStore> store_;
  std::unique_ptr<DeskStore> desks_;
  NoticeStore notices_;
};

TEST_P(TellingStoreTest, Desk_ByDueTimeThenNumber_InPagesOfAnySize) {
  std::mt19937 random(3);
  std::vector<std::pair<int, std::string>> expected;
  for (int i = 1; i <= 40; ++i) {
    const int hours = static_cast<int>(random() % 6) - 3;
    const bool ours = random() % 3 != 0;
    const TicketRow row = Make(i, ours ? kLead : "counties/469030/units/other", hours);
    if (ours) {
      expected.emplace_back(hours, row.ticket.name());
    }
  }
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> names;
  for (const auto& [hours, name] : expected) {
    names.push_back(name);
  }
  for (const int limit : {1, 3, 7, 100}) {
    EXPECT_EQ(Desk(kLead, limit), names) << limit;
  }
}

TEST_P(TellingStoreTest, Desk_OrderWhoseClockStopped_LeavesIt) {
  TicketRow row = Make(1, kLead, 1);
  EXPECT_THAT(Desk(kLead, 10), ElementsAre(row.ticket.name()));
  Change(row, [](v1::Ticket& ticket) {
    ticket.set_state(v1::REPLIED);
    ticket.mutable_clocks(0)->mutable_stop_time()->set_seconds(1);
  });
  EXPECT_THAT(Desk(kLead, 10), IsEmpty());
}

TEST_P(TellingStoreTest, Assignee_FollowsTheOrderUntilItIsOver) {
  TicketRow one = Make(1, kLead, 1);
  TicketRow two = Make(2, kLead, 2);
  EXPECT_THAT(On("li"), IsEmpty());
  for (TicketRow* row : {&one, &two}) {
    Change(*row, [](v1::Ticket& ticket) { ticket.set_assignee("li"); });
  }
  EXPECT_THAT(On("li"), ElementsAre(one.ticket.name(), two.ticket.name()));
  Change(one, [](v1::Ticket& ticket) { ticket.set_assignee("wang"); });
  EXPECT_THAT(On("li"), ElementsAre(two.ticket.name()));
  EXPECT_THAT(On("wang"), ElementsAre(one.ticket.name()));
  Change(two, [](v1::Ticket& ticket) { ticket.set_state(v1::CLOSED); });
  EXPECT_THAT(On("li"), IsEmpty());
  Change(two, [](v1::Ticket& ticket) { ticket.set_state(v1::REWORK); });
  EXPECT_THAT(On("li"), ElementsAre(two.ticket.name())) << "it comes back to the same desk";
}

TEST_P(TellingStoreTest, Duties_OnTheListUntilTheLastIsFulfilled) {
  TicketRow one = Make(1, kLead, 1);
  TicketRow two = Make(2, kLead, 2);
  for (TicketRow* row : {&one, &two}) {
    Change(*row, [](v1::Ticket& ticket) {
      ticket.add_telling_duties()->set_matter(v1::TELL_EXTENSION);
      ticket.add_telling_duties()->set_matter(v1::TELL_REPLY);
    });
  }
  EXPECT_THAT(Owed(), ElementsAre(one.ticket.name(), two.ticket.name()));
  EXPECT_THAT(Owed("20260610-000001"), ElementsAre(two.ticket.name()));
  Change(one, [](v1::Ticket& ticket) { ticket.mutable_telling_duties(0)->mutable_told(); });
  EXPECT_THAT(Owed(), ElementsAre(one.ticket.name(), two.ticket.name()));
  Change(one, [](v1::Ticket& ticket) { ticket.mutable_telling_duties(1)->mutable_told(); });
  EXPECT_THAT(Owed(), ElementsAre(two.ticket.name()));
}

v1::Notice MakeNotice(int64_t seq, int64_t n, const std::string& unit) {
  v1::Notice notice;
  notice.set_name(NoticeName(kCounty, {seq, n}));
  notice.set_unit(unit);
  notice.set_text("新工单");
  return notice;
}

TEST_P(TellingStoreTest, Notices_NewestFirst_OfAllAndOfOneInbox) {
  for (int64_t seq = 1; seq <= 12; ++seq) {
    Write([&](sql::Tx& tx) -> absl::Status {
      BAIMI_RETURN_IF_ERROR(notices_.Insert(tx, kCounty, MakeNotice(seq, 1, kLead)));
      return notices_.Insert(tx, kCounty, MakeNotice(seq, 2, seq % 2 == 0 ? "" : "u/other"));
    });
  }
  const auto list = [&](const std::string& unit, NoticeKey below, int limit) {
    std::vector<std::string> ids;
    Read([&](sql::Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(const auto rows, notices_.List(reader, kCounty, unit, below, limit));
      for (const v1::Notice& notice : rows) {
        ids.push_back(notice.name().substr(notice.name().rfind('/') + 1));
      }
      return absl::OkStatus();
    });
    return ids;
  };
  EXPECT_THAT(list("", {}, 3), ElementsAre("12-2", "12-1", "11-2"));
  EXPECT_THAT(list("", {11, 2}, 2), ElementsAre("11-1", "10-2"));
  EXPECT_THAT(list(kLead, {}, 2), ElementsAre("12-1", "11-1"));
  EXPECT_THAT(list(kLead, {2, 1}, 9), ElementsAre("1-1"));
  EXPECT_THAT(list("u/other", {}, 2), ElementsAre("11-2", "9-2"));
}

TEST_P(TellingStoreTest, Notice_SameRecordTwice_IsRefused) {
  Write([&](sql::Tx& tx) { return notices_.Insert(tx, kCounty, MakeNotice(5, 1, kLead)); });
  const absl::Status again = database_->Write(
      {}, [&](sql::Tx& tx) { return notices_.Insert(tx, kCounty, MakeNotice(5, 1, kLead)); });
  EXPECT_TRUE(absl::IsAlreadyExists(again)) << again;
}

TEST_P(TellingStoreTest, Lease_GivesWhatIsDueOnceUntilItEnds) {
  const absl::Time now = clock_.Now();
  for (int64_t seq = 1; seq <= 3; ++seq) {
    v1::Notice notice = MakeNotice(seq, 1, "");
    notice.mutable_try_time()->set_seconds(absl::ToUnixSeconds(now) + (seq == 3 ? 60 : -60));
    Write([&](sql::Tx& tx) { return notices_.Insert(tx, kCounty, notice); });
  }
  const auto lease = [&](absl::Time at) {
    std::vector<std::string> ids;
    Write([&](sql::Tx& tx) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(const auto alarms, notices_.Lease(tx, at, at + absl::Seconds(30), 10));
      for (const journal::Alarm& alarm : alarms) {
        EXPECT_EQ(alarm.county, kCounty);
        ids.push_back(alarm.id);
      }
      return absl::OkStatus();
    });
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  EXPECT_THAT(lease(now), ElementsAre("1-1", "2-1"));
  EXPECT_THAT(lease(now), IsEmpty()) << "leased";
  EXPECT_THAT(lease(now + absl::Seconds(30)), ElementsAre("1-1", "2-1")) << "the lease is over";
  v1::Notice sent = MakeNotice(1, 1, "");
  Write([&](sql::Tx& tx) { return notices_.Update(tx, kCounty, sent); });
  EXPECT_THAT(lease(now + absl::Seconds(90)), ElementsAre("2-1", "3-1"));
}

TEST_P(TellingStoreTest, Load_WhatIsNotThere_IsNotFound) {
  for (const char* id : {"9-1", "x", "1", "-", "1-x"}) {
    Read([&](sql::Reader& reader) {
      const auto notice =
          notices_.Load(reader, kCounty, absl::StrCat("counties/469030/notices/", id));
      EXPECT_TRUE(absl::IsNotFound(notice.status())) << id << notice.status();
      return absl::OkStatus();
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, TellingStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
