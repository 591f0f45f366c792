#include "services/ticket/domain/names.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"

namespace baimi::ticket::domain {
namespace {

struct CommandName {
  absl::string_view name;
  absl::string_view zh;
};

constexpr std::array<CommandName, kCommandCount> kCommands = {{
    {"file", "登记"},
    {"accept", "受理"},
    {"answer", "直接答复"},
    {"reject", "不予受理"},
    {"merge", "合并"},
    {"queue", "转待派单"},
    {"dispatch", "派单"},
    {"sign", "签收"},
    {"requestReturn", "申请退单"},
    {"approveReturn", "同意退单"},
    {"refuseReturn", "驳回退单"},
    {"requestExtension", "申请延期"},
    {"decideExtension", "审批延期"},
    {"suspend", "挂账"},
    {"reply", "反馈"},
    {"passAudit", "审核通过"},
    {"sendBack", "退回重办"},
    {"callback", "登记回访"},
    {"close", "办结"},
    {"archive", "归档"},
    {"terminate", "终止办理"},
    {"resume", "恢复办理"},
    {"reopen", "重新办理"},
    {"split", "拆分"},
    {"withdraw", "撤回"},
    {"selfSolve", "网格自办"},
    {"transfer", "转出"},
    {"closeMerged", "随主单办结"},
    {"rejoin", "随主单重办"},
}};

constexpr absl::string_view kUnknown = "未知";

}  // namespace

absl::string_view Name(Command command) { return kCommands[static_cast<size_t>(command)].name; }

absl::string_view Zh(Command command) { return kCommands[static_cast<size_t>(command)].zh; }

absl::string_view Zh(v1::TicketState state) {
  switch (state) {
    case v1::DRAFT:
      return "草稿";
    case v1::ACCEPTED:
      return "已受理";
    case v1::ANSWERED:
      return "直接答复";
    case v1::PENDING_DISPATCH:
      return "待派单";
    case v1::REJECTED:
      return "不予受理";
    case v1::MERGED:
      return "已合并";
    case v1::DISPATCHED:
      return "已派单";
    case v1::RETURN_REVIEW:
      return "退单审核";
    case v1::SIGNED:
      return "办理中";
    case v1::SUSPENDED:
      return "挂账";
    case v1::REPLIED:
      return "已反馈";
    case v1::PENDING_CALLBACK:
      return "待回访";
    case v1::CLOSED:
      return "已办结";
    case v1::REWORK:
      return "重办";
    case v1::ARCHIVED:
      return "已归档";
    case v1::TERMINATED:
      return "终止办理";
    case v1::WITHDRAWN:
      return "已撤回";
    case v1::SELF_SOLVED:
      return "网格自办";
    case v1::TRANSFERRED:
      return "已转出";
    default:
      return kUnknown;
  }
}

absl::string_view Zh(v1::TicketType type) {
  switch (type) {
    case v1::CONSULT:
      return "咨询";
    case v1::HELP:
      return "求助";
    case v1::COMPLAINT:
      return "投诉";
    case v1::REPORT:
      return "举报";
    case v1::SUGGEST:
      return "建议";
    case v1::PRAISE:
      return "表扬";
    case v1::OTHER:
      return "其他";
    default:
      return kUnknown;
  }
}

absl::string_view Zh(v1::Urgency urgency) {
  switch (urgency) {
    case v1::NORMAL:
      return "一般";
    case v1::UTILITY_OUTAGE:
      return "水电气热等民生急事";
    case v1::EMERGENCY:
      return "危及生命财产的紧急情况";
    default:
      return kUnknown;
  }
}

absl::string_view Zh(v1::ClockKind kind) {
  switch (kind) {
    case v1::DISPATCH:
      return "派单";
    case v1::SIGN:
      return "签收";
    case v1::HANDLE:
      return "办理";
    case v1::CALLBACK:
      return "回访";
    case v1::REVIEW:
      return "挂账复核";
    case v1::ASSIST:
      return "协办";
    case v1::CONTACT:
      return "首次联系";
    default:
      return kUnknown;
  }
}

absl::string_view Zh(v1::RefusalCode code) {
  switch (code) {
    case v1::EMERGENCY_LINE:
      return "应转紧急热线";
    case v1::LEGAL_CHANNEL:
      return "应通过法定途径";
    case v1::REPEAT_WITHOUT_NEW_FACTS:
      return "重复诉求且无新事实";
    case v1::SECRET_OR_PRIVACY:
      return "涉及秘密或隐私";
    case v1::BEYOND_PUBLIC_DUTY:
      return "超出公共职责";
    case v1::UNLAWFUL:
      return "违法或违背公序良俗";
    case v1::ALREADY_CONCLUDED:
      return "已有合法合理结论";
    case v1::CALLER_NOT_COOPERATING:
      return "诉求人不配合";
    default:
      return kUnknown;
  }
}

absl::string_view Zh(v1::SupervisionLevel level) {
  switch (level) {
    case v1::S0_REMINDER:
      return "系统提醒";
    case v1::S1_PHONE_URGE:
      return "电话催办";
    case v1::S2_WRITTEN:
      return "书面督办";
    case v1::S3_LEADER_IN_CHARGE:
      return "分管领导督办";
    case v1::S4_LISTED:
      return "挂牌督办";
    case v1::S5_INTERVIEW:
      return "约谈";
    case v1::S6_LEADING_GROUP:
      return "县领导小组督办";
    case v1::S7_INSPECTION:
      return "政府督查";
    default:
      return kUnknown;
  }
}

std::string Zh(const v1::Period& period) {
  const auto with = [&](absl::string_view unit) { return absl::StrCat(period.amount(), unit); };
  switch (period.unit()) {
    case v1::MINUTES:
      return with("分钟");
    case v1::HOURS:
      return with("小时");
    case v1::WORKING_HOURS:
      return with("个工作小时");
    case v1::WORKING_DAYS:
      return with("个工作日");
    case v1::NATURAL_DAYS:
      return with("个自然日");
    default:
      return std::string(kUnknown);
  }
}

std::string ZhDue(absl::Time due) {
  const absl::TimeZone zone = ShanghaiZone();
  const absl::CivilSecond second = absl::ToCivilSecond(due, zone);
  if (second == absl::CivilSecond(absl::CivilDay(second))) {
    return absl::StrCat(ShanghaiDate(due - absl::Seconds(1)), " 24:00");
  }
  return absl::FormatTime("%Y-%m-%d %H:%M", due, zone);
}

}  // namespace baimi::ticket::domain
