// The search index on every database: the same orders in the same order, kept up one by one as
// built anew, and nothing personal in it.
#include "gmock/gmock.h"
#include "tests/conformance/stores/search_site.h"

namespace baimi::ticket::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

INSTANTIATE_TEST_SUITE_P(Backends, SearchIndexTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
