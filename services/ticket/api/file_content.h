// Content as files: a directory a place, a file a piece, for the owner of the process only.
#ifndef BAIMI_SERVICES_TICKET_API_FILE_CONTENT_H_
#define BAIMI_SERVICES_TICKET_API_FILE_CONTENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/ticket/api/export_content.h"

namespace baimi::ticket::api {

// Makes the directory when it is missing. UNAVAILABLE when it cannot be made or written. Replicas
// share it by a common file system.
absl::StatusOr<std::unique_ptr<ExportContent>> NewFileContent(const std::string& directory);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_FILE_CONTENT_H_
