// The files of a sample county. Proto JSON, read strictly: a field that nobody knows is an error.
#ifndef BAIMI_SERVICES_SUITE_SAMPLE_FILES_H_
#define BAIMI_SERVICES_SUITE_SAMPLE_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "baimi/registry/v1/registry_service.pb.h"
#include "baimi/sample/v1/sample.pb.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::suite {

struct SampleFiles {
  std::string areas_csv;
  registry::v1::ImportGridsRequest grids;
  sample::v1::SampleUnits units;
  sample::v1::SampleEstates estates;
  ticket::v1::TicketPolicy policy;
  sample::v1::SampleDay day;
};

// NOT_FOUND for a file that is missing, INVALID_ARGUMENT for one that is not what it should be,
// both naming the file.
absl::StatusOr<SampleFiles> ReadSampleFiles(const std::string& directory);

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_SAMPLE_FILES_H_
