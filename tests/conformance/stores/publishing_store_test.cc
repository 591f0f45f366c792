// The tables of publications, leaders' shifts and alerts for areas on every database.
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/store/area_alert_store.h"
#include "services/ticket/store/leader_shift_store.h"
#include "services/ticket/store/publication_store.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kCounty[] = "469030";
constexpr absl::CivilMonth kOctober(2026, 10);

class PublishingStoreTest : public testing::TestWithParam<sql::Backend> {
 protected:
  void SetUp() override {
    site_ = GetParam().make_site();
    database_ = *sql::Open(site_->Uri(), {});
    ASSERT_TRUE(sql::Migrate(*database_, "ticket", TicketMigrations(), clock_).ok());
  }

  absl::Status TryWrite(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    return database_->Write({}, body);
  }
  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    const absl::Status status = TryWrite(body);
    ASSERT_TRUE(status.ok()) << status;
  }
  template <typename T>
  absl::StatusOr<T> Read(absl::FunctionRef<absl::StatusOr<T>(sql::Reader&)> body) {
    absl::StatusOr<T> found = absl::UnknownError("not read");
    BAIMI_RETURN_IF_ERROR(database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
      found = body(reader);
      return found.status();
    }));
    return found;
  }

  static v1::PublicationWork Work(absl::CivilMonth month, int32_t version,
                                  v1::PublicationState state, absl::string_view county = kCounty) {
    v1::PublicationWork work;
    work.mutable_publication()->set_name(domain::PublicationName(county, {month, version}));
    work.mutable_publication()->set_state(state);
    work.mutable_whole()->set_as_of_seq(version);
    return work;
  }
  std::vector<std::string> Names(
      const absl::StatusOr<std::vector<v1::PublicationWork>>& works) const {
    EXPECT_TRUE(works.ok()) << works.status();
    std::vector<std::string> names;
    for (const v1::PublicationWork& work : works.value_or(std::vector<v1::PublicationWork>())) {
      names.emplace_back(
          absl::StripPrefix(work.publication().name(), "counties/469030/publications/"));
    }
    return names;
  }
  std::vector<std::string> List(std::optional<domain::PublicationId> after,
                                v1::PublicationState state, int limit) {
    return Names(Read<std::vector<v1::PublicationWork>>([&](sql::Reader& reader) {
      return PublicationStore::List(reader, kCounty, after, state, limit);
    }));
  }

  static v1::LeaderShift Shift(int64_t id, int hour, const std::string& leader) {
    v1::LeaderShift shift;
    shift.set_name(absl::StrCat("counties/469030/leaderShifts/", id));
    shift.mutable_leader()->set_id(leader);
    *shift.mutable_start_time() = domain::ToProto(kDay + absl::Hours(hour));
    *shift.mutable_end_time() = domain::ToProto(kDay + absl::Hours(hour + 2));
    return shift;
  }
  std::vector<int64_t> Shifts(const ShiftQuery& query) {
    const auto shifts = Read<std::vector<v1::LeaderShift>>(
        [&](sql::Reader& reader) { return LeaderShiftStore::List(reader, kCounty, query); });
    EXPECT_TRUE(shifts.ok()) << shifts.status();
    std::vector<int64_t> hours;
    for (const v1::LeaderShift& shift : shifts.value_or(std::vector<v1::LeaderShift>())) {
      hours.push_back((domain::FromProto(shift.start_time()) - kDay) / absl::Hours(1));
    }
    return hours;
  }

  static v1::AreaAlert Alert(int64_t id, int from, int until) {
    v1::AreaAlert alert;
    alert.set_name(absl::StrCat("counties/469030/areaAlerts/", id));
    *alert.mutable_start_time() = domain::ToProto(kDay + absl::Hours(from));
    *alert.mutable_end_time() = domain::ToProto(kDay + absl::Hours(until));
    return alert;
  }
  std::vector<std::string> Alerts(int64_t below, std::optional<absl::Time> at, int limit = 10) {
    const auto alerts = Read<std::vector<v1::AreaAlert>>([&](sql::Reader& reader) {
      return AreaAlertStore::List(reader, kCounty, below, at, limit);
    });
    EXPECT_TRUE(alerts.ok()) << alerts.status();
    std::vector<std::string> ids;
    for (const v1::AreaAlert& alert : alerts.value_or(std::vector<v1::AreaAlert>())) {
      ids.emplace_back(absl::StripPrefix(alert.name(), "counties/469030/areaAlerts/"));
    }
    return ids;
  }

  inline static const absl::Time kDay =
      absl::FromCivil(absl::CivilDay(2026, 10, 5), ShanghaiZone());
  SimulatedClock clock_{kDay};
  std::unique_ptr<sql::Site> site_;
  std::unique_ptr<sql::Database> database_;
};

TEST_P(PublishingStoreTest, Publications_AreListedNewestMonthAndVersionFirst) {
  const auto put = [&](const v1::PublicationWork& work) {
    Write([&](sql::Tx& tx) { return PublicationStore::Insert(tx, work); });
  };
  put(Work(kOctober, 1, v1::PUBLICATION_REPLACED));
  put(Work(kOctober, 2, v1::PUBLICATION_PUBLISHED));
  put(Work(absl::CivilMonth(2026, 9), 1, v1::PUBLICATION_PUBLISHED));
  put(Work(absl::CivilMonth(2025, 12), 1, v1::PUBLICATION_PUBLISHED));
  put(Work(absl::CivilMonth(2026, 11), 1, v1::PUBLICATION_DRAFT));
  put(Work(absl::CivilMonth(2026, 12), 1, v1::PUBLICATION_PUBLISHED, "469029"));
  EXPECT_THAT(List(std::nullopt, v1::PUBLICATION_STATE_UNSPECIFIED, 10),
              ElementsAre("2026-11-1", "2026-10-2", "2026-10-1", "2026-09-1", "2025-12-1"));
  EXPECT_THAT(List(std::nullopt, v1::PUBLICATION_PUBLISHED, 2),
              ElementsAre("2026-10-2", "2026-09-1"));
  EXPECT_THAT(List(domain::PublicationId{kOctober, 2}, v1::PUBLICATION_STATE_UNSPECIFIED, 2),
              ElementsAre("2026-10-1", "2026-09-1"));
  EXPECT_THAT(Names(Read<std::vector<v1::PublicationWork>>([&](sql::Reader& reader) {
                return PublicationStore::OfMonth(reader, kCounty, kOctober);
              })),
              ElementsAre("2026-10-1", "2026-10-2"));
}

TEST_P(PublishingStoreTest, Publication_IsReadBackAndWrittenOnce) {
  v1::PublicationWork work = Work(kOctober, 1, v1::PUBLICATION_DRAFT);
  const std::string name = work.publication().name();
  Write([&](sql::Tx& tx) { return PublicationStore::Insert(tx, work); });
  EXPECT_FALSE(TryWrite([&](sql::Tx& tx) { return PublicationStore::Insert(tx, work); }).ok());
  work.mutable_publication()->set_state(v1::PUBLICATION_PUBLISHED);
  Write([&](sql::Tx& tx) { return PublicationStore::Update(tx, work); });
  const auto load = [&](const std::string& which) {
    return Read<v1::PublicationWork>(
        [&](sql::Reader& reader) { return PublicationStore::Load(reader, which); });
  };
  ASSERT_TRUE(load(name).ok());
  EXPECT_EQ(load(name)->SerializeAsString(), work.SerializeAsString());
  EXPECT_THAT(List(std::nullopt, v1::PUBLICATION_PUBLISHED, 10), ElementsAre("2026-10-1"));
  for (const char* wrong :
       {"counties/469030/publications/2026-10-2", "counties/469029/publications/2026-10-1",
        "counties/469030/publications/x"}) {
    EXPECT_TRUE(absl::IsNotFound(load(wrong).status())) << wrong;
  }
  const v1::PublicationWork other = Work(kOctober, 2, v1::PUBLICATION_DRAFT);
  EXPECT_FALSE(TryWrite([&](sql::Tx& tx) { return PublicationStore::Update(tx, other); }).ok());
}

TEST_P(PublishingStoreTest, Filed_CountsTheOrdersOfTheMonthByTypeAndChannel) {
  const std::unique_ptr<sql::Site> key_site = GetParam().make_site();
  const std::unique_ptr<sql::Database> key_database = *sql::Open(key_site->Uri(), {});
  ASSERT_TRUE(sql::Migrate(*key_database, "privacy", privacy::KeyRingMigrations(), clock_).ok());
  const std::unique_ptr<Rng> rng = NewSeededRng(1);
  const std::string master = testing::TempDir() + "/" + NewUuid(*NewSystemRng()) + ".key";
  ASSERT_TRUE(privacy::MasterKeys::Create(master, *rng).ok());
  const auto keys = *privacy::KeyRing::Open(key_database.get(), *privacy::MasterKeys::Load(master),
                                            &clock_, rng.get(), {});
  std::filesystem::remove(master);
  const privacy::KeyId key = *keys->NewKey();
  const privacy::Vault vault(keys.get(), rng.get());
  const TicketStore tickets(&vault);
  int64_t seq = 0;
  const auto file = [&](absl::string_view day, int n, v1::TicketType type, v1::Channel channel) {
    TicketRow row;
    row.ticket.set_name(absl::StrFormat("counties/469030/tickets/%s-%06d", day, n));
    row.ticket.set_type(type);
    row.ticket.set_channel(channel);
    row.ticket.set_category("0101");
    row.ticket.set_title("电梯停运");
    row.ticket.set_etag("v1");
    row.key = key;
    row.seq = ++seq;
    Write([&](sql::Tx& tx) { return tickets.Insert(tx, row); });
  };
  file("20260930", 1, v1::HELP, v1::PHONE);
  file("20261001", 1, v1::HELP, v1::PHONE);
  file("20261031", 1, v1::HELP, v1::PHONE);
  file("20261031", 2, v1::HELP, v1::APP);
  file("20261031", 3, v1::PRAISE, v1::PHONE);
  file("20261101", 1, v1::HELP, v1::PHONE);
  using Filed = std::map<std::pair<v1::TicketType, v1::Channel>, int64_t>;
  const auto filed = Read<Filed>(
      [&](sql::Reader& reader) { return PublicationStore::Filed(reader, kCounty, kOctober); });
  ASSERT_TRUE(filed.ok()) << filed.status();
  EXPECT_EQ(
      *filed,
      (Filed{{{v1::HELP, v1::PHONE}, 2}, {{v1::HELP, v1::APP}, 1}, {{v1::PRAISE, v1::PHONE}, 1}}));
}

TEST_P(PublishingStoreTest, Shifts_AreFoundByTimeAndLeader) {
  for (const auto& [id, hour, leader] : std::vector<std::tuple<int64_t, int, const char*>>{
           {5, 15, "wang"}, {6, 9, "wang"}, {7, 9, "li"}, {8, 33, "wang"}}) {
    const v1::LeaderShift shift = Shift(id, hour, leader);
    Write([&](sql::Tx& tx) { return LeaderShiftStore::Insert(tx, shift); });
  }
  EXPECT_THAT(Shifts({}), ElementsAre(9, 9, 15, 33));
  EXPECT_THAT(Shifts({.leader = "wang"}), ElementsAre(9, 15, 33));
  EXPECT_THAT(Shifts({.from = kDay + absl::Hours(9), .until = kDay + absl::Hours(15)}),
              ElementsAre(9, 9));
  EXPECT_THAT(Shifts({.ends_after = kDay + absl::Hours(11)}), ElementsAre(15, 33))
      << "what ends then is over";
  EXPECT_THAT(Shifts({.after_start = kDay + absl::Hours(9), .after_id = 6, .limit = 2}),
              ElementsAre(9, 15));
  v1::LeaderShift moved = Shift(5, 20, "li");
  Write([&](sql::Tx& tx) { return LeaderShiftStore::Update(tx, moved); });
  EXPECT_THAT(Shifts({.leader = "li"}), ElementsAre(9, 20));
  moved.set_name("counties/469030/leaderShifts/99");
  EXPECT_FALSE(TryWrite([&](sql::Tx& tx) { return LeaderShiftStore::Update(tx, moved); }).ok());
}

TEST_P(PublishingStoreTest, ShiftOrders_AreEachOfOneShift) {
  const auto add = [&](const std::string& shift, const std::string& number) {
    return TryWrite([&](sql::Tx& tx) {
      return LeaderShiftStore::AddOrder(tx, absl::StrCat("counties/469030/leaderShifts/", shift),
                                        absl::StrCat("counties/469030/tickets/", number));
    });
  };
  ASSERT_TRUE(add("5", "20261005-000002").ok());
  ASSERT_TRUE(add("5", "20261005-000001").ok());
  ASSERT_TRUE(add("6", "20261005-000003").ok());
  EXPECT_FALSE(add("5", "20261005-000001").ok()) << "twice";
  const auto orders = [&](const std::string& shift) {
    const auto found = Read<std::vector<std::string>>([&](sql::Reader& reader) {
      return LeaderShiftStore::Orders(reader, absl::StrCat("counties/469030/leaderShifts/", shift));
    });
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(std::vector<std::string>());
  };
  EXPECT_THAT(orders("5"), ElementsAre("counties/469030/tickets/20261005-000001",
                                       "counties/469030/tickets/20261005-000002"));
  EXPECT_THAT(orders("7"), IsEmpty());
}

TEST_P(PublishingStoreTest, Alerts_AreFoundByTheirTime) {
  for (const auto& [id, from, until] :
       std::vector<std::tuple<int64_t, int, int>>{{3, 8, 18}, {4, 10, 12}, {5, 12, 30}}) {
    const v1::AreaAlert alert = Alert(id, from, until);
    Write([&](sql::Tx& tx) { return AreaAlertStore::Insert(tx, alert); });
  }
  const auto at = [&](int hour) { return kDay + absl::Hours(hour); };
  EXPECT_THAT(Alerts(0, at(7)), IsEmpty());
  EXPECT_THAT(Alerts(0, at(10)), ElementsAre("4", "3"));
  EXPECT_THAT(Alerts(0, at(12)), ElementsAre("5", "3")) << "its end is not in it";
  EXPECT_THAT(Alerts(5, at(12)), ElementsAre("3"));
  EXPECT_THAT(Alerts(0, std::nullopt), ElementsAre("5", "4", "3"));
  EXPECT_THAT(Alerts(0, std::nullopt, 2), ElementsAre("5", "4"));
  const v1::AreaAlert longer = Alert(3, 8, 40);
  Write([&](sql::Tx& tx) { return AreaAlertStore::Update(tx, longer); });
  EXPECT_THAT(Alerts(0, at(35)), ElementsAre("3"));
}

INSTANTIATE_TEST_SUITE_P(Backends, PublishingStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
