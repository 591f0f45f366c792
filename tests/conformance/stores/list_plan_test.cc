// Every list, and the history of an order, follows an index of SQLite to its rows: nothing is
// scanned and nothing is sorted, whatever filters come together.
#include <deque>
#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/journal/log.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/store/desk_store.h"
#include "services/ticket/store/exclusion_store.h"
#include "services/ticket/store/notice_store.h"
#include "services/ticket/store/search_query.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::ticket::store {
namespace {

// Asks for the plan of every query before it runs.
class Explainer final : public sql::Reader {
 public:
  explicit Explainer(sql::Reader* reader) : reader_(reader) {}

  absl::Status Query(const sql::Statement& statement, sql::Params params,
                     sql::RowCallback on_row) override {
    texts_.push_back(absl::StrCat("EXPLAIN QUERY PLAN ", statement.text));
    const sql::Statement explain = {"test.explain", texts_.back().c_str()};
    const absl::Status explained = reader_->Query(explain, params, [this](const sql::Row& row) {
      plans_.push_back(std::string(row.Text(3)));
      return absl::OkStatus();
    });
    return explained.ok() ? reader_->Query(statement, params, on_row) : explained;
  }

  const std::vector<std::string>& plans() const { return plans_; }

 private:
  sql::Reader* reader_;
  std::deque<std::string> texts_;
  std::vector<std::string> plans_;
};

class ListPlanTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = *sql::Open("sqlite::memory:", {});
    key_database_ = *sql::Open("sqlite::memory:", {});
    ASSERT_TRUE(sql::Migrate(*database_, "journal", journal::JournalMigrations(), clock_).ok());
    ASSERT_TRUE(sql::Migrate(*database_, "ticket", TicketMigrations(), clock_).ok());
    ASSERT_TRUE(sql::Migrate(*key_database_, "privacy", privacy::KeyRingMigrations(), clock_).ok());
    const std::string master = testing::TempDir() + "/" + NewUuid(*rng_) + ".key";
    ASSERT_TRUE(privacy::MasterKeys::Create(master, *rng_).ok());
    keys_ = *privacy::KeyRing::Open(key_database_.get(), *privacy::MasterKeys::Load(master),
                                    &clock_, rng_.get(), {});
    std::filesystem::remove(master);
    vault_ = std::make_unique<privacy::Vault>(keys_.get(), rng_.get());
    store_ = std::make_unique<TicketStore>(vault_.get());
  }

  std::vector<std::string> PlansOf(absl::FunctionRef<absl::Status(sql::Reader&)> read) {
    std::vector<std::string> plans;
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) {
      Explainer explainer(&reader);
      const absl::Status done = read(explainer);
      plans = explainer.plans();
      return done;
    });
    EXPECT_TRUE(status.ok()) << status;
    return plans;
  }
  std::vector<std::string> Plans(const v1::ListTicketsRequest& request, const std::string& phone) {
    const RowScope scope{.whole_county = true, .area_prefixes = {}, .units = {}};
    return PlansOf([&](sql::Reader& reader) {
      return store_->List(reader, "469030", request, scope, {}, phone).status();
    });
  }

  SystemClock clock_;
  std::unique_ptr<Rng> rng_ = NewSystemRng();
  std::unique_ptr<sql::Database> database_, key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<TicketStore> store_;
};

TEST_F(ListPlanTest, EveryCombinationOfFilters_FollowsAnIndex) {
  constexpr int kFilters = 11;
  std::set<std::string> seen;
  for (unsigned bits = 0; bits < 1u << kFilters; ++bits) {
    const auto has = [bits](unsigned filter) { return (bits >> filter & 1) != 0; };
    v1::ListTicketsRequest request;
    if (has(0)) request.add_states(v1::SIGNED), request.add_states(v1::REPLIED);
    if (has(1)) request.set_type(v1::HELP);
    if (has(2)) request.set_channel(v1::PHONE);
    if (has(3)) request.set_category(has(1) ? "01" : "010101");
    if (has(4)) request.set_lead("counties/469030/units/zhujianju");
    if (has(5)) request.set_grid("counties/469030/grids/469030100003001");
    if (has(6)) request.set_subtree(has(2) ? "469030100000" : "469030100003");
    if (has(7)) {
      request.mutable_filed_from()->set_seconds(1'780'000'000);
      request.mutable_filed_before()->set_seconds(1'790'000'000);
    }
    if (has(8)) request.mutable_due_before()->set_seconds(1'790'000'000);
    if (has(10)) request.set_merged_into("counties/469030/tickets/20260610-000002");
    const std::vector<std::string> plans = Plans(request, has(9) ? "13812341234" : "");
    ASSERT_FALSE(plans.empty());
    for (const std::string& plan : plans) {
      EXPECT_TRUE(absl::StartsWith(plan, "SEARCH tickets USING INDEX") ||
                  absl::StartsWith(plan, "SEARCH tickets USING COVERING INDEX"))
          << plan << "\n"
          << request.ShortDebugString();
      EXPECT_FALSE(absl::StrContains(plan, "TEMP B-TREE")) << plan;
      seen.insert(plan);
    }
  }
  // All of them are used by some filter.
  for (const char* index : {"COVERING INDEX tickets_by_state", "COVERING INDEX tickets_by_lead",
                            "COVERING INDEX tickets_by_area", "COVERING INDEX tickets_by_town",
                            "COVERING INDEX tickets_open ", "COVERING INDEX tickets_open_by_lead",
                            "tickets_by_category", "tickets_by_caller", "tickets_merged",
                            "sqlite_autoindex_tickets_1"}) {
    EXPECT_THAT(seen, testing::Contains(testing::HasSubstr(index))) << absl::StrJoin(seen, "\n");
  }
}

TEST_F(ListPlanTest, HistoryOfAnOrder_ReadsItsOwnRecordsOnly) {
  const auto plans = PlansOf([](sql::Reader& reader) {
    return journal::ReadResource(reader, "469030", "counties/469030/tickets/20260610-000002", 0, 50,
                                 [](const auto&) { return absl::OkStatus(); });
  });
  EXPECT_THAT(
      plans,
      testing::ElementsAre(
          "SEARCH journal USING PRIMARY KEY (county=? AND stream=? AND seq=?)", "LIST SUBQUERY 1",
          "SEARCH journal USING COVERING INDEX journal_by_resource (county=? AND resource=? AND "
          "seq>?)"));
}

TEST_F(ListPlanTest, RequestsForExclusion_FollowTheirState) {
  const auto plans = PlansOf([](sql::Reader& reader) {
    return ExclusionStore().List(reader, "469030", v1::EXCLUSION_PENDING, "", 50).status();
  });
  EXPECT_THAT(plans, testing::ElementsAre(testing::HasSubstr(
                         "ticket_exclusions_by_state (county=? AND state=? AND number<?)")));
}

TEST_F(ListPlanTest, Searches_FollowAnIndex) {
  const SearchIndex index(vault_.get(), sql::Dialect::kSqlite);
  const SearchQuery query(store_.get(), &index);
  const RowScope everything{.whole_county = true, .area_prefixes = {}, .units = {}};
  v1::Ticket order;
  order.set_name("counties/469030/tickets/20260610-000001");
  order.set_category("010101");
  order.set_title("停水");
  order.mutable_place()->set_grid("counties/469030/grids/469030100003001");
  order.mutable_place()->mutable_point()->set_latitude(19);
  order.mutable_place()->mutable_point()->set_longitude(109);
  order.mutable_caller()->set_phone("13812341234");
  order.mutable_create_time()->set_seconds(1'781'000'000);
  ASSERT_TRUE(database_->Write({}, [&](sql::Tx& tx) { return index.Put(tx, order); }).ok());
  v1::QueryTicketsRequest words;
  words.set_text("停水");
  v1::QueryTicketsRequest relevant = words;
  relevant.set_order(v1::RELEVANCE);
  v1::QueryTicketsRequest near;
  *near.mutable_near() = order.place().point();
  v1::DuplicatePolicy rules;
  rules.set_days(30);
  rules.set_radius_metres(200);
  const std::vector<std::string> plans = PlansOf([&](sql::Reader& reader) {
    absl::Status read =
        query.ToCompareWith(reader, "469030", order, rules, {everything, ""}).status();
    for (const auto& request : {words, relevant, near}) {
      read.Update(query.Page(reader, "469030", request, {everything, ""}, {}, 50).status());
    }
    return read;
  });
  const std::string all = absl::StrJoin(plans, "\n");
  for (const std::string& plan : plans) {
    EXPECT_FALSE(absl::StartsWith(plan, "SCAN ticket") || absl::StartsWith(plan, "SCAN s")) << plan;
  }
  for (const char* used : {"INDEX ticket_search_by_grid", "INDEX ticket_search_by_category_cell",
                           "INDEX ticket_search_by_cell", "VIRTUAL TABLE INDEX",
                           "tickets_by_category", "tickets_by_caller"}) {
    EXPECT_THAT(all, testing::HasSubstr(used));
  }
}

TEST_F(ListPlanTest, DesksDutiesAndInboxes_FollowAnIndex) {
  const DeskStore desks(vault_.get());
  const NoticeStore notices = {};
  const std::vector<std::string> plans = PlansOf([&](sql::Reader& reader) {
    absl::Status read = desks.Desk(reader, "469030", "u", {}, 50).status();
    read.Update(desks.OfAssignee(reader, "469030", "u", "li", 50).status());
    read.Update(desks.WithDuties(reader, "469030", "", 50).status());
    read.Update(notices.List(reader, "469030", "", {}, 50).status());
    read.Update(notices.List(reader, "469030", "u", {}, 50).status());
    return read;
  });
  EXPECT_THAT(plans, testing::ElementsAre(testing::HasSubstr("INDEX tickets_desk"),
                                          testing::HasSubstr("INDEX tickets_assigned"),
                                          testing::HasSubstr("INDEX tickets_duties"),
                                          testing::HasSubstr("sqlite_autoindex_notices_1"),
                                          testing::HasSubstr("INDEX notices_inbox")));
}

}  // namespace
}  // namespace baimi::ticket::store
