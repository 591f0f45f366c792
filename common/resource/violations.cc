#include "common/resource/violations.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace baimi::resource {
namespace {

std::string ChineseOf(const absl::Status& status) {
  google::rpc::LocalizedMessage localized;
  const auto payload =
      status.GetPayload(absl::StrCat("type.googleapis.com/", localized.GetTypeName()));
  if (!payload || !localized.ParseFromString(std::string(*payload))) {
    return "请求参数有误";
  }
  return localized.message();
}

}  // namespace

std::string FieldPlace::Path() const {
  std::string path =
      parent != nullptr ? absl::StrCat(parent->Path(), ".", field->name()) : field->name();
  return index >= 0 ? absl::StrCat(path, "[", index, "]") : path;
}

void Violations::Add(const FieldPlace& place, absl::string_view got, absl::string_view want,
                     absl::string_view want_zh) {
  if (!full()) {
    found_.push_back(InvalidField(place.Path(), got, want, want_zh));
  }
}

void Violations::Add(absl::Status violation) {
  if (!full()) {
    found_.push_back(std::move(violation));
  }
}

absl::Status Violations::Result() const {
  if (found_.empty()) {
    return absl::OkStatus();
  }
  if (found_.size() == 1) {
    return found_.front();
  }
  const std::string more = absl::StrCat(found_.size() - 1);
  Error error(absl::StatusCode::kInvalidArgument, type::v1::ERROR_REASON_INVALID_FIELD,
              absl::StrCat(found_.front().message(), "; and ", more, " more"),
              absl::StrCat(ChineseOf(found_.front()), "；另有 ", more, " 处"));
  for (const absl::Status& status : found_) {
    if (const auto details = BadRequestOf(status)) {
      for (const auto& one : details->field_violations()) {
        error.Field(one.field(), one.description());
      }
    }
  }
  return error;
}

}  // namespace baimi::resource
