// A carrier that writes each result as a file, "<id>.json", of one JSON line: {"id": ..., "result":
// ...} with the result as the HTTP door shows it. Whoever exchanges them reads and removes the
// files.
#ifndef BAIMI_SERVICES_TICKET_API_SUPERIOR_FILES_H_
#define BAIMI_SERVICES_TICKET_API_SUPERIOR_FILES_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/ticket/api/superior_carrier.h"

namespace baimi::ticket::api {

// As file_drop.h says.
absl::StatusOr<std::unique_ptr<SuperiorCarrier>> NewSuperiorFiles(const std::string& directory);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SUPERIOR_FILES_H_
