#include "common/observe/log.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "absl/strings/match.h"

namespace baimi::observe {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class CapturingSink final : public LogSink {
 public:
  void Write(const LogRecord& record, absl::string_view line) override {
    lines.emplace_back(line);
    levels.push_back(record.level);
  }
  std::vector<std::string> lines;
  std::vector<LogLevel> levels;
};

// Parses with a parser that is not ours.
google::protobuf::Struct Parse(const std::string& line) {
  google::protobuf::Struct parsed;
  const auto status = google::protobuf::util::JsonStringToMessage(line, &parsed);
  EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << line;
  return parsed;
}

const absl::Time kTime = absl::FromUnixMicros(1'795'395'783'000'004);

class LogTest : public ::testing::Test {
 protected:
  LogTest() { ConfigureLog({.level = LogLevel::kInfo, .service = "ticket", .clock = &clock_}); }
  ~LogTest() override { ConfigureLog({}); }

  SimulatedClock clock_{kTime};
  CapturingSink sink_;
  ScopedLogSink scoped_{&sink_};
};

TEST_F(LogTest, Log_EveryFieldType_IsOneJsonLine) {
  const ScopedLogTrace trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
  Log(LogLevel::kWarning, "数据库慢",
      {{"text", "a"},
       {"string", std::string("b")},
       {"yes", true},
       {"int", -7},
       {"long", int64_t{-9007199254740993}},
       {"size", std::numeric_limits<uint64_t>::max()},
       {"ratio", 0.25},
       {"nan", std::nan("")},
       {"inf", -HUGE_VAL},
       {"took", absl::Milliseconds(1500)},
       {"at", kTime},
       {"status", absl::NotFoundError("no \"row\"")},
       {"fine", absl::OkStatus()}});
  EXPECT_THAT(
      sink_.lines,
      ElementsAre("{\"time\":\"2026-11-23T01:03:03.000004Z\",\"level\":\"WARNING\","
                  "\"service\":\"ticket\",\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\","
                  "\"span_id\":\"b7ad6b7169203331\",\"message\":\"数据库慢\",\"text\":\"a\","
                  "\"string\":\"b\",\"yes\":true,\"int\":-7,\"long\":-9007199254740993,"
                  "\"size\":18446744073709551615,\"ratio\":0.25,\"nan\":\"NaN\","
                  "\"inf\":\"-Infinity\",\"took\":1.5,\"at\":\"2026-11-23T01:03:03.000004Z\","
                  "\"status\":\"NOT_FOUND: no \\\"row\\\"\",\"fine\":\"OK\"}\n"));
  Parse(sink_.lines[0]);
}

TEST_F(LogTest, Log_HostileText_StaysOneLineAndParsesBack) {
  std::string hostile = "\"}\n{\"level\":\"ERROR\"} \\ \t\r\b";
  hostile += '\0';
  hostile += "\x1b[31m \x7f 百米 \U0001F600";
  Log(LogLevel::kInfo, hostile, {{hostile, hostile}});
  ASSERT_THAT(sink_.lines, SizeIs(1));
  const std::string& line = sink_.lines[0];
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  const google::protobuf::Struct parsed = Parse(line);
  EXPECT_EQ(parsed.fields().at("message").string_value(), hostile);
  EXPECT_EQ(parsed.fields().at(hostile).string_value(), hostile);
  EXPECT_EQ(parsed.fields().at("level").string_value(), "INFO");
}

TEST_F(LogTest, Log_BrokenUtf8_GetsReplacementCharacters) {
  Log(LogLevel::kInfo, "a\xff\xe7\x99z", {});
  EXPECT_EQ(Parse(sink_.lines[0]).fields().at("message").string_value(), "a\uFFFD\uFFFD\uFFFDz");
}

TEST_F(LogTest, Log_EveryByteValue_StillParses) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    Log(LogLevel::kInfo, text, {{"b", text}});
    Parse(sink_.lines.back());
  }
}

TEST_F(LogTest, Log_HugeText_IsCutAtACharacter) {
  std::string huge;
  for (int i = 0; i < 10000; ++i) {
    huge += "百";
  }
  Log(LogLevel::kInfo, "m", {{"huge", huge}});
  const std::string value = Parse(sink_.lines[0]).fields().at("huge").string_value();
  EXPECT_LT(value.size(), 8300u);
  EXPECT_GT(value.size(), 8000u);
  EXPECT_TRUE(absl::EndsWith(value, "…"));
  EXPECT_TRUE(absl::StartsWith(huge, value.substr(0, value.size() - 3)));
}

TEST_F(LogTest, Log_FieldNamedLikeAFixedKey_DoesNotHideIt) {
  Log(LogLevel::kInfo, "m", {{"level", "x"}, {"message", "y"}, {"time", 1}});
  EXPECT_THAT(sink_.lines[0], HasSubstr("\"level_\":\"x\",\"message_\":\"y\",\"time_\":1"));
  EXPECT_EQ(Parse(sink_.lines[0]).fields().at("message").string_value(), "m");
}

TEST_F(LogTest, Log_BelowTheLevel_ReachesNoSink) {
  Log(LogLevel::kDebug, "no");
  EXPECT_FALSE(LogEnabled(LogLevel::kDebug));
  SetLogLevel(LogLevel::kError);
  Log(LogLevel::kWarning, "no");
  Log(LogLevel::kError, "yes");
  SetLogLevel(LogLevel::kDebug);
  Log(LogLevel::kDebug, "yes");
  EXPECT_THAT(sink_.levels, ElementsAre(LogLevel::kError, LogLevel::kDebug));
}

TEST_F(LogTest, ScopedLogTrace_Nested_RestoresTheOuterOne) {
  {
    const ScopedLogTrace outer("aa", "11");
    {
      const ScopedLogTrace inner("bb", "22");
      Log(LogLevel::kInfo, "inner");
      std::thread([] { Log(LogLevel::kInfo, "another thread"); }).join();
    }
    Log(LogLevel::kInfo, "outer");
  }
  Log(LogLevel::kInfo, "none");
  ASSERT_THAT(sink_.lines, SizeIs(4));
  EXPECT_THAT(sink_.lines[0], HasSubstr("\"trace_id\":\"bb\",\"span_id\":\"22\""));
  EXPECT_THAT(sink_.lines[1], Not(HasSubstr("trace_id")));
  EXPECT_THAT(sink_.lines[2], HasSubstr("\"trace_id\":\"aa\",\"span_id\":\"11\""));
  EXPECT_THAT(sink_.lines[3], Not(HasSubstr("trace_id")));
}

TEST_F(LogTest, Log_ManyThreads_LinesStayWhole) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) {
        Log(LogLevel::kInfo, "m", {{"thread", t}, {"i", i}});
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(sink_.lines, SizeIs(2000));
}

TEST(LogStderr, Default_WritesTheLine) {
  testing::internal::CaptureStderr();
  Log(LogLevel::kError, "to stderr");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(absl::EndsWith(text, "\"level\":\"ERROR\",\"message\":\"to stderr\"}\n")) << text;
}

TEST(LogLevels, Parse_NamesInAnyCase) {
  EXPECT_EQ(ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogLevel("Warning"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("verbose"), std::nullopt);
  EXPECT_EQ(ParseLogLevel(""), std::nullopt);
}

TEST(LogLimiter, Admit_OneAPeriodAndCountsTheRest) {
  LogLimiter limiter(absl::Seconds(10));
  EXPECT_EQ(limiter.Admit(kTime), 0u);
  EXPECT_EQ(limiter.Admit(kTime), std::nullopt);
  EXPECT_EQ(limiter.Admit(kTime + absl::Seconds(9)), std::nullopt);
  EXPECT_EQ(limiter.Admit(kTime + absl::Seconds(10)), 2u);
  EXPECT_EQ(limiter.Admit(kTime + absl::Seconds(30)), 0u);
}

}  // namespace
}  // namespace baimi::observe
