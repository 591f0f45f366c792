// Words that everybody will read.
#ifndef BAIMI_SERVICES_TICKET_API_PUBLIC_TEXT_H_
#define BAIMI_SERVICES_TICKET_API_PUBLIC_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/area_alerts.pb.h"
#include "baimi/ticket/v1/publications.pb.h"

namespace baimi::ticket::api {

// INVALID_ARGUMENT, PERSONAL_DATA_IN_TEXT at `path`: a phone or identity number, also one with
// blanks, hyphens or full-width digits (privacy::RedactText). Service lines such as 12345 are none.
absl::Status CheckPublicText(absl::string_view path, const std::string& text);
// Every text that somebody writes into it.
absl::Status CheckPublicTexts(const v1::Publication& publication);
absl::Status CheckPublicTexts(const v1::AreaAlert& alert);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_PUBLIC_TEXT_H_
