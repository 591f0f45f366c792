#include "tests/bench/search.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/search_service.pb.h"
#include "common/base/status_macros.h"
#include "common/testing/postgres/cluster.h"
#include "services/ticket/domain/duplicates.h"
#include "services/ticket/store/search_query.h"
#include "services/ticket/store/search_text.h"
#include "tests/bench/filled.h"

namespace baimi::bench {
namespace {

namespace ticket_store = ticket::store;
using ticket::v1::QueryTicketsRequest;
using ticket::v1::Ticket;

constexpr int kPage = 50;
constexpr double kTargetMs = 20;
constexpr int kIndexSample = 20'000;

constexpr const char* kThings[] = {"电梯",   "路灯",   "自来水",   "下水道", "垃圾", "噪声",
                                   "停车位", "物业费", "公交车",   "井盖",   "树木", "油烟",
                                   "施工",   "流浪狗", "房产证",   "社保",   "学区", "医保",
                                   "工资",   "广告牌", "充电桩",   "宽带",   "煤气", "电线",
                                   "排污",   "河道",   "消防通道", "村道",   "公厕", "外墙"};
constexpr const char* kTroubles[] = {"停运",   "不亮",   "没有水", "堵塞", "没人清理", "扰民",
                                     "被占用", "乱收费", "不停靠", "破损", "倒伏",     "直排",
                                     "未办理", "拖欠",   "漏水",   "脱落", "断网",     "太慢"};
constexpr const char* kDetails[] = {
    "已经三天", "昨晚开始",     "多次反映",         "一直没有人来修", "老人小孩出行不便",
    "影响休息", "存在安全隐患", "物业说不归他们管", "下雨天更严重",   "整栋楼都是这样"};
constexpr const char* kWishes[] = {"希望尽快处理", "请相关部门核实", "要求书面答复", "望给予解决",
                                   "请派人到现场查看"};

class Search {
 public:
  Search(const SearchOptions& options, Report& report)
      : options_(options), report_(report), filled_(options.orders) {}

  absl::Status Run() {
    std::string uri;
    if (options_.postgres) {
      BAIMI_ASSIGN_OR_RETURN(cluster_,
                             pgtest::Cluster::Start({.settings = {"shared_buffers=512MB"}}));
      uri = cluster_->Uri();
    }
    BAIMI_RETURN_IF_ERROR(filled_.Open(uri));
    index_ =
        std::make_unique<ticket_store::SearchIndex>(&filled_.vault(), filled_.database().dialect());
    query_ = std::make_unique<ticket_store::SearchQuery>(&filled_.store(), index_.get());
    BAIMI_RETURN_IF_ERROR(Fill());
    BAIMI_RETURN_IF_ERROR(MeasureDuplicates());
    return MeasureQueries();
  }

 private:
  template <size_t N>
  std::string Any(const char* const (&words)[N]) {
    return words[filled_.Pick(static_cast<int>(N))];
  }
  // Two characters that stand in few orders.
  std::string Rare() {
    std::string word;
    for (int i = 0; i < 2; ++i) {
      const int c = 0x4E00 + filled_.Pick(2000);
      word += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
               static_cast<char>(0x80 | (c & 0x3F))};
    }
    return word;
  }
  static void SetPoint(type::v1::GeoPoint* point, int community, int north, int east) {
    point->set_latitude(19.0 + community / 10 * 0.02 + north * 0.0001);
    point->set_longitude(109.8 + community % 10 * 0.02 + east * 0.0001);
  }

  // Says something, somewhere in its community.
  void Change(Ticket& ticket) {
    ticket.set_title(absl::StrCat(Any(kThings), Any(kTroubles)));
    ticket.set_description(absl::StrCat(1 + filled_.Pick(40), "栋", ticket.title(), Any(kDetails),
                                        "，", Rare(), "，", Any(kDetails), "，", Any(kWishes)));
    const std::string& area = ticket.place().area();
    const std::string code = area.substr(area.size() - 5);
    const int community = (code[0] - '0') * 100 + (code[1] - '0') * 10 + code[4] - '0';
    SetPoint(ticket.mutable_place()->mutable_point(), community, filled_.Pick(80),
             filled_.Pick(80));
  }

  absl::Status Fill() {
    double index_us = 0;
    int indexed = 0;
    const auto put = [&](sql::Tx& tx, const Ticket& ticket) {
      const absl::Time start = absl::Now();
      const absl::Status status = index_->Put(tx, ticket);
      // Of the last ones, in a full index.
      if (++indexed > options_.orders - kIndexSample) {
        index_us += absl::ToDoubleMicroseconds(absl::Now() - start);
      }
      return status;
    };
    BAIMI_ASSIGN_OR_RETURN(const std::vector<double> took,
                           filled_.Fill([this](Ticket& ticket) { Change(ticket); }, put));
    const double each = index_us / std::min(indexed, kIndexSample);
    const size_t tenth = std::max<size_t>(1, took.size() / 10);
    const double whole = Median({took.end() - static_cast<long>(tenth), took.end()});
    report_.Add("write an order and index it, last tenth", "us", whole);
    report_.Add("of that: index it", "us", each);
    return absl::OkStatus();
  }

  absl::Status Measure(const std::string& name,
                       const std::function<absl::StatusOr<size_t>(sql::Reader&)>& search) {
    std::vector<double> took_ms;
    std::vector<double> cpu_ms;
    size_t found = 0;
    for (int i = 0; i < options_.searches; ++i) {
      const absl::Time start = absl::Now();
      const double cpu = ThreadCpuMs();
      BAIMI_RETURN_IF_ERROR(filled_.database().Read({}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const size_t some, search(reader));
        found += some;
        return absl::OkStatus();
      }));
      cpu_ms.push_back(ThreadCpuMs() - cpu);
      took_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
    }
    std::sort(took_ms.begin(), took_ms.end());
    std::sort(cpu_ms.begin(), cpu_ms.end());
    const size_t p99 = took_ms.size() * 99 / 100;
    report_.Add(name + ", p50", "ms", took_ms[took_ms.size() / 2]);
    Figure& figure = report_.Add(name + ", p99", "ms", took_ms[p99]);
    figure.target = kTargetMs;
    figure.better = Better::kLess;
    report_.Add(name + ", p99 of the CPU time", "ms", cpu_ms[p99]);
    report_.Add(name + ", found", "orders", static_cast<double>(found) / options_.searches);
    return absl::OkStatus();
  }

  absl::Status MeasureDuplicates() {
    const auto rules = ticket::domain::DuplicatesOf(ticket::v1::TicketPolicy());
    return Measure("find duplicates", [&](sql::Reader& reader) -> absl::StatusOr<size_t> {
      // As if filed today: most of the last 30 days' orders may be about the same.
      Ticket order = filled_.Order(options_.orders - 1, privacy::kNoKey).ticket;
      Change(order);
      order.set_name("");
      BAIMI_ASSIGN_OR_RETURN(const auto rows, query_->ToCompareWith(reader, kFilledCounty, order,
                                                                    rules, {scope_, ""}));
      const ticket::domain::Comparison comparison(order, ticket_store::SearchText(order), rules);
      size_t candidates = 0;
      for (const ticket_store::TicketRow& row : rows) {
        candidates += comparison.With(row.ticket, ticket_store::SearchText(row.ticket)) ? 1 : 0;
      }
      return candidates;
    });
  }

  absl::Status MeasureQueries() {
    struct Kind {
      const char* name;
      std::function<void(QueryTicketsRequest&)> make;
    };
    const auto near = [this](QueryTicketsRequest& request) {
      SetPoint(request.mutable_near(), filled_.Pick(kCommunities), filled_.Pick(80),
               filled_.Pick(80));
    };
    const auto word = [this](QueryTicketsRequest& r) { r.set_text(Any(kThings)); };
    const auto words = [this](QueryTicketsRequest& r) {
      r.set_text(absl::StrCat(Any(kThings), Any(kTroubles)));
    };
    const auto lead = [this](QueryTicketsRequest& r) {
      r.set_lead(Filled::Unit(filled_.Pick(kUnits)));
    };
    const Kind kinds[] = {
        {"a common word", word},
        {"two common words side by side", words},
        {"a rare word", [this](QueryTicketsRequest& r) { r.set_text(Rare()); }},
        {"a common and a rare word",
         [this](QueryTicketsRequest& r) { r.set_text(absl::StrCat(Any(kThings), " ", Rare())); }},
        {"common words, one unit", [&](QueryTicketsRequest& r) { words(r), lead(r); }},
        {"common words, by relevance",
         [&](QueryTicketsRequest& r) { words(r), r.set_order(ticket::v1::RELEVANCE); }},
        {"nearest", near},
        {"nearest, 5 km, one unit",
         [&](QueryTicketsRequest& r) { near(r), lead(r), r.set_radius(5000); }},
        {"nearest with a common word", [&](QueryTicketsRequest& r) { near(r), word(r); }},
        {"nearest with a rare word, 5 km",
         [&](QueryTicketsRequest& r) { near(r), r.set_text(Rare()), r.set_radius(5000); }},
    };
    for (const Kind& kind : kinds) {
      BAIMI_RETURN_IF_ERROR(Measure(
          absl::StrCat("query: ", kind.name), [&](sql::Reader& reader) -> absl::StatusOr<size_t> {
            QueryTicketsRequest request;
            kind.make(request);
            BAIMI_ASSIGN_OR_RETURN(
                const ticket_store::SearchPage page,
                query_->Page(reader, kFilledCounty, request, {scope_, ""}, {}, kPage));
            return page.rows.size();
          }));
    }
    return absl::OkStatus();
  }

  const SearchOptions& options_;
  Report& report_;
  const RowScope scope_{.whole_county = true, .area_prefixes = {}, .units = {}};
  std::unique_ptr<pgtest::Cluster> cluster_;
  Filled filled_;
  std::unique_ptr<ticket_store::SearchIndex> index_;
  std::unique_ptr<ticket_store::SearchQuery> query_;
};

}  // namespace

absl::Status RunSearch(const SearchOptions& options, Report& report) {
  return Search(options, report).Run();
}

}  // namespace baimi::bench
