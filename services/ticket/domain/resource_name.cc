#include "services/ticket/domain/resource_name.h"

#include "absl/strings/strip.h"

namespace baimi::ticket::domain {

absl::string_view CountyOf(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "counties/")) {
    return "";
  }
  return name.substr(0, name.find('/'));
}

absl::string_view IdOf(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == absl::string_view::npos ? name : name.substr(slash + 1);
}

bool InCollection(absl::string_view name, absl::string_view county, absl::string_view collection) {
  return absl::ConsumePrefix(&name, "counties/") && absl::ConsumePrefix(&name, county) &&
         absl::ConsumePrefix(&name, "/") && absl::ConsumePrefix(&name, collection) &&
         absl::ConsumePrefix(&name, "/") && !name.empty() &&
         name.find('/') == absl::string_view::npos;
}

}  // namespace baimi::ticket::domain
