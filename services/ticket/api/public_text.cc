#include "services/ticket/api/public_text.h"

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/privacy/mask.h"

namespace baimi::ticket::api {

absl::Status CheckPublicText(absl::string_view path, const std::string& text) {
  const std::string redacted = privacy::RedactText(text);
  if (redacted == text) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_PERSONAL_DATA_IN_TEXT,
               absl::StrCat(path, ": got a phone or identity number, want none in a public text"),
               "公开的文字中不能有电话号码或身份证号码")
      .Field(path, "want no phone or identity number")
      .Build();
}

absl::Status CheckPublicTexts(const v1::Publication& publication) {
  BAIMI_RETURN_IF_ERROR(CheckPublicText("publication.preface", publication.preface()));
  for (int i = 0; i < publication.cases_size(); ++i) {
    const std::string path = absl::StrCat("publication.cases[", i, "]");
    BAIMI_RETURN_IF_ERROR(
        CheckPublicText(absl::StrCat(path, ".title"), publication.cases(i).title()));
    BAIMI_RETURN_IF_ERROR(
        CheckPublicText(absl::StrCat(path, ".text"), publication.cases(i).text()));
  }
  return absl::OkStatus();
}

absl::Status CheckPublicTexts(const v1::AreaAlert& alert) {
  BAIMI_RETURN_IF_ERROR(CheckPublicText("area_alert.title", alert.title()));
  return CheckPublicText("area_alert.text", alert.text());
}

}  // namespace baimi::ticket::api
