#include "services/ticket/domain/versions.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "common/base/error.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {

int64_t VersionOfEtag(absl::string_view etag) {
  int64_t version = 0;
  return absl::SimpleAtoi(absl::StripPrefix(etag, "v"), &version) ? version : 0;
}

absl::Status CheckVersion(absl::string_view present, absl::string_view wanted) {
  return wanted.empty() || wanted == present ? absl::OkStatus() : EtagMismatch(wanted, present);
}

absl::StatusOr<std::string> ActingUnit(absl::string_view name, const std::string& asked,
                                       const type::v1::Actor& actor) {
  if (actor.unit().empty()) {
    if (asked.empty()) {
      return InvalidField("unit", "nothing", "the unit, by an actor who has none",
                          "单位（操作人没有所属单位时必填）");
    }
    return asked;
  }
  std::string own = absl::StrCat("counties/", CountyOf(name), "/units/", actor.unit());
  if (!asked.empty() && asked != own) {
    return NotInvolved(asked, name);
  }
  return own;
}

absl::Status NotInvolved(absl::string_view unit, absl::string_view name) {
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_INVOLVED,
               absl::StrCat("unit: got ", unit, ", want one that has a part in ", name),
               absl::StrCat("“", IdOf(unit), "”与此无关，或您不能代表该单位"))
      .With("unit", unit);
}

}  // namespace baimi::ticket::domain
