#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/codes/category_code.h"
#include "services/ticket/domain/cluster.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

struct LevelName {
  v1::ClusterLevel level;
  absl::string_view id;
  absl::string_view zh;
  size_t digits;
};
constexpr std::array<LevelName, 3> kLevels = {{{v1::GRID_CLUSTER, "grid", "本网格", 15},
                                               {v1::AREA_CLUSTER, "area", "本社区", 12},
                                               {v1::COUNTY_CLUSTER, "county", "全县", 6}}};

const LevelName& NameOf(v1::ClusterLevel level) {
  return kLevels.at(static_cast<size_t>(level) - 1);
}

}  // namespace

std::optional<HeatShare> HeatOf(const v1::Ticket& ticket) {
  switch (ticket.state()) {
    case v1::TICKET_STATE_UNSPECIFIED:
    case v1::DRAFT:
    case v1::REJECTED:
    case v1::WITHDRAWN:
    case v1::TRANSFERRED:
      return std::nullopt;
    default:
      break;
  }
  if (ticket.type() == v1::PRAISE || ticket.type() == v1::OTHER) {
    return std::nullopt;
  }
  HeatShare share;
  share.day = absl::ToCivilDay(FromProto(ticket.create_time()), ShanghaiZone());
  share.grid = std::string(IdOf(ticket.place().grid()));
  share.area = std::string(IdOf(ticket.place().area()));
  share.category = ticket.category();
  share.report = ticket.type() == v1::REPORT;
  share.subject = std::string(IdOf(ticket.subject_unit()));
  return share;
}

std::vector<CellKey> CellsOf(const HeatShare& share, absl::string_view county) {
  std::vector<CellKey> cells;
  if (!share.grid.empty()) {
    cells.push_back({v1::GRID_CLUSTER, share.grid, share.category});
  }
  if (!share.area.empty()) {
    cells.push_back({v1::AREA_CLUSTER, share.area, share.category});
  }
  cells.push_back({v1::COUNTY_CLUSTER, std::string(county), share.category});
  return cells;
}

std::string ClusterName(absl::string_view county, const CellKey& key) {
  return absl::StrCat("counties/", county, "/clusters/", NameOf(key.level).id, "-", key.place, "-",
                      key.category);
}

std::optional<CellKey> CellOfCluster(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(IdOf(name), '-');
  if (parts.size() != 3 || !codes::ParseCategoryCode("name", parts[2]).ok()) {
    return std::nullopt;
  }
  for (const LevelName& level : kLevels) {
    if (level.id == parts[0] && level.digits == parts[1].size() &&
        absl::StartsWith(parts[1], CountyOf(name))) {
      return CellKey{level.level, std::string(parts[1]), std::string(parts[2])};
    }
  }
  return std::nullopt;
}

void Propose(v1::Cluster& cluster, const v1::ClusterPolicy& policy, absl::string_view category) {
  const bool topic = cluster.level() != v1::GRID_CLUSTER && cluster.grids() >= policy.topic_grids();
  cluster.set_proposal(topic ? v1::TOPIC : v1::PATROL);
  const std::string usual =
      cluster.has_ratio()
          ? absl::StrFormat("往常约%.1f件，为往常的%.1f倍", cluster.expected(), cluster.ratio())
          : std::string("往常没有");
  std::string words =
      absl::StrCat(NameOf(cluster.level()).zh, cluster.from_date(), "至", cluster.to_date(), "“",
                   category, "”诉求", cluster.count(), "件，", usual);
  if (cluster.reports() > 0) {
    absl::StrAppend(&words, "，其中举报", cluster.reports(), "件");
  }
  absl::StrAppend(&words, "；自", cluster.since_date(), "起偏多，不像偶然。");
  if (topic) {
    absl::StrAppend(&words, "涉及", cluster.grids(), "个网格，建议列入专题，主动治理。");
  } else {
    absl::StrAppend(&words, "建议安排巡查，上门查明原因。");
  }
  cluster.set_explanation(words);
}

void CheckClusterPolicy(
    const v1::ClusterPolicy& policy,
    absl::FunctionRef<void(absl::string_view, absl::string_view, absl::string_view)> violate) {
  const auto check = [&](absl::string_view field, int value, int least, int most) {
    if (value < least || value > most) {
      violate(absl::StrCat("clusters.", field), absl::StrCat(value),
              absl::StrCat(least, " to ", most));
    }
  };
  int longest = 0;
  for (const int weeks : policy.window_weeks()) {
    check("window_weeks", weeks, longest + 1, 4);
    longest = weeks;
  }
  if (longest == 0) {
    violate("clusters.window_weeks", "", "at least one window");
  }
  check("baseline_weeks", policy.baseline_weeks(), std::max(2, longest), 26);
  check("min_count", policy.min_count(), 2, 1000);
  check("false_alarms_per_year", policy.false_alarms_per_year(), 1, 1000);
  check("dispersion_percent", policy.dispersion_percent(), 100, 1000);
  check("topic_grids", policy.topic_grids(), 2, 1000);
}

v1::ClusterSettlement Apply(v1::ClusterSettlement row, const v1::ClusterFact& fact) {
  if (fact.has_settled()) {
    row = fact.settled().settlement();
    *row.mutable_settle_time() = fact.time();
  }
  return row;
}

absl::StatusOr<v1::ClusterFact> Settle(const v1::Cluster& cluster,
                                       const v1::SettleClusterRequest& request,
                                       const Context& context) {
  const v1::ClusterSettlement& asked = request.settlement();
  const bool dismissed = asked.action() == v1::DISMISS;
  if (!dismissed && asked.action() != v1::PATROL && asked.action() != v1::TOPIC) {
    return InvalidField("settlement.action", v1::ClusterAction_Name(asked.action()),
                        "PATROL, TOPIC or DISMISS", "请选择巡查、专题或不予处置");
  }
  if (dismissed ? !asked.unit().empty()
                : !InCollection(asked.unit(), CountyOf(request.name()), "units")) {
    return InvalidField("settlement.unit", asked.unit().empty() ? "nothing" : asked.unit(),
                        "a unit of the county with PATROL and TOPIC, else nothing",
                        "巡查、专题须指定本县单位，不予处置时不填");
  }
  if (cluster.state() != v1::CLUSTER_OPEN) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CLUSTER_NOT_OPEN,
                 absl::StrCat(request.name(), ": got no rise that waits, want one"),
                 "该处没有待研判的上升苗头，或已处置");
  }
  v1::ClusterFact fact;
  *fact.mutable_time() = ToProto(context.now);
  v1::ClusterSettlement& settlement = *fact.mutable_settled()->mutable_settlement();
  settlement.set_action(asked.action());
  settlement.set_unit(asked.unit());
  settlement.set_note(asked.note());
  *settlement.mutable_actor() = context.actor;
  settlement.set_count(cluster.count());
  settlement.set_reports(cluster.reports());
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay from,
                         calendar::ParseDate("from_date", cluster.from_date()));
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay to,
                         calendar::ParseDate("to_date", cluster.to_date()));
  settlement.set_weeks(static_cast<int32_t>((to - from + 1) / 7));
  return fact;
}

}  // namespace baimi::ticket::domain
