// The pieces of the Prometheus text form.
#ifndef BAIMI_COMMON_OBSERVE_EXPOSITION_H_
#define BAIMI_COMMON_OBSERVE_EXPOSITION_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace baimi::observe::internal {

// Backslash, newline and (when `quoted`) the double quote escaped; bad UTF-8 becomes U+FFFD.
void AppendEscapedText(std::string& out, absl::string_view text, bool quoted);
// Shortest form that reads back as the same double; +Inf, -Inf, NaN.
void AppendNumber(std::string& out, double value);
// name{a="1",b="2"}, then `suffix` labels as given: `name_bucket{a="1",le="0.5"}`.
void AppendSeriesName(std::string& out, absl::string_view name,
                      absl::Span<const std::string> label_names,
                      absl::Span<const std::string> label_values, absl::string_view extra = {});
bool IsMetricName(absl::string_view name);
bool IsLabelName(absl::string_view name);

}  // namespace baimi::observe::internal

#endif  // BAIMI_COMMON_OBSERVE_EXPOSITION_H_
