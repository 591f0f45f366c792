#include "common/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace baimi::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

struct Options {
  int port = 9090;
  uint16_t small = 7;
  absl::Duration drain = absl::Seconds(20);
  int64_t budget = 64 << 20;
  bool reflection = true;
  std::string level = "info";
  std::string uri = "sqlite:baimi.db";
  std::vector<std::string> peers = {"a", "b"};
  Secret key;
};

class ConfigTest : public ::testing::Test {
 protected:
  // One table a run, as in a process.
  absl::StatusOr<Invocation> Parse(Sources sources) {
    options_ = Options();
    Table table("baimi-test", "A service for tests.");
    const Section grpc = table.root().Under("grpc");
    grpc.Int("port", &options_.port, "TCP port.", {.min = 0, .max = 65535});
    grpc.Int("small", &options_.small, "Bounded by its type.");
    grpc.Duration("drain_time", &options_.drain, "Drain.", {.max = absl::Minutes(5)});
    table.root().Bytes("cache.budget", &options_.budget, "Cache.", {.min = 1024});
    table.root().Bool("reflection", &options_.reflection, "Reflection.");
    table.root().Under("log").String("level", &options_.level, "Level.",
                                     {.allowed = {"debug", "info"}});
    table.root().String("database.uri", &options_.uri, "Database.",
                        {.required = true, .redact = Redact::kUriPassword});
    table.root().List("peers", &options_.peers, "Peers.");
    table.root().SecretFile("auth.key_file", &options_.key, "Key.");
    table.Command("migrate", "Migrate.");
    table.Command("get", "Get some.", 1, 2);
    if (!sources.read_file) {
      sources.read_file = [this](const std::string& path) -> absl::StatusOr<std::string> {
        const auto found = files_.find(path);
        if (found == files_.end()) {
          return absl::NotFoundError("cannot be opened");
        }
        return found->second;
      };
    }
    return table.Parse(sources);
  }

  std::string ErrorOf(Sources sources) {
    const auto run = Parse(std::move(sources));
    EXPECT_EQ(run.status().code(), absl::StatusCode::kInvalidArgument) << run.status();
    return std::string(run.status().message());
  }

  std::map<std::string, std::string> files_;
  Options options_;
};

TEST_F(ConfigTest, Parse_Nothing_KeepsTheDefaults) {
  const auto run = Parse({});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->action, Invocation::Action::kRun);
  EXPECT_THAT(run->words, IsEmpty());
  EXPECT_EQ(options_.port, 9090);
  EXPECT_EQ(options_.drain, absl::Seconds(20));
  EXPECT_THAT(options_.peers, ElementsAre("a", "b"));
}

TEST_F(ConfigTest, Parse_EverySource_LaterOnesWin) {
  files_["/etc/b.conf"] = "grpc.port = 1\n";
  const std::string file = "--config=/etc/b.conf";
  const std::string env = "BAIMI_GRPC_PORT=2";
  const std::string flag = "--grpc-port=3";
  ASSERT_TRUE(Parse({.arguments = {file}}).ok());
  EXPECT_EQ(options_.port, 1);
  ASSERT_TRUE(Parse({.environment = {env}}).ok());
  EXPECT_EQ(options_.port, 2);
  ASSERT_TRUE(Parse({.arguments = {file}, .environment = {env}}).ok());
  EXPECT_EQ(options_.port, 2);
  ASSERT_TRUE(Parse({.arguments = {file, flag}, .environment = {env}}).ok());
  EXPECT_EQ(options_.port, 3);
  ASSERT_TRUE(Parse({.arguments = {flag, file}}).ok());
  EXPECT_EQ(options_.port, 3);
}

TEST_F(ConfigTest, Parse_File_EveryType) {
  files_["f"] =
      "\xef\xbb\xbf# 注释\r\n"
      "\r\n"
      "  grpc.port=8081  \r\n"
      "grpc.small = 65535\n"
      "grpc.drain_time = 1m30s\n"
      "cache.budget = 1GiB\n"
      "reflection = off\n"
      "log.level = debug\n"
      "database.uri = postgres://u:p=w#x@db/t\n"
      "peers = x, y\n"
      "auth.key_file = /run/secrets/key";
  files_["/run/secrets/key"] = "s3cret\n";
  const auto run = Parse({.environment = {"BAIMI_CONFIG=f"}});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(options_.port, 8081);
  EXPECT_EQ(options_.small, 65535);
  EXPECT_EQ(options_.drain, absl::Seconds(90));
  EXPECT_EQ(options_.budget, 1 << 30);
  EXPECT_FALSE(options_.reflection);
  EXPECT_EQ(options_.level, "debug");
  EXPECT_EQ(options_.uri, "postgres://u:p=w#x@db/t");
  EXPECT_THAT(options_.peers, ElementsAre("x", "y"));
  EXPECT_EQ(options_.key.path, "/run/secrets/key");
  EXPECT_EQ(options_.key.content, "s3cret");
}

TEST_F(ConfigTest, Parse_Flags_EverySpelling) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--grpc-drain-time", "3s"},
                                             {"--grpc-drain-time=3s"},
                                             {"--grpc.drain_time=3s"},
                                             {"--grpc.drain_time", "3s"},
                                             {"--grpc_drain_time=3s"},
                                             {"--grpc-drain-time=9s", "--grpc-drain-time=3s"}}) {
    ASSERT_TRUE(Parse({.arguments = arguments}).ok());
    EXPECT_EQ(options_.drain, absl::Seconds(3)) << arguments[0];
  }
}

TEST_F(ConfigTest, Parse_BoolFlags_TakeNoSeparateValue) {
  ASSERT_TRUE(Parse({.arguments = {"--no-reflection"}}).ok());
  EXPECT_FALSE(options_.reflection);
  ASSERT_TRUE(Parse({.arguments = {"--reflection=false"}}).ok());
  EXPECT_FALSE(options_.reflection);
  ASSERT_TRUE(Parse({.arguments = {"--reflection"}, .environment = {"BAIMI_REFLECTION=0"}}).ok());
  EXPECT_TRUE(options_.reflection);
  EXPECT_THAT(ErrorOf({.arguments = {"--reflection", "false"}}), HasSubstr("got false"));
  EXPECT_THAT(ErrorOf({.arguments = {"--no-reflection=true"}}), HasSubstr("--no-reflection"));
  EXPECT_THAT(ErrorOf({.arguments = {"--no-grpc-port"}}), HasSubstr("--no-grpc-port"));
}

TEST_F(ConfigTest, Parse_NegativeNumber_IsAValueAndNotAFlag) {
  EXPECT_THAT(ErrorOf({.arguments = {"--grpc-port", "-5"}}),
              HasSubstr("grpc.port: got \"-5\", want an integer from 0 to 65535 (flag "
                        "--grpc-port)"));
}

TEST_F(ConfigTest, Parse_Words_ComeFirst) {
  auto run = Parse({.arguments = {"migrate", "--grpc-port=1"}});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_THAT(run->words, ElementsAre("migrate"));
  EXPECT_EQ(options_.port, 1);
  run = Parse({.arguments = {"get", "x", "y"}});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_THAT(run->words, ElementsAre("get", "x", "y"));
  EXPECT_THAT(ErrorOf({.arguments = {"migrat"}}), HasSubstr("the nearest is migrate"));
  EXPECT_THAT(ErrorOf({.arguments = {"migrate", "now"}}),
              HasSubstr("got 1 words after migrate, want 0 to 0"));
  EXPECT_THAT(ErrorOf({.arguments = {"get"}}), HasSubstr("want 1 to 2"));
  EXPECT_THAT(ErrorOf({.arguments = {"--grpc-port=1", "migrate"}}), HasSubstr("got migrate"));
}

TEST_F(ConfigTest, Parse_Unknown_NamesThePlaceAndTheNearest) {
  files_["f"] = "# one\ngrpc.port = 1\ngrpc.prot = 2\n";
  EXPECT_THAT(ErrorOf({.arguments = {"--config", "f"}}),
              HasSubstr("file: got grpc.prot, want a known name; the nearest is grpc.port "
                        "(file f:3)"));
  EXPECT_THAT(ErrorOf({.environment = {"BAIMI_GRPC_PROT=1"}}),
              HasSubstr("environment: got BAIMI_GRPC_PROT, want a known name; the nearest is "
                        "BAIMI_GRPC_PORT"));
  EXPECT_THAT(ErrorOf({.arguments = {"--grpc-prot", "1"}}),
              AllOf(HasSubstr("flag: got --grpc-prot, want a known name; the nearest is "
                              "--grpc-port"),
                    StartsWith("1 configuration problem")));
  EXPECT_THAT(ErrorOf({.arguments = {"--colour=red"}}), HasSubstr("see --help"));
  EXPECT_THAT(ErrorOf({.arguments = {"-p"}}), HasSubstr("got -p"));
  EXPECT_THAT(ErrorOf({.arguments = {"--"}}), HasSubstr("got --"));
}

TEST_F(ConfigTest, Parse_ForeignEnvironment_IsLeftAlone) {
  const auto run = Parse({.environment = {"PATH=/bin", "BAIMI_TEST_POSTGRES_URI=x", "BAIMIX=1",
                                          "HOME", "XBAIMI_GRPC_PORT=1"}});
  EXPECT_TRUE(run.ok()) << run.status();
  Table table("t", "T.");
  table.AllowEnvironment("BAIMI_IMAGE_");
  EXPECT_TRUE(table.Parse({.environment = {"BAIMI_IMAGE_TAG=1"}}).ok());
  EXPECT_FALSE(table.Parse({.environment = {"BAIMI_IMAG=1"}}).ok());
}

TEST_F(ConfigTest, Parse_BadValue_NamesFieldGotWantAndOrigin) {
  files_["f"] = "cache.budget = big\n";
  struct Case {
    Sources sources;
    const char* want;
  };
  for (const Case& c : {
           Case{{.arguments = {"--config=f"}},
                "cache.budget: got \"big\", want a size in bytes such as 64MiB of at least 1KiB "
                "(file f:1)"},
           Case{{.arguments = {"--cache-budget=1023"}}, "of at least 1KiB"},
           Case{{.environment = {"BAIMI_GRPC_PORT="}}, "grpc.port: got \"\""},
           Case{{.environment = {"BAIMI_GRPC_PORT=65536"}},
                "got \"65536\", want an integer from 0 to 65535 (environment BAIMI_GRPC_PORT)"},
           Case{{.arguments = {"--grpc-small=65536"}}, "want an integer from 0 to 65535"},
           Case{{.arguments = {"--grpc-drain-time=6m"}}, "from 0 to 5m"},
           Case{{.arguments = {"--grpc-drain-time=10"}}, "want a duration such as"},
           Case{{.arguments = {"--log-level=loud"}}, "want one of debug, info"},
           Case{{.arguments = {"--reflection=maybe"}}, "want true or false"},
           Case{{.arguments = {"--peers=a,,b"}}, "want a comma-separated list"},
           Case{{.arguments = {"--grpc-port"}}, "grpc.port: got no value"},
           Case{{.arguments = {"--grpc-port", "--reflection"}}, "grpc.port: got no value"},
           Case{{.arguments = {"--config"}}, "config: got no value"},
           Case{{.arguments = {"--config=absent"}}, "absent (cannot be opened)"},
           Case{{.arguments = {"--database-uri="}}, "database.uri: got a value that is not usable"},
           Case{{.arguments = {"--log-level=a\nb"}}, "without control characters"},
           Case{{.arguments = {"--print_config=yes"}}, "want no value"},
       }) {
    EXPECT_THAT(ErrorOf(c.sources), HasSubstr(c.want));
  }
}

TEST_F(ConfigTest, Parse_BadFileLines_NameTheLine) {
  files_["f"] = "grpc.port 1\n= 2\ngrpc.port = 3\ngrpc.port = 4\n";
  const std::string error = ErrorOf({.arguments = {"--config=f"}});
  EXPECT_THAT(error, HasSubstr("(file f:1)"));
  EXPECT_THAT(error, HasSubstr("(file f:2)"));
  EXPECT_THAT(error, HasSubstr("grpc.port: got a second line, after line 3, want one line "
                               "(file f:4)"));
}

TEST_F(ConfigTest, Parse_SeveralProblems_AreReportedTogetherInBothLanguages) {
  const auto run = Parse(
      {.arguments = {"--grpc-port=x", "--colour=red"}, .environment = {"BAIMI_LOG_LEVEL=loud"}});
  ASSERT_FALSE(run.ok());
  EXPECT_EQ(ReasonOf(run.status()), "INVALID_FIELD");
  const auto bad = BadRequestOf(run.status());
  ASSERT_TRUE(bad);
  std::vector<std::string> paths;
  for (const auto& violation : bad->field_violations()) {
    paths.push_back(violation.field());
  }
  EXPECT_THAT(paths, ElementsAre("flag", "log.level", "grpc.port"));
  const auto localized = run.status().GetPayload("type.googleapis.com/google.rpc.LocalizedMessage");
  ASSERT_TRUE(localized);
  EXPECT_THAT(std::string(*localized), HasSubstr("grpc.port：收到 \"x\"，应为 整数"));
}

TEST_F(ConfigTest, Secret_Unusable_IsAnErrorThatDoesNotShowIt) {
  files_["empty"] = "\n";
  files_["huge"] = std::string(size_t{65} * 1024, 'x');
  for (const char* path : {"hunter2", "empty", "huge"}) {
    const std::string error = ErrorOf({.arguments = {"--auth-key-file", path}});
    EXPECT_THAT(error, AllOf(HasSubstr("auth.key_file"), Not(HasSubstr(path)))) << error;
  }
  EXPECT_THAT(ErrorOf({.environment = {"BAIMI_DATABASE_URI=postgres://u:hunter2\x01@db"}}),
              AllOf(HasSubstr("database.uri"), Not(HasSubstr("hunter2"))));
}

TEST_F(ConfigTest, Secret_Required_MustBeGiven) {
  Secret key;
  Table table("t", "T.");
  table.root().SecretFile("key", &key, "Key.", /*required=*/true);
  const auto run = table.Parse({});
  EXPECT_THAT(std::string(run.status().message()),
              HasSubstr("key: got nothing, want the path of a file (set --key, BAIMI_KEY or key"));
}

TEST_F(ConfigTest, PrintConfig_ShowsOriginsAndNoSecrets) {
  files_["f"] = "grpc.port = 1\n";
  files_["/run/key"] = "s3cret";
  const auto run = Parse({.arguments = {"--print_config", "--config=f", "--no-reflection"},
                          .environment = {"BAIMI_DATABASE_URI=postgres://u:hunter2@db/t",
                                          "BAIMI_AUTH_KEY_FILE=/run/key"}});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->action, Invocation::Action::kPrint);
  EXPECT_EQ(run->text,
            "# file f:1\ngrpc.port = 1\n"
            "# default\ngrpc.small = 7\n"
            "# default\ngrpc.drain_time = 20s\n"
            "# default\ncache.budget = 64MiB\n"
            "# flag --no-reflection\nreflection = false\n"
            "# default\nlog.level = info\n"
            "# environment BAIMI_DATABASE_URI\n# database.uri = postgres://u:***@db/t\n"
            "# default\npeers = a,b\n"
            "# environment BAIMI_AUTH_KEY_FILE\n# auth.key_file = (redacted)\n");
}

TEST_F(ConfigTest, PrintConfig_ReadAsAFile_GivesTheSameConfig) {
  const auto first =
      Parse({.arguments = {"--print-config", "--grpc-port=5", "--peers=", "--cache-budget=1500",
                           "--grpc-drain-time=1m1s"}});
  ASSERT_TRUE(first.ok());
  files_["printed"] = first->text;
  ASSERT_TRUE(Parse({.arguments = {"--config=printed"}}).ok());
  EXPECT_EQ(options_.port, 5);
  EXPECT_EQ(options_.budget, 1500);
  EXPECT_EQ(options_.drain, absl::Seconds(61));
  EXPECT_THAT(options_.peers, IsEmpty());
}

TEST_F(ConfigTest, Help_EvenWithABrokenConfig_ListsEverything) {
  for (const char* flag : {"--help", "-h"}) {
    const auto run = Parse({.arguments = {"--colour", flag}, .environment = {"BAIMI_X=1"}});
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_EQ(run->action, Invocation::Action::kPrint);
    EXPECT_THAT(run->text, HasSubstr("baimi-test: A service for tests."));
    EXPECT_THAT(run->text, HasSubstr("  migrate\n      Migrate.\n"));
    EXPECT_THAT(run->text,
                HasSubstr("  --grpc-port <value> | BAIMI_GRPC_PORT | grpc.port\n      TCP port. "
                          "(an integer from 0 to 65535; default: 9090)\n"));
    EXPECT_THAT(run->text, HasSubstr("  --reflection | BAIMI_REFLECTION | reflection\n"));
  }
}

TEST(ConfigTable, Declaration_Wrong_FailsParse) {
  for (const char* name : {"", "Upper", "a b", ".a", "a.", "a..b", "a-b", "config", "help",
                           "print_config", "taken", "ta.ken_x"}) {
    int value = 0;
    Table table("t", "T.");
    table.root().Int("taken", &value, "Doc.");
    table.root().Int("ta_ken.x", &value, "Doc.");
    table.root().Int(name, &value, "Doc.");
    EXPECT_EQ(table.Parse({}).status().code(), absl::StatusCode::kInternal) << name;
  }
  int value = 0;
  Table table("t", "T.");
  table.root().Int("undocumented", &value, "");
  EXPECT_EQ(table.Parse({}).status().code(), absl::StatusCode::kInternal);
}

TEST(ConfigFiles, Default_ReadsTheFileSystem) {
  const std::string path = absl::StrCat(testing::TempDir(), "/config_test.", ::getpid());
  std::ofstream(path) << "grpc.port = 12\n";
  int port = 0;
  {
    Table table("t", "T.");
    table.root().Int("grpc.port", &port, "Port.");
    EXPECT_TRUE(table.Parse({.arguments = {"--config", path}}).ok());
    EXPECT_EQ(port, 12);
  }
  std::remove(path.c_str());
  for (const std::string& bad : {path, testing::TempDir()}) {
    Table table("t", "T.");
    table.root().Int("grpc.port", &port, "Port.");
    EXPECT_FALSE(table.Parse({.arguments = {"--config", bad}}).ok()) << bad;
  }
}

TEST(ConfigFiles, ProcessSources_SkipsTheProgramName) {
  const char* argv[] = {"program", "migrate", "--x"};
  EXPECT_THAT(ProcessSources(3, argv).arguments, ElementsAre("migrate", "--x"));
  EXPECT_THAT(ProcessSources(1, argv).arguments, IsEmpty());
}

}  // namespace
}  // namespace baimi::config
