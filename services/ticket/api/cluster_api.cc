#include "services/ticket/api/cluster_api.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/journal/projector.h"
#include "services/ticket/api/units.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

constexpr int kSamples = 5;
constexpr int kWeek = 7;
// How far back a cluster is followed.
constexpr int64_t kFollowDays = 180;

absl::CivilDay Today(absl::Time time) { return absl::ToCivilDay(time, ShanghaiZone()); }
std::string DateOf(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::StatusOr<absl::CivilDay> AsOf(const Call& call, const v1::ListClustersRequest& request) {
  const absl::CivilDay today = Today(call.now);
  if (request.as_of().empty()) {
    return today;
  }
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay day, calendar::ParseDate("as_of", request.as_of()));
  if (day > today) {
    return InvalidField("as_of", request.as_of(), "today or a day before", "不晚于今天");
  }
  return day;
}

absl::StatusOr<std::optional<std::pair<double, std::string>>> PlaceOf(
    const resource::PageCursor& cursor) {
  std::pair<double, std::string> place;
  if (cursor.last_key.empty()) {
    return std::nullopt;
  }
  if (cursor.last_key.size() != 2 || !absl::SimpleAtod(cursor.last_key[0], &place.first)) {
    return Internal("page token: no place among clusters");
  }
  place.second = cursor.last_key[1];
  return place;
}

}  // namespace

absl::StatusOr<bool> ClusterApi::SeesReports(sql::Reader& reader, const Call& call,
                                             absl::CivilDay from) const {
  bool sees = call.scope.whole_county;
  for (const std::string& unit : OwnUnits(call)) {
    BAIMI_ASSIGN_OR_RETURN(const bool reported, heat_->IsReported(reader, call.county, unit, from));
    sees = sees && !reported;
  }
  return sees;
}

absl::StatusOr<ClusterApi::Picture> ClusterApi::Look(sql::Reader& reader, const Call& call,
                                                     absl::CivilDay as_of) const {
  Picture picture;
  picture.view.as_of = as_of;
  BAIMI_ASSIGN_OR_RETURN(picture.policy, parts_.policies->At(reader, call.county, call.now));
  if (!picture.policy->policy().has_clusters()) {
    return picture;
  }
  const v1::ClusterPolicy& policy = picture.policy->policy().clusters();
  const int weeks = domain::WeeksNeeded(policy);
  BAIMI_ASSIGN_OR_RETURN(const auto first, heat_->FirstDay(reader, call.county));
  picture.first = first.value_or(as_of);
  const absl::CivilDay ready = picture.first + weeks * kWeek - 1;
  if (as_of < ready) {
    picture.ready = ready;
    return picture;
  }
  BAIMI_ASSIGN_OR_RETURN(picture.view.with_reports,
                         SeesReports(reader, call, as_of - weeks * kWeek + 1));
  BAIMI_ASSIGN_OR_RETURN(picture.cells, heat_->Cells(reader, call.county, picture.view, weeks));
  picture.scan = domain::FindRising(picture.cells, policy);
  return picture;
}

absl::Status ClusterApi::DescribeOrders(sql::Reader& reader, const Call& call,
                                        const Picture& picture, const domain::Rising& rising,
                                        v1::Cluster* cluster) const {
  const domain::CellKey& key = picture.cells[rising.cell].key;
  std::set<std::string> without;
  for (const domain::Rising& other : picture.scan.rising) {
    const domain::CellKey& narrower = picture.cells[other.cell].key;
    if (narrower.level < key.level && narrower.category == key.category &&
        absl::StartsWith(narrower.place, key.place)) {
      without.insert(narrower.place);
    }
  }
  BAIMI_ASSIGN_OR_RETURN(
      const store::HeatOrders orders,
      heat_->Orders(reader, call.county, key, picture.view, rising.weeks * kWeek, without));
  cluster->set_reports(orders.reports);
  cluster->set_grids(orders.grids);
  for (const std::string& number : orders.numbers) {
    if (cluster->samples_size() == kSamples) {
      break;
    }
    const std::string name = store::TicketName(call.county, number);
    const absl::Status visible = LoadVisible(parts_, reader, call, name).status();
    if (visible.ok()) {
      cluster->add_samples(name);
    } else if (!absl::IsNotFound(visible)) {
      return visible;
    }
  }
  return absl::OkStatus();
}

absl::Status ClusterApi::DescribeState(sql::Reader& reader, const Call& call,
                                       const Picture& picture, const domain::Rising& rising,
                                       v1::Cluster* cluster) const {
  const v1::ClusterPolicy& policy = picture.policy->policy().clusters();
  const absl::CivilDay as_of = picture.view.as_of;
  const int64_t known = as_of - picture.first + 1;
  BAIMI_ASSIGN_OR_RETURN(
      const std::vector<int64_t> days,
      heat_->Days(
          reader, call.county, picture.cells[rising.cell].key, picture.view,
          static_cast<int>(std::min(known, domain::WeeksNeeded(policy) * kWeek + kFollowDays))));
  BAIMI_ASSIGN_OR_RETURN(const auto row, heat_->LoadSettlement(reader, cluster->name()));
  const int64_t settled =
      row ? as_of - Today(domain::FromProto(row->settlement.settle_time())) : -1;
  const int since =
      domain::DaysStandingOut(days, policy, picture.scan.limits, static_cast<int>(settled));
  cluster->set_since_date(DateOf(as_of - since));
  cluster->set_state(v1::CLUSTER_OPEN);
  if (settled >= 0 &&
      domain::IsStillSettled(rising, since, static_cast<int>(settled), row->settlement, policy)) {
    cluster->set_state(v1::CLUSTER_SETTLED);
    if (picture.view.with_reports || row->settlement.reports() == 0) {
      *cluster->mutable_settlement() = row->settlement;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Cluster> ClusterApi::Describe(sql::Reader& reader, const Call& call,
                                                 const Picture& picture,
                                                 const domain::Rising& rising) const {
  const domain::CellKey& key = picture.cells[rising.cell].key;
  const std::string county = absl::StrCat("counties/", call.county);
  v1::Cluster cluster;
  cluster.set_name(domain::ClusterName(call.county, key));
  cluster.set_level(key.level);
  if (key.level == v1::GRID_CLUSTER) {
    cluster.set_grid(absl::StrCat(county, "/grids/", key.place));
  }
  if (key.level != v1::COUNTY_CLUSTER) {
    cluster.set_area(absl::StrCat(county, "/areas/", key.place.substr(0, 12)));
  }
  cluster.set_category(key.category);
  cluster.set_from_date(DateOf(picture.view.as_of - rising.weeks * kWeek + 1));
  cluster.set_to_date(DateOf(picture.view.as_of));
  cluster.set_count(rising.count);
  cluster.set_expected(rising.expected);
  if (rising.expected > 0) {
    cluster.set_ratio(static_cast<double>(rising.count) / rising.expected);
  }
  cluster.set_p_value(rising.p_value);
  cluster.set_p_limit(rising.p_limit);
  BAIMI_RETURN_IF_ERROR(DescribeOrders(reader, call, picture, rising, &cluster));
  BAIMI_RETURN_IF_ERROR(DescribeState(reader, call, picture, rising, &cluster));
  const v1::Category* category = picture.policy->FindCategory(key.category);
  domain::Propose(cluster, picture.policy->policy().clusters(),
                  category == nullptr ? key.category : category->display_name());
  return cluster;
}

absl::Status ClusterApi::FillPage(sql::Reader& reader, const Call& call, const Picture& picture,
                                  const Page& page, v1::ListClustersResponse* response) const {
  const std::string prefix = store::AreaPrefix(domain::IdOf(page.request.area()));
  std::vector<std::pair<Place, const domain::Rising*>> rising;
  for (const domain::Rising& one : picture.scan.rising) {
    const domain::CellKey& key = picture.cells[one.cell].key;
    Place place{one.p_value, domain::ClusterName(call.county, key)};
    if (absl::StartsWith(key.place, prefix) && store::ScopeCovers(call.scope, key.place, "") &&
        (!page.after || place > *page.after)) {
      rising.emplace_back(std::move(place), &one);
    }
  }
  std::sort(rising.begin(), rising.end());
  Place last;
  for (const auto& [place, one] : rising) {
    BAIMI_ASSIGN_OR_RETURN(v1::Cluster cluster, Describe(reader, call, picture, *one));
    if (cluster.state() == v1::CLUSTER_SETTLED && !page.request.show_settled()) {
      continue;
    }
    if (response->clusters_size() == page.size) {
      response->set_next_page_token(
          parts_.tokens->Make(resource::PageQueryOf(call.method, page.request),
                              {{absl::StrFormat("%.17g", last.first), last.second}}));
      break;
    }
    last = place;
    *response->add_clusters() = std::move(cluster);
  }
  return absl::OkStatus();
}

Async<v1::ListClustersResponse> ClusterApi::List(const Call& call,
                                                 const v1::ListClustersRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  BAIMI_ASSIGN_OR_RETURN(
      const resource::PageCursor cursor,
      parts_.tokens->Read(resource::PageQueryOf(call.method, request), request.page_token()));
  BAIMI_ASSIGN_OR_RETURN(const std::optional<Place> after, PlaceOf(cursor));
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay as_of, AsOf(call, request));
  v1::ListClustersResponse response;
  const auto read = [&](sql::Reader& reader) -> absl::Status {
    response.Clear();
    BAIMI_ASSIGN_OR_RETURN(const int64_t seq,
                           journal::Projector::Cursor(reader, store::kHeatProjection, call.county));
    BAIMI_ASSIGN_OR_RETURN(const Picture picture, Look(reader, call, as_of));
    const v1::ClusterPolicy& policy = picture.policy->policy().clusters();
    response.set_as_of_date(DateOf(as_of));
    response.set_as_of_seq(seq);
    response.set_cells(picture.scan.looked_at);
    response.set_false_alarms_per_year(policy.false_alarms_per_year());
    if (picture.ready) {
      response.set_ready_date(DateOf(*picture.ready));
    }
    if (picture.scan.looked_at > 0) {
      response.set_doubling_found_from(
          domain::DoublingFoundFrom(policy, picture.scan.limits.front()));
    }
    return FillPage(reader, call, picture, {request, size, after}, &response);
  };
  BAIMI_RETURN_IF_ERROR(parts_.database->Read({call.machine_deadline}, read));
  return response;
}

absl::StatusOr<ClusterApi::Seen> ClusterApi::LookAt(const Call& call, const domain::CellKey& key,
                                                    const v1::SettleClusterRequest& request) const {
  Seen seen;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        seen = {};
        BAIMI_ASSIGN_OR_RETURN(const Picture picture, Look(reader, call, Today(call.now)));
        for (const domain::Rising& rising : picture.scan.rising) {
          if (picture.cells[rising.cell].key == key) {
            BAIMI_ASSIGN_OR_RETURN(seen.cluster, Describe(reader, call, picture, rising));
            seen.from = picture.view.as_of - rising.weeks * kWeek + 1;
          }
        }
        BAIMI_ASSIGN_OR_RETURN(seen.settled, heat_->LoadSettlement(reader, request.name()));
        return absl::OkStatus();
      }));
  if (!request.settlement().unit().empty()) {
    BAIMI_ASSIGN_OR_RETURN(const auto resolved,
                           parts_.registry->ResolveUnits(call, {request.settlement().unit()}, ""));
    seen.units = domain::UnitsAtHand::From(resolved);
  }
  return seen;
}

absl::StatusOr<v1::Cluster> ClusterApi::SettleIn(Orders::Work& work,
                                                 const v1::SettleClusterRequest& request,
                                                 const Seen& seen, privacy::KeyId key) const {
  BAIMI_ASSIGN_OR_RETURN(const auto settled, heat_->LoadSettlement(work.tx.sql(), request.name()));
  v1::Cluster cluster = seen.cluster;
  const auto bytes = [](const auto& row) {
    return row ? row->settlement.SerializeAsString() : std::string();
  };
  if (bytes(settled) != bytes(seen.settled)) {
    cluster.set_state(v1::CLUSTER_SETTLED);
  }
  BAIMI_ASSIGN_OR_RETURN(const v1::ClusterFact fact,
                         domain::Settle(cluster, request, work.context));
  const std::string& unit = request.settlement().unit();
  if (!unit.empty()) {
    const registry::v1::Unit* registered = seen.units.Find(unit);
    if (registered == nullptr) {
      return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_UNKNOWN_UNIT,
                   absl::StrCat("settlement.unit: got ", unit,
                                ", want a unit that is in the registry"),
                   absl::StrCat("单位登记中没有“", domain::IdOf(unit), "”"))
          .Field("settlement.unit", "want a unit that is in the registry")
          .With("unit", unit)
          .Build();
    }
    BAIMI_ASSIGN_OR_RETURN(const bool reported,
                           heat_->IsReported(work.tx.sql(), work.tx.county(), domain::IdOf(unit),
                                             seen.from, cluster.category()));
    if (cluster.reports() > 0 && reported) {
      return domain::RecusedError("settlement.unit", *registered, domain::Recusal::kSubject);
    }
  }
  store::SettlementRow row{domain::Apply({}, fact), key};
  BAIMI_RETURN_IF_ERROR(work.tx.Record(request.name(), fact, key).status());
  BAIMI_RETURN_IF_ERROR(heat_->SaveSettlement(work.tx.sql(), request.name(), row));
  work.tx.SealAnswerUnder(key);
  cluster.set_state(v1::CLUSTER_SETTLED);
  *cluster.mutable_settlement() = std::move(row.settlement);
  return cluster;
}

Async<v1::Cluster> ClusterApi::Settle(const Call& call, const v1::SettleClusterRequest& request) {
  const std::optional<domain::CellKey> key = domain::CellOfCluster(request.name());
  if (!key || !store::ScopeCovers(call.scope, key->place, "")) {
    return NotFound(request.name());
  }
  // An error waits for the closure: a request that was answered before gets that answer.
  absl::StatusOr<Seen> seen = LookAt(call, *key, request);
  BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId own_key, parts_.keys->NewKey());
  return orders_.TransactAs<v1::Cluster>(call,
                                         [this, request, seen = std::move(seen), own_key](
                                             Orders::Work& work) -> absl::StatusOr<v1::Cluster> {
                                           BAIMI_RETURN_IF_ERROR(seen.status());
                                           return SettleIn(work, request, *seen, own_key);
                                         });
}

}  // namespace baimi::ticket::api
