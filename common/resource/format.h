// The formats of baimi.options.v1.Format, one check each.
#ifndef BAIMI_COMMON_RESOURCE_FORMAT_H_
#define BAIMI_COMMON_RESOURCE_FORMAT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/options/v1/options.pb.h"

namespace baimi::resource {

// OK when `value` (not empty) has the format of `rule`; INVALID_ARGUMENT with one violation at
// `path` otherwise. `now` is what a birth date may not lie behind. A format that this build does
// not know is refused. Personal numbers are never repeated in the error. AREA_CODE is 12 digits: a
// township is padded by 000, a county by 000000.
absl::Status CheckFormat(absl::string_view path, const options::v1::FieldRule& rule,
                         absl::string_view value, absl::Time now);

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_FORMAT_H_
