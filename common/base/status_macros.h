// Early return on a failed status. Same names and meaning as in later Abseil releases, prefixed.
#ifndef BAIMI_COMMON_BASE_STATUS_MACROS_H_
#define BAIMI_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define BAIMI_MACRO_CONCAT_INNER(a, b) a##b
#define BAIMI_MACRO_CONCAT(a, b) BAIMI_MACRO_CONCAT_INNER(a, b)

// Returns from the enclosing function when `expr` (an absl::Status) is not OK. The names carry a
// counter, since an argument may hold a lambda that uses the macros too.
#define BAIMI_RETURN_IF_ERROR(expr) \
  BAIMI_RETURN_IF_ERROR_IMPL(BAIMI_MACRO_CONCAT(baimi_status_, __COUNTER__), expr)

#define BAIMI_RETURN_IF_ERROR_IMPL(status, expr) \
  do {                                           \
    absl::Status status = (expr);                \
    if (!status.ok()) {                          \
      return status;                             \
    }                                            \
  } while (false)

// BAIMI_ASSIGN_OR_RETURN(const Place place, Locate(...)): declares and assigns, or returns the
// error.
#define BAIMI_ASSIGN_OR_RETURN(lhs, expr) \
  BAIMI_ASSIGN_OR_RETURN_IMPL(BAIMI_MACRO_CONCAT(baimi_statusor_, __COUNTER__), lhs, expr)

#define BAIMI_ASSIGN_OR_RETURN_IMPL(statusor, lhs, expr) \
  auto statusor = (expr);                                \
  if (!statusor.ok()) {                                  \
    return std::move(statusor).status();                 \
  }                                                      \
  lhs = *std::move(statusor)

#endif  // BAIMI_COMMON_BASE_STATUS_MACROS_H_
