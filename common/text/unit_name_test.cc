#include "common/text/unit_name.h"

#include <gtest/gtest.h>

namespace baimi::text {
namespace {

TEST(DisplayName, Table_StripsTheCommittee) {
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {"营东社区居委会", "营东社区"},
      {"加钗居居委会", "加钗居"},
      {"升坡村委会", "升坡村"},
      {"岭头居居民委员会", "岭头居"},
      {"太平社区居民委员会", "太平社区"},
      {"太平居居民委员会", "太平居"},
      {"新伟南居委会", "新伟南居"},
      {"黎母山管理站机关居委会", "黎母山管理站机关居"},
      {"英城子村民委员会", "英城子村"},
      {"甲村村委会", "甲村"},
      {"甲村村民委员会", "甲村"},
      {"青年社区", "青年社区"},
      {"营根镇", "营根镇"},
      {"居委会", "居委会"},
      {"村民委员会", "村民委员会"},
      {"", ""},
  };
  for (const auto& [registered, shown] : cases) {
    EXPECT_EQ(DisplayName(registered), shown);
    EXPECT_EQ(DisplayName(shown), shown);
  }
}

}  // namespace
}  // namespace baimi::text
