// Who a caller is and what it may do. Plain rules, no I/O; thread-safe.
#ifndef BAIMI_COMMON_AUTH_IDENTITY_H_
#define BAIMI_COMMON_AUTH_IDENTITY_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/options/v1/options.pb.h"
#include "baimi/type/v1/types.pb.h"
#include "common/base/call.h"
#include "common/rate/limit.h"

namespace baimi::auth {

// Metadata key with which a service names the person or system it acts for.
inline constexpr char kActorMetadata[] = "baimi-actor";

enum class Audience {
  // A resident-facing app.
  kPublic,
  // A member of staff or their terminal.
  kStaff,
  // Another service of ours or another government system that speaks for its own users.
  kService,
};

// A key of the key file, its roles resolved to permissions.
struct Identity {
  std::string id;
  // Unit id in the registry; may be empty.
  std::string unit;
  Audience audience = Audience::kPublic;
  PiiView pii = PiiView::kPublic;
  // 6 digits each.
  std::vector<std::string> counties;
  // Every county, those of later days too ("*" in the file).
  bool all_counties = false;
  // Both empty: the whole of each county.
  std::vector<std::string> area_prefixes;
  std::vector<std::string> units;
  // Full permissions ("ticket.dispatch") and whole resources ("ticket" for "ticket.*").
  absl::flat_hash_set<std::string> permissions;
  absl::flat_hash_set<std::string> resources;
  // Its own limits by rate::Class; where there is none the server's apply.
  std::array<std::optional<rate::Limit>, rate::kClasses> quota;
  // Refused from this moment on.
  absl::Time expires = absl::InfiniteFuture();
};

// The rows of any of its counties that the identity may see or touch.
RowScope ScopeOf(const Identity& identity);

// OK when the roles grant the permission of `policy` in `county`, which may be "" only where the
// policy has no scope_field: INVALID_ARGUMENT at that field otherwise, so that a name nobody can
// read a county from slips past no check. PERMISSION_DENIED with reason PERMISSION_MISSING naming
// permission and county otherwise, also for INTERNAL methods called by anything but a service.
absl::Status Authorize(const Identity& identity, const options::v1::MethodPolicy& policy,
                       absl::string_view county);

// Who acts: the identity itself when `actor_metadata` is empty; otherwise the one it names, with
// the identity as via_service. PERMISSION_DENIED unless the identity is a service,
// INVALID_ARGUMENT when the value is malformed.
absl::StatusOr<type::v1::Actor> ActorOf(const Identity& identity, absl::string_view actor_metadata);

// The metadata value that makes a peer see `actor`: "<id>" or "<id>/<unit>", each of 1-63
// characters of [A-Za-z0-9._-].
std::string ActorMetadata(const type::v1::Actor& actor);

}  // namespace baimi::auth

#endif  // BAIMI_COMMON_AUTH_IDENTITY_H_
