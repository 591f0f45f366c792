#include "services/grid_registry/testing/sample_county.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/resource/name.h"
#include "google/protobuf/util/json_util.h"
#include "services/grid_registry/domain/area_import.h"
#include "services/grid_registry/domain/codes.h"
#include "services/grid_registry/domain/grid_import.h"

namespace baimi::registry::testing {
namespace {

void Check(const absl::Status& status) {
  if (!status.ok()) {
    std::fprintf(stderr, "sample county: %s\n", status.ToString().c_str());
    std::abort();
  }
}

template <typename T>
T Must(absl::StatusOr<T> value) {
  Check(value.status());
  return *std::move(value);
}

template <typename Message>
Message ReadJson(const std::string& path) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage(ReadFile(path), &message);
  Check(status.ok() ? absl::OkStatus() : absl::InvalidArgumentError(status.ToString()));
  return message;
}

}  // namespace

std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  Check(in ? absl::OkStatus() : absl::NotFoundError(path));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

SampleFiles ReadSampleFiles() {
  SampleFiles files;
  files.areas_csv = ReadFile("deploy/sample/registry/areas.csv");
  files.grids = ReadJson<v1::ImportGridsRequest>("deploy/sample/registry/grids.json");
  files.units = ReadJson<sample::v1::SampleUnits>("deploy/sample/registry/units.json");
  files.estates = ReadJson<sample::v1::SampleEstates>("deploy/sample/registry/estates.json");
  return files;
}

domain::Facts FactsIn(const domain::CountyRows& rows) {
  domain::Facts facts;
  facts.county = kCounty;
  facts.now = absl::FromUnixSeconds(1'760'000'000);
  facts.has_area = [&rows](absl::string_view code) { return rows.areas.count(code) > 0; };
  facts.has_grid = [&rows](absl::string_view code) { return rows.grids.count(code) > 0; };
  facts.has_unit = [&rows](absl::string_view id) { return rows.units.count(id) > 0; };
  return facts;
}

domain::CountyRows SampleCounty() {
  const SampleFiles files = ReadSampleFiles();
  domain::CountyRows rows;
  const domain::Facts facts = FactsIn(rows);
  const auto file = Must(domain::ParseAreaCsv(files.areas_csv, kCounty));
  for (const auto& event : Must(domain::DecideAreaImport(file, {}, "test", facts)).events) {
    rows.areas[event.area().code()] = std::make_shared<v1::Area>(event.area());
  }
  for (const auto& event : Must(domain::DecideGridImport(files.grids.grids(), {}, facts)).events) {
    rows.grids[event.grid().code()] = std::make_shared<v1::Grid>(event.grid());
  }
  for (const auto& request : files.units.units()) {
    const auto name = resource::FormatName(kCounty, domain::kUnits, request.unit_id());
    const auto event = Must(domain::DecideUnit("unit", nullptr, request.unit(), name, facts));
    rows.units[request.unit_id()] = std::make_shared<v1::Unit>(event.unit());
  }
  for (const auto& request : files.estates.estates()) {
    const auto name = resource::FormatName(kCounty, domain::kEstates, request.estate_id());
    const auto event = Must(domain::DecideEstate("estate", nullptr, request.estate(), name, facts));
    rows.estates[request.estate_id()] = std::make_shared<v1::Estate>(event.estate());
  }
  return rows;
}

}  // namespace baimi::registry::testing
