// The integration tests; under faults when the environment asks for them (suite_faults.h).
#include <gmock/gmock.h>

#include "tests/integration/suite_faults.h"

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  baimi::integration::PrepareFaultRun();
  return RUN_ALL_TESTS();
}
