// The figures as a table: a header and a row of cells for each key.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_FIGURE_TABLE_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_FIGURE_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/exports.pb.h"
#include "baimi/ticket/v1/figures.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"

namespace baimi::ticket::domain {

// zh-CN; no two are alike. The first is what the figures are grouped by.
std::vector<std::string> FigureHeaders(v1::FigureGrouping grouping);

// As many cells as there are headers: counts as they are, rates and scores with two decimals, "N/A"
// without a denominator, "" for what was not adjusted. No cell begins a formula.
std::vector<std::string> FigureCells(const v1::Figures& figures);

// "figures-20260601-20260630.csv".
std::string FigureFileName(absl::string_view from_date, absl::string_view to_date,
                           v1::ExportFormat format);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_FIGURE_TABLE_H_
