#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/lint/source_rules.h"

namespace baimi::lint {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Sources() {
  std::vector<std::string> paths;
  for (const char* root : {"common", "services", "tests"}) {
    for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
      if (it->path().filename() == "node_modules") it.disable_recursion_pending();
      const fs::path extension = it->path().extension();
      if (extension == ".cc" || extension == ".h") paths.push_back(it->path().string());
    }
  }
  return paths;
}

std::string Contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Runs in the repository root.
TEST(SourceTree, EveryFile_FollowsTheRules) {
  const std::vector<std::string> paths = Sources();
  ASSERT_GT(paths.size(), 20u) << "the working directory is not the repository root";
  std::vector<std::string> lines;
  for (const std::string& path : paths) {
    for (const Finding& finding : CheckSource(path, Contents(path))) {
      lines.push_back(absl::StrCat(finding.path, ":", finding.line, ": ", finding.message, " [",
                                   finding.rule, "]"));
    }
  }
  EXPECT_TRUE(lines.empty()) << absl::StrJoin(lines, "\n");
}

}  // namespace
}  // namespace baimi::lint
