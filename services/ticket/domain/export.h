// What an exported file says: its columns, its cells, and how a cell is kept from being run as a
// formula by whoever opens the file.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_EXPORT_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_EXPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/exports.pb.h"
#include "baimi/ticket/v1/search_service.pb.h"
#include "baimi/ticket/v1/ticket_service.pb.h"

namespace baimi::ticket::domain {

// Stands before the header line of a CSV file: spreadsheets take it for UTF-8.
inline constexpr char kCsvMark[] = "\xEF\xBB\xBF";

// `wanted` itself, or the usual ones when it is empty. INVALID_ARGUMENT at "columns" for one that
// comes twice or that this build does not know.
absl::StatusOr<std::vector<v1::ExportColumn>> ColumnsOf(
    const google::protobuf::RepeatedField<int>& wanted);

// zh-CN, the header of a column; no two are alike.
absl::string_view Header(v1::ExportColumn column);

// The text of a cell; "" for what the order does not have. `ticket` is masked already. Never begins
// with what a spreadsheet may take for a formula.
std::string CellOf(const v1::Ticket& ticket, v1::ExportColumn column);

// `text` without control characters other than tab and line ends, and with an apostrophe before it
// when its first character, or the first one after spaces, is one of = + - @ in half or full width,
// or when it begins with a tab or a line end.
std::string Defused(absl::string_view text);

// One record of RFC 4180: every cell quoted, CRLF behind.
void AppendCsvRow(absl::Span<const std::string> cells, std::string* out);

// INVALID_ARGUMENT for an order without text or with a point, or a point without its radius' use.
absl::Status CheckFilter(const v1::ExportFilter& filter);
// True when it takes the search index.
bool IsSearch(const v1::ExportFilter& filter);
v1::QueryTicketsRequest QueryOf(const v1::ExportFilter& filter);
v1::ListTicketsRequest ListOf(const v1::ExportFilter& filter);

// FAILED_PRECONDITION EXPORT_NOT_ALLOWED when the policy allows no exports.
absl::Status MayExport(const v1::TicketPolicy& policy);

// "tickets-20261127-0930.csv", by the time of the request in Shanghai.
std::string FileName(const v1::ExportMetadata& metadata);
absl::string_view MediaType(v1::ExportFormat format);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_EXPORT_H_
