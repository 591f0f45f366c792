#include "common/observe/trace.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "absl/strings/ascii.h"

namespace baimi::observe {
namespace {

constexpr char kGood[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Trace, Parse_GoodHeader_GivesItsParts) {
  const auto context = ParseTraceparent(kGood);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(context->span_id, "b7ad6b7169203331");
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(FormatTraceparent(*context), kGood);
}

TEST(Trace, Parse_Flags_OnlyTheSampledBitIsKept) {
  const std::string stem = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";
  for (const auto& [flags, sampled] : std::map<std::string, bool>{
           {"00", false}, {"01", true}, {"02", false}, {"03", true}, {"fe", false}, {"ff", true}}) {
    const auto context = ParseTraceparent(stem + flags);
    ASSERT_TRUE(context) << flags;
    EXPECT_EQ(context->sampled, sampled) << flags;
    EXPECT_EQ(FormatTraceparent(*context), stem + (sampled ? "01" : "00"));
  }
}

TEST(Trace, Parse_BadHeader_IsRefused) {
  for (const char* header : {
           "", "00",
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",    // another version
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",    // forbidden version
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",    // zero trace
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",    // zero span
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",    // upper case
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",    // not hex
           "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",    // not hex
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333z-01",    // not hex
           "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",    // separator
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",    // separator
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",     // short
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",  // long
           " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",    // blank
       }) {
    EXPECT_FALSE(ParseTraceparent(header)) << header;
  }
}

TEST(Trace, Continue_GoodHeader_KeepsTheTraceUnderANewSpan) {
  const auto rng = NewSeededRng(7);
  const auto parent = ParseTraceparent(kGood);
  const TraceContext child = ContinueTrace(kGood, *rng);
  EXPECT_EQ(child.trace_id, parent->trace_id);
  EXPECT_NE(child.span_id, parent->span_id);
  EXPECT_TRUE(child.sampled);
}

TEST(Trace, Continue_BadHeader_StartsATraceOfItsOwn) {
  const auto rng = NewSeededRng(7);
  const TraceContext made =
      ContinueTrace("00-00000000000000000000000000000000-b7ad6b7169203331-01", *rng);
  EXPECT_FALSE(made.sampled);
  EXPECT_EQ(ParseTraceparent(FormatTraceparent(made)), made);
}

TEST(Trace, New_ManyIds_AreDistinctAndParse) {
  const auto rng = NewSeededRng(42);
  std::set<std::string> traces;
  std::set<std::string> spans;
  for (int i = 0; i < 1000; ++i) {
    const TraceContext context = NewTrace(*rng);
    EXPECT_EQ(ParseTraceparent(FormatTraceparent(context)), context);
    traces.insert(context.trace_id);
    spans.insert(context.span_id);
  }
  EXPECT_EQ(traces.size(), 1000u);
  EXPECT_EQ(spans.size(), 1000u);
}

// Answers zeros first, as a generator may.
class ZerosFirst final : public Rng {
 public:
  std::string Bytes(size_t size) override { return std::string(size, calls_++ < 2 ? '\0' : 'x'); }
  uint64_t Uint64() override { return 0; }

 private:
  int calls_ = 0;
};

TEST(Trace, New_ZeroFromTheGenerator_IsDrawnAgain) {
  ZerosFirst rng;
  EXPECT_TRUE(ParseTraceparent(FormatTraceparent(NewTrace(rng))));
}

}  // namespace
}  // namespace baimi::observe
