#include "tests/bench/report.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace baimi::bench {
namespace {

using Json = nlohmann::ordered_json;

// 1, 5 and 15 minutes.
std::string LoadAverage() {
  double averages[3] = {0, 0, 0};
  getloadavg(averages, 3);
  return absl::StrFormat("%.2f %.2f %.2f", averages[0], averages[1], averages[2]);
}

std::string Processor() {
  std::ifstream in("/proc/cpuinfo");
  std::string line;
  while (std::getline(in, line)) {
    if (absl::StartsWith(line, "model name")) {
      return line.substr(line.find(':') + 2);
    }
  }
  return "unknown";
}

Json Machine() {
  utsname system{};
  uname(&system);
  const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                        static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
  return {{"processor", Processor()},
          {"cores", std::thread::hardware_concurrency()},
          {"memory_mib", static_cast<int64_t>(memory)},
          {"kernel", system.release}};
}

std::string Number(double value) {
  const int decimals = value >= 1000 ? 0 : value >= 10 ? 1 : 3;
  return absl::StrFormat("%.*f", decimals, value);
}

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::optional<bool> Met(const Figure& figure) {
  if (!figure.target) {
    return std::nullopt;
  }
  const double value =
      Median(figure.target_of.empty() ? figure.runs : figure.ratios.at(figure.target_of));
  return figure.better == Better::kMore ? value >= *figure.target : value <= *figure.target;
}

void Figure::Compare(const std::string& yardstick, double value, std::optional<double> wanted) {
  ratios[yardstick].push_back(runs.back() / value);
  if (wanted) {
    target = wanted;
    target_of = yardstick;
  }
}

Report::Report(absl::string_view name) : name_(name), load_before_(LoadAverage()) {}

Figure& Report::Add(absl::string_view name, absl::string_view unit, double value) {
  auto found = std::find_if(figures_.begin(), figures_.end(),
                            [&](const Figure& figure) { return figure.name == name; });
  if (found == figures_.end()) {
    figures_.push_back({.name = std::string(name), .unit = std::string(unit)});
    found = figures_.end() - 1;
  }
  found->runs.push_back(value);
  return *found;
}

void Report::Finish() { load_after_ = LoadAverage(); }

absl::Status Report::WriteJson(const std::string& path) const {
  Json results = Json::array();
  for (const Figure& figure : figures_) {
    Json row = {{"name", figure.name},
                {"unit", figure.unit},
                {"median", Median(figure.runs)},
                {"min", *std::min_element(figure.runs.begin(), figure.runs.end())},
                {"max", *std::max_element(figure.runs.begin(), figure.runs.end())},
                {"runs", figure.runs}};
    for (const auto& [yardstick, ratios] : figure.ratios) {
      row["ratio_to_" + yardstick] = Median(ratios);
    }
    if (figure.target) {
      row["target"] = *figure.target;
      if (!figure.target_of.empty()) {
        row["target_of"] = "ratio_to_" + figure.target_of;
      }
      row["met"] = *Met(figure);
    }
    results.push_back(std::move(row));
  }
  Json conditions = {{"load_average_before", load_before_},
                     {"load_average_after", load_after_},
                     {"note", "client and servers share all cores; loopback"}};
  for (const auto& [name, value] : notes_) {
    conditions[name] = value;
  }
  const Json all = {{"bench", name_},
                    {"machine", Machine()},
                    {"conditions", std::move(conditions)},
                    {"results", std::move(results)}};
  std::ofstream out(path);
  out << all.dump(1) << "\n";
  out.close();
  return out ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot write ", path));
}

std::string Report::Table() const {
  std::string text = absl::StrFormat("%-52s %10s %10s %10s  %-14s %-26s %8s\n", "figure", "median",
                                     "min", "max", "unit", "ratio to", "target");
  for (const Figure& figure : figures_) {
    const std::optional<bool> met = Met(figure);
    std::vector<std::string> ratios;
    for (const auto& [yardstick, runs] : figure.ratios) {
      ratios.push_back(absl::StrFormat("%s %.2f", yardstick, Median(runs)));
    }
    absl::StrAppendFormat(&text, "%-52s %10s %10s %10s  %-14s %-26s %8s %s\n", figure.name,
                          Number(Median(figure.runs)),
                          Number(*std::min_element(figure.runs.begin(), figure.runs.end())),
                          Number(*std::max_element(figure.runs.begin(), figure.runs.end())),
                          figure.unit, absl::StrJoin(ratios, ", "),
                          figure.target ? Number(*figure.target) : "",
                          !met   ? ""
                          : *met ? "met"
                                 : "NOT met");
  }
  for (const auto& [name, value] : notes_) {
    absl::StrAppend(&text, name, ": ", value, "\n");
  }
  return absl::StrCat(text, "load average: ", load_before_, " before, ", load_after_, " after; ",
                      std::thread::hardware_concurrency(), " cores, shared with the clients\n");
}

}  // namespace baimi::bench
