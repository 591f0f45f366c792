#include "common/rpc/quota.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace baimi::rpc {
namespace {

absl::Status QuotaExceeded(const auth::Identity& identity, rate::Class of, const rate::Limit& limit,
                           absl::Duration retry_after) {
  const absl::string_view name = rate::ClassName(of);
  return Error(
             absl::StatusCode::kResourceExhausted,
             type::v1::ErrorReason::ERROR_REASON_QUOTA_EXCEEDED,
             absl::StrCat("quota: got more ", name, " calls from key ", identity.id, ", want ",
                          limit.per_second, " a second or fewer; nothing was started, retry later"),
             absl::StrCat("调用过于频繁，上限为每秒 ", limit.per_second,
                          " 次，请求未执行，请稍后重试"))
      .With("class", name)
      .With("per_second", absl::StrCat(limit.per_second))
      .RetryAfter(std::max(retry_after, absl::Milliseconds(1)));
}

}  // namespace

rate::Class ClassOf(const options::v1::MethodPolicy& policy) {
  if (policy.lane() == options::v1::BULK) {
    return rate::Class::kBulk;
  }
  return policy.idempotency() == options::v1::READ ? rate::Class::kRead : rate::Class::kWrite;
}

rate::Limit LimitOf(const auth::Identity& identity, rate::Class of, const QuotaLimits& limits) {
  if (const auto& own = identity.quota[static_cast<size_t>(of)]) {
    return *own;
  }
  if (identity.audience == auth::Audience::kService) {
    return limits.service;
  }
  return of == rate::Class::kRead    ? limits.read
         : of == rate::Class::kWrite ? limits.write
                                     : limits.bulk;
}

Stage Quota(rate::Counters* counters, const QuotaLimits& limits, observe::Registry* metrics) {
  Stage stage{.name = "quota", .after = {"metrics", "error_mask", "authn", "authz"}};
  if (counters == nullptr) {
    return stage;
  }
  auto* refused =
      &metrics->Counters("baimi_rpc_quota_refused_total",
                         "Calls refused because their key made too many.", {"class", "key"});
  stage.admit = [=](CallState& state) -> absl::Status {
    const rate::Class of = ClassOf(state.method->policy());
    const rate::Limit limit = LimitOf(*state.identity, of, limits);
    if (limit.per_second <= 0) {
      return absl::OkStatus();
    }
    const rate::Decision decision =
        counters->Take(absl::StrCat(state.identity->id, "/", rate::ClassName(of)), limit);
    if (decision.allowed) {
      return absl::OkStatus();
    }
    refused->With({std::string(rate::ClassName(of)), state.identity->id}).Add();
    return QuotaExceeded(*state.identity, of, limit, decision.retry_after);
  };
  return stage;
}

}  // namespace baimi::rpc
