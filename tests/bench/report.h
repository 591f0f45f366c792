// Figures of a run, as JSON and as a table.
#ifndef BAIMI_TESTS_BENCH_REPORT_H_
#define BAIMI_TESTS_BENCH_REPORT_H_

#include <deque>
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
  // To the yardstick, run by run; empty when there is none.
  std::vector<double> ratios = {};
  // What the budget asks: of the ratio when there are ratios, otherwise of the value.
  std::optional<double> target = std::nullopt;
  Better better = Better::kMore;
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

  // Notes the load at the end; before the next two.
  void Finish();
  absl::Status WriteJson(const std::string& path) const;
  std::string Table() const;

 private:
  const std::string name_;
  std::string load_before_;
  std::string load_after_;
  // References into it stay valid.
  std::deque<Figure> figures_;
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_REPORT_H_
