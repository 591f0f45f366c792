// What is wrong with one item of a call about many, and can be said of it alone.
#ifndef BAIMI_SERVICES_TICKET_API_ITEM_ERRORS_H_
#define BAIMI_SERVICES_TICKET_API_ITEM_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "common/base/error.h"

namespace baimi::ticket::api {

// Anything else is wrong with the call.
bool IsRefusal(const absl::Status& status);

// The zh-CN words of an error; "" when it has none.
std::string ZhOf(const absl::Status& status);

// Sets code, reason, message and message_zh of a result.
template <typename Result>
void SetError(const absl::Status& status, Result* result) {
  result->set_code(static_cast<int>(status.code()));
  result->set_reason(ReasonOf(status));
  result->set_message(std::string(status.message()));
  result->set_message_zh(ZhOf(status));
}

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_ITEM_ERRORS_H_
