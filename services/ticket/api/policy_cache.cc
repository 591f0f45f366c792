#include "services/ticket/api/policy_cache.h"

#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::ticket::api {

absl::StatusOr<std::shared_ptr<const domain::PolicyInForce>> PolicyCache::At(
    sql::Reader& reader, absl::string_view county, absl::Time now) {
  BAIMI_ASSIGN_OR_RETURN(const int32_t version, store_->PolicyVersionAt(reader, county, now));
  return Of(reader, county, version);
}

absl::StatusOr<std::shared_ptr<const domain::PolicyInForce>> PolicyCache::At(journal::Tx& tx) {
  BAIMI_ASSIGN_OR_RETURN(const int32_t version, store_->PolicyVersionNow(tx));
  return Of(tx.sql(), tx.county(), version);
}

absl::StatusOr<std::shared_ptr<const domain::PolicyInForce>> PolicyCache::Of(
    sql::Reader& reader, absl::string_view county, int32_t version) {
  if (version == 0) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_POLICY,
                 absl::StrCat("county ", county,
                              ": got no ticket policy in force, want one; create it first"),
                 absl::StrCat("县 ", county, " 尚无生效的工单政策，请先创建"))
        .With("county", county)
        .Build();
  }
  const std::pair<std::string, int32_t> key(county, version);
  {
    absl::MutexLock lock(&mu_);
    const auto found = policies_.find(key);
    if (found != policies_.end()) {
      return found->second;
    }
  }
  BAIMI_ASSIGN_OR_RETURN(v1::TicketPolicy policy, store_->LoadPolicy(reader, county, version));
  BAIMI_ASSIGN_OR_RETURN(domain::PolicyInForce made,
                         domain::PolicyInForce::Make(std::move(policy), national_));
  auto shared = std::make_shared<const domain::PolicyInForce>(std::move(made));
  absl::MutexLock lock(&mu_);
  return policies_.emplace(key, std::move(shared)).first->second;
}

}  // namespace baimi::ticket::api
