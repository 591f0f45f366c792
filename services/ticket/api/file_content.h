// Content as files: a directory a place, a file a piece, for the owner of the process only.
#ifndef BAIMI_SERVICES_TICKET_API_FILE_CONTENT_H_
#define BAIMI_SERVICES_TICKET_API_FILE_CONTENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ticket/api/content.h"

namespace baimi::ticket::api {

// Makes the directory when it is missing. UNAVAILABLE, with the name of the setting, when it cannot
// be made or written. Replicas share it by a common file system.
absl::StatusOr<std::unique_ptr<Content>> NewFileContent(
    const std::string& directory, absl::string_view setting = "exports.directory");

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_FILE_CONTENT_H_
