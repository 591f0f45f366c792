#include "services/grid_registry/domain/row_errors.h"

#include "absl/strings/str_cat.h"
#include "baimi/registry/v1/resources.pb.h"
#include "common/base/error.h"

namespace baimi::registry::domain {

void RowErrors::Add(absl::string_view path, absl::string_view description) {
  ++count_;
  if (listed_.size() < kMaxListed) {
    listed_.emplace_back(path, description);
  }
}

void RowErrors::Add(const absl::Status& status, absl::string_view where) {
  if (const auto details = BadRequestOf(status)) {
    for (const auto& violation : details->field_violations()) {
      Add(violation.field(), absl::StrCat(where, violation.description()));
    }
  }
}

absl::Status RowErrors::Build() const {
  const std::string first =
      listed_.empty() ? "" : absl::StrCat(listed_[0].first, ": ", listed_[0].second);
  Error error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_IMPORT_ROWS_REFUSED,
              absl::StrCat("import: got ", count_,
                           " errors, want none; nothing was changed; first: ", first),
              absl::StrCat("导入被拒绝：共 ", count_, " 处错误，未作任何更改"));
  error.With("errors", absl::StrCat(count_)).With("listed", absl::StrCat(listed_.size()));
  for (const auto& [path, description] : listed_) {
    error.Field(path, description);
  }
  return error;
}

}  // namespace baimi::registry::domain
