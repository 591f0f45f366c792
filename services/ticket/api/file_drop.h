// Files that are handed to another program: each there as a whole, once a name.
#ifndef BAIMI_SERVICES_TICKET_API_FILE_DROP_H_
#define BAIMI_SERVICES_TICKET_API_FILE_DROP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace baimi::ticket::api {

// Makes the directory when it is missing, for its owner only. UNAVAILABLE when it cannot be.
absl::Status MakeDropDirectory(const std::string& directory);

// Writes "<id>.json" for its owner only, to the disk before it is seen. One that is there already
// stays as it is. UNAVAILABLE when it cannot be written. Several processes may share the directory.
absl::Status DropFile(absl::string_view directory, absl::string_view id, absl::string_view content);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_FILE_DROP_H_
