// Figures of a run, as JSON and as a table.
#ifndef BAIMI_TESTS_BENCH_REPORT_H_
#define BAIMI_TESTS_BENCH_REPORT_H_

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace baimi::bench {

enum class Better { kMore, kLess };

struct Figure {
  std::string name;
  std::string unit;
  // One value a run.
  std::vector<double> runs = {};
  // To each yardstick ("echo", "pgbench"), run by run.
  std::map<std::string, std::vector<double>> ratios = {};
  // What the budget asks: of the ratio to `target_of`, of the value when that is empty.
  std::optional<double> target = std::nullopt;
  std::string target_of = {};
  Better better = Better::kMore;

  // Notes the ratio of the last run to what `yardstick` did in the same round.
  void Compare(const std::string& yardstick, double value,
               std::optional<double> wanted = std::nullopt);
};

// Of the middle; the mean of both middle ones of an even number. 0 when empty.
double Median(std::vector<double> values);
// Unset without a target.
std::optional<bool> Met(const Figure& figure);

class Report {
 public:
  // Notes the machine and its load now.
  explicit Report(absl::string_view name);

  // Appends a value to the figure of that name, which is made when it is new, and gives the figure,
  // which lives as long as the report.
  Figure& Add(absl::string_view name, absl::string_view unit, double value);

  // A condition of the run. The last word counts.
  void Note(const std::string& name, const std::string& value) { notes_[name] = value; }

  // Notes the load at the end; before the next two.
  void Finish();
  absl::Status WriteJson(const std::string& path) const;
  std::string Table() const;

 private:
  const std::string name_;
  std::string load_before_;
  std::string load_after_;
  std::map<std::string, std::string> notes_;
  // References into it stay valid.
  std::deque<Figure> figures_;
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_REPORT_H_
