// The finished file of an export, row by row: CSV or XLSX.
#ifndef BAIMI_SERVICES_TICKET_API_EXPORT_FILE_H_
#define BAIMI_SERVICES_TICKET_API_EXPORT_FILE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/exports.pb.h"

namespace baimi::ticket::api {

// Takes the file's bytes from its beginning on, in portions of any size.
using ExportSink = std::function<absl::Status(absl::string_view bytes)>;

// For one thread.
class ExportFile {
 public:
  virtual ~ExportFile() = default;
  // As many cells as there are columns; made harmless already (domain::Defused).
  virtual absl::Status AddRow(absl::Span<const std::string> cells) = 0;
  // Nothing is added afterwards.
  virtual absl::Status Finish() = 0;
};

struct ExportSheet {
  v1::ExportFormat format = v1::CSV;
  google::protobuf::Timestamp created = {};
  // Of the one sheet of an XLSX.
  std::string name = {};
};

// With a header line. The same rows give the same bytes. XLSX goes through files in `scratch` that
// have no name any more (where temporary files go when it is "" or takes none), at most about the
// size of its text. UNAVAILABLE when there is no room.
absl::StatusOr<std::unique_ptr<ExportFile>> NewSheetFile(const ExportSheet& sheet,
                                                         absl::Span<const std::string> headers,
                                                         const std::string& scratch,
                                                         ExportSink sink);

// The same for orders, with the headers of `columns`.
absl::StatusOr<std::unique_ptr<ExportFile>> NewExportFile(
    const v1::ExportMetadata& metadata, const std::vector<v1::ExportColumn>& columns,
    const std::string& scratch, ExportSink sink);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_EXPORT_FILE_H_
