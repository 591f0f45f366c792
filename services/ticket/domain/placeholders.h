// Words with placeholders in braces: "工单 {number} 已办结".
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_PLACEHOLDERS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_PLACEHOLDERS_H_

#include <map>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace baimi::ticket::domain {

// Calls `on_text` and `on_placeholder` for the parts of a template, in order. False, after the
// parts before it, where braces do not match.
bool WalkTemplate(absl::string_view text, absl::FunctionRef<void(absl::string_view)> on_text,
                  absl::FunctionRef<void(absl::string_view)> on_placeholder);

// A placeholder without a value is left out. Braces in values are only text.
std::string FillTemplate(absl::string_view text, const std::map<std::string, std::string>& values);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_PLACEHOLDERS_H_
