#include "services/ticket/domain/export.h"

#include <gmock/gmock.h>

#include <array>
#include <set>

#include "common/base/error.h"
#include "services/ticket/domain/policy.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;
using testing::ElementsAre;
using testing::IsEmpty;

google::protobuf::RepeatedField<int> Columns(const std::vector<int>& columns) {
  return {columns.begin(), columns.end()};
}

std::vector<v1::ExportColumn> EveryColumn() {
  std::vector<v1::ExportColumn> columns;
  for (int column = 1; column < v1::ExportColumn_ARRAYSIZE; ++column) {
    EXPECT_TRUE(v1::ExportColumn_IsValid(column)) << column;
    columns.push_back(static_cast<v1::ExportColumn>(column));
  }
  return columns;
}

TEST(Export, Defused_WhatASpreadsheetMayRun_GetsAnApostrophe) {
  const struct {
    absl::string_view text;
    absl::string_view want;
  } kCases[] = {
      {"=1+1", "'=1+1"},
      {"+86 13800138000", "'+86 13800138000"},
      {"-2", "'-2"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\t=1", "'\t=1"},
      {"\r=1", "'\r=1"},
      {"\n=1", "'\n=1"},
      {"\t", "'\t"},
      {"  =1", "'  =1"},
      {"　=1", "'　=1"},
      {"\xC2\xA0@A1", "'\xC2\xA0@A1"},
      {"\xEF\xBB\xBF=1", "'\xEF\xBB\xBF=1"},
      {"＝1+1", "'＝1+1"},
      {"＋1", "'＋1"},
      {"－1", "'－1"},
      {"＠A1", "'＠A1"},
      {absl::string_view("\0\x01=1", 4), "'=1"},
      {"=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"},
  };
  for (const auto& row : kCases) {
    EXPECT_EQ(Defused(row.text), row.want) << row.text;
  }
}

TEST(Export, Defused_OrdinaryText_StaysAsItIs) {
  for (const char* text : {"", "电梯停运三天", "3栋-2单元", "a=b", "138****8000", "'=1", " 两格",
                           "两行\r\n第二行", "price 5\ttab", "20261127-000001"}) {
    EXPECT_EQ(Defused(text), text);
  }
}

TEST(Export, Defused_ControlCharacters_AreDropped) {
  EXPECT_EQ(Defused(absl::string_view("a\0b\x1b[31mc\x7f", 10)), "ab[31mc");
}

TEST(Export, CsvRow_EveryCell_IsQuotedAndTheRowEndsWithCrlf) {
  std::string out;
  AppendCsvRow({"a", "b,c", "say \"x\"", "two\r\nlines", ""}, &out);
  AppendCsvRow({"d"}, &out);
  EXPECT_EQ(out, "\"a\",\"b,c\",\"say \"\"x\"\"\",\"two\r\nlines\",\"\"\r\n\"d\"\r\n");
}

TEST(Export, Columns_None_AreTheUsualOnesInTheirOrder) {
  const auto columns = ColumnsOf({});
  ASSERT_TRUE(columns.ok());
  ASSERT_EQ(columns->size(), 22U);
  EXPECT_EQ(columns->front(), v1::COLUMN_NUMBER);
  EXPECT_EQ(columns->back(), v1::COLUMN_CLOSE_TIME);
}

TEST(Export, Columns_Named_KeepTheirOrder) {
  const auto columns = ColumnsOf(Columns({v1::COLUMN_TITLE, v1::COLUMN_NUMBER}));
  ASSERT_TRUE(columns.ok());
  EXPECT_THAT(*columns, ElementsAre(v1::COLUMN_TITLE, v1::COLUMN_NUMBER));
}

TEST(Export, Columns_TwiceOrUnknown_AreRefused) {
  for (const std::vector<int>& columns :
       {std::vector<int>{1, 2, 1}, std::vector<int>{0}, std::vector<int>{9999}}) {
    EXPECT_EQ(ColumnsOf(Columns(columns)).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Export, Headers_OfEveryColumn_AreThereAndDiffer) {
  std::set<absl::string_view> seen;
  for (const v1::ExportColumn column : EveryColumn()) {
    EXPECT_THAT(Header(column), testing::Not(IsEmpty())) << v1::ExportColumn_Name(column);
    EXPECT_TRUE(seen.insert(Header(column)).second) << Header(column);
  }
}

TEST(Export, Cells_OfAnOrderThatIsClosed_SayWhatItSays) {
  Order order("2025-09-26 09:30");
  order.Do({kDispatch, kSign, kReply, kPassAudit, kRecordCallback, kClose});
  const v1::Ticket& ticket = order.ticket();
  EXPECT_EQ(CellOf(ticket, v1::COLUMN_NUMBER), "20250926-000001");
  EXPECT_EQ(CellOf(ticket, v1::COLUMN_STATE), "已办结");
  EXPECT_EQ(CellOf(ticket, v1::COLUMN_TYPE), "求助");
  EXPECT_EQ(CellOf(ticket, v1::COLUMN_CHANNEL), "电话");
  EXPECT_EQ(CellOf(ticket, v1::COLUMN_LEAD), "zhujianju");
  EXPECT_EQ(CellOf(ticket, v1::COLUMN_CALLER_PHONE), ticket.caller().phone());
  EXPECT_EQ(CellOf(ticket, v1::COLUMN_REWORK_COUNT), "0");
  EXPECT_THAT(CellOf(ticket, v1::COLUMN_MERGED_INTO), IsEmpty());
  for (const v1::ExportColumn column :
       {v1::COLUMN_CREATE_TIME, v1::COLUMN_DISPATCH_TIME, v1::COLUMN_SIGN_TIME, v1::COLUMN_DUE_TIME,
        v1::COLUMN_REPLY_TIME, v1::COLUMN_CLOSE_TIME}) {
    EXPECT_THAT(CellOf(ticket, column),
                testing::MatchesRegex("2025-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]"))
        << v1::ExportColumn_Name(column);
  }
}

// No field of an order gets past the defusing, whichever column shows it.
TEST(Export, Cells_OfEveryColumn_NeverBeginWithAFormula) {
  v1::Ticket ticket = OrderIn(v1::CLOSED).ticket();
  const std::string bad = "=HYPERLINK(1)";
  ticket.set_name(bad);
  ticket.set_category(bad);
  ticket.set_title(bad);
  ticket.set_description(bad);
  ticket.set_merged_into(bad);
  ticket.set_subject_unit(bad);
  ticket.mutable_caller()->set_name(bad);
  ticket.mutable_caller()->set_phone(bad);
  ticket.mutable_place()->set_address(bad);
  ticket.mutable_place()->set_area(bad);
  ticket.mutable_place()->set_grid(bad);
  ticket.mutable_assignment()->set_lead(bad);
  ticket.mutable_assignment()->clear_helpers();
  ticket.mutable_assignment()->add_helpers(bad);
  ticket.mutable_reply()->set_result(bad);
  int defused = 0;
  for (const v1::ExportColumn column : EveryColumn()) {
    const std::string cell = CellOf(ticket, column);
    EXPECT_FALSE(cell.starts_with('=')) << v1::ExportColumn_Name(column);
    defused += cell.starts_with("'=") ? 1 : 0;
  }
  EXPECT_EQ(defused, 14);
}

TEST(Export, Filter_OrderWithoutText_IsRefused) {
  v1::ExportFilter filter;
  filter.set_order(v1::RELEVANCE);
  EXPECT_FALSE(CheckFilter(filter).ok());
  filter.set_text("电梯");
  EXPECT_TRUE(CheckFilter(filter).ok());
  filter.mutable_near()->set_latitude(19);
  EXPECT_FALSE(CheckFilter(filter).ok());
  filter.clear_order();
  EXPECT_TRUE(CheckFilter(filter).ok());
  filter.clear_near();
  filter.set_radius(10);
  EXPECT_FALSE(CheckFilter(filter).ok());
}

// Every field of the filter arrives in the request that finds the orders.
TEST(Export, Filter_EveryField_IsPassedOn) {
  v1::ExportFilter filter;
  filter.set_text("电梯");
  filter.mutable_near()->set_latitude(19);
  filter.set_radius(10);
  filter.set_order(v1::RELEVANCE);
  filter.add_states(v1::SIGNED);
  filter.set_type(v1::HELP);
  filter.set_channel(v1::APP);
  filter.set_category("020301");
  filter.set_lead("counties/469030/units/zhujianju");
  filter.set_grid("counties/469030/grids/469030100003001");
  filter.set_subtree("469030100000");
  filter.mutable_filed_from()->set_seconds(1);
  filter.mutable_filed_before()->set_seconds(2);
  filter.mutable_due_before()->set_seconds(3);
  const v1::QueryTicketsRequest query = QueryOf(filter);
  const v1::ListTicketsRequest list = ListOf(filter);
  const auto* from = v1::ExportFilter::descriptor();
  for (int i = 0; i < from->field_count(); ++i) {
    const auto* field = from->field(i);
    const auto has = [&](const google::protobuf::Message& message) {
      const auto* other = message.GetDescriptor()->FindFieldByName(field->name());
      return other != nullptr &&
             (other->is_repeated() ? message.GetReflection()->FieldSize(message, other) > 0
                                   : message.GetReflection()->HasField(message, other));
    };
    EXPECT_TRUE(has(filter)) << "the test sets no " << field->name();
    EXPECT_TRUE(has(query)) << field->name();
    if (v1::ListTicketsRequest::descriptor()->FindFieldByName(field->name()) != nullptr) {
      EXPECT_TRUE(has(list)) << field->name();
    }
  }
}

TEST(Export, Policy_WithoutExports_AllowsNone) {
  v1::TicketPolicy policy = SamplePolicy();
  policy.clear_exports();
  EXPECT_EQ(ReasonOf(MayExport(policy)), "EXPORT_NOT_ALLOWED");
  policy.mutable_exports()->set_max_orders(1);
  EXPECT_TRUE(MayExport(policy).ok());
}

TEST(Export, Policy_NumbersOutOfTheirRanges_AreBad) {
  const auto check = [](int orders, int days, int running) {
    v1::TicketPolicy policy = SamplePolicy();
    v1::ExportPolicy& exports = *policy.mutable_exports();
    exports.set_max_orders(orders);
    exports.set_keep_days(days);
    exports.set_max_running(running);
    return ValidatePolicy(policy, "469030");
  };
  EXPECT_TRUE(check(1, 1, 1).ok());
  for (const auto& [orders, days, running] :
       {std::array{0, 1, 1}, std::array{1, 0, 1}, std::array{1, 1, 0}, std::array{500'001, 1, 1},
        std::array{1, 91, 1}, std::array{1, 1, 21}}) {
    EXPECT_EQ(ReasonOf(check(orders, days, running)), "BAD_POLICY");
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
