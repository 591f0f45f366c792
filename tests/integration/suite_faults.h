// The faults that a whole run of the integration tests happens under:
//
//   BAIMI_TEST_FAULTS   sql, cache or peer: where they happen. Unset or empty: nowhere.
//   BAIMI_TEST_SEED     of all draws; 1 when unset. Printed with each failed test.
//
//         error                      delay   done, but told late            dropped
//   sql   no transaction, a          yes     COMMIT done, outcome unknown   COMMIT lost, unknown
//         statement fails
//   cache Get misses, Invalidate     yes     Invalidate done, told failed   put or Invalidate lost
//         fails
//   peer  the call fails             yes     done, deadline passed          done, answer lost
//
// Chances are the same for all tests; each test has a sequence of its own, from the seed and its
// name. Threads take their draws in the order in which they come.
#ifndef BAIMI_TESTS_INTEGRATION_SUITE_FAULTS_H_
#define BAIMI_TESTS_INTEGRATION_SUITE_FAULTS_H_

#include <memory>

#include "absl/types/span.h"
#include "common/base/fault_draws.h"
#include "common/cache/faulty.h"
#include "common/sql/faulty.h"
#include "common/testing/faults.h"
#include "services/suite/suite.h"

namespace baimi::integration {

// Bits of a set of places.
enum FaultPlace : unsigned { kNoFaults = 0, kSql = 1, kCache = 2, kPeer = 4 };

// The place of this run.
FaultPlace FaultsOfThisRun();

// A test whose statement faults make untrue although nothing is wrong.
struct FaultExclusion {
  // "Suite.Name", or "Suite.*".
  const char* test;
  // Bits of FaultPlace.
  unsigned places;
  const char* reason;
};
absl::Span<const FaultExclusion> FaultExclusions();

// In main, after the command line was read and before the tests run. Leaves out what is excluded
// here, prints the seed with failures, and at the end of a whole run expects that every kind of
// fault of the place has happened.
void PrepareFaultRun();

// The faults of one test, over all restarts of its suite.
class SuiteFaults {
 public:
  SuiteFaults();
  // Adds what happened to the counts of the run. The suite is gone by then.
  ~SuiteFaults();

  // Sets the decorators, and what the place needs beside them.
  void Apply(suite::SuiteOptions* options);

 private:
  const FaultPlace place_;
  const std::shared_ptr<FaultDraws<sql::FaultPlan>> sql_;
  const std::shared_ptr<FaultDraws<cache::FaultPlan>> cache_;
  test::PeerFaults peer_;
};

}  // namespace baimi::integration

#endif  // BAIMI_TESTS_INTEGRATION_SUITE_FAULTS_H_
