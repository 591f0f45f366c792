// baimictl: what an operator does to secrets and databases from the outside. No server is needed;
// one may be running. Exit code 1: a journal or a receipt contradicts itself; 2: the command could
// not be done.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "common/journal/log.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/master_keys.h"
#include "common/sql/database.h"
#include "services/suite/data_dir.h"
#include "services/suite/receipt_check.h"
#include "services/suite/secrets.h"

namespace baimi::suite {
namespace {

struct Options {
  std::string data = ".data";
  Databases databases;
  std::string secrets;
  // Of verify-receipt.
  std::string file;
  std::string key;
  bool journal = false;
};

// Opening by itself would make a file that is missing.
absl::StatusOr<std::unique_ptr<sql::Database>> OpenExisting(const std::string& uri) {
  absl::string_view path = uri;
  std::error_code error;
  if (absl::ConsumePrefix(&path, "sqlite:") &&
      !std::filesystem::is_regular_file(std::string(path), error)) {
    return absl::NotFoundError(
        absl::StrCat(path, ": no such database; --data must name a suite's data directory"));
  }
  return sql::Open(uri, {});
}

absl::Status VerifyJournal(const std::string& uri, const char* label) {
  BAIMI_ASSIGN_OR_RETURN(const std::unique_ptr<sql::Database> database, OpenExisting(uri));
  BAIMI_ASSIGN_OR_RETURN(const std::vector<journal::ChainReport> chains,
                         journal::Verify(*database));
  for (const journal::ChainReport& chain : chains) {
    std::printf("%-12s county %-6s stream %-8s records %10lld head %s\n", label,
                chain.county.c_str(), chain.stream.c_str(), static_cast<long long>(chain.records),
                chain.head_hash.c_str());
  }
  if (chains.empty()) {
    std::printf("%-12s nothing written yet\n", label);
  }
  return absl::OkStatus();
}

// The worst that was found; every database is looked at.
absl::Status VerifyAll(const Options& options) {
  absl::Status worst;
  for (const auto& [uri, label] : {std::pair(&options.databases.registry, "registry.db"),
                                   std::pair(&options.databases.ticket, "ticket.db")}) {
    const absl::Status status = VerifyJournal(*uri, label);
    if (status.ok()) {
      continue;
    }
    std::fprintf(stderr, "%s: %s\n", label, std::string(status.message()).c_str());
    if (worst.ok() || absl::IsDataLoss(status)) {
      worst = status;
    }
  }
  return worst.ok() ? worst : absl::Status(worst.code(), "the journals could not be verified");
}

absl::Status RewrapKeys(const Options& options) {
  BAIMI_ASSIGN_OR_RETURN(const std::unique_ptr<sql::Database> database,
                         OpenExisting(options.databases.keys));
  BAIMI_ASSIGN_OR_RETURN(privacy::MasterKeys masters,
                         privacy::MasterKeys::Load(options.secrets + "/master.key"));
  const SystemClock clock;
  const std::unique_ptr<Rng> rng = NewSystemRng();
  privacy::KeyRingOptions ring_options;
  ring_options.batch = 1;
  BAIMI_ASSIGN_OR_RETURN(
      const std::unique_ptr<privacy::KeyRing> ring,
      privacy::KeyRing::Open(database.get(), std::move(masters), &clock, rng.get(), ring_options));
  BAIMI_ASSIGN_OR_RETURN(const int64_t changed, ring->Rewrap());
  std::printf("rewrapped %lld keys under master key %s\n", static_cast<long long>(changed),
              ring->masters().current().id.c_str());
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (path.empty() || !in) {
    return absl::NotFoundError(absl::StrCat("got \"", path, "\", want a file to read"));
  }
  return content.str();
}

absl::Status VerifyReceipt(const Options& options) {
  BAIMI_ASSIGN_OR_RETURN(const std::string json, ReadFile(options.file));
  BAIMI_ASSIGN_OR_RETURN(const std::string key, ReadFile(options.key));
  BAIMI_ASSIGN_OR_RETURN(const CheckedReceipt receipt, CheckReceipt(json, key));
  if (options.journal) {
    BAIMI_ASSIGN_OR_RETURN(const std::unique_ptr<sql::Database> database,
                           OpenExisting(options.databases.ticket));
    BAIMI_RETURN_IF_ERROR(CheckAgainstJournal(receipt, *database));
  }
  std::fputs(Describe(receipt).c_str(), stdout);
  std::puts(options.journal ? "good, and the journal has it" : "good");
  return absl::OkStatus();
}

void NewKey() {
  const auth::NewKeyResult made = auth::NewKey(*NewSystemRng());
  std::printf("token  %s\nsha256 %s\n", made.token.c_str(), made.sha256.c_str());
}

absl::Status RunCommand(const std::string& command, Options options) {
  if (command == "version") {
    std::printf("baimictl %s\n", BAIMI_VERSION);
    return absl::OkStatus();
  }
  if (command == "new-key") {
    NewKey();
    return absl::OkStatus();
  }
  options.secrets = options.secrets.empty() ? options.data : options.secrets;
  if (command == "init") {
    return InitSecrets(options.secrets, *NewSystemRng());
  }
  const auto or_file = [&options](std::string* uri, const char* file) {
    *uri = uri->empty() ? absl::StrCat("sqlite:", options.data, "/", file) : *uri;
  };
  or_file(&options.databases.keys, "data-keys.db");
  or_file(&options.databases.registry, "registry.db");
  or_file(&options.databases.ticket, "ticket.db");
  if (command == "verify-receipt") {
    return VerifyReceipt(options);
  }
  return command == "verify" ? VerifyAll(options) : RewrapKeys(options);
}

void Declare(config::Table& table, Options& options) {
  const config::Section root = table.root();
  root.String("data", &options.data, "The data directory of a suite.");
  constexpr char kDatabase[] = "URI of its database. Default: a file in the data directory.";
  for (const auto& [name, uri] : {std::pair("ticket.database", &options.databases.ticket),
                                  std::pair("registry.database", &options.databases.registry),
                                  std::pair("keys.database", &options.databases.keys)}) {
    root.String(name, uri, kDatabase, {.redact = config::Redact::kUriPassword});
  }
  root.String("secrets", &options.secrets,
              "Directory of the secret files. Default: the data directory.");
  table.Command("init", "Make the secret files of an installation, unless they are there.");
  table.Command("verify", "Recompute every chain of the journals; a line each; exit 1 if broken.");
  root.String("key", &options.key, "verify-receipt: file of the county's public key, in PEM.");
  root.Bool("journal", &options.journal,
            "verify-receipt: also look whether the journal still has what was signed.");
  table.Command("verify-receipt",
                "Check a receipt, a file of the JSON that the API gave; exit 1 if it is not good.",
                1, 1);
  table.Command("new-key", "Make a bearer key: the token, and its hash for api-keys.json.");
  table.Command("rewrap-keys",
                "Wrap all data keys anew under the first key of master.key; the services must have "
                "been restarted with it.");
  table.Command("version", "Print the version.");
}

int Main(int argc, char** argv) {
  Options options;
  config::Table table("baimictl", "Looks after the data of a suite or of services.");
  Declare(table, options);
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
  options.file = run->words.size() > 1 ? run->words[1] : "";
  const absl::Status status = RunCommand(run->words.front(), options);
  if (!status.ok()) {
    std::fprintf(stderr, "baimictl: %s\n", std::string(status.message()).c_str());
    return absl::IsDataLoss(status) ? 1 : 2;
  }
  return 0;
}

}  // namespace
}  // namespace baimi::suite

int main(int argc, char** argv) { return baimi::suite::Main(argc, argv); }
