// The list of tests that are left out under faults.
#include "tests/integration/suite_faults.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baimi::integration {
namespace {

// "Suite.*" and "Suite.Name" of every test in this program.
std::set<std::string> AllTests() {
  std::set<std::string> all;
  const testing::UnitTest& program = *testing::UnitTest::GetInstance();
  for (int i = 0; i < program.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *program.GetTestSuite(i);
    all.insert(absl::StrCat(suite.name(), ".*"));
    for (int j = 0; j < suite.total_test_count(); ++j) {
      all.insert(absl::StrCat(suite.name(), ".", suite.GetTestInfo(j)->name()));
    }
  }
  return all;
}

TEST(FaultExclusions, EachNamesATestAndSaysWhy) {
  const std::set<std::string> all = AllTests();
  std::set<std::string> seen;
  for (const FaultExclusion& exclusion : FaultExclusions()) {
    EXPECT_EQ(all.count(exclusion.test), 1U) << exclusion.test << " is no test";
    EXPECT_TRUE(seen.insert(exclusion.test).second) << exclusion.test << " stands twice";
    EXPECT_NE(exclusion.places, 0U) << exclusion.test;
    EXPECT_GT(absl::string_view(exclusion.reason).size(), 20U) << exclusion.test;
  }
}

}  // namespace
}  // namespace baimi::integration
