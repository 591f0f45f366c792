// The policies of a county: versions that are added and never change.
#include <algorithm>
#include <utility>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kCounties = {
    "ticket.counties", "SELECT DISTINCT county FROM ticket_policies ORDER BY county"};
constexpr sql::Statement kPolicyAt = {
    "ticket.policy_at",
    "SELECT version FROM ticket_policies WHERE county = $1 AND effective_us <= $2 "
    "ORDER BY version DESC LIMIT 1"};
constexpr sql::Statement kPolicyTimes = {
    "ticket.policy_times",
    "SELECT version, effective_us FROM ticket_policies WHERE county = $1 ORDER BY version"};
constexpr sql::Statement kLatestPolicy = {
    "ticket.latest_policy",
    "SELECT version FROM ticket_policies WHERE county = $1 ORDER BY version DESC LIMIT 1"};
constexpr sql::Statement kLoadPolicy = {
    "ticket.load_policy", "SELECT body FROM ticket_policies WHERE county = $1 AND version = $2"};
constexpr sql::Statement kInsertPolicy = {
    "ticket.insert_policy",
    "INSERT INTO ticket_policies (county, version, effective_us, body) VALUES ($1, $2, $3, $4)"};
constexpr sql::Statement kListPolicies = {
    "ticket.list_policies",
    "SELECT body FROM ticket_policies WHERE county = $1 AND version < $2 "
    "ORDER BY version DESC LIMIT $3"};

int64_t Micros(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

// Version and effect of every policy of a county, in order.
using PolicyTimes = std::vector<std::pair<int32_t, absl::Time>>;

std::string MemoryName(absl::string_view county) {
  return absl::StrCat("ticket policies of ", county);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> TicketStore::Counties(sql::Reader& reader) const {
  std::vector<std::string> counties;
  BAIMI_RETURN_IF_ERROR(reader.Query(kCounties, {}, [&](const sql::Row& row) {
    counties.emplace_back(row.Text(0));
    return absl::OkStatus();
  }));
  return counties;
}

absl::StatusOr<int32_t> TicketStore::PolicyVersionAt(sql::Reader& reader, absl::string_view county,
                                                     absl::Time at) const {
  int32_t version = 0;
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kPolicyAt, {county, sql::Param::Time(at)},
                                      [&](const sql::Row& row) {
                                        version = static_cast<int32_t>(row.Int64(0));
                                        return absl::OkStatus();
                                      })
                            .status());
  return version;
}

absl::StatusOr<int32_t> TicketStore::PolicyVersionNow(journal::Tx& tx) const {
  BAIMI_ASSIGN_OR_RETURN(
      const auto times,
      tx.Once<PolicyTimes>(MemoryName(tx.county()), [&tx]() -> absl::StatusOr<PolicyTimes> {
        PolicyTimes all;
        BAIMI_RETURN_IF_ERROR(
            tx.sql().Query(kPolicyTimes, {tx.county()}, [&all](const sql::Row& row) {
              all.emplace_back(static_cast<int32_t>(row.Int64(0)), row.Time(1));
              return absl::OkStatus();
            }));
        return all;
      }));
  const auto found = std::find_if(times->rbegin(), times->rend(),
                                  [&tx](const auto& time) { return time.second <= tx.now(); });
  return found == times->rend() ? 0 : found->first;
}

absl::StatusOr<int32_t> TicketStore::LatestPolicyVersion(sql::Reader& reader,
                                                         absl::string_view county) const {
  int32_t version = 0;
  BAIMI_RETURN_IF_ERROR(reader
                            .QueryOne(kLatestPolicy, {county},
                                      [&](const sql::Row& row) {
                                        version = static_cast<int32_t>(row.Int64(0));
                                        return absl::OkStatus();
                                      })
                            .status());
  return version;
}

absl::StatusOr<v1::TicketPolicy> TicketStore::LoadPolicy(sql::Reader& reader,
                                                         absl::string_view county,
                                                         int32_t version) const {
  v1::TicketPolicy policy;
  BAIMI_ASSIGN_OR_RETURN(
      const bool found,
      reader.QueryOne(kLoadPolicy, {county, int64_t{version}}, [&](const sql::Row& row) {
        return policy.ParseFromString(std::string(row.Bytes(0)))
                   ? absl::OkStatus()
                   : Internal("ticket policy: a stored one does not parse");
      }));
  if (!found) {
    return NotFound(absl::StrCat("counties/", county, "/ticketPolicies/", version));
  }
  return policy;
}

absl::Status TicketStore::InsertPolicy(sql::Tx& tx, absl::string_view county,
                                       const v1::TicketPolicy& policy) const {
  const std::string body = policy.SerializeAsString();
  return tx
      .Execute(kInsertPolicy, {county, int64_t{policy.version()}, Micros(policy.effective_time()),
                               sql::Param::Bytes(body)})
      .status();
}

absl::Status TicketStore::InsertPolicy(journal::Tx& tx, const v1::TicketPolicy& policy) const {
  tx.Forget(MemoryName(tx.county()));
  return InsertPolicy(tx.sql(), tx.county(), policy);
}

absl::StatusOr<std::vector<v1::TicketPolicy>> TicketStore::ListPolicies(sql::Reader& reader,
                                                                        absl::string_view county,
                                                                        int32_t below,
                                                                        int limit) const {
  constexpr int64_t kAboveAll = int64_t{1} << 40;
  std::vector<v1::TicketPolicy> policies;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(kListPolicies, {county, below == 0 ? kAboveAll : int64_t{below}, limit},
                   [&](const sql::Row& row) {
                     return policies.emplace_back().ParseFromString(std::string(row.Bytes(0)))
                                ? absl::OkStatus()
                                : Internal("ticket policy: a stored one does not parse");
                   }));
  return policies;
}

}  // namespace baimi::ticket::store
