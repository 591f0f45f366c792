#include "services/suite/sample_report.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/ticket/domain/names.h"

namespace baimi::suite {
namespace {

using sample::v1::SampleDay;
using ticket::v1::Ticket;

constexpr size_t kColumn = 36;

// Columns of a terminal: everything beyond ASCII that we print is a wide character.
size_t Width(absl::string_view text) {
  size_t width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    width += byte < 0x80 ? 1 : (byte >= 0xC0 ? 2 : 0);
  }
  return width;
}

absl::string_view ChannelZh(ticket::v1::Channel channel) {
  switch (channel) {
    case ticket::v1::PHONE:
      return "电话";
    case ticket::v1::SMS:
      return "短信";
    case ticket::v1::MAILBOX:
      return "信箱";
    case ticket::v1::APP:
      return "客户端";
    case ticket::v1::WECHAT:
      return "微信";
    case ticket::v1::WEIBO:
      return "微博";
    case ticket::v1::COUNTER:
      return "窗口";
    case ticket::v1::GRID_WORKER:
      return "网格员";
    case ticket::v1::SUPERIOR_PLATFORM:
      return "上级平台";
    case ticket::v1::MEETING:
      return "接访";
    default:
      return "其他";
  }
}

std::string Label(absl::string_view zh, absl::string_view en) {
  std::string label = absl::StrCat(zh, " ", absl::AsciiStrToLower(en));
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

void Row(absl::string_view label, const std::string& value, std::string* out) {
  const size_t used = Width(label) + value.size();
  absl::StrAppend(out, "  ", label, std::string(used < kColumn ? kColumn - used : 1, ' '), value,
                  "\n");
}

// One block of the table: how many orders have each value, in the order of the enum.
template <typename Key, typename Name>
void Block(absl::string_view title, const std::vector<Ticket>& orders, const Key& key,
           const Name& name, std::string* out) {
  std::map<int, int> counts;
  for (const Ticket& order : orders) {
    ++counts[static_cast<int>(key(order))];
  }
  absl::StrAppend(out, title, "\n");
  for (const auto& [value, count] : counts) {
    Row(name(value), absl::StrCat(count), out);
  }
}

bool IsBefore(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return std::pair(a.seconds(), a.nanos()) < std::pair(b.seconds(), b.nanos());
}

struct Totals {
  int handled = 0;
  int on_time = 0;
  int reworked = 0;
  int returns = 0;
  int returns_approved = 0;
};

Totals Count(const SampleDay& day, const std::vector<Ticket>& orders) {
  Totals totals;
  for (const Ticket& order : orders) {
    bool handled = false;
    bool on_time = true;
    for (const ticket::v1::Clock& clock : order.clocks()) {
      if (clock.kind() == ticket::v1::HANDLE) {
        handled = true;
        on_time = on_time && IsBefore(clock.stop_time(), clock.due_time());
      }
    }
    totals.handled += handled ? 1 : 0;
    totals.on_time += handled && on_time ? 1 : 0;
    totals.reworked += order.rework_count() > 0 ? 1 : 0;
  }
  for (const auto& order : day.orders()) {
    for (const auto& step : order.steps()) {
      totals.returns += step.has_request_return() ? 1 : 0;
      totals.returns_approved += step.has_decide_return() && step.decide_return().approve() ? 1 : 0;
    }
  }
  return totals;
}

}  // namespace

absl::Status CheckDone(const SampleDay& day, const std::vector<Ticket>& orders) {
  if (orders.size() < static_cast<size_t>(day.orders_size())) {
    return absl::InternalError(absl::StrCat("sample: got ", orders.size(), " orders, want ",
                                            day.orders_size(), " of day.json"));
  }
  for (const Ticket& order : orders) {
    for (const ticket::v1::Clock& clock : order.clocks()) {
      if (!clock.has_stop_time()) {
        return absl::InternalError(absl::StrCat(
            order.name(), ": got an open ", ticket::v1::ClockKind_Name(clock.kind()), " clock in ",
            ticket::v1::TicketState_Name(order.state()), ", want all stopped after the day"));
      }
    }
  }
  return absl::OkStatus();
}

std::string DescribeDay(const SampleDay& day, const std::vector<Ticket>& orders) {
  std::string out = absl::StrCat("示例县 ", day.county(), "，", day.date(),
                                 " 的工单 sample orders: ", orders.size(), "\n");
  Block(
      "状态 state", orders, [](const Ticket& order) { return order.state(); },
      [](int value) {
        const auto state = static_cast<ticket::v1::TicketState>(value);
        return Label(ticket::domain::Zh(state), ticket::v1::TicketState_Name(state));
      },
      &out);
  Block(
      "类型 type", orders, [](const Ticket& order) { return order.type(); },
      [](int value) {
        const auto type = static_cast<ticket::v1::TicketType>(value);
        return Label(ticket::domain::Zh(type), ticket::v1::TicketType_Name(type));
      },
      &out);
  Block(
      "渠道 channel", orders, [](const Ticket& order) { return order.channel(); },
      [](int value) {
        const auto channel = static_cast<ticket::v1::Channel>(value);
        return Label(ChannelZh(channel), ticket::v1::Channel_Name(channel));
      },
      &out);
  const Totals totals = Count(day, orders);
  absl::StrAppend(&out, "办理 handling\n");
  Row("按期办理 on time", absl::StrCat(totals.on_time, "/", totals.handled), &out);
  Row("重办 reworked", absl::StrCat(totals.reworked), &out);
  Row("退单（准/申请）returns approved", absl::StrCat(totals.returns_approved, "/", totals.returns),
      &out);
  return out;
}

}  // namespace baimi::suite
