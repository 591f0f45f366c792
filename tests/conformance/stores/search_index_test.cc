// The search index on every database: the same orders in the same order, kept up one by one as
// built anew, and nothing personal in it.
#include "services/ticket/store/search_index.h"

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
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/cells.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/store/search_query.h"
#include "services/ticket/store/search_text.h"
#include "services/ticket/store/stored_form.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kCounty[] = "469030";
const RowScope kEverything{.whole_county = true, .area_prefixes = {}, .units = {}};
constexpr double kLatitude = 19.034;
constexpr double kLongitude = 109.83;

constexpr sql::Statement kAllRows = {
    "test.search_rows",
    "SELECT id, category, grid, cell, words, terms FROM ticket_search ORDER BY county, id"};
constexpr sql::Statement kCheckWords = {
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
                                     absl::string_view county = kCounty) {
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
      auto read = query_->Page(reader, kCounty, request, viewer, after, limit);
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

TEST_P(SearchIndexTest, Words_OfTwoCharactersLatinAndDigits_AreFound) {
  Put(Order("20260601", 1, "3栋电梯停运，WiFi信号也没了"));
  Put(Order("20260601", 2, "小区停水两天"));
  Put(Order("20260602", 1, "电梯停水浸泡，Ａ栋 0898"));
  Put(Order("20260602", 2, "水"));
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"电梯", {"20260602-000001", "20260601-000001"}},
      {"停水", {"20260602-000001", "20260601-000002"}},
      {"电梯 停水", {"20260602-000001"}},
      {"停水电梯", {}},
      {"wifi", {"20260601-000001"}},
      {"ＷＩＦＩ", {"20260601-000001"}},
      {"3", {"20260601-000001"}},
      {"a", {"20260602-000001"}},
      {"0898", {"20260602-000001"}},
      {"089", {}},
      {"水", {"20260602-000002"}},
      {"煤气", {}},
      {"！", {}},
      {"\" OR \"电梯", {}},
  };
  for (const auto& [text, want] : cases) {
    EXPECT_EQ(WithWords(text), want) << text;
  }
  EXPECT_THAT(WithWords("电梯", 100, {}, "469029"), IsEmpty());
}

TEST_P(SearchIndexTest, Words_NewestFirstInAnyRangeAndPortion_AsAPlainFilterSays) {
  std::mt19937 random(11);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  // Days as far apart as the longest steps of the walk, and close together.
  const char* days[] = {"20100307", "20190101", "20251231", "20260101", "20260501",
                        "20260530", "20260601", "20260602", "20260603", "20260604"};
  const char* words[] = {"电梯", "停水", "路灯", "co2"};
  std::vector<std::pair<std::string, std::string>> orders;
  for (const char* day : days) {
    for (int n = 1; n <= 12; ++n) {
      std::string text;
      for (const char* word : words) {
        absl::StrAppend(&text, pick(3) == 0 ? word : "", "，");
      }
      v1::Ticket order = Order(day, n, absl::StrCat(text, "第", n, "件"));
      Write([&](sql::Tx& tx) { return index_->Put(tx, order); });
      orders.emplace_back(LastSegment(order.name()), text);
    }
  }
  std::sort(orders.rbegin(), orders.rend());
  for (int i = 0; i < 200; ++i) {
    std::vector<std::string> asked;
    for (const char* word : words) {
      if (pick(3) == 0) {
        asked.emplace_back(word);
      }
    }
    if (asked.empty()) {
      continue;
    }
    NumberRange range;
    if (pick(2) == 0) {
      range.below = orders[static_cast<size_t>(pick(static_cast<int>(orders.size())))].first;
    }
    if (pick(2) == 0) {
      range.from = orders[static_cast<size_t>(pick(static_cast<int>(orders.size())))].first;
    }
    const int limit = 1 + pick(20);
    std::vector<std::string> want;
    for (const auto& [number, text] : orders) {
      const bool holds = std::all_of(asked.begin(), asked.end(), [&text = text](const auto& word) {
        return absl::StrContains(text, word);
      });
      if (holds && number >= range.from && (range.below.empty() || number < range.below) &&
          want.size() < static_cast<size_t>(limit)) {
        want.push_back(number);
      }
    }
    EXPECT_EQ(WithWords(absl::StrJoin(asked, " "), limit, range), want)
        << absl::StrJoin(asked, " ") << " below " << range.below << " from " << range.from;
  }
}

TEST_P(SearchIndexTest, Index_KeptUpOneByOne_EqualsOneBuiltFromTheRows) {
  std::mt19937 random(3);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::vector<v1::Ticket> orders;
  for (int i = 1; i <= 40; ++i) {
    orders.push_back(Order("20260601", i, absl::StrCat("第", pick(9), "栋停水停电"), pick(5)));
    Put(orders.back());
  }
  for (int step = 0; step < 120; ++step) {
    v1::Ticket& order = orders[static_cast<size_t>(pick(40))];
    switch (pick(4)) {
      case 0:
        order.set_title(absl::StrCat("路灯不亮，", pick(9), "号"));
        break;
      case 1:
        order.mutable_place()->clear_point();
        break;
      case 2:
        order.set_category("020301");
        break;
      default:
        order.set_state(v1::MERGED);
        order.set_merged_into("counties/469030/tickets/20260601-000001");
    }
    Write([&](sql::Tx& tx) -> absl::Status {
      return pick(10) == 0 ? index_->Remove(tx, order.name()) : index_->Put(tx, order);
    });
  }
  Write([&](sql::Tx& tx) -> absl::Status {
    for (const v1::Ticket& order : orders) {
      if (const absl::Status put = index_->Put(tx, order); !put.ok()) return put;
    }
    return absl::OkStatus();
  });
  const std::vector<std::string> kept = Rows();
  const std::vector<std::string> found = WithWords("停水", 1000);
  CheckWords();
  Write([&](sql::Tx& tx) -> absl::Status {
    for (const v1::Ticket& order : orders) {
      if (const absl::Status removed = index_->Remove(tx, order.name()); !removed.ok()) {
        return removed;
      }
    }
    return absl::OkStatus();
  });
  EXPECT_THAT(Rows(), IsEmpty());
  EXPECT_THAT(WithWords("停水"), IsEmpty());
  CheckWords();
  Write([&](sql::Tx& tx) -> absl::Status {
    for (const v1::Ticket& order : orders) {
      if (const absl::Status put = index_->Put(tx, order); !put.ok()) return put;
    }
    return absl::OkStatus();
  });
  EXPECT_EQ(Rows(), kept);
  EXPECT_EQ(WithWords("停水", 1000), found);
  EXPECT_FALSE(found.empty());
}

TEST_P(SearchIndexTest, PersonalData_IsNotInTheIndex) {
  v1::Ticket order = Order("20260601", 1, "陈阿妹家停水，电话138 0000 1234找陈阿妹");
  order.set_description(
      "联系电话：１３８００００１２３４，座机0898-"
      "86223344，身份证46003319901011123X，住珉华小区3栋2单元");
  order.mutable_caller()->set_name("陈阿妹");
  order.mutable_caller()->set_phone("13800001234");
  order.mutable_place()->set_address("珉华小区3栋2单元");
  Put(order);
  EXPECT_EQ(SearchText(order), "家停水 电话 找 联系电话 座机 身份证 住");
  for (const std::string& row : Rows()) {
    EXPECT_EQ(row.find("停水"), std::string::npos) << "words stand there as keyed hashes: " << row;
  }
  for (const char* secret : {"13800001234", "陈阿妹", "0898", "46003319901011123X"}) {
    EXPECT_THAT(WithWords(secret), IsEmpty()) << secret;
  }
  EXPECT_THAT(WithWords("停水"), ElementsAre("20260601-000001"));
}

TEST_P(SearchIndexTest, LongestWords_AreIndexedAndFound) {
  const std::string word(4000, 'x');
  Put(Order("20260601", 1, word));
  EXPECT_THAT(WithWords(word), ElementsAre("20260601-000001"));
}

TEST_P(SearchIndexTest, Pages_OfEveryOrder_AreWholeWhileOrdersComeIn) {
  for (int n = 1; n <= 30; ++n) {
    Put(Order("20260601", n, absl::StrCat("停水", n % 3 == 0 ? "多日无人处理" : "", n % 2), n % 7));
  }
  int filed = 100;
  const auto file = [&] { Put(Order("20260601", ++filed, "停水", 0)); };
  for (const v1::QueryTicketsRequest& request :
       {Text("停水", v1::NEWEST), Text("停水", v1::RELEVANCE), Near(1000), Near(1000, "处理")}) {
    const std::vector<std::string> whole = Pages(request, 200);
    EXPECT_GE(whole.size(), 10U);
    EXPECT_EQ(Pages(request, 4, {kEverything, ""}, file), whole) << request.ShortDebugString();
  }
}

TEST_P(SearchIndexTest, Relevance_PutsTheTextThatIsMostOfAnOrderFirst) {
  Put(Order("20260601", 1, "停水"));
  Put(Order("20260601", 2, "停水三天没有人来修，老人小孩都没有水喝"));
  Put(Order("20260601", 3, "停水三天"));
  Put(Order("20260601", 4, "停水四天"));
  EXPECT_THAT(
      Pages(Text("停水", v1::RELEVANCE), 1),
      ElementsAre("20260601-000001", "20260601-000004", "20260601-000003", "20260601-000002"));
}

TEST_P(SearchIndexTest, Nearest_IsByDistanceOfCellsThenNewest) {
  for (int n = 1; n <= 24; ++n) {
    Put(Order("20260601", n, "停水", n % 8 * 3));
  }
  v1::Ticket nowhere = Order("20260601", 30, "停水");
  nowhere.mutable_place()->clear_point();
  Put(nowhere);
  const v1::QueryTicketsRequest request = Near(2000);
  std::vector<std::pair<int64_t, std::string>> want;
  for (int n = 24; n >= 1; --n) {
    const v1::Ticket order = Order("20260601", n, "", n % 8 * 3);
    const int64_t metres =
        domain::MetresToCell(request.near(), domain::CellOf(order.place().point()));
    if (metres <= 2000) {
      want.emplace_back(metres, LastSegment(order.name()));
    }
  }
  std::stable_sort(want.begin(), want.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> numbers;
  for (const auto& [metres, number] : want) {
    numbers.push_back(number);
  }
  ASSERT_LT(numbers.size(), 24U);
  for (const int limit : {1, 2, 5, 100}) {
    EXPECT_EQ(Pages(request, limit), numbers) << limit;
  }
}

TEST_P(SearchIndexTest, Filters_ScopeAndReports_AreObeyed) {
  for (int n = 1; n <= 12; ++n) {
    v1::Ticket order = Order("20260601", n, "停水");
    order.set_type(n % 2 == 0 ? v1::REPORT : v1::HELP);
    if (n % 4 == 0) {
      order.set_subject_unit("counties/469030/units/shuiwuju");
    }
    order.mutable_assignment()->set_lead(n > 6 ? "counties/469030/units/a" : "");
    order.set_state(n % 3 == 0 ? v1::CLOSED : v1::SIGNED);
    Put(order);
  }
  auto request = Text("停水", v1::NEWEST);
  request.add_states(v1::CLOSED);
  EXPECT_THAT(Pages(request, 2), ElementsAre("20260601-000012", "20260601-000009",
                                             "20260601-000006", "20260601-000003"));
  EXPECT_EQ(Pages(request, 2, {kEverything, "shuiwuju"}).front(), "20260601-000009");
  request = Near(1000);
  request.set_type(v1::REPORT);
  EXPECT_THAT(Pages(request, 2, {kEverything, "shuiwuju"}),
              ElementsAre("20260601-000010", "20260601-000006", "20260601-000002"));
  const RowScope unit{.whole_county = false, .area_prefixes = {}, .units = {"a"}};
  EXPECT_THAT(Pages(request, 2, {unit, "a"}),
              ElementsAre("20260601-000012", "20260601-000010", "20260601-000008"));
}

TEST_P(SearchIndexTest, Pages_OfARareFilter_AreShortAndEnd) {
  Write([&](sql::Tx& tx) -> absl::Status {
    for (int n = 1; n <= 2200; ++n) {
      v1::Ticket order = Order("20260601", n, "停水");
      order.set_channel(n == 3 ? v1::SMS : v1::PHONE);
      absl::Status status = store_->Insert(tx, {.ticket = order, .key = key_, .seq = n});
      if (status.ok()) status = index_->Put(tx, order);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  });
  for (v1::QueryTicketsRequest request : {Text("停水", v1::NEWEST), Near(1000)}) {
    request.set_channel(v1::SMS);
    const SearchPage first = PageOf(request, {}, 10);
    EXPECT_TRUE(first.rows.empty());
    EXPECT_FALSE(first.next.empty());
    EXPECT_THAT(Pages(request, 10), ElementsAre("20260601-000003"));
  }
}

TEST_P(SearchIndexTest, OrdersToCompareWith_AreNearOfTheCallerOrNotIndexedYet) {
  v1::Ticket draft = Order("20260620", 99, "停水", 0);
  const v1::Ticket grid = Order("20260601", 1, "停水", 40);
  v1::Ticket near = Order("20260602", 2, "停水", 1);
  near.mutable_place()->set_grid("counties/469030/grids/469030100003002");
  v1::Ticket far = Order("20260602", 3, "停水", 40);
  far.mutable_place()->set_grid("counties/469030/grids/469030100003002");
  v1::Ticket other_category = Order("20260602", 4, "停水", 0);
  other_category.set_category("020301");
  const v1::Ticket old = Order("20260401", 5, "停水", 0);
  v1::Ticket own = far;
  own.set_name("counties/469030/tickets/20260603-000006");
  *own.mutable_caller() = draft.caller();
  for (const v1::Ticket& order : {grid, near, far, other_category, old, own}) {
    Put(order);
  }
  const v1::Ticket fresh = Order("20260619", 7, "停水", 0);
  Write([&](sql::Tx& tx) { return store_->Insert(tx, {.ticket = fresh, .key = key_, .seq = 9}); });
  v1::DuplicatePolicy rules;
  rules.set_days(30);
  rules.set_radius_metres(200);
  std::set<std::string> names;
  EXPECT_TRUE(database_
                  ->Read({},
                         [&](sql::Reader& reader) -> absl::Status {
                           const auto rows = query_->ToCompareWith(reader, kCounty, draft, rules,
                                                                   {kEverything, ""});
                           for (const TicketRow& row : *rows) {
                             names.insert(row.ticket.name());
                           }
                           return rows.status();
                         })
                  .ok());
  EXPECT_EQ(names, (std::set<std::string>{grid.name(), near.name(), own.name(), fresh.name()}));
}

INSTANTIATE_TEST_SUITE_P(Backends, SearchIndexTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
