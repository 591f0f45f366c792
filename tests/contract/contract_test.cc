#include "tests/contract/contract.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace baimi::contract {
namespace {

// Runs in the repository root.
constexpr char kRoot[] = "protos";

std::vector<std::string> AllContracts() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoot)) {
    if (entry.path().extension() == ".proto") {
      files.push_back(std::filesystem::relative(entry.path(), kRoot).string());
    }
  }
  return files;
}

TEST(Contract, EveryProto_FollowsTheRules) {
  const auto contract = Contract::Load({kRoot}, AllContracts());
  ASSERT_TRUE(contract.ok()) << contract.status();
  std::vector<std::string> lines;
  for (const Finding& finding : Check((*contract)->files())) {
    lines.push_back(absl::StrCat(finding.where, ": ", finding.message, " [", finding.rule, "]"));
  }
  EXPECT_TRUE(lines.empty()) << absl::StrJoin(lines, "\n");
}

TEST(Contract, EveryService_IsSeenWithItsOptions) {
  const auto contract = Contract::Load({kRoot}, AllContracts());
  ASSERT_TRUE(contract.ok()) << contract.status();
  std::vector<std::string> permissions;
  for (const pb::MethodDescriptor* method : MethodsOf((*contract)->files())) {
    permissions.push_back(PolicyOf(method).permission());
  }
  for (const char* known : {"area.list", "grid.locate", "ticket.create", "ticket.sign"}) {
    EXPECT_NE(std::find(permissions.begin(), permissions.end(), known), permissions.end()) << known;
  }
}

TEST(Contract, BrokenProto_IsRefusedWithFileAndLine) {
  const auto contract = Contract::Load({kRoot, "tests/contract/bad"}, {"unparsable.proto"});
  ASSERT_FALSE(contract.ok());
  EXPECT_NE(contract.status().message().find("unparsable.proto:5:"), std::string::npos)
      << contract.status();
}

}  // namespace
}  // namespace baimi::contract
