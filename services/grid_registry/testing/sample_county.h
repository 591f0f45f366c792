// The files of deploy/sample/registry as the rules let them in, for tests. Paths are relative to
// the repository's root, where tests run. A file that the rules refuse stops the test process.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_TESTING_SAMPLE_COUNTY_H_
#define BAIMI_SERVICES_GRID_REGISTRY_TESTING_SAMPLE_COUNTY_H_

#include <string>

#include "baimi/registry/v1/registry_service.pb.h"
#include "baimi/sample/v1/sample.pb.h"
#include "services/grid_registry/domain/county_rows.h"
#include "services/grid_registry/domain/rules.h"

namespace baimi::registry::testing {

inline constexpr char kCounty[] = "469030";

std::string ReadFile(const std::string& path);

struct SampleFiles {
  std::string areas_csv;
  v1::ImportGridsRequest grids;
  sample::v1::SampleUnits units;
  sample::v1::SampleEstates estates;
};
SampleFiles ReadSampleFiles();

// Facts that find what stands in `rows`, which must outlive them.
domain::Facts FactsIn(const domain::CountyRows& rows);

domain::CountyRows SampleCounty();

}  // namespace baimi::registry::testing

#endif  // BAIMI_SERVICES_GRID_REGISTRY_TESTING_SAMPLE_COUNTY_H_
