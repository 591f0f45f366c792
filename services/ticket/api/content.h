// The port to where the bytes of files lie: of exports and of attachments. What is put there is
// sealed.
#ifndef BAIMI_SERVICES_TICKET_API_CONTENT_H_
#define BAIMI_SERVICES_TICKET_API_CONTENT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baimi::ticket::api {

// A place holds named pieces of bytes. Places and names are 1-63 of [a-z0-9-]; INVALID_ARGUMENT
// otherwise. Replicas of a service share one content. UNAVAILABLE: try again later. Thread-safe.
class Content {
 public:
  virtual ~Content() = default;
  // Durable when it returns; readers see the piece whole or not at all. Replaces.
  virtual absl::Status Put(absl::string_view place, absl::string_view name,
                           absl::string_view bytes) = 0;
  // NOT_FOUND when absent.
  virtual absl::StatusOr<std::string> Get(absl::string_view place, absl::string_view name) = 0;
  // Removes all pieces of the place but those whose name begins with `keep`; with "" all of them,
  // and the place. What is not there is no error.
  virtual absl::Status Prune(absl::string_view place, absl::string_view keep) = 0;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_CONTENT_H_
