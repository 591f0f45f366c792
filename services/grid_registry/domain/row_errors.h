// The refused rows of an import, all of them in one answer. Not thread-safe.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_ROW_ERRORS_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_ROW_ERRORS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace baimi::registry::domain {

class RowErrors {
 public:
  // Further ones are counted, not listed: an answer over gRPC holds no more (rpc/status.h).
  static constexpr size_t kMaxListed = 20;

  // `path` is "rows[3].kind" or "grids[3].polygon".
  void Add(absl::string_view path, absl::string_view description);
  // The violations of `status`, an INVALID_ARGUMENT of a rule; `where` ("line 5, column 2: ") is
  // put before each description.
  void Add(const absl::Status& status, absl::string_view where);

  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }

  // INVALID_ARGUMENT IMPORT_ROWS_REFUSED with the violations and, as metadata "errors", their
  // number.
  absl::Status Build() const;

 private:
  std::vector<std::pair<std::string, std::string>> listed_;
  size_t count_ = 0;
};

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_ROW_ERRORS_H_
