// Every file of bad/ breaks rules on purpose and says which: each "// want: RULE WHERE" line must
// be found, and nothing else.
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/contract.h"

namespace baimi::contract {
namespace {

constexpr char kFolder[] = "tests/contract/bad";

// Every rule there is; a rule without an example here could never fire.
constexpr const char* kRules[] = {"policy.missing",
                                  "policy.permission",
                                  "policy.permission_unique",
                                  "policy.audience",
                                  "policy.lane",
                                  "policy.idempotency",
                                  "policy.audit",
                                  "policy.deadline",
                                  "scope.field",
                                  "route.missing",
                                  "route.internal",
                                  "route.stream",
                                  "stream.content",
                                  "stream.lane",
                                  "stream.two_way",
                                  "stream.limit",
                                  "route.duplicate",
                                  "route.field",
                                  "route.verb",
                                  "list.paging",
                                  "update.mask",
                                  "request_id.missing",
                                  "request_id.read",
                                  "state.output_only",
                                  "state.request",
                                  "type.open",
                                  "pii.class",
                                  "pii.url",
                                  "reason.zero",
                                  "reason.prefix",
                                  "reason.code",
                                  "event.type"};

std::vector<std::string> BadFiles() {
  std::vector<std::string> files;
  std::error_code outside_root;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder, outside_root)) {
    const std::string name = entry.path().filename().string();
    if (name != "unparsable.proto") files.push_back(name);
  }
  return files;
}

std::multiset<std::string> WantedBy(const std::string& file) {
  std::multiset<std::string> wanted;
  std::ifstream in(absl::StrCat(kFolder, "/", file));
  for (std::string line; std::getline(in, line);) {
    absl::string_view text = line;
    if (absl::ConsumePrefix(&text, "// want: ")) wanted.insert(std::string(text));
  }
  return wanted;
}

std::multiset<std::string> FoundIn(const std::string& file) {
  const auto contract = Contract::Load({"protos", kFolder}, {file});
  EXPECT_TRUE(contract.ok()) << contract.status();
  std::multiset<std::string> found;
  if (!contract.ok()) return found;
  for (const Finding& finding : Check((*contract)->files())) {
    found.insert(absl::StrCat(finding.rule, " ", finding.where));
    EXPECT_FALSE(finding.message.empty());
  }
  return found;
}

class PlantedTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PlantedTest, Defects_AreFoundAndNothingElse) {
  EXPECT_THAT(FoundIn(GetParam()), ::testing::ContainerEq(WantedBy(GetParam())));
}

std::string NameOf(const ::testing::TestParamInfo<std::string>& file) {
  return std::string(absl::StripSuffix(file.param, ".proto"));
}

INSTANTIATE_TEST_SUITE_P(Bad, PlantedTest, ::testing::ValuesIn(BadFiles()), NameOf);

TEST(Rules, EachRule_HasAPlantedDefect) {
  std::string all;
  for (const std::string& file : BadFiles()) {
    for (const std::string& want : WantedBy(file)) absl::StrAppend(&all, "\n", want);
  }
  for (const char* rule : kRules) {
    EXPECT_TRUE(absl::StrContains(all, absl::StrCat("\n", rule, " "))) << rule;
  }
}

}  // namespace
}  // namespace baimi::contract
