// The published figures of a month: which counts there are, what they mean, and which of them are
// withheld so that nobody is told from them (domain.md §7.5). Pure functions.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_PUBLISHED_FIGURES_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_PUBLISHED_FIGURES_H_

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "baimi/ticket/v1/figures.pb.h"
#include "baimi/ticket/v1/publications.pb.h"

namespace baimi::ticket::domain {

// In place of a code, of orders without a community.
inline constexpr char kNoArea[] = "none";

// What the tables of the figures hold of the days of a month.
struct MonthCounts {
  v1::FigureCounts county = {};
  // By type and channel: orders filed.
  std::map<std::pair<v1::TicketType, v1::Channel>, int64_t> filed = {};
  // By code of the community, and by category.
  std::map<std::string, v1::FigureCounts> areas = {};
  std::map<std::string, v1::FigureCounts> categories = {};
};

// Which count a PublishedCount is.
struct CountKey {
  v1::PublishedMetric metric = v1::PUBLISHED_METRIC_UNSPECIFIED;
  v1::TicketType type = v1::TICKET_TYPE_UNSPECIFIED;
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;
  std::string area = {};
  std::string category = {};

  friend auto operator<=>(const CountKey&, const CountKey&) = default;
};
CountKey KeyOf(const v1::PublishedCount& count);
v1::PublishedCount CountWithout(const CountKey& key);

// The township's code of a community's; kNoArea of kNoArea.
std::string TownshipOf(const std::string& area);
bool IsTownship(const std::string& area);

// 统计口径 of every metric.
std::vector<v1::MetricFormula> Formulas();

// Every count of the month, by key. Categories are cut to `category_digits`. INTERNAL when parts
// are more than their whole.
absl::StatusOr<std::vector<v1::PublishedCount>> WholeCounts(const MonthCounts& month,
                                                            int category_digits);

// As published, and with every count.
struct OlderVersion {
  v1::PublishedFigures published = {};
  v1::PublishedFigures whole = {};
};

struct PublishingRules {
  // Counts from 1 to k - 1 are withheld.
  int64_t k = 5;
  int top_categories = 10;
  // FigurePolicy.partly_solved_percent.
  int partly_solved_percent = 0;
  // Those of the month that were published. What they withhold is withheld again, no rate is told
  // as at_least, and where both versions together would tell more than one, what changed is
  // withheld.
  std::vector<OlderVersion> older = {};
};

// What is published of `whole`, which has every count: withheld counts without their number, rates,
// top categories and formulas. The rest is as it is there.
v1::PublishedFigures Publish(const v1::PublishedFigures& whole, const PublishingRules& rules);

// Those that `figures` withholds.
std::set<CountKey> WithheldIn(const v1::PublishedFigures& figures);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_PUBLISHED_FIGURES_H_
