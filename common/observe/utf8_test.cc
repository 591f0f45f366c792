#include "common/observe/utf8.h"

#include <gtest/gtest.h>

namespace baimi::observe {
namespace {

TEST(Utf8, Length_Table) {
  struct Case {
    absl::string_view text;
    size_t length;
  };
  for (const Case& c : {
           Case{absl::string_view("\0", 1), 1},
           Case{"a\xff", 1},
           Case{"\x7f", 1},
           Case{"\xc2\x80", 2},
           Case{"\xdf\xbf", 2},
           Case{"百米", 3},
           Case{"\xef\xbf\xbf", 3},
           Case{"\xed\x9f\xbf", 3},
           Case{"\xf0\x90\x80\x80", 4},
           Case{"\xf4\x8f\xbf\xbf", 4},
           Case{"\x80", 0},              // a continuation alone
           Case{"\xc0\x80", 0},          // overlong
           Case{"\xc1\xbf", 0},          // overlong
           Case{"\xe0\x9f\xbf", 0},      // overlong
           Case{"\xf0\x8f\xbf\xbf", 0},  // overlong
           Case{"\xed\xa0\x80", 0},      // surrogate
           Case{"\xf4\x90\x80\x80", 0},  // above U+10FFFF
           Case{"\xf5\x80\x80\x80", 0},
           Case{"\xe7\x99", 0},   // cut
           Case{"\xe7\x99z", 0},  // broken
       }) {
    EXPECT_EQ(Utf8Length(c.text), c.length) << testing::PrintToString(std::string(c.text));
  }
}

}  // namespace
}  // namespace baimi::observe
