#include <algorithm>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "tests/lint/source_rules.h"

namespace baimi::lint {
namespace {

using Names = std::initializer_list<absl::string_view>;

constexpr size_t kMaxLines = 450;

// Calls that have one home.
struct TokenRule {
  absl::string_view rule;
  Names tokens;
  // Path prefixes, or file names, where the calls are at home.
  Names homes;
  bool in_tests;
  // A line that holds this is left alone; empty means none is. A deadline runs on real time.
  absl::string_view unless;
  absl::string_view advice;
};

constexpr TokenRule kTokenRules[] = {
    {"text.clock",
     {"system_clock::now", "absl::Now(", "gettimeofday(", "time(nullptr)", "time(NULL)"},
     {"common/base/clock.cc", "common/rpc/", "tests/bench/"},
     true,
     "deadline",
     "take a Clock (common/base/clock.h)"},
    {"text.clock",
     {"steady_clock::now", "high_resolution_clock::now", "clock_gettime("},
     {"common/"},
     false,
     "",
     "take a Clock (common/base/clock.h)"},
    {"text.random",
     {"random_device", "rand(", "srand(", "getrandom(", "arc4random("},
     {"common/base/random.cc"},
     true,
     "",
     "take an Rng (common/base/random.h)"},
    {"text.async",
     {"std::async", "detach()", "pthread_create("},
     {},
     true,
     "",
     "use a lane of common/exec, or a thread that its owner joins"},
    {"text.environment",
     {"getenv(", "secure_getenv("},
     {"common/config/"},
     false,
     "",
     "take the value from the configuration (common/config)"},
    {"text.exit",
     {"exit(", "_exit(", "quick_exit(", "_Exit("},
     {"main.cc", "common/rpc/"},
     false,
     "",
     "return a status; only main ends the process"},
    {"text.sleep",
     {"sleep_for(", "sleep_until(", "SleepFor(", "usleep(", "nanosleep(", "sleep("},
     {},
     true,
     "",
     "wait for the event itself, or turn a ManualClock"},
};

constexpr Names kSqlHomes = {"common/sql/", "common/journal/", "common/privacy/"};

bool AtHome(absl::string_view path, Names homes) {
  return std::any_of(homes.begin(), homes.end(), [path](absl::string_view home) {
    return absl::StartsWith(path, home) || absl::EndsWith(path, absl::StrCat("/", home));
  });
}

bool LooksLikeSql(absl::string_view literal) {
  std::string text = absl::AsciiStrToLower(literal);
  absl::StrReplaceAll({{"\\n", " "}, {"\n", " "}}, &text);
  absl::StripLeadingAsciiWhitespace(&text);
  const auto starts = [&text](absl::string_view with) { return absl::StartsWith(text, with); };
  return (starts("select ") && absl::StrContains(text, " from ")) || starts("insert into ") ||
         starts("insert or ") || starts("replace into ") || starts("delete from ") ||
         (starts("update ") && absl::StrContains(text, " set ")) || starts("create table ") ||
         starts("create index ") || starts("create unique index ") || starts("alter table ") ||
         starts("drop table ") || starts("pragma ") || starts("begin immediate");
}

bool IsSqlHome(absl::string_view path) {
  return AtHome(path, kSqlHomes) || absl::StrContains(path, "/store/") || IsTestCode(path);
}

// "NOLINT(check): reason"; the end of a stretch has the reason at its beginning.
bool IsExplained(absl::string_view comment) {
  if (absl::StrContains(comment, "NOLINTEND(")) return true;
  const size_t open = comment.find('(');
  const size_t close = comment.find("): ");
  return open != absl::string_view::npos && close != absl::string_view::npos && open + 1 < close &&
         comment.size() > close + 3;
}

std::string GuardOf(absl::string_view path) {
  std::string guard = "BAIMI_";
  for (const char c : path) {
    guard.push_back(absl::ascii_isalnum(static_cast<unsigned char>(c))
                        ? absl::ascii_toupper(static_cast<unsigned char>(c))
                        : '_');
  }
  return guard + "_";
}

class Checker {
 public:
  Checker(const SourceFile& file, std::vector<Finding>& findings)
      : file_(file), findings_(findings) {}

  void Run() {
    for (size_t i = 0; i < file_.lines.size(); ++i) {
      line_ = i + 1;
      CheckTokens(file_.lines[i].code);
      CheckComment(file_.lines[i].comment);
      for (const std::string& literal : file_.lines[i].literals) {
        if (LooksLikeSql(literal) && !IsSqlHome(file_.path)) {
          Report("text.sql", "SQL text stands in store/ rooms and common/{sql,journal,privacy}");
        }
      }
    }
    line_ = 0;
    if (absl::EndsWith(file_.path, ".h")) CheckGuard();
    if (file_.lines.size() > kMaxLines) {
      Report("text.size", absl::StrCat(file_.lines.size(), " lines; split it below ", kMaxLines));
    }
  }

 private:
  void CheckTokens(absl::string_view code) {
    const bool test = IsTestCode(file_.path);
    if (!test && absl::StrContains(file_.path, "/domain/")) CheckTimeless(code);
    for (const TokenRule& rule : kTokenRules) {
      if ((test && !rule.in_tests) || AtHome(file_.path, rule.homes)) continue;
      if (!rule.unless.empty() && absl::StrContains(code, rule.unless)) continue;
      for (const absl::string_view token : rule.tokens) {
        if (HasToken(code, token)) Report(rule.rule, absl::StrCat(token, ": ", rule.advice));
      }
    }
  }

  // The header of Clock is open to domain rooms for its calendar functions, the clocks are not.
  void CheckTimeless(absl::string_view code) {
    for (const absl::string_view token : {"Now(", "SystemClock", "SimulatedClock"}) {
      if (HasToken(code, token)) {
        Report("text.timeless", absl::StrCat(token, ": a domain rule takes the time it judges by"));
      }
    }
  }

  void CheckComment(absl::string_view comment) {
    for (const absl::string_view word : {"TODO", "FIXME", "XXX"}) {
      if (HasToken(comment, word)) Report("text.todo", "finish it, or file an issue");
    }
    if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(comment), "NOLINT") &&
        !IsExplained(comment)) {
      Report("text.nolint", "write NOLINT(check): reason");
    }
  }

  void CheckGuard() {
    if (absl::EndsWith(file_.path, "/pch.h")) {
      return;  // Precompiled: nobody includes it twice.
    }
    const std::string guard = GuardOf(file_.path);
    for (size_t i = 0; i + 1 < file_.lines.size(); ++i) {
      if (file_.lines[i].code == absl::StrCat("#ifndef ", guard) &&
          file_.lines[i + 1].code == absl::StrCat("#define ", guard)) {
        return;
      }
    }
    Report("text.guard", absl::StrCat("want the include guard ", guard));
  }

  void Report(absl::string_view rule, absl::string_view message) {
    findings_.push_back({std::string(rule), file_.path, line_, std::string(message)});
  }

  const SourceFile& file_;
  std::vector<Finding>& findings_;
  size_t line_ = 0;
};

}  // namespace

void CheckText(const SourceFile& file, std::vector<Finding>& findings) {
  Checker(file, findings).Run();
}

}  // namespace baimi::lint
