// 未诉先办: which counts of orders rise above chance. Pure functions.
//
// A cell is a place (grid, community, the county) and a category. Its count of the last W weeks is
// held against that of the B weeks before. Both are whole weeks, so each holds every weekday
// equally often and no weekday effect has to be known. Given the sum n of both counts, and as long
// as nothing changes, each order lies in the window with the chance W / (W + B) whatever the cell's
// rate is: the p-value is the exact tail of that binomial. Where one incident makes several people
// call, a day's count is taken as negative binomial with the policy's variance by mean, and the
// tail is the beta-binomial one, with the mean estimated from n.
//
// False alarms: on a day, M cells are looked at with a window: those whose n is at least min_count.
// (n says nothing about how n is shared out, so choosing by n costs nothing.) A cell stands out
// when its p-value is at most
//   false_alarms_per_year / (365 * windows * M).
// The expected number of days and cells that stand out by chance is then at most
// false_alarms_per_year, however the cells depend on each other; clusters, which last several days,
// are fewer. cluster_null_years_test holds it to that.
//
// Assumptions: the rate of a cell does not drift within W + B weeks. Seasons and holidays that do
// more than move orders within a week are told as rises; so is a storm, which is one.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_CLUSTER_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_CLUSTER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/cluster_service.pb.h"
#include "baimi/ticket/v1/clusters.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

// What one order counts for.
struct HeatShare {
  // Of filing, in Shanghai.
  absl::CivilDay day;
  // Codes; empty where the registry found none.
  std::string grid = {};
  std::string area = {};
  std::string category = {};
  bool report = false;
  // Id of the unit that a report is about; empty: none or unknown.
  std::string subject = {};

  friend bool operator==(const HeatShare&, const HeatShare&) = default;
};

// nullopt for praise and other things that are nobody's trouble, and for orders that were refused,
// withdrawn or passed on. A merged order counts like any other.
std::optional<HeatShare> HeatOf(const v1::Ticket& ticket);

struct CellKey {
  v1::ClusterLevel level = v1::CLUSTER_LEVEL_UNSPECIFIED;
  // Code of grid, area or county. That of a wider place is a prefix of that of a narrower one.
  std::string place = {};
  std::string category = {};

  friend auto operator<=>(const CellKey&, const CellKey&) = default;
};

// The cells that an order counts in: one to three.
std::vector<CellKey> CellsOf(const HeatShare& share, absl::string_view county);

// "counties/469030/clusters/grid-469030101002001-020301", and back: nullopt for what is no cell of
// the county in the name.
std::string ClusterName(absl::string_view county, const CellKey& key);
std::optional<CellKey> CellOfCluster(absl::string_view name);

struct HeatCell {
  CellKey key = {};
  // Orders by week, newest first; WeeksNeeded(policy) of them.
  std::vector<int64_t> weeks = {};
};

// Calls `violate` with path, what was got and what is wanted, for every contradiction: windows of 1
// to 4 weeks, rising, at least one; a baseline of 2 to 26 weeks, no shorter than any window; at
// least 2 orders, 1 false alarm, 2 grids; a dispersion of 100 to 1000 percent.
void CheckClusterPolicy(
    const v1::ClusterPolicy& policy,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate);

// Of the longest window and its baseline.
int WeeksNeeded(const v1::ClusterPolicy& policy);

struct Rising {
  // Index into the cells.
  size_t cell = 0;
  // The window in which it stands out most.
  int weeks = 0;
  int64_t count = 0;
  // Orders of the baseline.
  int64_t before = 0;
  double expected = 0;
  double p_value = 1;
  double p_limit = 0;
};

struct Scan {
  // In the order of the cells. Orders of a narrower cell that stands out do not count in a wider
  // one: that stands out by the rest or not at all.
  std::vector<Rising> rising = {};
  // Cells looked at, one for each window; and the highest p-value that stands out.
  int64_t looked_at = 0;
  std::vector<double> limits = {};
};

// `cells`: those of one county that have any orders in these weeks, in any order.
Scan FindRising(absl::Span<const HeatCell> cells, const v1::ClusterPolicy& policy);

// The chance of at least `count` of `count + before` orders in the window. `dispersion` is the
// variance of a day's count by its mean, at least 1.
double TailOf(int64_t count, int64_t before, int window_weeks, int baseline_weeks,
              double dispersion);

// How many days ago the cell began to stand out, without a quiet week since: 0 is today, which is
// taken to stand out, as is the day `settled`, so many days ago (negative: none). `days`: its
// orders by day, newest first; it is followed back as far as they hold 7 * WeeksNeeded(policy).
// `limits`: those of the scan.
int DaysStandingOut(absl::Span<const int64_t> days, const v1::ClusterPolicy& policy,
                    absl::Span<const double> limits, int settled);

// Whether what rises is still what was settled `settled` days ago: it has stood out without a quiet
// week since then, and not risen above the level of that time.
bool IsStillSettled(const Rising& rising, int days_standing_out, int settled,
                    const v1::ClusterSettlement& settlement, const v1::ClusterPolicy& policy);

// The fewest orders a day, to a tenth, from which a doubling is found within seven days nine times
// of ten, at this limit of the shortest window.
double DoublingFoundFrom(const v1::ClusterPolicy& policy, double limit);

// Sets proposal and explanation of a cluster that has everything else.
void Propose(v1::Cluster& cluster, const v1::ClusterPolicy& policy, absl::string_view category);

v1::ClusterSettlement Apply(v1::ClusterSettlement row, const v1::ClusterFact& fact);

// `cluster` as the caller sees it. FAILED_PRECONDITION, CLUSTER_NOT_OPEN. INVALID_ARGUMENT: no
// action; a unit with DISMISS; none, or one of another county, with the others.
absl::StatusOr<v1::ClusterFact> Settle(const v1::Cluster& cluster,
                                       const v1::SettleClusterRequest& request,
                                       const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_CLUSTER_H_
