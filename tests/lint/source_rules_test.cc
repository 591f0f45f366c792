#include "tests/lint/source_rules.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baimi::lint {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Case {
  const char* path;
  const char* text;
  // The rule that must fire, alone; empty when none may.
  const char* rule;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.path << ": " << c.text; }

class PlantedTest : public ::testing::TestWithParam<Case> {};

TEST_P(PlantedTest, Source_GivesExactlyItsFinding) {
  const Case& c = GetParam();
  std::vector<std::string> rules;
  for (const Finding& finding : CheckSource(c.path, c.text)) {
    rules.push_back(finding.rule);
    EXPECT_EQ(finding.path, c.path);
    EXPECT_FALSE(finding.message.empty());
  }
  if (*c.rule == '\0') {
    EXPECT_THAT(rules, IsEmpty());
  } else {
    EXPECT_THAT(rules, ElementsAre(c.rule));
  }
}

constexpr char kDomain[] = "services/ticket/domain/dispatch.cc";
constexpr char kStore[] = "services/ticket/store/ticket_store.cc";
constexpr char kApi[] = "services/ticket/api/ticket_api.cc";

INSTANTIATE_TEST_SUITE_P(
    Rooms, PlantedTest,
    ::testing::Values(
        Case{kDomain, "#include \"common/base/error.h\"\n", ""},
        Case{kDomain, "#include \"baimi/ticket/v1/resources.pb.h\"\n", ""},
        Case{kDomain, "#include \"common/base/clock.h\"\n", ""},
        Case{kDomain, "#include \"common/base/random.h\"\n", "include.domain"},
        Case{kDomain, "#include \"common/sql/database.h\"\n", "include.domain"},
        Case{kDomain, "#include \"baimi/ticket/v1/ticket_service.grpc.pb.h\"\n", "include.domain"},
        Case{kDomain, "#include <grpcpp/server.h>\n", "include.domain"},
        Case{kDomain, "#include <fstream>\n", "include.domain"},
        Case{kDomain, "#include \"services/ticket/store/ticket_store.h\"\n", "include.domain"},
        Case{"services/ticket/domain/dispatch_test.cc", "#include \"common/testing/matchers.h\"\n",
             ""},
        Case{"services/ticket/domain/dispatch_test.cc",
             "#include \"services/ticket/testing/sample.h\"\n", ""},
        Case{kDomain, "#include \"services/ticket/testing/sample.h\"\n", "include.domain"},
        Case{kDomain, "#include \"common/testing/matchers.h\"\n", "include.domain"},
        Case{"services/ticket/domain/testing_order.cc", "#include <fstream>\n", ""},
        Case{"services/suite/sample.cc", "#include \"services/ticket/domain/names.h\"\n", ""},
        Case{kStore, "#include \"common/sql/database.h\"\n", ""},
        Case{kStore, "#include \"common/rpc/pipeline.h\"\n", "include.store"},
        Case{kStore, "#include \"services/ticket/api/ticket_api.h\"\n", "include.store"},
        Case{kApi, "#include \"services/ticket/store/ticket_store.h\"\n", ""},
        Case{kApi, "#include \"services/ticket/ticket.h\"\n", "include.api"},
        Case{kApi, "#include \"services/grid_registry/store/grids.h\"\n", "include.service"},
        Case{kApi, "#include \"baimi/registry/v1/registry_service.grpc.pb.h\"\n", ""},
        Case{"services/suite/suite.cc", "#include \"services/ticket/ticket.h\"\n", ""},
        Case{"services/suite/suite.cc", "#include \"services/ticket/store/ticket_store.h\"\n",
             "include.suite"},
        Case{"services/gateway/gateway.cc", "#include \"baimi/ticket/v1/resources.pb.h\"\n",
             "include.gateway"},
        Case{"services/gateway/gateway.cc", "#include \"baimi/options/v1/options.pb.h\"\n", ""},
        Case{"common/sql/database.cc", "#include \"services/ticket/ticket.h\"\n", "include.common"},
        Case{"common/base/error.cc", "#include \"common/sql/database.h\"\n", "include.common"},
        Case{"common/sql/database.cc", "#include <grpcpp/server.h>\n", "include.grpc"},
        Case{"common/rpc/server.cc", "#include <grpcpp/server.h>\n", ""},
        Case{"common/journal/writer.cc", "#include <sqlite3.h>\n", "include.driver"},
        Case{"common/sql/sqlite/connection.cc", "#include <sqlite3.h>\n", ""},
        Case{"common/rpc/limits.cc", "#include <hiredis/hiredis.h>\n", "include.driver"},
        Case{"common/sql/params.cc", "#include \"params.h\"\n", "include.path"},
        Case{"common/sql/params.cc", "#include \"../base/error.h\"\n", "include.path"},
        Case{"common/sql/params.cc", "// #include \"../base/error.h\"\n", ""}));

// Planted text, which nothing compiles or runs: what the rules find, and what they leave alone.
INSTANTIATE_TEST_SUITE_P(
    Text, PlantedTest,
    ::testing::Values(
        Case{kApi, "Run(\"SELECT id FROM tickets\");\n", "text.sql"},
        Case{kApi, "Run(R\"sql(\n  insert into tickets values ($1)\n)sql\");\n", "text.sql"},
        Case{kApi, "Run(\"UPDATE tickets SET a = 1\");\n", "text.sql"},
        Case{kApi, "Say(\"select a grid first\"); Say(\"update the unit\");\n", ""},
        Case{kApi, "// \"SELECT id FROM tickets\"\n", ""},
        Case{kStore, "Run(\"SELECT id FROM tickets\");\n", ""},
        Case{"common/journal/writer.cc", "Run(\"DELETE FROM requests\");\n", ""},
        Case{"common/cache/memory.cc", "Run(\"PRAGMA optimize\");\n", "text.sql"},
        Case{kApi, "auto t = std::chrono::system_clock::now();\n", "text.clock"},
        Case{kApi, "auto t = absl::Now();\n", "text.clock"},
        Case{kApi, "auto t = std::chrono::steady_clock::now();\n", "text.clock"},
        Case{kApi, "auto t = clock.Now(); auto u = my_absl::Now();\n", ""},
        Case{kDomain, "row.time = clock.Now();\n", "text.timeless"},
        Case{kDomain, "row.time = ShanghaiDate(NowOf(row));\n", ""},
        Case{"common/base/clock.cc", "return absl::Now();\n", ""},
        Case{"common/auth/key_test.cc", "auto t = absl::Now();\n", "text.clock"},
        Case{"common/auth/key_test.cc", "c.set_deadline(std::chrono::system_clock::now() + s);\n",
             ""},
        Case{"common/journal/writer.cc", "options.deadline = absl::Now() + kLimit;\n", ""},
        Case{"common/exec/ticker.cc", "auto t = std::chrono::steady_clock::now();\n", ""},
        Case{"services/ticket/api/a_test.cc", "auto t = std::chrono::steady_clock::now();\n", ""},
        Case{kApi, "std::random_device seed;\n", "text.random"},
        Case{kApi, "int i = rand(); int j = strand();\n", "text.random"},
        Case{kApi, "auto f = std::async(Work);\n", "text.async"},
        Case{kApi, "std::thread(Work).detach();\n", "text.async"},
        Case{kApi, "const char* home = std::getenv(\"HOME\");\n", "text.environment"},
        Case{"common/config/loader.cc", "const char* home = getenv(\"HOME\");\n", ""},
        Case{kApi, "std::exit(1);\n", "text.exit"},
        Case{kApi, "at_exit(1); lane.exit_code();\n", ""},
        Case{"services/suite/main.cc", "return 0; exit(2);\n", ""},
        Case{kApi, "std::this_thread::sleep_for(pause);\n", "text.sleep"},
        Case{"common/rpc/server_test.cc", "absl::SleepFor(absl::Seconds(1));\n", "text.sleep"},
        Case{"tests/bench/load.cc", "absl::SleepFor(absl::Seconds(1));\n", "text.sleep"},
        Case{kApi, "int x;  // TODO: more\n", "text.todo"},
        Case{kApi, "/* FIXME\n*/ int x;\n", "text.todo"},
        Case{kApi, "int x;  // NOLINT\n", "text.nolint"},
        Case{kApi, "int x;  // NOLINT(bugprone-branch-clone)\n", "text.nolint"},
        Case{kApi, "X(int x);  // NOLINT(google-explicit-constructor)\n", "text.nolint"},
        Case{kApi, "X(int x);  // NOLINTBEGIN(google-explicit-constructor)\n", "text.nolint"},
        Case{kApi, "X(int x);  // NOLINTEND(google-explicit-constructor)\n", ""},
        Case{kApi, "int x;  // NOLINT(bugprone-branch-clone): two rules, one effect\n", ""},
        Case{"common/sql/a.h", "#ifndef BAIMI_COMMON_SQL_A_H_\n#define BAIMI_COMMON_SQL_A_H_\n",
             ""},
        Case{"common/sql/a.h", "#pragma once\n", "text.guard"},
        Case{"common/sql/a.h", "#ifndef A_H\n#define A_H\n", "text.guard"}));

TEST(Size, LongFile_IsFound) {
  std::string text;
  for (int i = 0; i < 451; ++i) absl::StrAppend(&text, "int x", i, ";\n");
  const std::vector<Finding> findings = CheckSource(kApi, text);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, "text.size");
}

TEST(ReadSource, LiteralsAndComments_AreSetApartFromCode) {
  const SourceFile file = ReadSource("a.cc",
                                     "int n = 1'000;  // one \"thousand\"\n"
                                     "char c = '\"'; /* a\nb */ f(\"x\\\"y\");\n"
                                     "g(R\"-(line\n)\" still)-\"); h();\n"
                                     "#include <vector>\n");
  ASSERT_EQ(file.lines.size(), 7u);
  EXPECT_EQ(file.lines[0].code, "int n = 1'000;  ");
  EXPECT_EQ(file.lines[0].comment, " one \"thousand\"");
  EXPECT_EQ(file.lines[1].comment, " a");
  EXPECT_EQ(file.lines[2].comment, "b ");
  EXPECT_THAT(file.lines[2].literals, ElementsAre("x\\\"y"));
  EXPECT_THAT(file.lines[3].literals, ElementsAre("line\n)\" still"));
  EXPECT_EQ(file.lines[4].code, "); h();");
  EXPECT_EQ(file.lines[5].include, "vector");
}

TEST(ReadSource, Findings_TellTheLine) {
  const std::vector<Finding> findings = CheckSource(kApi, "int a;\n\nint b = rand();\n");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].line, 3u);
}

}  // namespace
}  // namespace baimi::lint
