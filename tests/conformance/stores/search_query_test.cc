// Searches on every database: filters, orders and pages.
#include "gmock/gmock.h"
#include "tests/conformance/stores/search_site.h"

namespace baimi::ticket::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using SearchQueryTest = SearchIndexTest;

TEST_P(SearchQueryTest, Pages_OfEveryOrder_AreWholeWhileOrdersComeIn) {
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

TEST_P(SearchQueryTest, Relevance_PutsTheTextThatIsMostOfAnOrderFirst) {
  Put(Order("20260601", 1, "停水"));
  Put(Order("20260601", 2, "停水三天没有人来修，老人小孩都没有水喝"));
  Put(Order("20260601", 3, "停水三天"));
  Put(Order("20260601", 4, "停水四天"));
  EXPECT_THAT(
      Pages(Text("停水", v1::RELEVANCE), 1),
      ElementsAre("20260601-000001", "20260601-000004", "20260601-000003", "20260601-000002"));
}

TEST_P(SearchQueryTest, Nearest_IsByDistanceOfCellsThenNewest) {
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

TEST_P(SearchQueryTest, Filters_ScopeAndReports_AreObeyed) {
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

TEST_P(SearchQueryTest, Pages_OfARareFilter_AreShortAndEnd) {
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

TEST_P(SearchQueryTest, OrdersToCompareWith_AreNearOfTheCallerOrNotIndexedYet) {
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
                           const auto rows = query_->ToCompareWith(reader, kSiteCounty, draft,
                                                                   rules, {kEverything, ""});
                           for (const TicketRow& row : *rows) {
                             names.insert(row.ticket.name());
                           }
                           return rows.status();
                         })
                  .ok());
  EXPECT_EQ(names, (std::set<std::string>{grid.name(), near.name(), own.name(), fresh.name()}));
}

INSTANTIATE_TEST_SUITE_P(Backends, SearchQueryTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
