// Path templates of contracts, and paths that callers ask for.
#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/base/error.h"
#include "common/transcode/path_template.h"
#include "common/transcode/route_table.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using baimi::fuzz::Require;
  namespace transcode = baimi::transcode;
  static const auto* const kContract =
      transcode::Contract::FromGenerated("baimi.testing.").release();
  static const auto* const kRoutes = transcode::RouteTable::Build(*kContract)->release();
  const absl::string_view text = baimi::fuzz::Text(data, size);
  if (const auto parsed = transcode::ParsePathTemplate(text); parsed.ok()) {
    for (const transcode::PathVariable& variable : parsed->variables) {
      Require(variable.begin <= variable.end && variable.end <= parsed->segments.size(),
              "a variable lies inside its template");
    }
    for (size_t i = 0; i + 1 < parsed->segments.size(); ++i) {
      Require(parsed->segments[i].kind != transcode::PathSegment::kMany, "** stands last");
    }
  }
  for (const char* method : {"GET", "POST", "PATCH", "DELETE", "BREW"}) {
    const auto found = kRoutes->Find(method, text);
    if (found.ok()) {
      Require(found->values.size() == found->route->path_fields.size(),
              "each variable has a value");
      Require(found->route->http_method == method, "a route answers its own method");
    } else {
      Require(!baimi::ReasonOf(found.status()).empty(), "a refusal has a reason");
    }
  }
  return 0;
}
