#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lint/doc_rules.h"

namespace baimi::lint {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kFeatures[] = "docs/hotline-features.md";
constexpr char kStates[] = "docs/hotline/states-and-clocks.md";
constexpr char kCounty[] = "docs/hotline/configure-a-county.md";

std::string Contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Document Read(const std::string& path) { return {path, Contents(path)}; }

std::set<std::string> TestsOfTheTree() {
  std::set<std::string> tests;
  for (const char* root : {"common", "services", "tests"}) {
    for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
      if (it->path().filename() == "node_modules") it.disable_recursion_pending();
      const std::string path = it->path().string();
      if (absl::EndsWith(path, ".cc") || absl::EndsWith(path, "_test.js")) {
        CollectTests(path, Contents(path), tests);
      }
    }
  }
  return tests;
}

std::string Say(const std::vector<Finding>& findings) {
  return absl::StrJoin(findings, "\n", [](std::string* out, const Finding& finding) {
    absl::StrAppend(out, finding.path, ":", finding.line, ": ", finding.message, " [", finding.rule,
                    "]");
  });
}

// "rule:line" each.
std::vector<std::string> Brief(const std::vector<Finding>& findings) {
  std::vector<std::string> brief;
  for (const Finding& finding : findings) {
    EXPECT_FALSE(finding.message.empty());
    brief.push_back(absl::StrCat(finding.rule, ":", finding.line));
  }
  return brief;
}

// These three run in the repository root.
TEST(Docs, Features_NameTestsThatExist) {
  const std::set<std::string> tests = TestsOfTheTree();
  ASSERT_GT(tests.size(), 500u) << "the working directory is not the repository root";
  std::vector<Finding> findings;
  CheckFeatures(Read(kFeatures), tests, 27, findings);
  EXPECT_TRUE(findings.empty()) << Say(findings);
}

TEST(Docs, Diagram_IsTheTableOfStates) {
  std::vector<Finding> findings;
  CheckDiagram(Read(kStates), Contents("services/ticket/domain/transitions.cc"), findings);
  EXPECT_TRUE(findings.empty()) << Say(findings);
}

TEST(Docs, County_ExplainsEveryFieldOfThePolicy) {
  std::vector<Finding> findings;
  CheckFields(Read(kCounty), Contents("protos/baimi/ticket/v1/resources.proto"), "TicketPolicy",
              findings);
  EXPECT_TRUE(findings.empty()) << Say(findings);
}

// Defects planted in the real documents are found, so that the three above can fail.
TEST(Docs, DefectsPlantedInTheRealOnes_AreFound) {
  const std::set<std::string> tests = TestsOfTheTree();
  Document document = Read(kFeatures);
  ASSERT_EQ(absl::StrReplaceAll({{"`GroupsTest.Split_", "`GroupsTest.Splat_"}}, &document.text), 1);
  std::vector<Finding> findings;
  CheckFeatures(document, tests, 27, findings);
  ASSERT_EQ(findings.size(), 1u) << Say(findings);
  EXPECT_EQ(findings[0].rule, "docs.test");

  document = Read(kStates);
  ASSERT_EQ(absl::StrReplaceAll({{"SUSPENDED --> SIGNED: T19", "SUSPENDED --> CLOSED: T19"}},
                                &document.text),
            1);
  findings.clear();
  CheckDiagram(document, Contents("services/ticket/domain/transitions.cc"), findings);
  EXPECT_EQ(findings.size(), 2u) << Say(findings);

  document = Read(kCounty);
  ASSERT_EQ(absl::StrReplaceAll({{"| `reopenDays` |", "| reopening |"}}, &document.text), 1);
  findings.clear();
  CheckFields(document, Contents("protos/baimi/ticket/v1/resources.proto"), "TicketPolicy",
              findings);
  EXPECT_THAT(Brief(findings), ElementsAre("docs.field:0")) << Say(findings);
}

TEST(CollectTests, Sources_GiveTheTestsTheyDefine) {
  std::set<std::string> tests;
  CollectTests("a_test.cc",
               "TEST(A, One) {}\nTEST_F(B,\n       Two_Lines) {}\n  TEST_P(C, Three) {}\n"
               "TYPED_TEST(D, Four) {}\n// TEST(E, InAComment) {}\nf(\"TEST(F, InALiteral)\");\n"
               "MY_TEST(G, Other) {}\nTEST(H);\n",
               tests);
  CollectTests("tests/e2e/http_test.js",
               "test('Order_OverCurl', async () => {});\n  test('Inner', () => {});\n"
               "// test('Comment', () => {});\nlatest('No', 1);\n",
               tests);
  CollectTests("a_test.h", "TEST(I, InAHeader) {}\n", tests);
  EXPECT_THAT(tests, ElementsAre("A.One", "B.Two_Lines", "C.Three", "D.Four", "http_test.Inner",
                                 "http_test.Order_OverCurl"));
}

TEST(CheckFeatures, PlantedRows_GiveTheirFindings) {
  const std::set<std::string> tests = {"A.One", "http_test.Two"};
  const auto check = [&tests](const char* text, int rows) {
    std::vector<Finding> findings;
    CheckFeatures({"docs/x.md", text}, tests, rows, findings);
    return Brief(findings);
  };
  EXPECT_THAT(check("| # | what | shown by |\n|---|---|---|\n| 1 | `x.y` | `A.One` `http_test.Two` "
                    "|\n| 2 | **Not yet** | |\n",
                    2),
              IsEmpty());
  EXPECT_THAT(check("| 1 | x | `A.One` `A.Gone` |\n", 1), ElementsAre("docs.test:1"));
  EXPECT_THAT(check("| 1 | x | `A_One` |\n", 1), ElementsAre("docs.test:1"));
  EXPECT_THAT(check("| 1 | x | A.One |\n", 1), ElementsAre("docs.unshown:1"));
  EXPECT_THAT(check("| 1 | x | `A.One` |\n| 3 | x | `A.One` |\n", 3), ElementsAre("docs.row:2"));
  EXPECT_THAT(check("| 1 | x | `A.One` |\n", 2), ElementsAre("docs.row:0"));
}

TEST(CheckDiagram, PlantedArrows_GiveTheirFindings) {
  constexpr char kTable[] =
      "  {\"T0\", kNew, kFile, v1::A, kNone, kNone, kAnyone, \"x\"},\n"
      "  {\"T4\", v1::A, kMerge, v1::M, kNone, kNone, kCentre,\n   \"y\"},\n"
      "  {\"T21\", v1::M, kSplit, kStateBefore, kNone, kNone, kCentre, \"z\"},\n";
  const auto check = [&kTable](absl::string_view arrows) {
    std::vector<Finding> findings;
    CheckDiagram({"docs/x.md", absl::StrCat("A --> Z: T9\n```mermaid\n", arrows, "```\n")}, kTable,
                 findings);
    return Brief(findings);
  };
  constexpr absl::string_view kWhole =
      "    state \"甲 A\" as A\n    [*] --> A: T0 登记\n    A --> M: T4 合并\n    M --> A: T21 "
      "拆分\n    A --> [*]\n";
  EXPECT_THAT(check(kWhole), IsEmpty());
  EXPECT_THAT(check(absl::StrCat(kWhole, "A --> M: T4 合并\n")), ElementsAre("docs.diagram:8"));
  EXPECT_THAT(check(absl::StrReplaceAll(kWhole, {{"T4", "T5"}})),
              ElementsAre("docs.diagram:5", "docs.diagram:0"));
  EXPECT_THAT(check(absl::StrReplaceAll(kWhole, {{"    M --> A: T21 拆分\n", ""}})),
              ElementsAre("docs.diagram:0"));
}

TEST(CheckFields, PlantedRows_GiveTheirFindings) {
  constexpr char kProto[] =
      "message Other {\n  int32 other = 1;\n}\n"
      "message Policy {\n  string name = 1 [(google.api.field_behavior) = OUTPUT_ONLY];\n"
      "  // Of = 3 things.\n  int32 reopen_days = 2 [(baimi.options.v1.rule) = {\n    min: 0\n"
      "  }];\n  repeated Row rows = 3 [\n    (google.api.field_behavior) = REQUIRED\n  ];\n}\n";
  const auto check = [&kProto](const char* text) {
    std::vector<Finding> findings;
    CheckFields({"docs/x.md", text}, kProto, "Policy", findings);
    return Brief(findings);
  };
  EXPECT_THAT(check("| field | what |\n|---|---|\n| `reopenDays` | x |\n| `rows` | x |\n"),
              IsEmpty());
  EXPECT_THAT(check("| `reopenDays` | x |\n"), ElementsAre("docs.field:0"));
  EXPECT_THAT(check("| `reopen_days` | x |\n| `rows` | x |\n"),
              ElementsAre("docs.field:1", "docs.field:0"));
  EXPECT_THAT(check("| `reopenDays` | x |\n| `rows` | x |\n| `other` | x |\n"),
              ElementsAre("docs.field:3"));
}

}  // namespace
}  // namespace baimi::lint
