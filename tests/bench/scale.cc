#include "tests/bench/scale.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tests/bench/filled.h"

namespace baimi::bench {
namespace {

constexpr int kPage = 50;
constexpr double kListTarget = 20;

class Scale {
 public:
  Scale(const ScaleOptions& options, Report& report)
      : options_(options), report_(report), filled_(options.orders) {}

  absl::Status Run() {
    BAIMI_RETURN_IF_ERROR(filled_.Open());
    BAIMI_RETURN_IF_ERROR(Fill());
    return Measure();
  }

 private:
  struct Kind {
    const char* name;
    std::function<void(ticket::v1::ListTicketsRequest&, std::string& phone)> filter;
  };

  absl::Status Fill() {
    BAIMI_ASSIGN_OR_RETURN(
        const std::vector<double> insert_us,
        filled_.Fill([](ticket::v1::Ticket&) {},
                     [](sql::Tx&, const ticket::v1::Ticket&) { return absl::OkStatus(); }));
    // What growth costs a writer: the first tenth against the last one.
    const size_t tenth = std::max<size_t>(1, insert_us.size() / 10);
    report_.Add("insert an order, first tenth", "us",
                Median({insert_us.begin(), insert_us.begin() + static_cast<long>(tenth)}));
    report_.Add("insert an order, last tenth", "us",
                Median({insert_us.end() - static_cast<long>(tenth), insert_us.end()}));
    return absl::OkStatus();
  }

  std::vector<Kind> Kinds() {
    using Request = ticket::v1::ListTicketsRequest;
    const auto state = [this](Request& r) {
      r.add_states(static_cast<ticket::v1::TicketState>(4 + filled_.Pick(10)));
    };
    const auto lead = [this](Request& r) { r.set_lead(filled_.Unit(filled_.Pick(kUnits))); };
    const auto area = [this](Request& r) {
      r.set_subtree(filled_.Area(filled_.Pick(kCommunities)));
    };
    const auto due = [this](Request& r) {
      r.mutable_due_before()->set_seconds(
          absl::ToUnixSeconds(filled_.start() + absl::Hours(24 * (kDays + 3))));
    };
    const auto window = [this](Request& r) {
      const absl::Time from = filled_.start() + absl::Hours(24 * filled_.Pick(kDays));
      r.mutable_filed_from()->set_seconds(absl::ToUnixSeconds(from));
      r.mutable_filed_before()->set_seconds(absl::ToUnixSeconds(from + absl::Hours(48)));
    };
    return {
        {"newest", [](Request&, std::string&) {}},
        {"state", [=](Request& r, std::string&) { state(r); }},
        {"lead", [=](Request& r, std::string&) { lead(r); }},
        {"lead and state", [=](Request& r, std::string&) { lead(r), state(r); }},
        {"community", [=](Request& r, std::string&) { area(r); }},
        {"community and state", [=](Request& r, std::string&) { area(r), state(r); }},
        {"township",
         [this](Request& r, std::string&) {
           r.set_subtree(filled_.Area(filled_.Pick(kCommunities)).substr(0, 9) + "000");
         }},
        {"category", [this](Request& r, std::string&) { r.set_category(filled_.Category()); }},
        {"category of two digits and state",
         [=, this](Request& r, std::string&) {
           r.set_category(filled_.Category().substr(0, 2)), state(r);
         }},
        {"type and channel",
         [this](Request& r, std::string&) {
           r.set_type(static_cast<ticket::v1::TicketType>(1 + filled_.Pick(7)));
           r.set_channel(static_cast<ticket::v1::Channel>(1 + filled_.Pick(10)));
         }},
        {"due", [=](Request& r, std::string&) { due(r); }},
        {"due and lead", [=](Request& r, std::string&) { due(r), lead(r); }},
        {"two days", [=](Request& r, std::string&) { window(r); }},
        {"two days, category and channel",
         [=, this](Request& r, std::string&) {
           window(r), r.set_category(filled_.Category());
           r.set_channel(static_cast<ticket::v1::Channel>(1 + filled_.Pick(10)));
         }},
        {"caller",
         [this](Request&, std::string& phone) { phone = filled_.Phone(filled_.Pick(kCallers)); }},
    };
  }

  absl::Status Measure() {
    RowScope scope;
    scope.whole_county = true;
    for (const Kind& kind : Kinds()) {
      std::vector<double> took_ms;
      std::vector<double> cpu_ms;
      size_t rows = 0;
      for (int i = 0; i < options_.lists; ++i) {
        ticket::v1::ListTicketsRequest request;
        std::string phone;
        kind.filter(request, phone);
        const absl::Time start = absl::Now();
        const double cpu = ThreadCpuMs();
        BAIMI_RETURN_IF_ERROR(filled_.database().Read({}, [&](sql::Reader& reader) -> absl::Status {
          BAIMI_ASSIGN_OR_RETURN(
              const ticket::store::TicketPage page,
              filled_.store().List(reader, kFilledCounty, request, scope, {.limit = kPage}, phone));
          rows += page.rows.size();
          return absl::OkStatus();
        }));
        cpu_ms.push_back(ThreadCpuMs() - cpu);
        took_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
      }
      std::sort(took_ms.begin(), took_ms.end());
      std::sort(cpu_ms.begin(), cpu_ms.end());
      report_.Add(absl::StrCat("list by ", kind.name, ", p50"), "ms", took_ms[took_ms.size() / 2]);
      Figure& p99 = report_.Add(absl::StrCat("list by ", kind.name, ", p99"), "ms",
                                took_ms[took_ms.size() * 99 / 100]);
      p99.target = kListTarget;
      p99.better = Better::kLess;
      report_.Add(absl::StrCat("list by ", kind.name, ", p99 of the CPU time"), "ms",
                  cpu_ms[cpu_ms.size() * 99 / 100]);
      report_.Add(absl::StrCat("list by ", kind.name, ", orders a page"), "orders",
                  static_cast<double>(rows) / options_.lists);
    }
    return absl::OkStatus();
  }

  const ScaleOptions& options_;
  Report& report_;
  Filled filled_;
};

}  // namespace

absl::Status RunScale(const ScaleOptions& options, Report& report) {
  return Scale(options, report).Run();
}

}  // namespace baimi::bench
