// The OpenAPI 3.1 document of a contract, from the same descriptors as the routes.
#ifndef BAIMI_COMMON_TRANSCODE_OPENAPI_H_
#define BAIMI_COMMON_TRANSCODE_OPENAPI_H_

#include <string>

#include "common/transcode/route_table.h"

namespace baimi::transcode {

struct OpenApiOptions {
  std::string title = "Baimi";
  std::string version = "v1";
  std::string description = "HTTP/JSON over the suite's gRPC services.";
  // Default: the host that serves the document.
  std::string server_url = "/";
};

// JSON, indented, the same for the same contract.
// * A variable of several segments becomes one parameter for each "*", named after the collection
//   before it: {name=counties/*/tickets/*} is counties/{county}/tickets/{ticket}.
// * Messages and enums are component schemas by full name. REQUIRED becomes `required`, OUTPUT_ONLY
//   `readOnly`. Comments become descriptions where the contract has source info.
// * A schema holds for requests and for answers, which print fields without a value and mask
//   personal ones: so FieldRule becomes bounds that an unset field passes too, and personal fields
//   keep only their upper bound.
// * Server streaming is text/event-stream whose data is {"result": ...} or {"error": ...}.
std::string OpenApiJson(const RouteTable& routes, const OpenApiOptions& options = {});

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_OPENAPI_H_
