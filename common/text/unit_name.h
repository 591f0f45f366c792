// Names of village-level units as people say them.
#ifndef BAIMI_COMMON_TEXT_UNIT_NAME_H_
#define BAIMI_COMMON_TEXT_UNIT_NAME_H_

#include <string>

#include "absl/strings/string_view.h"

namespace baimi::text {

// The registered name without the words for its committee, keeping one word for its kind:
//   营东社区居委会 -> 营东社区     太平社区居民委员会 -> 太平社区     新伟南居委会 -> 新伟南居
//   加钗居居委会 -> 加钗居         岭头居居民委员会 -> 岭头居
//   升坡村委会 -> 升坡村           英城子村民委员会 -> 英城子村       某村村委会 -> 某村
// Any other name comes back unchanged. Applying it twice changes nothing more.
std::string DisplayName(absl::string_view registered_name);

}  // namespace baimi::text

#endif  // BAIMI_COMMON_TEXT_UNIT_NAME_H_
