#include "services/suite/sample.h"

#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
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
constexpr char kKey[] = "replay";

absl::Status Mark(const std::string& path) {
  std::ofstream out(path);
  if (!out.flush()) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Load(const SampleFiles& files, const DataDir& data, Rng* rng) {
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilDay day,
                         calendar::ParseDate("day.json, date", files.day.date()));
  BAIMI_ASSIGN_OR_RETURN(std::string token, data.Token(kKey));
  SimulatedClock clock(absl::FromCivil(day, ShanghaiZone()));
  SuiteOptions options;
  options.http_port = -1;
  options.grpc_port = -1;
  options.admin_port = -1;
  // The day is the same each time: nothing happens on it by real time.
  options.alarm_poll = absl::InfiniteDuration();
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Suite> suite, Suite::Start(options, data, &clock, rng));
  SampleLoader loader(suite->Channel(), std::move(token), files, &clock);
  BAIMI_RETURN_IF_ERROR(loader.LoadRegistry());
  BAIMI_RETURN_IF_ERROR(loader.LoadPolicy());
  BAIMI_RETURN_IF_ERROR(loader.PlayDay());
  BAIMI_ASSIGN_OR_RETURN(const std::vector<ticket::v1::Ticket> orders, loader.ListOrders());
  BAIMI_RETURN_IF_ERROR(CheckDone(files.day, orders));
  return DescribeDay(files.day, orders);
}

std::string WhatToTry(const DataDir& data, const std::string& county) {
  const std::string bearer =
      absl::StrCat("-H \"authorization: Bearer $(cat ", data.File("tokens/admin"), ")\"");
  return absl::StrCat("试一试 what to try\n", "  curl -s ", bearer, " \"http://{http}/v1/counties/",
                      county, "/tickets?pageSize=3\"\n",
                      "  buf curl --protocol grpc --http2-prior-knowledge ", bearer,
                      " -d '{\"parent\": \"counties/", county,
                      "\"}' http://{grpc}/baimi.ticket.v1.TicketService/GetTicketCounts\n",
                      "  curl -s http://{http}/openapi.json\n");
}

}  // namespace

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
  BAIMI_ASSIGN_OR_RETURN(std::string told, Load(files, data, rng));
  BAIMI_RETURN_IF_ERROR(Mark(data.File(kDone)));
  // A key that may speak for every unit has no further use.
  std::error_code ignored;
  fs::remove(data.File(absl::StrCat("tokens/", kKey)), ignored);
  return absl::StrCat(told, WhatToTry(data, files.day.county()));
}

}  // namespace baimi::suite
