// A search index and what is searched with it, on one of the databases.
#ifndef BAIMI_TESTS_CONFORMANCE_STORES_SEARCH_SITE_H_
#define BAIMI_TESTS_CONFORMANCE_STORES_SEARCH_SITE_H_

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/cells.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/store/search_index.h"
#include "services/ticket/store/search_query.h"
#include "services/ticket/store/search_text.h"
#include "services/ticket/store/stored_form.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {

inline constexpr char kSiteCounty[] = "469030";
inline const RowScope kEverything{.whole_county = true, .area_prefixes = {}, .units = {}};
inline constexpr double kLatitude = 19.034;
inline constexpr double kLongitude = 109.83;

inline constexpr sql::Statement kAllRows = {
    "test.search_rows",
    "SELECT id, category, grid, cell, words, terms FROM ticket_search ORDER BY county, id"};
inline constexpr sql::Statement kCheckWords = {
    "test.check_words",
    "INSERT INTO ticket_words (ticket_words, rank) VALUES ('integrity-check', 1)"};

class SearchIndexTest : public testing::TestWithParam<sql::Backend> {
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
    store_ = std::make_unique<TicketStore>(vault_.get());
    index_ = std::make_unique<SearchIndex>(vault_.get(), database_->dialect());
    query_ = std::make_unique<SearchQuery>(store_.get(), index_.get());
  }

  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    const absl::Status status = database_->Write({}, body);
    ASSERT_TRUE(status.ok()) << status;
  }

  // The n-th order of a day, `east` thousandths of a degree to the east.
  static v1::Ticket Order(absl::string_view day, int n, absl::string_view text, int east = 0) {
    v1::Ticket ticket;
    ticket.set_name(absl::StrCat("counties/469030/tickets/", day, absl::StrFormat("-%06d", n)));
    ticket.set_category("010101");
    ticket.set_title(std::string(text));
    ticket.set_type(v1::HELP);
    ticket.set_state(v1::SIGNED);
    ticket.mutable_place()->set_grid("counties/469030/grids/469030100003001");
    ticket.mutable_place()->mutable_point()->set_latitude(kLatitude);
    ticket.mutable_place()->mutable_point()->set_longitude(kLongitude + east * 0.001);
    ticket.mutable_caller()->set_phone(absl::StrFormat("1390000%04d", n));
    int date = 0;
    EXPECT_TRUE(absl::SimpleAtoi(day, &date));
    const absl::Time filed = absl::FromCivil(
        absl::CivilDay(date / 10'000, date / 100 % 100, date % 100), ShanghaiZone());
    *ticket.mutable_create_time() = domain::ToProto(filed + absl::Minutes(n));
    return ticket;
  }

  // Stores and indexes.
  void Put(const v1::Ticket& ticket) {
    Write([&](sql::Tx& tx) -> absl::Status {
      const absl::Status stored = store_->Insert(tx, {.ticket = ticket, .key = key_, .seq = 1});
      return stored.ok() ? index_->Put(tx, ticket) : stored;
    });
  }

  static std::vector<std::string> NumbersOf(const std::vector<Indexed>& found) {
    std::vector<std::string> numbers;
    for (const Indexed& one : found) {
      numbers.push_back(one.number);
    }
    return numbers;
  }

  std::vector<std::string> WithWords(absl::string_view text, int limit = 100,
                                     const NumberRange& range = {},
                                     absl::string_view county = kSiteCounty) {
    std::vector<std::string> numbers;
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) {
      auto found = index_->WithWords(reader, county, index_->WordsOf(text), range, limit);
      numbers = found.ok() ? NumbersOf(*found) : std::vector<std::string>();
      return found.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return numbers;
  }

  SearchPage PageOf(const v1::QueryTicketsRequest& request, const std::vector<std::string>& after,
                    int limit, const Viewer& viewer = {kEverything, ""}) {
    SearchPage page;
    const absl::Status status = database_->Read({}, [&](sql::Reader& reader) {
      auto read = query_->Page(reader, kSiteCounty, request, viewer, after, limit);
      page = read.ok() ? *std::move(read) : SearchPage();
      return read.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return page;
  }

  static v1::QueryTicketsRequest Text(absl::string_view text, v1::QueryOrder order) {
    v1::QueryTicketsRequest request;
    request.set_text(std::string(text));
    request.set_order(order);
    return request;
  }
  static v1::QueryTicketsRequest Near(int radius, absl::string_view text = "") {
    v1::QueryTicketsRequest request;
    request.set_text(std::string(text));
    request.set_radius(radius);
    request.mutable_near()->set_latitude(kLatitude);
    request.mutable_near()->set_longitude(kLongitude);
    return request;
  }

  // All pages; `between` runs after each.
  std::vector<std::string> Pages(
      const v1::QueryTicketsRequest& request, int limit, const Viewer& viewer = {kEverything, ""},
      const std::function<void()>& between = [] {}) {
    std::vector<std::string> numbers;
    std::vector<std::string> after;
    do {
      SearchPage page = PageOf(request, after, limit, viewer);
      EXPECT_LE(page.rows.size(), static_cast<size_t>(limit));
      for (const TicketRow& row : page.rows) {
        numbers.emplace_back(LastSegment(row.ticket.name()));
      }
      after = page.next;
      between();
    } while (!after.empty());
    return numbers;
  }

  std::vector<std::string> Rows() {
    std::vector<std::string> rows;
    EXPECT_TRUE(database_
                    ->Read({},
                           [&](sql::Reader& reader) {
                             return reader.Query(kAllRows, {}, [&](const sql::Row& row) {
                               rows.push_back(absl::StrCat(row.Int64(0), "|", row.Text(1), "|",
                                                           row.Text(2), "|",
                                                           row.IsNull(3) ? -1 : row.Int64(3), "|",
                                                           row.Int64(4), "|", row.Text(5)));
                               return absl::OkStatus();
                             });
                           })
                    .ok());
    return rows;
  }

  // FTS5 against the rows it stands for.
  void CheckWords() {
    if (database_->dialect() == sql::Dialect::kSqlite) {
      Write([](sql::Tx& tx) { return tx.Execute(kCheckWords, {}).status(); });
    }
  }

  SystemClock clock_;
  std::unique_ptr<Rng> rng_ = NewSeededRng(7);
  std::unique_ptr<sql::Site> site_;
  std::unique_ptr<sql::Site> key_site_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<sql::Database> key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<TicketStore> store_;
  std::unique_ptr<SearchIndex> index_;
  std::unique_ptr<SearchQuery> query_;
  privacy::KeyId key_ = privacy::kNoKey;
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_TESTS_CONFORMANCE_STORES_SEARCH_SITE_H_
