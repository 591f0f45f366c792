#include "services/ticket/domain/figure_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "services/ticket/domain/figures.h"

namespace baimi::ticket::domain {
namespace {

v1::Figures Counted(const v1::FigureCounts& excluded = {}) {
  v1::FigureCounts counts;
  counts.set_due(200);
  counts.set_responded(188);
  counts.set_answered_callbacks(160);
  counts.set_solved(138);
  counts.set_rated(150);
  counts.set_satisfied(141);
  counts.set_suspended(3);
  counts.set_supervision_points(266);
  return MakeFigures("counties/469030/units/zhujianju", counts, excluded, WeightsOf({}));
}

std::string Cell(const std::vector<std::string>& cells, const std::string& header) {
  const auto headers = FigureHeaders(v1::BY_UNIT);
  const auto at = std::find(headers.begin(), headers.end(), header);
  return at == headers.end() ? "no such column" : cells[static_cast<size_t>(at - headers.begin())];
}

TEST(FigureTable, Headers_AreUniqueAndAsManyAsCells) {
  const auto headers = FigureHeaders(v1::BY_UNIT);
  EXPECT_EQ(std::set<std::string>(headers.begin(), headers.end()).size(), headers.size());
  EXPECT_EQ(headers[0], "单位");
  EXPECT_EQ(FigureCells(Counted()).size(), headers.size());
  v1::FigureCounts excluded;
  excluded.set_due(1);
  EXPECT_EQ(FigureCells(Counted(excluded)).size(), headers.size());
}

TEST(FigureTable, EveryCount_HasAColumn) {
  const auto* descriptor = v1::FigureCounts::descriptor();
  v1::Figures figures;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    v1::FigureCounts::GetReflection()->SetInt64(figures.mutable_counts(), descriptor->field(i),
                                                1'000 + i);
  }
  const auto cells = FigureCells(figures);
  for (int i = 0; i < descriptor->field_count(); ++i) {
    EXPECT_NE(std::find(cells.begin(), cells.end(), std::to_string(1'000 + i)), cells.end())
        << descriptor->field(i)->name();
  }
}

TEST(FigureTable, Cells_SayWhatTheFiguresSay) {
  const auto cells = FigureCells(Counted());
  EXPECT_EQ(cells[0], "counties/469030/units/zhujianju");
  EXPECT_EQ(Cell(cells, "应办"), "200");
  EXPECT_EQ(Cell(cells, "响应率%"), "94.00");
  EXPECT_EQ(Cell(cells, "综合得分"), "91.29");
  EXPECT_EQ(Cell(cells, "督办扣分"), "1.33");
  EXPECT_EQ(Cell(cells, "督办后得分"), "89.96");
  EXPECT_EQ(Cell(cells, "挂账率"), "1.50");
  EXPECT_EQ(Cell(cells, "退单率%"), "N/A");
  EXPECT_EQ(Cell(cells, "剔除后响应率%"), "") << "nothing was taken out";
  v1::FigureCounts excluded;
  excluded.set_due(12);
  EXPECT_EQ(Cell(FigureCells(Counted(excluded)), "剔除后响应率%"), "100.00");
}

TEST(FigureTable, FileName_NamesThePeriod) {
  EXPECT_EQ(FigureFileName("2026-06-01", "2026-06-30", v1::XLSX), "figures-20260601-20260630.xlsx");
}

}  // namespace
}  // namespace baimi::ticket::domain
