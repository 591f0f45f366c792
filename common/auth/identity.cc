#include "common/auth/identity.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"

namespace baimi::auth {
namespace {

constexpr size_t kMaxId = 63;

bool ValidId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxId && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
}

absl::Status Denied(absl::string_view permission, absl::string_view county, absl::string_view got) {
  const std::string where = county.empty() ? "" : absl::StrCat(" in county ", county);
  return Error(absl::StatusCode::kPermissionDenied, type::v1::ERROR_REASON_PERMISSION_MISSING,
               absl::StrCat("permission: got ", got, ", want ", permission, where),
               absl::StrCat("无权限：需要 ", permission,
                            county.empty() ? "" : absl::StrCat("（县区 ", county, "）")))
      .With("permission", permission)
      .With("county", county);
}

}  // namespace

RowScope ScopeOf(const Identity& identity) {
  RowScope scope;
  scope.whole_county = identity.area_prefixes.empty() && identity.units.empty();
  scope.area_prefixes = identity.area_prefixes;
  scope.units = identity.units;
  return scope;
}

absl::Status Authorize(const Identity& identity, const options::v1::MethodPolicy& policy,
                       absl::string_view county) {
  const absl::string_view permission = policy.permission();
  if (county.empty() && !policy.scope_field().empty()) {
    return InvalidField(policy.scope_field(), "no name of a county",
                        "a name that begins with counties/<6 digits>",
                        "以 counties/<6 位县区代码> 开头的资源名称");
  }
  if (policy.audience() != options::v1::PUBLIC && identity.audience != Audience::kService) {
    return Denied(permission, county, "a caller that is no service");
  }
  const absl::string_view resource = permission.substr(0, permission.find('.'));
  if (permission.empty() ||
      (!identity.permissions.contains(permission) && !identity.resources.contains(resource))) {
    return Denied(permission, county, "roles that do not grant it");
  }
  if (!county.empty() && !identity.all_counties &&
      std::find(identity.counties.begin(), identity.counties.end(), county) ==
          identity.counties.end()) {
    return Denied(permission, county, "roles that do not reach there");
  }
  return absl::OkStatus();
}

absl::StatusOr<type::v1::Actor> ActorOf(const Identity& identity,
                                        absl::string_view actor_metadata) {
  type::v1::Actor actor;
  if (actor_metadata.empty()) {
    actor.set_id(identity.id);
    actor.set_unit(identity.unit);
    return actor;
  }
  if (identity.audience != Audience::kService) {
    return Denied("to act for others", "", "a caller that is no service");
  }
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(actor_metadata, absl::MaxSplits('/', 1));
  const bool has_unit = actor_metadata.size() > parts.first.size();
  if (!ValidId(parts.first) || (has_unit && !ValidId(parts.second))) {
    return InvalidField(kActorMetadata, "a value of another form",
                        "<id> or <id>/<unit>, each 1-63 of [A-Za-z0-9._-]",
                        "<标识> 或 <标识>/<单位>，各为 1-63 位 [A-Za-z0-9._-]");
  }
  actor.set_id(std::string(parts.first));
  actor.set_unit(std::string(parts.second));
  actor.set_via_service(identity.id);
  return actor;
}

std::string ActorMetadata(const type::v1::Actor& actor) {
  return actor.unit().empty() ? actor.id() : absl::StrCat(actor.id(), "/", actor.unit());
}

}  // namespace baimi::auth
