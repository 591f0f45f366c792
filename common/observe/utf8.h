// Text that leaves the process in logs and metrics must be UTF-8, whatever came in.
#ifndef BAIMI_COMMON_OBSERVE_UTF8_H_
#define BAIMI_COMMON_OBSERVE_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace baimi::observe {

// The length (1-4) of the well-formed UTF-8 character that `text` begins with; 0 when it begins
// with none (overlong forms, surrogates and values above U+10FFFF are not well-formed). `text` is
// not empty.
size_t Utf8Length(absl::string_view text);

}  // namespace baimi::observe

#endif  // BAIMI_COMMON_OBSERVE_UTF8_H_
