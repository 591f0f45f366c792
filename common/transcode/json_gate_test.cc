#include "common/transcode/json_gate.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "gtest/gtest.h"

namespace baimi::transcode {
namespace {

std::string Repeat(absl::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) {
    absl::StrAppend(&out, text);
  }
  return out;
}

TEST(JsonGate, ValidTexts_Pass) {
  for (const std::string& text : std::vector<std::string>{"{}",
                                                          "[]",
                                                          " \t\r\n{} \n",
                                                          "0",
                                                          "-0",
                                                          "10",
                                                          "1.5",
                                                          "-1.5e+3",
                                                          "1E9",
                                                          "true",
                                                          "null",
                                                          R"("")",
                                                          R"("\"\\\/\b\f\n\r\t")",
                                                          R"("\u4f60\ud83d\ude00")",
                                                          "\"你好，海南\"",
                                                          R"({"a":{"a":[1,{"a":2}]},"b":"a"})",
                                                          R"({"":1})",
                                                          R"([[],[],{}])",
                                                          "\"\xF4\x8F\xBF\xBF\"",
                                                          Repeat("[", 32) + Repeat("]", 32)}) {
    EXPECT_TRUE(ScanJson(text).ok()) << text << " " << ScanJson(text);
  }
}

struct BadCase {
  std::string text;
  int offset;
};

TEST(JsonGate, InvalidTexts_AreRefusedAtTheirByte) {
  const BadCase kCases[] = {
      {"", 0},
      {"  ", 2},
      {"{'a':1}", 1},
      {"{a:1}", 1},
      {R"({"a":1,})", 7},
      {"[1,]", 3},
      {"[,1]", 1},
      {"[1 2]", 3},
      {R"({"a" 1})", 5},
      {R"({"a":})", 5},
      {R"({"a":1 "b":2})", 7},
      {R"({"a":1)", 6},
      {"{} {}", 3},
      {"[1]]", 3},
      {"01", 1},
      {"-", 1},
      {"+1", 0},
      {".5", 0},
      {"1.", 2},
      {"1e", 2},
      {"0x10", 1},
      {"NaN", 0},
      {"Infinity", 0},
      {"tru", 0},
      {"True", 0},
      {"nulls", 4},
      {"// x\n1", 0},
      {R"("abc)", 4},
      {"\"a\nb\"", 2},
      {std::string("\"a\0b\"", 5), 2},
      {R"("\x41")", 2},
      {R"("\u12g4")", 5},
      {R"("\u12)", 5},
      {R"("\ud800")", 7},
      {R"("\ud800\u0041")", 13},
      {R"("\udc00")", 7},
      {"\xEF\xBB\xBF{}", 0},
      {"\"\xC0\x80\"", 1},
      {"\"\xED\xA0\x80\"", 1},
      {"\"\xF4\x90\x80\x80\"", 1},
      {"\"\xE4\xBD\"", 1},
      {"\"\xFF\"", 1},
      {R"({"a":1,"a":2})", 7},
      {R"({"a":1,"\u0061":2})", 7},
      {R"({"x":{"a":1,"b":2,"a":3}})", 18},
  };
  for (const BadCase& c : kCases) {
    const absl::Status status = ScanJson(c.text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    const auto info = ErrorInfoOf(status);
    ASSERT_TRUE(info.has_value()) << c.text;
    EXPECT_EQ(info->reason(), "MALFORMED_BODY");
    EXPECT_EQ(info->metadata().at("offset"), absl::StrCat(c.offset)) << c.text << " " << status;
    ASSERT_TRUE(BadRequestOf(status).has_value());
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "body");
  }
}

TEST(JsonGate, Errors_TellLineAndColumnAndWant) {
  const absl::Status status = ScanJson("{\n  \"a\": 1,\n  'b': 2\n}");
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("line"), "3");
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("column"), "3");
  EXPECT_EQ(status.message(),
            "body: got ''' at line 3, column 3 (byte 14), want a key in double quotes");
}

class CountingVisitor final : public JsonVisitor {
 public:
  absl::Status OnObjectBegin() override { return Count(); }
  absl::Status OnKey(absl::string_view) override { return Count(); }
  absl::Status OnObjectEnd() override { return Count(); }
  absl::Status OnArrayBegin() override { return Count(); }
  absl::Status OnArrayEnd() override { return Count(); }
  absl::Status OnScalar(JsonKind, absl::string_view) override { return Count(); }
  int count() const { return count_; }

 private:
  absl::Status Count() {
    ++count_;
    return absl::OkStatus();
  }
  int count_ = 0;
};

TEST(JsonGate, TenThousandLevels_StopAtTheLimitBeforeTheVisitor) {
  const std::string deep = Repeat("[", 10000) + Repeat("]", 10000);
  // Alone, behind a field, never closed, behind another defect.
  for (const std::string& body : {deep, absl::StrCat("{\"a\":", deep, "}"),
                                  Repeat("{\"a\":[", 5000), absl::StrCat("{\"a\":1,,", deep)}) {
    CountingVisitor visitor;
    const absl::Status status = ScanJson(body, {}, &visitor);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(status), "BODY_TOO_DEEP") << status;
    EXPECT_EQ(ErrorInfoOf(status)->metadata().at("limit"), "32");
    EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "body");
    EXPECT_EQ(visitor.count(), 0);
  }
  EXPECT_EQ(ErrorInfoOf(ScanJson(deep))->metadata().at("offset"), "32");
}

TEST(JsonGate, BracketsInStrings_AreNoLevels) {
  EXPECT_TRUE(ScanJson(absl::StrCat("\"", Repeat("[", 100), "\"")).ok());
  EXPECT_TRUE(ScanJson(absl::StrCat(R"(["\"[[[[","\\",")", Repeat("{", 100), R"("])")).ok());
  EXPECT_TRUE(ScanJson(Repeat("[],", 100).insert(0, "[") + "[]]").ok());
}

TEST(JsonGate, DepthLimit_CountsObjectsAndArraysTogether) {
  EXPECT_TRUE(ScanJson(R"({"a":[{"b":[]}]})", {.max_depth = 4}).ok());
  EXPECT_FALSE(ScanJson(R"({"a":[{"b":[]}]})", {.max_depth = 3}).ok());
  EXPECT_TRUE(ScanJson("[[],[],[[]]]", {.max_depth = 3}).ok());
}

TEST(JsonGate, OversizeText_IsTooLarge) {
  const std::string body = absl::StrCat("\"", std::string(64, 'x'), "\"");
  EXPECT_TRUE(ScanJson(body, {.max_bytes = 66}).ok());
  const absl::Status status = ScanJson(body, {.max_bytes = 65});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "BODY_TOO_LARGE");
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("limit"), "65");
}

class TextVisitor final : public JsonVisitor {
 public:
  absl::Status OnObjectBegin() override { return Add("{"); }
  absl::Status OnKey(absl::string_view key) override { return Add(absl::StrCat("k:", key)); }
  absl::Status OnObjectEnd() override { return Add("}"); }
  absl::Status OnArrayBegin() override { return Add("["); }
  absl::Status OnArrayEnd() override { return Add("]"); }
  absl::Status OnScalar(JsonKind kind, absl::string_view text) override {
    return text == "stop" ? absl::CancelledError("stopped")
                          : Add(absl::StrCat(static_cast<int>(kind), ":", text));
  }
  std::string log;

 private:
  absl::Status Add(absl::string_view event) {
    absl::StrAppend(&log, event, " ");
    return absl::OkStatus();
  }
};

TEST(JsonGate, Visitor_SeesUnescapedTextInOrder) {
  TextVisitor visitor;
  ASSERT_TRUE(ScanJson(R"({"\u006b":[1.50,"a\nb",true,null]})", {}, &visitor).ok());
  EXPECT_EQ(visitor.log, "{ k:k [ 2:1.50 3:a\nb 1:true 0:null ] } ");
}

TEST(JsonGate, VisitorError_EndsTheScan) {
  TextVisitor visitor;
  EXPECT_EQ(ScanJson(R"(["a","stop",")", {}, &visitor).code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace baimi::transcode
