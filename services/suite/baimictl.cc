// baimictl: what an operator does to a data directory from the outside. No server is needed; one
// may be running. Exit code 1: a journal contradicts itself; 2: the command could not be done.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "common/journal/log.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/master_keys.h"
#include "common/sql/database.h"

namespace baimi::suite {
namespace {

constexpr const char* kJournals[] = {"registry.db", "ticket.db"};

// Opening by itself would make a file that is missing.
absl::StatusOr<std::unique_ptr<sql::Database>> OpenExisting(const std::string& data,
                                                            const std::string& file) {
  const std::string path = data + "/" + file;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(
        absl::StrCat(path, ": no such database; --data must name a suite's data directory"));
  }
  return sql::Open("sqlite:" + path, {});
}

absl::Status VerifyJournal(const std::string& data, const std::string& file) {
  BAIMI_ASSIGN_OR_RETURN(const std::unique_ptr<sql::Database> database, OpenExisting(data, file));
  BAIMI_ASSIGN_OR_RETURN(const std::vector<journal::ChainReport> chains,
                         journal::Verify(*database));
  for (const journal::ChainReport& chain : chains) {
    std::printf("%-12s county %-6s stream %-8s records %10lld head %s\n", file.c_str(),
                chain.county.c_str(), chain.stream.c_str(), static_cast<long long>(chain.records),
                chain.head_hash.c_str());
  }
  if (chains.empty()) {
    std::printf("%-12s nothing written yet\n", file.c_str());
  }
  return absl::OkStatus();
}

// The worst that was found; every database is looked at.
absl::Status VerifyAll(const std::string& data) {
  absl::Status worst;
  for (const char* file : kJournals) {
    const absl::Status status = VerifyJournal(data, file);
    if (status.ok()) {
      continue;
    }
    std::fprintf(stderr, "%s: %s\n", file, std::string(status.message()).c_str());
    if (worst.ok() || absl::IsDataLoss(status)) {
      worst = status;
    }
  }
  return worst.ok() ? worst : absl::Status(worst.code(), "the journals could not be verified");
}

absl::Status RewrapKeys(const std::string& data) {
  BAIMI_ASSIGN_OR_RETURN(const std::unique_ptr<sql::Database> database,
                         OpenExisting(data, "data-keys.db"));
  BAIMI_ASSIGN_OR_RETURN(privacy::MasterKeys masters,
                         privacy::MasterKeys::Load(data + "/master.key"));
  const SystemClock clock;
  const std::unique_ptr<Rng> rng = NewSystemRng();
  privacy::KeyRingOptions options;
  options.batch = 1;
  BAIMI_ASSIGN_OR_RETURN(
      const std::unique_ptr<privacy::KeyRing> ring,
      privacy::KeyRing::Open(database.get(), std::move(masters), &clock, rng.get(), options));
  BAIMI_ASSIGN_OR_RETURN(const int64_t changed, ring->Rewrap());
  std::printf("rewrapped %lld keys under master key %s\n", static_cast<long long>(changed),
              ring->masters().current().id.c_str());
  return absl::OkStatus();
}

void NewKey() {
  const auth::NewKeyResult made = auth::NewKey(*NewSystemRng());
  std::printf("token  %s\nsha256 %s\n", made.token.c_str(), made.sha256.c_str());
}

absl::Status RunCommand(const std::string& command, const std::string& data) {
  if (command == "version") {
    std::printf("baimictl %s\n", BAIMI_VERSION);
    return absl::OkStatus();
  }
  if (command == "new-key") {
    NewKey();
    return absl::OkStatus();
  }
  return command == "verify" ? VerifyAll(data) : RewrapKeys(data);
}

int Main(int argc, char** argv) {
  std::string data = ".data";
  config::Table table("baimictl", "Looks after the data directory of a suite.");
  table.root().String("data", &data, "The data directory.");
  table.Command("verify", "Recompute every chain of the journals; a line each; exit 1 if broken.");
  table.Command("new-key", "Make a bearer key: the token, and its hash for api-keys.json.");
  table.Command("rewrap-keys",
                "Wrap all data keys anew under the first key of master.key; the suite must have "
                "been restarted with it.");
  table.Command("version", "Print the version.");
  const absl::StatusOr<config::Invocation> run = table.Parse(config::ProcessSources(argc, argv));
  if (!run.ok()) {
    std::fprintf(stderr, "%s\n", std::string(run.status().message()).c_str());
    return 2;
  }
  if (run->action != config::Invocation::Action::kRun) {
    std::fputs(run->text.c_str(), stdout);
    return 0;
  }
  if (run->words.empty()) {
    std::fputs("baimictl: want a command; see baimictl --help\n", stderr);
    return 2;
  }
  const absl::Status status = RunCommand(run->words.front(), data);
  if (!status.ok()) {
    std::fprintf(stderr, "baimictl: %s\n", std::string(status.message()).c_str());
    return absl::IsDataLoss(status) ? 1 : 2;
  }
  return 0;
}

}  // namespace
}  // namespace baimi::suite

int main(int argc, char** argv) { return baimi::suite::Main(argc, argv); }
