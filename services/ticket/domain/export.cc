#include "services/ticket/domain/export.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

constexpr v1::ExportColumn kLastUsual = v1::COLUMN_CLOSE_TIME;

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", FromProto(time), ShanghaiZone());
}

std::string IfSet(bool is_set, const google::protobuf::Timestamp& time) {
  return is_set ? TimeText(time) : "";
}

// "" for values that are unset.
template <typename Enum>
std::string Named(Enum value) {
  return value == 0 ? "" : std::string(Zh(value));
}

std::string ChannelText(v1::Channel channel) {
  switch (channel) {
    case v1::PHONE:
      return "电话";
    case v1::SMS:
      return "短信";
    case v1::MAILBOX:
      return "信箱";
    case v1::APP:
      return "客户端";
    case v1::WECHAT:
      return "微信";
    case v1::WEIBO:
      return "微博";
    case v1::COUNTER:
      return "窗口";
    case v1::GRID_WORKER:
      return "网格员";
    case v1::SUPERIOR_PLATFORM:
      return "上级平台";
    case v1::MEETING:
      return "会议";
    default:
      return "";
  }
}

std::string Ids(const google::protobuf::RepeatedPtrField<std::string>& names) {
  return absl::StrJoin(names, "、", [](std::string* out, const std::string& name) {
    absl::StrAppend(out, IdOf(name));
  });
}

std::string Count(int32_t count) { return absl::StrCat(count); }

std::string DueText(const v1::Ticket& ticket) {
  const v1::Clock* last = nullptr;
  for (const v1::Clock& clock : ticket.clocks()) {
    if (clock.kind() == v1::HANDLE &&
        (last == nullptr || !clock.has_stop_time() || last->has_stop_time())) {
      last = &clock;
    }
  }
  return last == nullptr ? "" : IfSet(last->has_due_time(), last->due_time());
}

std::string Times(const v1::Ticket& ticket, v1::ExportColumn column) {
  const v1::Assignment& assignment = ticket.assignment();
  switch (column) {
    case v1::COLUMN_CREATE_TIME:
      return IfSet(ticket.has_create_time(), ticket.create_time());
    case v1::COLUMN_DISPATCH_TIME:
      return IfSet(assignment.has_dispatch_time(), assignment.dispatch_time());
    case v1::COLUMN_SIGN_TIME:
      return IfSet(assignment.has_sign_time(), assignment.sign_time());
    case v1::COLUMN_DUE_TIME:
      return DueText(ticket);
    case v1::COLUMN_REPLY_TIME:
      return IfSet(ticket.reply().has_reply_time(), ticket.reply().reply_time());
    case v1::COLUMN_CLOSE_TIME:
      return IfSet(ticket.has_close_time(), ticket.close_time());
    default:
      return "";
  }
}

std::string Kinds(const v1::Ticket& ticket, v1::ExportColumn column) {
  switch (column) {
    case v1::COLUMN_STATE:
      return Named(ticket.state());
    case v1::COLUMN_TYPE:
      return Named(ticket.type());
    case v1::COLUMN_CHANNEL:
      return ChannelText(ticket.channel());
    case v1::COLUMN_URGENCY:
      return Named(ticket.urgency());
    case v1::COLUMN_SUPERVISION_LEVEL:
      return Named(ticket.supervision_level());
    case v1::COLUMN_REWORK_COUNT:
      return Count(ticket.rework_count());
    case v1::COLUMN_MERGED_COUNT:
      return Count(ticket.merged_count());
    default:
      return Times(ticket, column);
  }
}

std::string TextOf(const v1::Ticket& ticket, v1::ExportColumn column) {
  switch (column) {
    case v1::COLUMN_NUMBER:
      return std::string(IdOf(ticket.name()));
    case v1::COLUMN_CATEGORY:
      return ticket.category();
    case v1::COLUMN_TITLE:
      return ticket.title();
    case v1::COLUMN_DESCRIPTION:
      return ticket.description();
    case v1::COLUMN_CALLER_NAME:
      return ticket.caller().name();
    case v1::COLUMN_CALLER_PHONE:
      return ticket.caller().phone();
    case v1::COLUMN_ADDRESS:
      return ticket.place().address();
    case v1::COLUMN_AREA:
      return std::string(IdOf(ticket.place().area()));
    case v1::COLUMN_GRID:
      return std::string(IdOf(ticket.place().grid()));
    case v1::COLUMN_LEAD:
      return std::string(IdOf(ticket.assignment().lead()));
    case v1::COLUMN_HELPERS:
      return Ids(ticket.assignment().helpers());
    case v1::COLUMN_REPLY_RESULT:
      return ticket.reply().result();
    case v1::COLUMN_MERGED_INTO:
      return std::string(IdOf(ticket.merged_into()));
    case v1::COLUMN_SUBJECT_UNIT:
      return std::string(IdOf(ticket.subject_unit()));
    default:
      return Kinds(ticket, column);
  }
}

bool BeginsFormula(absl::string_view text) {
  for (const absl::string_view sign : {"=", "+", "-", "@", "＝", "＋", "－", "＠"}) {
    if (absl::StartsWith(text, sign)) {
      return true;
    }
  }
  return false;
}

// Spaces that a spreadsheet passes over before it looks for a formula.
absl::string_view WithoutSpaces(absl::string_view text) {
  while (absl::ConsumePrefix(&text, " ") || absl::ConsumePrefix(&text, "\xC2\xA0") ||
         absl::ConsumePrefix(&text, "　") || absl::ConsumePrefix(&text, "\xEF\xBB\xBF")) {
  }
  return text;
}

template <typename Request>
Request FilterAs(const v1::ExportFilter& filter) {
  Request request;
  *request.mutable_states() = filter.states();
  request.set_type(filter.type());
  request.set_channel(filter.channel());
  request.set_category(filter.category());
  request.set_lead(filter.lead());
  request.set_grid(filter.grid());
  request.set_subtree(filter.subtree());
  if (filter.has_filed_from()) {
    *request.mutable_filed_from() = filter.filed_from();
  }
  if (filter.has_filed_before()) {
    *request.mutable_filed_before() = filter.filed_before();
  }
  if (filter.has_due_before()) {
    *request.mutable_due_before() = filter.due_before();
  }
  return request;
}

}  // namespace

absl::StatusOr<std::vector<v1::ExportColumn>> ColumnsOf(
    const google::protobuf::RepeatedField<int>& wanted) {
  std::vector<v1::ExportColumn> columns;
  for (const int column : wanted) {
    if (!v1::ExportColumn_IsValid(column) || column == v1::EXPORT_COLUMN_UNSPECIFIED) {
      return InvalidField("columns", absl::StrCat(column), "values of ExportColumn",
                          "列须为已定义的导出列");
    }
    const auto known = static_cast<v1::ExportColumn>(column);
    if (std::find(columns.begin(), columns.end(), known) != columns.end()) {
      return InvalidField("columns", absl::StrCat(v1::ExportColumn_Name(known), " twice"),
                          "each column once", "每列只能选一次");
    }
    columns.push_back(known);
  }
  if (columns.empty()) {
    for (int column = v1::COLUMN_NUMBER; column <= kLastUsual; ++column) {
      columns.push_back(static_cast<v1::ExportColumn>(column));
    }
  }
  return columns;
}

absl::string_view Header(v1::ExportColumn column) {
  // By number.
  constexpr absl::string_view kHeaders[] = {
      "",         "工单编号", "状态",     "类型",       "渠道",     "紧急程度", "分类",
      "标题",     "诉求内容", "诉求人",   "联系电话",   "地址",     "区划",     "网格",
      "主办单位", "协办单位", "受理时间", "派单时间",   "签收时间", "办理期限", "答复时间",
      "办理结果", "办结时间", "重办次数", "并入工单数", "并入工单", "督办级别", "被举报单位"};
  static_assert(std::size(kHeaders) == v1::ExportColumn_ARRAYSIZE);
  return v1::ExportColumn_IsValid(column) ? kHeaders[column] : "";
}

std::string CellOf(const v1::Ticket& ticket, v1::ExportColumn column) {
  return Defused(TextOf(ticket, column));
}

std::string Defused(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size() + 1);
  for (const char c : text) {
    if (!absl::ascii_iscntrl(static_cast<unsigned char>(c)) || c == '\t' || c == '\n' ||
        c == '\r') {
      clean.push_back(c);
    }
  }
  const bool control = !clean.empty() && absl::ascii_iscntrl(static_cast<unsigned char>(clean[0]));
  if (control || BeginsFormula(WithoutSpaces(clean))) {
    clean.insert(clean.begin(), '\'');
  }
  return clean;
}

void AppendCsvRow(absl::Span<const std::string> cells, std::string* out) {
  const char* before = "";
  for (const std::string& cell : cells) {
    absl::StrAppend(out, before, "\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
    before = ",";
  }
  absl::StrAppend(out, "\r\n");
}

absl::Status CheckFilter(const v1::ExportFilter& filter) {
  if (filter.order() != v1::QUERY_ORDER_UNSPECIFIED &&
      (filter.has_near() || filter.text().empty())) {
    return InvalidField("filter.order", v1::QueryOrder_Name(filter.order()),
                        "nothing without text or with near", "只有按内容查找时才能另选排序");
  }
  if (filter.radius() != 0 && !filter.has_near()) {
    return InvalidField("filter.radius", absl::StrCat(filter.radius()), "nothing without near",
                        "半径须与中心点一起填写");
  }
  return absl::OkStatus();
}

bool IsSearch(const v1::ExportFilter& filter) {
  return filter.has_near() || !filter.text().empty();
}

v1::QueryTicketsRequest QueryOf(const v1::ExportFilter& filter) {
  auto request = FilterAs<v1::QueryTicketsRequest>(filter);
  request.set_text(filter.text());
  request.set_radius(filter.radius());
  request.set_order(filter.order());
  if (filter.has_near()) {
    *request.mutable_near() = filter.near();
  }
  return request;
}

v1::ListTicketsRequest ListOf(const v1::ExportFilter& filter) {
  return FilterAs<v1::ListTicketsRequest>(filter);
}

absl::Status MayExport(const v1::TicketPolicy& policy) {
  if (policy.has_exports()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_EXPORT_NOT_ALLOWED,
               "exports: got a policy without them, want one with exports",
               "现行规则未开放工单导出");
}

std::string FileName(const v1::ExportMetadata& metadata) {
  return absl::StrCat(
      "tickets-",
      absl::FormatTime("%Y%m%d-%H%M", FromProto(metadata.create_time()), ShanghaiZone()),
      metadata.format() == v1::XLSX ? ".xlsx" : ".csv");
}

absl::string_view MediaType(v1::ExportFormat format) {
  return format == v1::XLSX ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                            : "text/csv; charset=utf-8";
}

}  // namespace baimi::ticket::domain
