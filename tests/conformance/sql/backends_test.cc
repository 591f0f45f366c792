// Part of every conformance program over the SQL port: no suite of it leaves a back end out. A
// suite may be narrowed only by what the back end cannot do by its nature, and then says so in its
// name.
#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::sql {
namespace {

using testing::Contains;

bool MustRun(const std::string& suite, const Backend& backend) {
  const bool concurrency =
      absl::EndsWith(suite, "Concurrency") || absl::EndsWith(suite, "Replicas");
  const bool durability = absl::EndsWith(suite, "Durability") || absl::EndsWith(suite, "Replicas");
  return (!concurrency || backend.concurrent) && (!durability || backend.durable);
}

TEST(Backends, BothDatabases_AreRegistered) {
  std::set<std::string> names;
  for (const Backend& backend : AllBackends()) {
    EXPECT_TRUE(names.insert(backend.name).second) << backend.name << " twice";
  }
  EXPECT_THAT(names, Contains("sqlite_file"));
  EXPECT_THAT(names, Contains("postgres"));
}

TEST(Backends, EverySuite_RunsEachTestOnEveryOne) {
  // "Instance/Suite" holds tests "Name/backend".
  std::map<std::pair<std::string, std::string>, std::set<std::string>> runs;
  const testing::UnitTest& program = *testing::UnitTest::GetInstance();
  for (int i = 0; i < program.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *program.GetTestSuite(i);
    const std::vector<std::string> suite_parts = absl::StrSplit(suite.name(), '/');
    for (int j = 0; suite_parts.size() == 2 && j < suite.total_test_count(); ++j) {
      const std::vector<std::string> test = absl::StrSplit(suite.GetTestInfo(j)->name(), '/');
      ASSERT_EQ(test.size(), 2u) << suite.GetTestInfo(j)->name();
      runs[{suite_parts[1], test[0]}].insert(test[1]);
    }
  }
  ASSERT_FALSE(runs.empty());
  for (const auto& [test, backends] : runs) {
    for (const Backend& backend : AllBackends()) {
      EXPECT_EQ(backends.count(backend.name), MustRun(test.first, backend) ? 1u : 0u)
          << test.first << "." << test.second << " on " << backend.name;
    }
  }
}

}  // namespace
}  // namespace baimi::sql
