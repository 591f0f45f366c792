#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/config/field.h"
#include "common/config/values.h"

namespace baimi::config {
namespace {

constexpr size_t kMaxFile = size_t{1024} * 1024;
constexpr absl::string_view kVariablePrefix = "BAIMI_";
constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

struct Problem {
  std::string path;
  std::string en;
  std::string zh;
};

absl::StatusOr<std::string> ReadFromDisk(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content(kMaxFile + 1, '\0');
  if (!file.is_open()) {
    return absl::NotFoundError("cannot be opened");
  }
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return absl::UnavailableError("cannot be read");
  }
  content.resize(static_cast<size_t>(file.gcount()));
  if (content.size() > kMaxFile) {
    return absl::ResourceExhaustedError("is larger than 1 MiB");
  }
  return content;
}

bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

}  // namespace

// One run of Table::Parse.
class Reader {
 public:
  Reader(Table& table, const Sources& sources)
      : table_(table),
        sources_(sources),
        read_file_(sources.read_file ? sources.read_file : ReadFromDisk) {}

  absl::StatusOr<Invocation> Run() {
    for (const std::string& argument : sources_.arguments) {
      if (argument == "--help" || argument == "-h") {
        return Invocation{.action = Invocation::Action::kPrint, .text = table_.Help(), .words = {}};
      }
    }
    // The file's name may come from either of the two later sources.
    CollectFlags();
    CollectEnvironment();
    ApplyFile();
    for (const Setting& setting : environment_) {
      Apply(setting);
    }
    for (const Setting& setting : flags_) {
      Apply(setting);
    }
    Finish();
    if (!problems_.empty()) {
      return Failure();
    }
    if (print_config_) {
      return Invocation{
          .action = Invocation::Action::kPrint, .text = table_.Print(), .words = words_};
    }
    return Invocation{.action = Invocation::Action::kRun, .text = "", .words = words_};
  }

 private:
  using Field = Table::Field;
  struct Setting {
    Field* field;
    std::string value;
    std::string origin;
  };

  template <typename Spelling>
  Field* Find(absl::string_view text, Spelling spelling) const {
    for (const auto& field : table_.fields_) {
      if (spelling(field->name) == text) {
        return field.get();
      }
    }
    return nullptr;
  }

  template <typename Spelling>
  std::string Hint(absl::string_view text, Spelling spelling, absl::string_view extra) const {
    std::vector<std::string> known = {std::string(extra)};
    for (const auto& field : table_.fields_) {
      known.push_back(spelling(field->name));
    }
    return Nearest(text, known);
  }

  void Report(absl::string_view path, absl::string_view got, absl::string_view want,
              absl::string_view want_zh, absl::string_view origin) {
    problems_.push_back(
        {std::string(path), absl::StrCat(path, ": got ", got, ", want ", want, " (", origin, ")"),
         absl::StrCat(path, "：收到 ", got, "，应为 ", want_zh, "（", origin, "）")});
  }

  void ReportUnknown(absl::string_view path, absl::string_view got, const std::string& nearest,
                     absl::string_view origin) {
    Report(path, got,
           nearest.empty() ? "a known name, see --help"
                           : absl::StrCat("a known name; the nearest is ", nearest),
           nearest.empty() ? "已知名称，见 --help" : absl::StrCat("已知名称，最接近的是 ", nearest),
           origin);
  }

  void Apply(const Setting& setting) {
    Field& field = *setting.field;
    const absl::string_view value = absl::StripAsciiWhitespace(setting.value);
    std::optional<Want> want;
    if (HasControl(value)) {
      want = Want{"text without control characters", "不含控制字符的文本"};
    } else {
      want = field.set(value);
    }
    if (want) {
      const std::string shown = field.hidden        ? "a value that is not shown"
                                : HasControl(value) ? "control characters"
                                                    : absl::StrCat("\"", value, "\"");
      Report(field.name, shown, want->en, want->zh, setting.origin);
    }
    field.origin = setting.origin;
  }

  void CollectWords(size_t& i) {
    const auto& arguments = sources_.arguments;
    for (; i < arguments.size() && !absl::StartsWith(arguments[i], "-"); ++i) {
      words_.push_back(arguments[i]);
    }
    if (words_.empty()) {
      return;
    }
    std::vector<std::string> known;
    for (const auto& command : table_.commands_) {
      if (command.word == words_[0]) {
        const size_t count = words_.size() - 1;
        if (count < command.min || count > command.max) {
          Report("command", absl::StrCat(count, " words after ", command.word),
                 absl::StrCat(command.min, " to ", command.max),
                 absl::StrCat(command.min, " 至 ", command.max, " 个"), "command line");
        }
        return;
      }
      known.push_back(command.word);
    }
    ReportUnknown("command", words_[0], Nearest(words_[0], known), "command line");
  }

  void CollectFlags() {
    const auto& arguments = sources_.arguments;
    size_t i = 0;
    CollectWords(i);
    while (i < arguments.size()) {
      const std::string& argument = arguments[i++];
      if (!absl::StartsWith(argument, "--")) {
        Report("flag", argument, "words before the first flag, and flags that begin with --",
               "命令词在前，参数以 -- 开头", "command line");
        continue;
      }
      const std::vector<std::string> parts =
          absl::StrSplit(absl::StripPrefix(argument, "--"), absl::MaxSplits('=', 1));
      std::optional<std::string> value;
      if (parts.size() == 2) {
        value = parts[1];
      }
      TakeFlag(FlagKey(parts[0]), std::move(value), i);
    }
  }

  // `next` is the argument after the flag; moved on when it is the flag's value.
  void TakeFlag(const std::string& key, std::optional<std::string> value, size_t& next) {
    const std::string origin = absl::StrCat("flag --", key);
    if (key == "print-config") {
      print_config_ = true;
      if (value) {
        Report("flag", origin.substr(5) + "=", "no value", "不带值", "command line");
      }
      return;
    }
    Field* field = Find(key, FlagKey);
    if (field == nullptr && absl::StartsWith(key, "no-")) {
      Field* negated = Find(key.substr(3), FlagKey);
      if (negated != nullptr && negated->is_bool && !value) {
        flags_.push_back({negated, "false", origin});
        return;
      }
    }
    if (field == nullptr && key != "config") {
      const std::string nearest = Hint(key, FlagKey, "config");
      ReportUnknown("flag", absl::StrCat("--", key),
                    nearest.empty() ? "" : absl::StrCat("--", nearest), "command line");
      // Skip what was probably meant as its value, or it would be a second problem.
      if (!value && next < sources_.arguments.size() &&
          !absl::StartsWith(sources_.arguments[next], "-")) {
        ++next;
      }
      return;
    }
    if (!value && field != nullptr && field->is_bool) {
      value = "true";
    }
    if (!value) {
      if (next >= sources_.arguments.size() || absl::StartsWith(sources_.arguments[next], "--")) {
        Report(field != nullptr ? absl::string_view(field->name) : "config", "no value", "a value",
               "一个值", origin);
        return;
      }
      value = sources_.arguments[next++];
    }
    if (field == nullptr) {
      file_ = *value;
    } else {
      flags_.push_back({field, *std::move(value), origin});
    }
  }

  void CollectEnvironment() {
    for (const std::string& entry : sources_.environment) {
      if (!absl::StartsWith(entry, kVariablePrefix)) {
        continue;
      }
      const std::vector<std::string> parts = absl::StrSplit(entry, absl::MaxSplits('=', 1));
      const std::string& name = parts[0];
      const std::string value = parts.size() == 2 ? parts[1] : "";
      if (name == "BAIMI_CONFIG") {
        file_ = file_ ? file_ : value;
      } else if (Field* field = Find(name, VariableName)) {
        environment_.push_back({field, value, absl::StrCat("environment ", name)});
      } else if (std::none_of(
                     table_.allowed_prefixes_.begin(), table_.allowed_prefixes_.end(),
                     [&](const std::string& prefix) { return absl::StartsWith(name, prefix); })) {
        ReportUnknown("environment", name, Hint(name, VariableName, "BAIMI_CONFIG"), "environment");
      }
    }
  }

  void ApplyFile() {
    if (!file_) {
      return;
    }
    const absl::StatusOr<std::string> content = read_file_(*file_);
    if (!content.ok()) {
      Report("file", absl::StrCat(*file_, " (", content.status().message(), ")"),
             "a file that can be read", "可读取的文件", "--config or BAIMI_CONFIG");
      return;
    }
    std::map<std::string, size_t> seen;
    size_t number = 0;
    for (absl::string_view line :
         absl::StrSplit(absl::StripPrefix(*content, kByteOrderMark), '\n')) {
      ++number;
      line = absl::StripAsciiWhitespace(line);
      if (!line.empty() && line[0] != '#') {
        ApplyLine(line, number, seen);
      }
    }
  }

  void ApplyLine(absl::string_view line, size_t number, std::map<std::string, size_t>& seen) {
    const std::string origin = absl::StrCat("file ", *file_, ":", number);
    const size_t equals = line.find('=');
    const std::string key(absl::StripAsciiWhitespace(line.substr(0, equals)));
    if (equals == absl::string_view::npos || key.empty()) {
      // The line is not shown: it may be a piece of a secret.
      Report("file", "a line without key and equals sign", "`key = value`", "“键 = 值”", origin);
      return;
    }
    Field* field = Find(key, [](const std::string& name) { return name; });
    if (field == nullptr) {
      ReportUnknown("file", key,
                    Hint(
                        key, [](const std::string& name) { return name; }, ""),
                    origin);
      return;
    }
    const auto [first, fresh] = seen.emplace(key, number);
    if (!fresh) {
      Report(key, absl::StrCat("a second line, after line ", first->second), "one line", "仅一行",
             origin);
      return;
    }
    Apply({field, std::string(line.substr(equals + 1)), origin});
  }

  void Finish() {
    for (const auto& field : table_.fields_) {
      // A value that was refused already needs no second complaint.
      const bool refused =
          std::any_of(problems_.begin(), problems_.end(),
                      [&](const Problem& problem) { return problem.path == field->name; });
      if (refused || !field->finish) {
        continue;
      }
      if (const std::optional<Want> want = field->finish(read_file_)) {
        Report(field->name, field->origin == "default" ? "nothing" : "a value that is not usable",
               want->en, want->zh,
               field->origin == "default"
                   ? absl::StrCat("set --", FlagKey(field->name), ", ", VariableName(field->name),
                                  " or ", field->name, " in the file")
                   : field->origin);
      }
    }
  }

  absl::Status Failure() const {
    std::string en = absl::StrCat(problems_.size(), " configuration problem(s):");
    std::string zh = absl::StrCat("配置有 ", problems_.size(), " 处问题：");
    for (const Problem& problem : problems_) {
      absl::StrAppend(&en, "\n  ", problem.en);
      absl::StrAppend(&zh, "\n  ", problem.zh);
    }
    Error error(absl::StatusCode::kInvalidArgument, type::v1::ERROR_REASON_INVALID_FIELD, en, zh);
    for (const Problem& problem : problems_) {
      error.Field(problem.path, problem.en);
    }
    return error;
  }

  Table& table_;
  const Sources& sources_;
  const ReadFile read_file_;
  std::vector<Problem> problems_;
  std::vector<std::string> words_;
  std::vector<Setting> flags_;
  std::vector<Setting> environment_;
  std::optional<std::string> file_;
  bool print_config_ = false;
};

absl::StatusOr<Invocation> Table::Parse(const Sources& sources) {
  if (!declaration_error_.empty()) {
    return Internal(declaration_error_);
  }
  return Reader(*this, sources).Run();
}

Sources ProcessSources(int argc, const char* const* argv) {
  Sources sources;
  for (int i = 1; i < argc; ++i) {
    sources.arguments.emplace_back(argv[i]);
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    sources.environment.emplace_back(*entry);
  }
  return sources;
}

}  // namespace baimi::config
