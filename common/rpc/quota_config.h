// The quota's settings, the same in every process: "<section>.read.per_second" and so on.
#ifndef BAIMI_COMMON_RPC_QUOTA_CONFIG_H_
#define BAIMI_COMMON_RPC_QUOTA_CONFIG_H_

#include "absl/strings/str_cat.h"
#include "common/config/config.h"
#include "common/rpc/quota.h"

namespace baimi::rpc {

// `limits` must outlive the table's Parse. By convention `section` is "quota".
inline void DeclareQuota(const config::Section& section, QuotaLimits* limits) {
  struct Place {
    const char* area;
    rate::Limit* limit;
    const char* what;
  };
  for (const Place& place :
       {Place{"read", &limits->read, "Reads of one key"},
        Place{"write", &limits->write, "Changes of one key"},
        Place{"bulk", &limits->bulk, "Imports and exports of one key"},
        Place{"service", &limits->service, "Calls of one key of audience service, each class"}}) {
    const config::Section area = section.Under(place.area);
    area.Int("per_second", &place.limit->per_second,
             absl::StrCat(place.what, " in a second, in the long run; 0 is no limit."),
             {.min = 0, .max = 1'000'000});
    area.Int("burst", &place.limit->burst, absl::StrCat(place.what, " at once."),
             {.min = 1, .max = 10'000'000});
  }
}

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_QUOTA_CONFIG_H_
