#include <algorithm>
#include <initializer_list>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/lint/source_rules.h"

namespace baimi::lint {
namespace {

using Names = std::initializer_list<absl::string_view>;

// Pure areas: functions of their arguments.
constexpr Names kDomainAreas = {"base", "calendar", "codes", "flow", "geo", "resource", "text"};
constexpr Names kStoreAreas = {"base", "calendar", "codes",   "flow",     "geo",    "journal",
                               "sql",  "text",     "privacy", "resource", "observe"};
// Areas of common/ that may see gRPC: the runtime around it and the in-process server of the tests.
constexpr Names kGrpcAreas = {"rpc", "testing"};
// What a pure rule must not reach even where its area is open to it.
constexpr Names kImpure = {"common/base/random.h",
                           "common/base/async.h",
                           "chrono",
                           "ctime",
                           "cstdio",
                           "filesystem",
                           "fstream",
                           "iostream",
                           "mutex",
                           "random",
                           "thread"};

bool Holds(Names names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A path split at its slashes; missing parts are empty.
struct Parts {
  explicit Parts(absl::string_view path) : all(absl::StrSplit(path, '/')) {}
  absl::string_view at(size_t i) const { return i < all.size() ? all[i] : absl::string_view(); }
  // The folder at `i`, empty when that part is the file itself.
  absl::string_view folder(size_t i) const { return i + 1 < all.size() ? all[i] : ""; }
  std::vector<absl::string_view> all;
};

bool IsGrpc(absl::string_view include) {
  return absl::StartsWith(include, "grpcpp/") || absl::StartsWith(include, "grpc/") ||
         absl::EndsWith(include, ".grpc.pb.h");
}

class Checker {
 public:
  Checker(const SourceFile& file, std::vector<Finding>& findings)
      : file_(file), own_(file.path), test_(IsTestCode(file.path)), findings_(findings) {}

  void Run() {
    for (size_t i = 0; i < file_.lines.size(); ++i) {
      line_ = i + 1;
      include_ = file_.lines[i].include;
      if (!include_.empty()) CheckOne();
    }
  }

 private:
  void CheckOne() {
    const Parts target(include_);
    quoted_ = !file_.lines[line_ - 1].literals.empty();
    if (quoted_ && (target.all.size() == 1 || absl::StartsWith(include_, "."))) {
      Report("include.path", "give the path from the repository root");
    }
    CheckDriver();
    if (own_.at(0) == "services") CheckService(target);
    if (own_.at(0) == "common") CheckCommon(target);
  }

  void CheckDriver() {
    const bool sql = include_ == "sqlite3.h" || include_ == "libpq-fe.h";
    if (sql && !absl::StartsWith(file_.path, "common/sql/") && !test_) {
      Report("include.driver", "go through the port common/sql/database.h");
    }
    if (absl::StartsWith(include_, "hiredis/") && !absl::StartsWith(file_.path, "common/redis/") &&
        !test_) {
      Report("include.driver", "go through common/redis/client.h, or better a port above it");
    }
  }

  void CheckService(const Parts& target) {
    const absl::string_view service = own_.at(1);
    const absl::string_view room = own_.folder(2);
    const bool peer = target.at(0) == "services" && target.at(1) != service;
    if (service == "suite") {
      if (peer && Holds({"store", "api"}, target.folder(2))) {
        Report("include.suite", "the suite uses a service by its wiring and its clients");
      }
    } else if (peer) {
      Report("include.service", "of another service only the generated client may be included");
    }
    if (service == "gateway" && !test_ && target.at(0) == "baimi" &&
        !Holds({"options", "type"}, target.at(1))) {
      Report("include.gateway", "the gateway reads descriptors, it knows no service's messages");
    }
    if (room == "domain") CheckDomain(target);
    if (room == "store") CheckStore(target);
    if (room == "api" && !OwnRooms(target, {"domain", "store", "api"})) {
      Report("include.api", "an api room includes its domain, its store and itself");
    }
  }

  // Of its own service the file includes these rooms only; tests also what helps them.
  bool OwnRooms(const Parts& target, Names rooms) const {
    return target.at(0) != "services" || target.at(1) != own_.at(1) ||
           Holds(rooms, target.folder(2)) || (test_ && target.folder(2) == "testing");
  }

  bool Allowed(const Parts& target, Names areas) const {
    return target.at(0) != "common" || Holds(areas, target.at(1)) ||
           (test_ && target.at(1) == "testing");
  }

  void CheckDomain(const Parts& target) {
    const bool pure = Allowed(target, kDomainAreas) && !IsGrpc(include_) &&
                      (test_ || !Holds(kImpure, include_)) && OwnRooms(target, {"domain"});
    if (!pure) {
      Report("include.domain",
             "a domain room includes messages and the pure areas of common: no randomness, "
             "threads, files, SQL or gRPC");
    }
  }

  void CheckStore(const Parts& target) {
    const bool ok =
        Allowed(target, kStoreAreas) && !IsGrpc(include_) && OwnRooms(target, {"domain", "store"});
    if (!ok)
      Report("include.store", "a store room includes its domain, common/sql and common/journal");
  }

  void CheckCommon(const Parts& target) {
    if (target.at(0) == "services") {
      Report("include.common", "common/ knows no service");
    }
    if (own_.at(1) == "base" && target.at(0) == "common" && target.at(1) != "base" && !test_) {
      Report("include.common", "common/base stands below every other area");
    }
    if (IsGrpc(include_) && !test_ && !Holds(kGrpcAreas, own_.at(1))) {
      Report("include.grpc", "gRPC is known to common/rpc only");
    }
  }

  void Report(absl::string_view rule, absl::string_view advice) {
    findings_.push_back({std::string(rule), file_.path, line_,
                         absl::StrCat("includes \"", include_, "\": ", advice)});
  }

  const SourceFile& file_;
  const Parts own_;
  const bool test_;
  std::vector<Finding>& findings_;
  size_t line_ = 0;
  std::string include_;
  bool quoted_ = false;
};

}  // namespace

bool IsTestCode(absl::string_view path) {
  return absl::EndsWith(path, "_test.cc") || absl::StartsWith(path, "tests/") ||
         absl::StrContains(path, "/testing/") || absl::StrContains(path, "/testing_");
}

void CheckIncludes(const SourceFile& file, std::vector<Finding>& findings) {
  Checker(file, findings).Run();
}

}  // namespace baimi::lint
