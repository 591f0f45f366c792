// The sample county: its registry, its policy and one day of orders, replayed on a simulated clock.
#ifndef BAIMI_SERVICES_SUITE_SAMPLE_H_
#define BAIMI_SERVICES_SUITE_SAMPLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/process/node.h"
#include "common/process/secrets.h"
#include "services/suite/data_dir.h"

namespace baimi::suite {

// Migrates the databases and loads the sample from `directory` (see its README.md) into them,
// through the services' own RPCs, with no door open and a key that exists for the load only. A load
// that was cut off is taken up again: every call carries a request_id made from the file and line.
// Does nothing, and returns "", when the sample is there; returns a sentence that says so when the
// county has other orders.
//
// Returns what happened, for people: a short table, and commands to try in which "{http}" and
// "{grpc}" stand for the addresses of the doors. NOT_FOUND or INVALID_ARGUMENT for files that are
// missing or wrong; the error of the first call that was refused, naming file and entry; INTERNAL
// when a clock still runs at the end of the day.
absl::StatusOr<std::string> LoadSample(const std::string& directory,
                                       const process::NodeOptions& options,
                                       const Databases& databases,
                                       const process::SecretPaths& secrets, Rng* rng);

// The same for a data directory that was made just now; returns a sentence that says so when it is
// in use without the sample. Opens no database when there is nothing to do.
absl::StatusOr<std::string> LoadSampleOnce(const std::string& directory, const DataDir& data,
                                           Rng* rng);

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_SAMPLE_H_
