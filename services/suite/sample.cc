#include "services/suite/sample.h"

#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "services/suite/sample_day.h"
#include "services/suite/sample_files.h"
#include "services/suite/sample_report.h"
#include "services/suite/suite.h"

namespace baimi::suite {
namespace {

constexpr char kBegun[] = "sample.begun";
constexpr char kDone[] = "sample.done";

absl::Status Mark(const std::string& path) {
  std::ofstream out(path);
  if (!out.flush()) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

// Keys that nobody else knows, one that may speak for everybody and one for the services
// themselves, in place of those of the installation. Returns the former.
absl::StatusOr<std::string> OwnKeys(const Clock* clock, Rng& rng, process::Secrets* secrets) {
  const auth::NewKeyResult replay = auth::NewKey(rng);
  const auth::NewKeyResult service = auth::NewKey(rng);
  const auto row = [](absl::string_view id, const auth::NewKeyResult& key, absl::string_view pii) {
    return absl::StrCat("{\"id\": \"", id, "\", \"sha256\": \"", key.sha256,
                        "\", \"roles\": [\"all\"], \"counties\": [\"*\"], "
                        "\"audience\": \"service\", \"pii\": \"",
                        pii, "\"}");
  };
  BAIMI_ASSIGN_OR_RETURN(
      auth::KeyTable table,
      auth::ParseKeyFile(absl::StrCat(
          "{\"roles\": {\"all\": [\"area.*\", \"grid.*\", \"unit.*\", \"estate.*\", "
          "\"directory.*\", \"ticket.*\", \"ticketPolicy.*\", \"supervision.*\"]}, \"keys\": [",
          row("replay", replay, "staff"), ", ", row("service", service, "full"), "]}")));
  secrets->authenticator = auth::Authenticator::Of(std::move(table), clock);
  secrets->service_token = service.token;
  return replay.token;
}

enum class Found { kNothing, kPart, kAll, kOthers };

// What of the sample is there. Orders are named by the day they were filed on, and no other way
// leads to orders of a day long gone.
absl::StatusOr<Found> Look(const SampleFiles& files, SampleLoader& loader) {
  BAIMI_ASSIGN_OR_RETURN(const std::vector<ticket::v1::Ticket> orders, loader.ListOrders());
  const std::string of_the_day =
      absl::StrCat("counties/", files.day.county(), "/tickets/",
                   absl::StrReplaceAll(files.day.date(), {{"-", ""}}), "-");
  int filed = 0;
  int steps = 0;
  for (const ticket::v1::Ticket& order : orders) {
    if (absl::StartsWith(order.name(), of_the_day)) {
      ++filed;
      BAIMI_ASSIGN_OR_RETURN(const int events, loader.CountEvents(order.name()));
      steps += events;
    }
  }
  int wanted = 0;
  for (const auto& order : files.day.orders()) {
    wanted += 1 + order.steps_size();
  }
  if (filed == 0) {
    return orders.empty() ? Found::kNothing : Found::kOthers;
  }
  return filed >= files.day.orders_size() && steps >= wanted ? Found::kAll : Found::kPart;
}

std::string WhatToTry(const process::SecretPaths& secrets, const std::string& county) {
  const std::string bearer =
      absl::StrCat("-H \"authorization: Bearer $(cat ", secrets.directory, "/tokens/admin)\"");
  return absl::StrCat("试一试 what to try\n", "  curl -s ", bearer, " \"http://{http}/v1/counties/",
                      county, "/tickets?pageSize=3\"\n",
                      "  buf curl --protocol grpc --http2-prior-knowledge ", bearer,
                      " -d '{\"parent\": \"counties/", county,
                      "\"}' http://{grpc}/baimi.ticket.v1.TicketService/GetTicketCounts\n",
                      "  curl -s http://{http}/openapi.json\n");
}

absl::StatusOr<std::string> Load(const SampleFiles& files, process::NodeOptions node,
                                 const Databases& databases, const process::SecretPaths& paths,
                                 Rng* rng) {
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay day,
                         calendar::ParseDate("day.json, date", files.day.date()));
  // At a time of its own, which tells databases apart, not at that of the sample.
  BAIMI_RETURN_IF_ERROR(Migrate(databases, SystemClock()));
  SimulatedClock clock(absl::FromCivil(day, ShanghaiZone()));
  BAIMI_ASSIGN_OR_RETURN(process::Secrets secrets, process::Secrets::Load(paths, &clock));
  BAIMI_ASSIGN_OR_RETURN(std::string token, OwnKeys(&clock, *rng, &secrets));
  SuiteOptions options{.node = std::move(node), .http_port = -1};
  options.node.grpc_port = -1;
  options.node.admin_port = -1;
  // The day is the same each time: nothing happens on it by real time.
  options.node.alarm_poll = absl::InfiniteDuration();
  // Of simulated times nothing may be left in a cache that others share.
  options.node.cache = "memory:";
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Suite> suite,
                         Suite::Start(options, databases, std::move(secrets), &clock, rng));
  SampleLoader loader(suite->Channel(), std::move(token), files, &clock);
  BAIMI_ASSIGN_OR_RETURN(const Found found, Look(files, loader));
  if (found == Found::kAll) {
    return std::string();
  }
  if (found == Found::kOthers) {
    return absl::StrCat(
        "数据库已在使用，未载入示例。 The databases are in use already: "
        "the sample was not loaded.\n");
  }
  BAIMI_RETURN_IF_ERROR(loader.LoadRegistry());
  BAIMI_RETURN_IF_ERROR(loader.LoadPolicy());
  BAIMI_RETURN_IF_ERROR(loader.PlayDay());
  BAIMI_ASSIGN_OR_RETURN(const std::vector<ticket::v1::Ticket> orders, loader.ListOrders());
  BAIMI_RETURN_IF_ERROR(CheckDone(files.day, orders));
  return absl::StrCat(DescribeDay(files.day, orders), WhatToTry(paths, files.day.county()));
}

}  // namespace

absl::StatusOr<std::string> LoadSample(const std::string& directory,
                                       const process::NodeOptions& options,
                                       const Databases& databases,
                                       const process::SecretPaths& secrets, Rng* rng) {
  BAIMI_ASSIGN_OR_RETURN(const SampleFiles files, ReadSampleFiles(directory));
  return Load(files, options, databases, secrets, rng);
}

absl::StatusOr<std::string> LoadSampleOnce(const std::string& directory, const DataDir& data,
                                           Rng* rng) {
  namespace fs = std::filesystem;
  if (fs::exists(data.File(kDone))) {
    return std::string();
  }
  // Made-up orders among real ones could never be taken out again.
  if (!data.fresh() && !fs::exists(data.File(kBegun))) {
    return absl::StrCat(
        "数据目录已在使用，未载入示例。 The data directory is in use already: "
        "the sample was not loaded.\n");
  }
  BAIMI_ASSIGN_OR_RETURN(const SampleFiles files, ReadSampleFiles(directory));
  BAIMI_RETURN_IF_ERROR(Mark(data.File(kBegun)));
  BAIMI_ASSIGN_OR_RETURN(std::string told, Load(files, {}, data.databases(), data.secrets(), rng));
  BAIMI_RETURN_IF_ERROR(Mark(data.File(kDone)));
  return told;
}

}  // namespace baimi::suite
