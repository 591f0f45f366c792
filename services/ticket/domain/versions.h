// What arbitrations, precedents and whistles share: versions that facts count, and the unit that an
// actor stands for.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_VERSIONS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_VERSIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/type/v1/types.pb.h"
#include "services/ticket/domain/proto_time.h"

namespace baimi::ticket::domain {

// 3 of "v3"; 0 of "".
int64_t VersionOfEtag(absl::string_view etag);

// The next fact of a resource with this etag, without its payload.
template <typename Fact>
Fact BeginVersion(absl::string_view etag, absl::Time now) {
  Fact fact;
  fact.set_version(VersionOfEtag(etag) + 1);
  *fact.mutable_time() = ToProto(now);
  return fact;
}

// ABORTED with ETAG_MISMATCH unless `wanted` is empty or `present`.
absl::Status CheckVersion(absl::string_view present, absl::string_view wanted);

// The full name of the unit that speaks in the county of `name`: the actor's own, or the one that
// an actor without a unit names. INVALID_ARGUMENT at "unit" without any; NOT_INVOLVED for somebody
// else's.
absl::StatusOr<std::string> ActingUnit(absl::string_view name, const std::string& asked,
                                       const type::v1::Actor& actor);

// PERMISSION_DENIED, NOT_INVOLVED.
absl::Status NotInvolved(absl::string_view unit, absl::string_view name);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_VERSIONS_H_
