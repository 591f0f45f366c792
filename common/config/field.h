// One row of the table, as the files of this folder see it.
#ifndef BAIMI_COMMON_CONFIG_FIELD_H_
#define BAIMI_COMMON_CONFIG_FIELD_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/config/config.h"

namespace baimi::config {

// What would have been accepted.
struct Want {
  std::string en;
  std::string zh;
};

// A value as it may be shown. Not faithful: reading it back would not give the same value.
struct Shown {
  std::string text;
  bool faithful = true;
};

using ReadFile = std::function<absl::StatusOr<std::string>(const std::string& path)>;

struct Table::Field {
  std::string name;
  std::string doc;
  // For --help, e.g. "integer from 0 to 65535".
  std::string kind;
  bool is_bool = false;
  // The value may not appear in errors.
  bool hidden = false;
  // Gives the target this value, or says what is wanted.
  std::function<std::optional<Want>(absl::string_view)> set;
  std::function<Shown()> show;
  // May be empty. Called once, when every source was read.
  std::function<std::optional<Want>(const ReadFile&)> finish = nullptr;
  std::string initial = "";
  std::string origin = "default";
};

struct Table::CommandRow {
  std::string word;
  std::string doc;
  size_t min;
  size_t max;
};

// "grpc.port" -> "grpc-port", the one spelling that flags are compared in.
std::string FlagKey(absl::string_view name);
// "grpc.port" -> "BAIMI_GRPC_PORT".
std::string VariableName(absl::string_view name);

}  // namespace baimi::config

#endif  // BAIMI_COMMON_CONFIG_FIELD_H_
