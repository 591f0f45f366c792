// Typed configuration, declared once as a table and read from four sources:
//
//   default  <  file (--config)  <  environment  <  flag
//
//   struct Options { int grpc_port = 9090; absl::Duration drain = absl::Seconds(20); };
//
//   Options options;
//   config::Table table("baimi-ticket", "The ticket service.");
//   config::Section grpc = table.root().Under("grpc");
//   grpc.Int("port", &options.grpc_port, "TCP port of the gRPC door.", {.min = 0, .max = 65535});
//   grpc.Duration("drain", &options.drain, "How long accepted calls may take at the end.");
//   table.Command("migrate", "Bring the schema up to date and exit.");
//   BAIMI_ASSIGN_OR_RETURN(config::Invocation run, table.Parse(sources));
//
// The field "grpc.port" is `grpc.port = 9091` in the file, BAIMI_GRPC_PORT=9091 in the environment
// and --grpc-port 9091, --grpc-port=9091 or --grpc.port=9091 on the command line. A member's value
// when it is declared is its default.
//
// Everything unknown is an error (DESIGN.md §3, fail closed): file keys (with line number), flags,
// words and BAIMI_* variables, each with the nearest known name. All problems are reported at once.
//
//   file      `key = value` a line, UTF-8; lines that begin with # and empty lines are skipped; a
//             key may stand once
//   variable  only names that begin with BAIMI_ are looked at; BAIMI_TEST_* and what
//             AllowEnvironment adds are left alone; BAIMI_CONFIG names the file
//   flag      the last one wins; a bool takes no separate value: --x, --no-x, --x=false
//   words     positional words stand before the first flag
//
// Values, in every source, without control characters and with blanks at both ends removed:
//   bool      true, false, yes, no, on, off, 1, 0
//   duration  whole numbers with a unit, largest first: "500ms", "10s", "1h30m", "7d"; plain "0"
//   bytes     a whole number with B, KB, MB, GB (powers of 1000), KiB, MiB, GiB (1024), or none
//   list      comma-separated, blanks around elements removed, no empty elements; "" is no element
#ifndef BAIMI_COMMON_CONFIG_CONFIG_H_
#define BAIMI_COMMON_CONFIG_CONFIG_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace baimi::config {

// A secret that stands in a file of its own; only the file's path is configuration. Path and
// content are never printed, neither by --print_config nor in an error (somebody may have put the
// secret where the path belongs).
struct Secret {
  // Empty: not given.
  std::string path;
  // The file's bytes without trailing newlines; at most 64 KiB and not empty when a path is given.
  std::string content;
};

enum class Redact {
  kNone,
  // The value is shown as "(redacted)".
  kAll,
  // For "postgres://user:password@host/db?password=x": passwords are shown as "***".
  kUriPassword,
};

struct StringRule {
  // The value must be one of these; empty list: any.
  std::vector<std::string> allowed = {};
  // The value may not be empty in the end.
  bool required = false;
  Redact redact = Redact::kNone;
};

// Inclusive.
struct IntRule {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
};

// Inclusive.
struct DurationRule {
  absl::Duration min = absl::ZeroDuration();
  absl::Duration max = absl::Hours(24 * 3660);
};

class Table;

// A place in the table under which fields are declared; so that a service can declare its fields
// without knowing whether it runs alone ("database.uri") or in the suite ("ticket.database.uri").
// Freely copied; lives no longer than its table. Targets must outlive Table::Parse. Names are
// lower-case letters, digits and underscores, with dots between areas; a wrong or double one fails
// Parse with INTERNAL.
class Section {
 public:
  Section Under(absl::string_view area) const;

  void String(absl::string_view name, std::string* target, absl::string_view doc,
              const StringRule& rule = {}) const;
  void Bool(absl::string_view name, bool* target, absl::string_view doc) const;
  // Bounds default to what T can hold.
  template <std::integral T>
  requires(!std::same_as<T, bool>) void Int(absl::string_view name, T* target,
                                            absl::string_view doc, IntRule rule = {}) const {
    AddInt(name, static_cast<int64_t>(*target), Narrow<T>(rule), doc,
           [target](int64_t value) { *target = static_cast<T>(value); });
  }
  void Duration(absl::string_view name, absl::Duration* target, absl::string_view doc,
                DurationRule rule = {}) const;
  template <std::integral T>
  requires(!std::same_as<T, bool>) void Bytes(absl::string_view name, T* target,
                                              absl::string_view doc,
                                              IntRule rule = {.min = 0}) const {
    AddBytes(name, static_cast<int64_t>(*target), Narrow<T>(rule), doc,
             [target](int64_t value) { *target = static_cast<T>(value); });
  }
  void List(absl::string_view name, std::vector<std::string>* target, absl::string_view doc) const;
  // `required`: a path must be given.
  void SecretFile(absl::string_view name, Secret* target, absl::string_view doc,
                  bool required = false) const;

 private:
  friend class Table;
  Section(Table* table, std::string prefix) : table_(table), prefix_(std::move(prefix)) {}

  template <typename T>
  static IntRule Narrow(IntRule rule) {
    if constexpr (std::in_range<int64_t>(std::numeric_limits<T>::max())) {
      rule.max = std::min<int64_t>(rule.max, std::numeric_limits<T>::max());
    }
    rule.min = std::max<int64_t>(rule.min, std::numeric_limits<T>::min());
    return rule;
  }
  void AddInt(absl::string_view name, int64_t initial, IntRule rule, absl::string_view doc,
              std::function<void(int64_t)> set) const;
  void AddBytes(absl::string_view name, int64_t initial, IntRule rule, absl::string_view doc,
                std::function<void(int64_t)> set) const;

  Table* table_;
  std::string prefix_;
};

// Where the values come from. Plain data, so that tests need no real environment.
struct Sources {
  // Without the program's own name.
  std::vector<std::string> arguments = {};
  // "NAME=value" each, as in environ.
  std::vector<std::string> environment = {};
  // Reads configuration and secret files. Default: the file system, at most 1 MiB.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read_file = {};
};

// Of the running process.
Sources ProcessSources(int argc, const char* const* argv);

// What the command line asks for.
struct Invocation {
  enum class Action {
    kRun,
    // --help, -h or --print_config: print `text` to stdout and exit with 0.
    kPrint,
  };
  Action action = Action::kRun;
  std::string text;
  // The positional words, e.g. {"migrate"}; empty when there are none.
  std::vector<std::string> words;
};

// Not thread-safe. Use: declare, Parse once.
class Table {
 public:
  // Both appear in --help.
  Table(absl::string_view program, absl::string_view summary);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  Section root() { return Section(this, ""); }
  // Admits `word` as the first positional word, followed by `min` to `max` more. Without any
  // Command every word is an error; no word at all is always admitted.
  void Command(absl::string_view word, absl::string_view doc, size_t min = 0, size_t max = 0);
  // Variables whose names begin with `prefix` ("BAIMI_SOMETHING_") are somebody else's.
  void AllowEnvironment(absl::string_view prefix);

  // Sets the targets. INVALID_ARGUMENT with one BadRequest violation for each problem (the field's
  // name, or "flag", "environment", "file", "command" for what has none) and all of them in the
  // message, one a line; the targets are then unspecified. --help needs no valid configuration.
  absl::StatusOr<Invocation> Parse(const Sources& sources);

 private:
  friend class Section;
  friend class Reader;
  struct Field;
  struct CommandRow;

  void Add(Field field);
  std::string Help() const;
  std::string Print() const;

  const std::string program_;
  const std::string summary_;
  std::vector<std::unique_ptr<Field>> fields_;
  std::vector<CommandRow> commands_;
  std::vector<std::string> allowed_prefixes_ = {"BAIMI_TEST_"};
  std::string declaration_error_;
};

}  // namespace baimi::config

#endif  // BAIMI_COMMON_CONFIG_CONFIG_H_
