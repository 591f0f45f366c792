#include "common/privacy/mask.h"
#include "gtest/gtest.h"

namespace baimi::privacy {
namespace {

struct Case {
  options::v1::PiiClass pii;
  const char* text;
  const char* shown_public;
  const char* shown_staff;
};

class MaskTextTable : public testing::TestWithParam<Case> {};

TEST_P(MaskTextTable, Views_ShowWhatTheRuleSays) {
  const Case& c = GetParam();
  EXPECT_EQ(MaskText(c.pii, c.text, PiiView::kPublic), c.shown_public) << c.text;
  EXPECT_EQ(MaskText(c.pii, c.text, PiiView::kStaff), c.shown_staff) << c.text;
  EXPECT_EQ(MaskText(c.pii, c.text, PiiView::kFull), c.text);
}

using options::v1::ADDRESS;
using options::v1::CITIZEN_ID;
using options::v1::FREE_TEXT;
using options::v1::LOCATION;
using options::v1::NAME;
using options::v1::PERSON_KEY;
using options::v1::PHONE;

INSTANTIATE_TEST_SUITE_P(
    Names, MaskTextTable,
    testing::Values(Case{NAME, "", "", ""}, Case{NAME, "王", "*", "*"},
                    Case{NAME, "王芳", "王*", "王*"}, Case{NAME, "王小芳", "王**", "王**"},
                    Case{NAME, "欧阳", "欧*", "欧*"}, Case{NAME, "欧阳修", "欧阳*", "欧阳*"},
                    Case{NAME, "欧阳娜娜", "欧阳**", "欧阳**"},
                    Case{NAME, "上官婉儿", "上官**", "上官**"},
                    Case{NAME, "司马光", "司马*", "司马*"}, Case{NAME, "诸葛亮", "诸葛*", "诸葛*"},
                    Case{NAME, "阿依古丽·买买提", "阿*******", "阿*******"},
                    Case{NAME, " 符先生 ", "符**", "符**"},
                    Case{NAME, "𠮷田太郎", "𠮷***", "𠮷***"},
                    Case{NAME, "John Smith", "J*********", "J*********"}));

INSTANTIATE_TEST_SUITE_P(
    Phones, MaskTextTable,
    testing::Values(Case{PHONE, "13812341234", "138****1234", "138****1234"},
                    Case{PHONE, "138 1234 1234", "138****1234", "138****1234"},
                    Case{PHONE, "+86 138-1234-1234", "138****1234", "138****1234"},
                    Case{PHONE, "１３８１２３４１２３４", "138****1234", "138****1234"},
                    Case{PHONE, "0898-86221234", "0898-******34", "0898-******34"},
                    Case{PHONE, "089886221234", "0898******34", "0898******34"},
                    Case{PHONE, "010-65251234", "010-******34", "010-******34"},
                    Case{PHONE, "86221234", "******34", "******34"},
                    Case{PHONE, "12345", "****", "****"}, Case{PHONE, "不知道", "****", "****"},
                    Case{PHONE, "138123412345678", "*************78", "*************78"}));

INSTANTIATE_TEST_SUITE_P(
    Ids, MaskTextTable,
    testing::Values(Case{CITIZEN_ID, "11010519491231002X", "", "110105********002X"},
                    Case{CITIZEN_ID, "469030198801011234", "", "469030********1234"},
                    Case{CITIZEN_ID, "469030880101123", "", "469030*****1123"},
                    Case{CITIZEN_ID, "4690301988", "", ""}, Case{PERSON_KEY, "o6_bmjrP", "", ""},
                    Case{LOCATION, "营北社区门口", "", "营北社区门口"},
                    Case{static_cast<options::v1::PiiClass>(99), "x", "", ""},
                    Case{options::v1::PII_CLASS_UNSPECIFIED, "x", "", ""},
                    Case{FREE_TEXT, "请打13812341234找王芳", "", "请打138****1234找王芳"}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, MaskTextTable,
    testing::Values(
        Case{ADDRESS, "海南省琼中黎族苗族自治县营根镇营北社区珉华小区3栋2单元501",
             "海南省琼中黎族苗族自治县营根镇营北社区",
             "海南省琼中黎族苗族自治县营根镇营北社区珉华小区3栋"},
        Case{ADDRESS, "营北社区珉华小区3号楼2单元501室", "营北社区", "营北社区珉华小区3号楼"},
        Case{ADDRESS, "营北社区珉华小区三栋二单元五楼", "营北社区", "营北社区珉华小区三栋"},
        Case{ADDRESS, "营根镇营北社区珉华小区A座1203", "营根镇营北社区",
             "营根镇营北社区珉华小区A座"},
        Case{ADDRESS, "营北社区珉华小区3-2-501", "营北社区", "营北社区珉华小区"},
        Case{ADDRESS, "营根镇朝参村委会什佑村12号", "营根镇朝参村委会",
             "营根镇朝参村委会什佑村12号"},
        Case{ADDRESS, "湾岭镇大边村村民委员会六队7号", "湾岭镇大边村",
             "湾岭镇大边村村民委员会六队7号"},
        Case{ADDRESS, "营根镇新村路18号2栋303房", "营根镇", "营根镇新村路18号2栋"},
        Case{ADDRESS, "营根镇国兴大道12号502室", "营根镇", "营根镇国兴大道12号"},
        Case{ADDRESS, "营根镇国兴大道502号房", "营根镇", "营根镇"},
        Case{ADDRESS, "国兴大道12号珉华小区3栋501（营北社区）", "", "国兴大道12号珉华小区3栋"},
        Case{ADDRESS, "国兴大道十二号（营北社区）", "", "国兴大道十二号"},
        Case{ADDRESS, "501室珉华小区3栋", "", ""}, Case{ADDRESS, "3-2-501珉华小区", "", ""},
        Case{ADDRESS, "琼中县海榆路", "琼中县", "琼中县"},
        Case{ADDRESS, "白沙街道办事处旁", "白沙街道办事处", "白沙街道办事处"},
        Case{ADDRESS, "菜市场对面", "", ""}, Case{ADDRESS, "我家", "", ""},
        Case{ADDRESS, "社区", "", ""}));

TEST(MaskText, BrokenUtf8_IsNotShown) {
  EXPECT_EQ(MaskText(NAME, "\xE7\x8E", PiiView::kStaff), "");
  EXPECT_EQ(MaskText(ADDRESS, "营北社区\xFF", PiiView::kPublic), "");
  EXPECT_EQ(MaskText(FREE_TEXT, "\xFF 13812341234", PiiView::kStaff), "");
}

}  // namespace
}  // namespace baimi::privacy
