#include "services/ticket/domain/figure_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "services/ticket/domain/export.h"

namespace baimi::ticket::domain {
namespace {

struct Count {
  absl::string_view header;
  int64_t (v1::FigureCounts::*value)() const;
};
constexpr Count kCounts[] = {
    {"登记", &v1::FigureCounts::filed},         {"即时办结", &v1::FigureCounts::answered_at_once},
    {"派单", &v1::FigureCounts::dispatched},    {"退单", &v1::FigureCounts::returned},
    {"应办", &v1::FigureCounts::due},           {"响应", &v1::FigureCounts::responded},
    {"反馈", &v1::FigureCounts::replied},       {"重办", &v1::FigureCounts::reworked},
    {"办结", &v1::FigureCounts::closed},        {"按期办结", &v1::FigureCounts::closed_in_time},
    {"期末挂账", &v1::FigureCounts::suspended}, {"督办分值", &v1::FigureCounts::supervision_points},
    {"回访", &v1::FigureCounts::callbacks},     {"回访有效", &v1::FigureCounts::answered_callbacks},
    {"解决", &v1::FigureCounts::solved},        {"部分解决", &v1::FigureCounts::partly_solved},
    {"参评", &v1::FigureCounts::rated},         {"满意", &v1::FigureCounts::satisfied},
    {"协办", &v1::FigureCounts::help_asked},    {"协办反馈", &v1::FigureCounts::help_given},
    {"协办超期", &v1::FigureCounts::help_late},
};

template <typename Figures>
struct Share {
  absl::string_view header;
  const v1::Rate& (Figures::*value)() const;
};
constexpr Share<v1::Figures> kShares[] = {
    {"响应率", &v1::Figures::response},     {"解决率", &v1::Figures::resolution},
    {"满意率", &v1::Figures::satisfaction}, {"参评率", &v1::Figures::rating_share},
    {"办结率", &v1::Figures::closing},      {"按期办结率", &v1::Figures::closing_in_time},
    {"重办率", &v1::Figures::rework},       {"退单率", &v1::Figures::returning},
    {"即时办结率", &v1::Figures::instant},  {"协办超期率", &v1::Figures::helping_late},
};
constexpr Share<v1::AdjustedFigures> kAdjusted[] = {
    {"响应率", &v1::AdjustedFigures::response},
    {"解决率", &v1::AdjustedFigures::resolution},
    {"满意率", &v1::AdjustedFigures::satisfaction},
    {"办结率", &v1::AdjustedFigures::closing},
    {"按期办结率", &v1::AdjustedFigures::closing_in_time},
    {"重办率", &v1::AdjustedFigures::rework},
};
constexpr absl::string_view kScores[] = {"挂账率", "综合得分", "督办扣分", "督办后得分"};
constexpr absl::string_view kWithout = "剔除后";
constexpr absl::string_view kNone = "N/A";

std::string Decimal(bool there, double value) {
  return there ? absl::StrFormat("%.2f", value) : std::string(kNone);
}

void AddRate(const v1::Rate& rate, std::vector<std::string>* cells) {
  cells->push_back(Decimal(rate.has_percent(), rate.percent()));
  cells->push_back(Decimal(rate.has_low(), rate.low()));
  cells->push_back(Decimal(rate.has_high(), rate.high()));
}

template <typename Figures>
void AddScores(const Figures& figures, std::vector<std::string>* cells) {
  cells->push_back(Decimal(figures.hanging().has_percent(), figures.hanging().percent()));
  cells->push_back(Decimal(figures.has_score(), figures.score()));
  cells->push_back(Decimal(figures.has_supervision_points(), figures.supervision_points()));
  cells->push_back(
      Decimal(figures.has_score_after_supervision(), figures.score_after_supervision()));
}

void AddRateHeaders(absl::string_view before, absl::string_view header,
                    std::vector<std::string>* headers) {
  headers->push_back(absl::StrCat(before, header, "%"));
  headers->push_back(absl::StrCat(before, header, "下限%"));
  headers->push_back(absl::StrCat(before, header, "上限%"));
}

absl::string_view KeyHeader(v1::FigureGrouping grouping) {
  switch (grouping) {
    case v1::BY_UNIT:
      return "单位";
    case v1::BY_AREA:
      return "村（社区）";
    case v1::BY_CATEGORY:
      return "类别";
    default:
      return "全县";
  }
}

}  // namespace

std::vector<std::string> FigureHeaders(v1::FigureGrouping grouping) {
  std::vector<std::string> headers = {std::string(KeyHeader(grouping))};
  for (const Count& count : kCounts) {
    headers.emplace_back(count.header);
  }
  for (const auto& share : kShares) {
    AddRateHeaders("", share.header, &headers);
  }
  for (const absl::string_view score : kScores) {
    headers.emplace_back(score);
  }
  for (const auto& share : kAdjusted) {
    AddRateHeaders(kWithout, share.header, &headers);
  }
  for (const absl::string_view score : kScores) {
    headers.push_back(absl::StrCat(kWithout, score));
  }
  return headers;
}

std::vector<std::string> FigureCells(const v1::Figures& figures) {
  std::vector<std::string> cells = {Defused(figures.key())};
  for (const Count& count : kCounts) {
    cells.push_back(absl::StrCat((figures.counts().*count.value)()));
  }
  for (const auto& share : kShares) {
    AddRate((figures.*share.value)(), &cells);
  }
  AddScores(figures, &cells);
  if (!figures.has_adjusted()) {
    cells.resize(FigureHeaders(v1::FIGURE_GROUPING_UNSPECIFIED).size());
    return cells;
  }
  for (const auto& share : kAdjusted) {
    AddRate((figures.adjusted().*share.value)(), &cells);
  }
  AddScores(figures.adjusted(), &cells);
  return cells;
}

std::string FigureFileName(absl::string_view from_date, absl::string_view to_date,
                           v1::ExportFormat format) {
  const std::string days = absl::StrCat(from_date, "_", to_date);
  return absl::StrCat("figures-", absl::StrReplaceAll(days, {{"-", ""}, {"_", "-"}}),
                      format == v1::XLSX ? ".xlsx" : ".csv");
}

}  // namespace baimi::ticket::domain
