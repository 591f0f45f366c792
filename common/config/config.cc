#include "common/config/config.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/config/field.h"
#include "common/config/values.h"

namespace baimi::config {
namespace {

constexpr size_t kMaxSecret = size_t{64} * 1024;
constexpr absl::string_view kReserved[] = {"config", "help", "print-config"};

bool IsFieldName(absl::string_view name) {
  return !name.empty() && name.front() != '.' && name.back() != '.' &&
         !absl::StrContains(name, "..") && std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_' || c == '.';
         });
}

// "integer from 0 to 65535"; a bound that excludes nothing is not mentioned.
Want RangeWant(absl::string_view en, absl::string_view zh, const std::string& min,
               const std::string& max) {
  if (!min.empty() && !max.empty()) {
    return {absl::StrCat(en, " from ", min, " to ", max), absl::StrCat(zh, "，", min, " 至 ", max)};
  }
  if (!min.empty()) {
    return {absl::StrCat(en, " of at least ", min), absl::StrCat(zh, "，不小于 ", min)};
  }
  if (!max.empty()) {
    return {absl::StrCat(en, " of at most ", max), absl::StrCat(zh, "，不大于 ", max)};
  }
  return {std::string(en), std::string(zh)};
}

Want IntWant(absl::string_view en, absl::string_view zh, IntRule rule,
             std::string (*format)(int64_t)) {
  using Limits = std::numeric_limits<int64_t>;
  return RangeWant(en, zh, rule.min == Limits::min() ? "" : format(rule.min),
                   rule.max == Limits::max() ? "" : format(rule.max));
}

std::string PlainInt(int64_t value) { return absl::StrCat(value); }

// A setter that parses, checks and stores.
template <typename T, typename Parse, typename Check, typename Store>
auto Setter(Parse parse, Check check, Store store, const Want& want) {
  return [parse, check, store, want](absl::string_view text) -> std::optional<Want> {
    const std::optional<T> value = parse(text);
    if (!value || !check(*value)) {
      return want;
    }
    store(*value);
    return std::nullopt;
  };
}

std::optional<Want> LoadSecret(Secret& secret, bool required, const ReadFile& read_file) {
  secret.content.clear();
  if (secret.path.empty()) {
    return required ? std::optional<Want>({"the path of a file", "文件路径"}) : std::nullopt;
  }
  absl::StatusOr<std::string> content = read_file(secret.path);
  if (!content.ok()) {
    return Want{absl::StrCat("the path of a file that can be read (",
                             absl::StatusCodeToString(content.status().code()), ")"),
                "可读取的文件路径"};
  }
  secret.content = std::string(absl::StripTrailingAsciiWhitespace(*content));
  if (secret.content.empty() || secret.content.size() > kMaxSecret) {
    return Want{"the path of a file with 1 B to 64 KiB in it", "内容为 1 B 至 64 KiB 的文件路径"};
  }
  return std::nullopt;
}

Shown ShowString(const std::string& value, Redact redact) {
  if (value.empty() || redact == Redact::kNone) {
    return {value};
  }
  if (redact == Redact::kAll) {
    return {"(redacted)", false};
  }
  std::string safe = RedactUri(value);
  const bool faithful = safe == value;
  return {std::move(safe), faithful};
}

}  // namespace

std::string FlagKey(absl::string_view name) {
  return absl::StrReplaceAll(name, {{".", "-"}, {"_", "-"}});
}

std::string VariableName(absl::string_view name) {
  return absl::StrCat("BAIMI_", absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{".", "_"}})));
}

Section Section::Under(absl::string_view area) const {
  return Section(table_, absl::StrCat(prefix_, area, "."));
}

void Section::String(absl::string_view name, std::string* target, absl::string_view doc,
                     const StringRule& rule) const {
  Want want{"text", "文本"};
  if (!rule.allowed.empty()) {
    want = {absl::StrCat("one of ", absl::StrJoin(rule.allowed, ", ")),
            absl::StrCat("其中之一：", absl::StrJoin(rule.allowed, "、"))};
  }
  table_->Add({.name = absl::StrCat(prefix_, name),
               .doc = std::string(doc),
               .kind = want.en,
               .hidden = rule.redact != Redact::kNone,
               .set = Setter<std::string>(
                   [](absl::string_view text) { return std::optional(std::string(text)); },
                   [allowed = rule.allowed](const std::string& text) {
                     return allowed.empty() ||
                            std::find(allowed.begin(), allowed.end(), text) != allowed.end();
                   },
                   [target](const std::string& text) { *target = text; }, want),
               .show = [target, redact = rule.redact] { return ShowString(*target, redact); },
               .finish =
                   [target, required = rule.required](const ReadFile&) {
                     return required && target->empty() ? std::optional<Want>({"a value", "必填"})
                                                        : std::nullopt;
                   }});
}

void Section::Bool(absl::string_view name, bool* target, absl::string_view doc) const {
  const Want want{"true or false", "true 或 false"};
  table_->Add(
      {.name = absl::StrCat(prefix_, name),
       .doc = std::string(doc),
       .kind = want.en,
       .is_bool = true,
       .set = Setter<bool>(
           ParseBool, [](bool) { return true; }, [target](bool value) { *target = value; }, want),
       .show = [target] { return Shown{ShowBool(*target)}; }});
}

void Section::AddInt(absl::string_view name, int64_t initial, IntRule rule, absl::string_view doc,
                     std::function<void(int64_t)> set) const {
  const Want want = IntWant("an integer", "整数", rule, PlainInt);
  auto current = std::make_shared<int64_t>(initial);
  table_->Add({.name = absl::StrCat(prefix_, name),
               .doc = std::string(doc),
               .kind = want.en,
               .set = Setter<int64_t>(
                   ParseInt, [rule](int64_t v) { return rule.min <= v && v <= rule.max; },
                   [current, set = std::move(set)](int64_t v) { set(*current = v); }, want),
               .show = [current] { return Shown{PlainInt(*current)}; }});
}

void Section::AddBytes(absl::string_view name, int64_t initial, IntRule rule, absl::string_view doc,
                       std::function<void(int64_t)> set) const {
  const Want want = IntWant("a size in bytes such as 64MiB", "字节数，如 64MiB", rule, ShowBytes);
  auto current = std::make_shared<int64_t>(initial);
  table_->Add({.name = absl::StrCat(prefix_, name),
               .doc = std::string(doc),
               .kind = want.en,
               .set = Setter<int64_t>(
                   ParseBytes, [rule](int64_t v) { return rule.min <= v && v <= rule.max; },
                   [current, set = std::move(set)](int64_t v) { set(*current = v); }, want),
               .show = [current] { return Shown{ShowBytes(*current)}; }});
}

void Section::Duration(absl::string_view name, absl::Duration* target, absl::string_view doc,
                       DurationRule rule) const {
  const Want want =
      RangeWant("a duration such as 500ms, 10s or 1h30m", "时长，如 500ms、10s、1h30m",
                ShowDuration(rule.min), ShowDuration(rule.max));
  table_->Add(
      {.name = absl::StrCat(prefix_, name),
       .doc = std::string(doc),
       .kind = want.en,
       .set = Setter<absl::Duration>(
           ParseDuration, [rule](absl::Duration v) { return rule.min <= v && v <= rule.max; },
           [target](absl::Duration v) { *target = v; }, want),
       .show = [target] { return Shown{ShowDuration(*target)}; }});
}

void Section::List(absl::string_view name, std::vector<std::string>* target,
                   absl::string_view doc) const {
  using Strings = std::vector<std::string>;
  const Want want{"a comma-separated list", "以逗号分隔的列表"};
  table_->Add({.name = absl::StrCat(prefix_, name),
               .doc = std::string(doc),
               .kind = want.en,
               .set = Setter<Strings>(
                   ParseList, [](const Strings&) { return true; },
                   [target](const Strings& v) { *target = v; }, want),
               .show = [target] { return Shown{ShowList(*target)}; }});
}

void Section::SecretFile(absl::string_view name, Secret* target, absl::string_view doc,
                         bool required) const {
  const Want want{"the path of a file", "文件路径"};
  table_->Add({.name = absl::StrCat(prefix_, name),
               .doc = std::string(doc),
               .kind = want.en,
               .hidden = true,
               .set = [target](absl::string_view text) -> std::optional<Want> {
                 target->path = std::string(text);
                 return std::nullopt;
               },
               .show = [target] { return ShowString(target->path, Redact::kAll); },
               .finish =
                   [target, required](const ReadFile& read_file) {
                     return LoadSecret(*target, required, read_file);
                   }});
}

Table::Table(absl::string_view program, absl::string_view summary)
    : program_(program), summary_(summary) {}
Table::~Table() = default;

void Table::Add(Field field) {
  const std::string key = FlagKey(field.name);
  const bool taken =
      std::find(std::begin(kReserved), std::end(kReserved), key) != std::end(kReserved) ||
      std::any_of(fields_.begin(), fields_.end(),
                  [&](const auto& other) { return FlagKey(other->name) == key; });
  if (!IsFieldName(field.name) || field.doc.empty() || taken) {
    absl::StrAppend(&declaration_error_, "config field \"", field.name,
                    "\" has a wrong name, a name that is taken, or no doc; ");
  }
  field.initial = field.show().text;
  fields_.push_back(std::make_unique<Field>(std::move(field)));
}

void Table::Command(absl::string_view word, absl::string_view doc, size_t min, size_t max) {
  commands_.push_back({std::string(word), std::string(doc), min, std::max(min, max)});
}

void Table::AllowEnvironment(absl::string_view prefix) { allowed_prefixes_.emplace_back(prefix); }

std::string Table::Help() const {
  std::string out = absl::StrCat(program_, ": ", summary_, "\n\nUsage: ", program_,
                                 commands_.empty() ? "" : " [command]", " [--flag value ...]\n");
  if (!commands_.empty()) {
    absl::StrAppend(&out, "\nCommands:\n");
    for (const CommandRow& command : commands_) {
      absl::StrAppend(&out, "  ", command.word, "\n      ", command.doc, "\n");
    }
  }
  absl::StrAppend(&out,
                  "\nSettings (default < file < environment < flag):\n"
                  "  --config <path> | BAIMI_CONFIG\n      The file: `key = value` a line.\n"
                  "  --print_config\n      Print the effective settings and exit.\n"
                  "  --help\n      Print this and exit.\n");
  for (const auto& field : fields_) {
    absl::StrAppend(&out, "  --", FlagKey(field->name), field->is_bool ? "" : " <value>", " | ",
                    VariableName(field->name), " | ", field->name, "\n      ", field->doc, " (",
                    field->kind, "; default: ", field->initial.empty() ? "none" : field->initial,
                    ")\n");
  }
  return out;
}

std::string Table::Print() const {
  std::string out;
  for (const auto& field : fields_) {
    const Shown shown = field->show();
    absl::StrAppend(&out, "# ", field->origin, "\n", shown.faithful ? "" : "# ", field->name, " =",
                    shown.text.empty() ? "" : " ", shown.text, "\n");
  }
  return out;
}

}  // namespace baimi::config
