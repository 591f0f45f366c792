// Resource names and etags.
#include "common/resource/etag.h"
#include "common/resource/name.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using baimi::fuzz::Require;
  namespace resource = baimi::resource;
  const absl::string_view name = baimi::fuzz::Text(data, size);
  const absl::string_view county = resource::CountyOf(name);
  if (const auto parsed = resource::ParseName("name", "tickets", name); parsed.ok()) {
    Require(resource::FormatName(parsed->county, "tickets", parsed->id) == name,
            "a name is what its parts make");
    Require(parsed->county == county, "the county is the name's");
    Require(resource::MatchesAny("counties/*|counties/*/tickets/*", name), "its pattern matches");
  }
  if (const auto parts = resource::MatchName("counties/*/units/*", name)) {
    Require(parts->size() == 2 && (*parts)[0].size() == 6, "two parts, six digits");
    Require((*parts)[1] != "-" && !(*parts)[1].empty(), "no wildcard");
  }
  if (const auto version = resource::ParseEtag(name)) {
    Require(*version >= 1, "versions count from 1");
    Require(resource::CheckEtag(name, *version).ok(), "an etag names its version");
  }
  return 0;
}
