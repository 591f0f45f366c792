#include "common/journal/sums.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::journal::internal {

absl::StatusOr<Sums::Sum*> Sums::Find(const sql::Statement& statement, sql::Params key) {
  // No text holds a NUL.
  std::string name = statement.name;
  for (const sql::Param& param : key) {
    if (const auto* number = std::get_if<int64_t>(&param.value())) {
      absl::StrAppend(&name, absl::string_view("\0#", 2), *number);
    } else if (const auto* text = std::get_if<absl::string_view>(&param.value())) {
      absl::StrAppend(&name, absl::string_view("\0", 1), *text);
    } else {
      return Internal(absl::StrCat("sql ", statement.name, ": want a key of texts and numbers"));
    }
  }
  Sum& sum = sums_[std::move(name)];
  if (sum.statement == nullptr) {
    sum.statement = &statement;
    for (const sql::Param& param : key) {
      if (const auto* number = std::get_if<int64_t>(&param.value())) {
        sum.key.emplace_back(*number);
      } else {
        sum.key.emplace_back(std::string(std::get<absl::string_view>(param.value())));
      }
    }
  }
  return &sum;
}

absl::Status Sums::Add(const sql::Statement& statement, sql::Params key, int64_t delta) {
  BAIMI_ASSIGN_OR_RETURN(Sum * sum, Find(statement, key));
  sum->pending += delta;
  if (sum->value) {
    *sum->value += delta;
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Sums::AddAndGet(sql::Tx& tx, const sql::Statement& statement,
                                        sql::Params key, int64_t delta) {
  BAIMI_ASSIGN_OR_RETURN(Sum * sum, Find(statement, key));
  if (sum->value) {
    sum->pending += delta;
    return *sum->value += delta;
  }
  BAIMI_ASSIGN_OR_RETURN(sum->value, tx.AddAndGet(statement, key, sum->pending + delta));
  sum->pending = 0;
  return *sum->value;
}

absl::Status Sums::Write(sql::Tx& tx) {
  for (auto& [name, sum] : sums_) {
    if (sum.pending == 0) {
      continue;
    }
    std::vector<sql::Param> key;
    for (const auto& part : sum.key) {
      std::visit([&key](const auto& value) { key.emplace_back(value); }, part);
    }
    BAIMI_RETURN_IF_ERROR(tx.Add(*sum.statement, key, std::exchange(sum.pending, 0)));
  }
  return absl::OkStatus();
}

}  // namespace baimi::journal::internal
