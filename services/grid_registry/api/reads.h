// What the reads of all four resources share.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_API_READS_H_
#define BAIMI_SERVICES_GRID_REGISTRY_API_READS_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "common/base/call.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/resource/page.h"
#include "services/grid_registry/domain/codes.h"
#include "services/grid_registry/domain/county_rows.h"
#include "services/grid_registry/domain/scope.h"

namespace baimi::registry::api {

// The row that `name` names, if the caller may see it.
template <typename T>
absl::StatusOr<T> GetRow(const Call& call, const domain::Rows<T>& rows,
                         absl::string_view collection, absl::string_view name) {
  BAIMI_ASSIGN_OR_RETURN(const std::string id,
                         domain::IdInCounty("name", collection, call.county, name));
  const T* row = domain::Find(rows, id);
  if (row == nullptr || !domain::Sees(call.scope, *row)) {
    return NotFound(name);
  }
  return *row;
}

// Appends to `page` the rows whose id begins with `prefix`, that the caller may see and that
// `wanted` takes, behind the request's token; gives the token of the next page, "" at the end.
// Rows that are added or changed between two pages neither repeat nor hide others.
template <typename T, typename Request>
absl::StatusOr<std::string> ListRows(const Call& call, const Request& request,
                                     const resource::PageTokens& tokens,
                                     const domain::Rows<T>& rows, absl::string_view prefix,
                                     absl::FunctionRef<bool(const T&)> wanted,
                                     google::protobuf::RepeatedPtrField<T>* page) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         tokens.Read(query, request.page_token()));
  auto it =
      cursor.last_key.empty() ? rows.lower_bound(prefix) : rows.upper_bound(cursor.last_key[0]);
  const std::string* last = nullptr;
  for (; it != rows.end() && absl::StartsWith(it->first, prefix); ++it) {
    if (!domain::Sees(call.scope, *it->second) || !wanted(*it->second)) {
      continue;
    }
    if (page->size() == size) {
      return tokens.Make(query, {{*last}});
    }
    *page->Add() = *it->second;
    last = &it->first;
  }
  return std::string();
}

// The prefix of all codes in the subtree of a 12-digit code; the whole county when it is empty.
// INVALID_ARGUMENT for a code of another county.
absl::StatusOr<std::string> SubtreePrefix(const Call& call, absl::string_view subtree);

}  // namespace baimi::registry::api

#endif  // BAIMI_SERVICES_GRID_REGISTRY_API_READS_H_
