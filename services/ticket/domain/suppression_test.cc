#include "services/ticket/domain/suppression.h"

#include <algorithm>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/testing_attacker.h"

namespace baimi::ticket::domain {
namespace {

using Cells = std::vector<FlowCell>;

// A table with margins and its total: cells row by row, then rows, columns, the total.
Cells Table(const std::vector<std::vector<int64_t>>& rows) {
  const int height = static_cast<int>(rows.size());
  const int width = static_cast<int>(rows[0].size());
  const int begin = height + width;
  const int end = begin + 1;
  Cells cells;
  std::vector<int64_t> columns(rows[0].size(), 0);
  std::vector<int64_t> sums;
  int64_t total = 0;
  for (int row = 0; row < height; ++row) {
    int64_t sum = 0;
    for (int column = 0; column < width; ++column) {
      const int64_t value = rows[static_cast<size_t>(row)][static_cast<size_t>(column)];
      cells.push_back({.from = row, .to = height + column, .value = value, .cost = value + 5});
      sum += value;
      columns[static_cast<size_t>(column)] += value;
    }
    sums.push_back(sum);
    total += sum;
  }
  for (int row = 0; row < height; ++row) {
    const int64_t sum = sums[static_cast<size_t>(row)];
    cells.push_back({.from = begin, .to = row, .value = sum, .cost = (sum + 5) * 10});
  }
  for (int column = 0; column < width; ++column) {
    const int64_t sum = columns[static_cast<size_t>(column)];
    cells.push_back({.from = height + column, .to = end, .value = sum, .cost = (sum + 5) * 10});
  }
  cells.push_back({.from = end, .to = begin, .value = total, .cost = (total + 5) * 1000});
  return cells;
}

std::string Text(const Cells& cells, const std::vector<bool>& withheld) {
  std::string text;
  for (size_t i = 0; i < cells.size(); ++i) {
    absl::StrAppend(&text, cells[i].from, "-", cells[i].to, " ", cells[i].value,
                    withheld[i] ? "*  " : "  ");
  }
  return text;
}

// What an attacker finds who knows `withheld` and every other number. Nobody has more than `most`
// orders, he thinks.
void ExpectSafe(const Cells& cells, const std::vector<bool>& withheld, int64_t k, int64_t most) {
  Attacker attacker;
  int nodes = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    const int64_t value = cells[i].value;
    attacker.AddNumber(withheld[i] ? (value == 0 ? 0 : 1) : value,
                       withheld[i] ? cells[i].most.value_or(most) : value);
    nodes = std::max({nodes, cells[i].from + 1, cells[i].to + 1});
  }
  for (int node = 0; node < nodes; ++node) {
    std::vector<std::pair<size_t, int>> sum;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].from != cells[i].to && (cells[i].from == node || cells[i].to == node)) {
        sum.emplace_back(i, cells[i].to == node ? 1 : -1);
      }
    }
    attacker.AddSum(std::move(sum));
  }
  ASSERT_TRUE(attacker.IsPossible());
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!withheld[i]) {
      continue;
    }
    const Attacker::Bounds found = attacker.BoundsOf(i);
    EXPECT_GE(found.high - std::max<int64_t>(1, found.low), k)
        << "cell " << i << " is from " << found.low << " to " << found.high << ": "
        << Text(cells, withheld);
    const FlowRange range = RangeOf(cells, withheld, i);
    EXPECT_EQ(range.low, found.low) << "cell " << i << ": " << Text(cells, withheld);
    EXPECT_EQ(range.high.value_or(found.high), found.high)
        << "cell " << i << ": " << Text(cells, withheld);
    EXPECT_LE(found.low, cells[i].value);
    EXPECT_GE(found.high, cells[i].value);
  }
}

int64_t Count(const std::vector<bool>& withheld) {
  return std::count(withheld.begin(), withheld.end(), true);
}

TEST(Withhold, SmallCell_TakesAnotherOneOfItsRowAndColumn) {
  const Cells cells = Table({{3, 20, 30}, {40, 50, 60}, {70, 80, 90}});
  const std::vector<bool> withheld = Withhold(cells, 5);
  EXPECT_TRUE(withheld[0]);
  EXPECT_EQ(Count(withheld), 4) << Text(cells, withheld);
  EXPECT_TRUE(withheld[1] && withheld[3] && withheld[4]) << "the cheapest rectangle";
  ExpectSafe(cells, withheld, 5, 600);
}

TEST(Withhold, NothingSmall_WithholdsNothing) {
  EXPECT_EQ(Count(Withhold(Table({{5, 0}, {6, 7}}), 5)), 0);
  EXPECT_EQ(Count(Withhold(Table({{0, 0}, {0, 0}}), 5)), 0);
}

TEST(Withhold, TwoSmallCellsOfARow_AreNotEnough) {
  // Their sum is 4: each is 1 to 3.
  const Cells cells = Table({{1, 3, 30, 40}});
  const std::vector<bool> withheld = Withhold(cells, 5);
  EXPECT_GT(Count(withheld), 2) << Text(cells, withheld);
  ExpectSafe(cells, withheld, 5, 200);
}

TEST(Withhold, SmallTotal_WithholdsTheTotalToo) {
  const Cells cells = Table({{1, 1}, {1, 0}});
  const std::vector<bool> withheld = Withhold(cells, 5);
  EXPECT_TRUE(withheld.back());
  ExpectSafe(cells, withheld, 5, 30);
}

TEST(Withhold, ForcedCell_IsWithheldAndProtected) {
  Cells cells = Table({{10, 20}, {30, 40}});
  cells[3].forced = true;
  const std::vector<bool> withheld = Withhold(cells, 5);
  EXPECT_TRUE(withheld[3]);
  EXPECT_EQ(Count(withheld), 4);
  ExpectSafe(cells, withheld, 5, 200);
}

TEST(Withhold, ForcedCellThatIsNothingNow_IsProtectedAsIfItWereNot) {
  Cells cells = Table({{0, 20}, {30, 40}});
  cells[0].forced = true;
  const std::vector<bool> withheld = Withhold(cells, 5);
  EXPECT_TRUE(withheld[0]);
  ExpectSafe(cells, withheld, 5, 200);
}

TEST(Withhold, CountWithoutAnySum_IsWithheldAlone) {
  const Cells cells = {{.from = 0, .to = 0, .value = 3}, {.from = 1, .to = 1, .value = 5}};
  const std::vector<bool> withheld = Withhold(cells, 5);
  EXPECT_EQ(withheld, std::vector<bool>({true, false}));
  EXPECT_EQ(RangeOf(cells, withheld, 0).low, 1);
  EXPECT_FALSE(RangeOf(cells, withheld, 0).high.has_value());
}

TEST(IsSafe, UpperEnd_CountsAsKnown) {
  // Due 100: closed 97, open 3.
  Cells cells = {{.from = 0, .to = 1, .value = 97},
                 {.from = 0, .to = 1, .value = 3},
                 {.from = 1, .to = 0, .value = 100, .cost = 1000}};
  const std::vector<bool> withheld = Withhold(cells, 5);
  EXPECT_EQ(withheld, std::vector<bool>({true, true, false}));
  cells[1].most = 6;
  EXPECT_TRUE(IsSafe(cells, withheld, 5)) << "open is 1 to 6, closed 94 to 99";
  cells[1].most = 5;
  EXPECT_FALSE(IsSafe(cells, withheld, 5));
}

TEST(Withhold, RandomTables_LeaveAnAttackerNoRangeBelowK) {
  std::mt19937 random(20261101);
  int tables_with_more = 0;
  for (int round = 0; round < 1000; ++round) {
    const size_t height = 1 + random() % 3;
    const size_t width = 2 + random() % 2;
    const int64_t k = 5 + static_cast<int64_t>(random() % 2);
    std::vector<std::vector<int64_t>> rows(height, std::vector<int64_t>(width));
    int64_t total = 0;
    for (auto& row : rows) {
      for (int64_t& value : row) {
        value = static_cast<int64_t>(random() % 3 == 0 ? 0 : random() % 16);
        total += value;
      }
    }
    Cells cells = Table(rows);
    if (random() % 4 == 0) {
      cells[random() % cells.size()].forced = true;
    }
    const std::vector<bool> withheld = Withhold(cells, k);
    EXPECT_TRUE(IsSafe(cells, withheld, k)) << Text(cells, withheld);
    ExpectSafe(cells, withheld, k, total + 2 * k);
    for (size_t i = 0; i < cells.size(); ++i) {
      const bool small = cells[i].value > 0 && cells[i].value < k;
      EXPECT_TRUE(withheld[i] || (!small && !cells[i].forced));
      tables_with_more += withheld[i] && !small && !cells[i].forced ? 1 : 0;
    }
    if (testing::Test::HasFailure()) {
      return;
    }
  }
  EXPECT_GT(tables_with_more, 100);
}

// A table, then a tree of three towns, then another way to share out the same total.
TEST(Withhold, RandomFlowsOfSeveralParts_LeaveAnAttackerNoRangeBelowK) {
  std::mt19937 random(31);
  for (int round = 0; round < 60; ++round) {
    Cells cells;
    const auto add = [&](int from, int to, int64_t value, int64_t cost) {
      cells.push_back({.from = from, .to = to, .value = value, .cost = (value + 5) * cost});
    };
    int64_t table[2][2];
    int64_t total = 0;
    for (auto& row : table) {
      for (int64_t& value : row) {
        value = static_cast<int64_t>(random() % 10);
        total += value;
      }
    }
    // 0 begin, 1 and 2 rows, 3 and 4 columns, 5, towns 6 and 7, 8.
    for (int row = 0; row < 2; ++row) {
      add(0, 1 + row, table[row][0] + table[row][1], 10);
      add(3 + row, 5, table[0][row] + table[1][row], 10);
      for (int column = 0; column < 2; ++column) {
        add(1 + row, 3 + column, table[row][column], 1);
      }
    }
    int64_t left = total;
    for (int town = 0; town < 2; ++town) {
      const int64_t first = static_cast<int64_t>(random() % 8) % (left + 1);
      left -= first;
      const int64_t second = static_cast<int64_t>(random() % 8) % (left + 1);
      left -= second;
      add(5, 6 + town, first + second, 10);
      add(6 + town, 8, first, 1);
      add(6 + town, 8, second, 1);
    }
    add(5, 8, left, 1);
    add(8, 0, total, 1000);
    const int64_t k = 5;
    const std::vector<bool> withheld = Withhold(cells, k);
    ExpectSafe(cells, withheld, k, total + 2 * k);
    if (testing::Test::HasFailure()) {
      return;
    }
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
