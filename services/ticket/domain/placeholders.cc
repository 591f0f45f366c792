#include "services/ticket/domain/placeholders.h"

#include "absl/strings/str_cat.h"

namespace baimi::ticket::domain {

bool WalkTemplate(absl::string_view text, absl::FunctionRef<void(absl::string_view)> on_text,
                  absl::FunctionRef<void(absl::string_view)> on_placeholder) {
  while (!text.empty()) {
    const size_t open = text.find_first_of("{}");
    on_text(text.substr(0, open));
    if (open == absl::string_view::npos) {
      return true;
    }
    const size_t close = text.find('}', open);
    if (text[open] == '}' || close == absl::string_view::npos) {
      return false;
    }
    on_placeholder(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
  return true;
}

std::string FillTemplate(absl::string_view text, const std::map<std::string, std::string>& values) {
  std::string filled;
  WalkTemplate(
      text, [&](absl::string_view part) { absl::StrAppend(&filled, part); },
      [&](absl::string_view name) {
        const auto found = values.find(std::string(name));
        absl::StrAppend(&filled, found == values.end() ? "" : found->second);
      });
  return filled;
}

}  // namespace baimi::ticket::domain
