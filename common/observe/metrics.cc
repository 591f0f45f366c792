#include "common/observe/metrics.h"

#include <algorithm>
#include <cmath>

#include "absl/base/internal/raw_logging.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/observe/exposition.h"

namespace baimi::observe {
namespace {

constexpr absl::string_view kOther = "other";

void Require(bool condition, absl::string_view name, const char* what) {
  if (!condition) {
    ABSL_RAW_LOG(FATAL, "metric %s: %s", std::string(name).c_str(), what);
  }
}

absl::string_view KindName(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      return "histogram";
  }
  return "untyped";
}

using Names = absl::Span<const std::string>;

void RenderOne(std::string& out, absl::string_view name, Names label_names, Names values,
               const Counter& counter) {
  internal::AppendSeriesName(out, name, label_names, values);
  absl::StrAppend(&out, " ", counter.value(), "\n");
}

void RenderOne(std::string& out, absl::string_view name, Names label_names, Names values,
               const Gauge& gauge) {
  internal::AppendSeriesName(out, name, label_names, values);
  out += ' ';
  internal::AppendNumber(out, gauge.value());
  out += '\n';
}

void RenderOne(std::string& out, absl::string_view name, Names label_names, Names values,
               const Histogram& histogram) {
  const std::vector<uint64_t> counts = histogram.counts();
  uint64_t cumulative = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    cumulative += counts[i];
    std::string le = "le=\"";
    internal::AppendNumber(le, i < histogram.bounds().size() ? histogram.bounds()[i] : HUGE_VAL);
    le += '"';
    internal::AppendSeriesName(out, absl::StrCat(name, "_bucket"), label_names, values, le);
    absl::StrAppend(&out, " ", cumulative, "\n");
  }
  internal::AppendSeriesName(out, absl::StrCat(name, "_sum"), label_names, values);
  out += ' ';
  internal::AppendNumber(out, histogram.sum());
  out += '\n';
  internal::AppendSeriesName(out, absl::StrCat(name, "_count"), label_names, values);
  absl::StrAppend(&out, " ", cumulative, "\n");
}

}  // namespace

Histogram::Histogram(absl::Span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      counts_(std::make_unique<std::atomic<uint64_t>[]>(bounds.size() + 1)) {}

void Histogram::Observe(double value) {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  counts_[static_cast<size_t>(at - bounds_.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<uint64_t> Histogram::counts() const {
  std::vector<uint64_t> counts(bounds_.size() + 1);
  for (size_t i = 0; i < counts.size(); ++i) {
    counts[i] = counts_[i].load(std::memory_order_relaxed);
  }
  return counts;
}

absl::Span<const double> LatencyBuckets() {
  static constexpr double kBounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                       0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return kBounds;
}

namespace internal {

FamilyBase::FamilyBase(MetricKind kind, absl::string_view name, absl::string_view help,
                       std::vector<std::string> label_names)
    : kind_(kind), name_(name), help_(help), label_names_(std::move(label_names)) {
  Require(IsMetricName(name_), name_, "is not a metric name");
  Require(!help_.empty(), name_, "has no help");
  for (const std::string& label : label_names_) {
    Require(IsLabelName(label), name_, "has a label that is not a label name");
    Require(std::count(label_names_.begin(), label_names_.end(), label) == 1, name_,
            "has a label twice");
    Require(kind != MetricKind::kHistogram || label != "le", name_, "has a label called le");
  }
}

void FamilyBase::Render(std::string& out) const {
  std::string series;
  RenderSeries(series);
  if (series.empty()) {
    return;
  }
  absl::StrAppend(&out, "# HELP ", name_, " ");
  AppendEscapedText(out, help_, /*quoted=*/false);
  absl::StrAppend(&out, "\n# TYPE ", name_, " ", KindName(kind_), "\n", series);
}

size_t LabelsHash::operator()(absl::Span<const absl::string_view> values) const {
  return absl::Hash<absl::Span<const absl::string_view>>()(values);
}

size_t LabelsHash::operator()(const std::vector<std::string>& values) const {
  const std::vector<absl::string_view> views(values.begin(), values.end());
  return (*this)(absl::MakeConstSpan(views));
}

}  // namespace internal

template <typename Metric>
Metric& Family<Metric>::With(absl::Span<const absl::string_view> values) {
  Require(values.size() == label_names().size(), name(), "got a wrong number of label values");
  {
    absl::ReaderMutexLock lock(&mu_);
    const auto found = series_.find(values);
    if (found != series_.end()) {
      return *found->second;
    }
  }
  absl::MutexLock lock(&mu_);
  const bool room = series_.size() < max_series_ || series_.contains(values);
  std::vector<std::string> key(values.begin(), values.end());
  if (!room) {
    key.assign(values.size(), std::string(kOther));
  }
  std::unique_ptr<Metric>& metric = series_[std::move(key)];
  if (metric == nullptr) {
    metric = make_();
  }
  return *metric;
}

template <typename Metric>
void Family<Metric>::RenderSeries(std::string& out) const {
  absl::ReaderMutexLock lock(&mu_);
  std::vector<std::pair<Names, const Metric*>> sorted;
  sorted.reserve(series_.size());
  for (const auto& [values, metric] : series_) {
    sorted.emplace_back(values, metric.get());
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [values, metric] : sorted) {
    RenderOne(out, name(), label_names(), values, *metric);
  }
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

class Registry::CallbackFamily final : public internal::FamilyBase {
 public:
  using FamilyBase::FamilyBase;

  struct Entry {
    std::vector<std::string> values;
    std::function<double()> value;
  };
  // Guarded by the registry's mutex, under which Render runs.
  std::map<uint64_t, Entry> entries;

 private:
  void RenderSeries(std::string& out) const override {
    std::map<std::vector<std::string>, double> sums;
    for (const auto& [id, entry] : entries) {
      sums[entry.values] += entry.value();
    }
    for (const auto& [values, sum] : sums) {
      internal::AppendSeriesName(out, name(), label_names(), values);
      out += ' ';
      internal::AppendNumber(out, sum);
      out += '\n';
    }
  }
};

Registry::Registry(RegistryOptions options) : options_(options) {}
Registry::~Registry() = default;

template <typename Metric>
Family<Metric>& Registry::Declare(MetricKind kind, absl::string_view name, absl::string_view help,
                                  std::vector<std::string> label_names,
                                  typename Family<Metric>::Make make) {
  std::unique_ptr<internal::FamilyBase>& family = families_[std::string(name)];
  if (family == nullptr) {
    family = std::make_unique<Family<Metric>>(kind, name, help, std::move(label_names),
                                              options_.max_series, std::move(make));
  } else {
    Require(family->label_names() == label_names, name, "is declared with other labels");
  }
  auto* typed = dynamic_cast<Family<Metric>*>(family.get());
  Require(typed != nullptr, name, "is declared as another kind");
  return *typed;
}

Family<Counter>& Registry::Counters(absl::string_view name, absl::string_view help,
                                    std::vector<std::string> label_names) {
  absl::MutexLock lock(&mu_);
  return Declare<Counter>(MetricKind::kCounter, name, help, std::move(label_names),
                          [] { return std::make_unique<Counter>(); });
}

Family<Gauge>& Registry::Gauges(absl::string_view name, absl::string_view help,
                                std::vector<std::string> label_names) {
  absl::MutexLock lock(&mu_);
  return Declare<Gauge>(MetricKind::kGauge, name, help, std::move(label_names),
                        [] { return std::make_unique<Gauge>(); });
}

Family<Histogram>& Registry::Histograms(absl::string_view name, absl::string_view help,
                                        std::vector<std::string> label_names,
                                        absl::Span<const double> bounds) {
  const std::vector<double> copy(bounds.begin(), bounds.end());
  Require(!copy.empty(), name, "has no buckets");
  for (size_t i = 0; i < copy.size(); ++i) {
    Require(std::isfinite(copy[i]) && (i == 0 || copy[i - 1] < copy[i]), name,
            "has buckets that do not ascend");
  }
  absl::MutexLock lock(&mu_);
  const auto [known, first] = bounds_.emplace(std::string(name), copy);
  Require(first || known->second == copy, name, "is declared with other buckets");
  return Declare<Histogram>(MetricKind::kHistogram, name, help, std::move(label_names),
                            [copy] { return std::make_unique<Histogram>(copy); });
}

CallbackHandle Registry::AddCallback(MetricKind kind, absl::string_view name,
                                     absl::string_view help, const Labels& labels,
                                     std::function<double()> value) {
  std::vector<std::string> names;
  CallbackFamily::Entry entry{.values = {}, .value = std::move(value)};
  for (const auto& [label, text] : labels) {
    names.push_back(label);
    entry.values.push_back(text);
  }
  Require(kind != MetricKind::kHistogram, name, "cannot be a histogram of a callback");
  absl::MutexLock lock(&mu_);
  std::unique_ptr<internal::FamilyBase>& family = families_[std::string(name)];
  if (family == nullptr) {
    family = std::make_unique<CallbackFamily>(kind, name, help, names);
  }
  auto* callbacks = dynamic_cast<CallbackFamily*>(family.get());
  Require(callbacks != nullptr && callbacks->kind() == kind, name, "is declared as another kind");
  Require(callbacks->label_names() == names, name, "is declared with other labels");
  const uint64_t id = next_callback_++;
  callbacks->entries.emplace(id, std::move(entry));
  return CallbackHandle(this, id);
}

void Registry::RemoveCallback(uint64_t id) {
  absl::MutexLock lock(&mu_);
  for (const auto& [name, family] : families_) {
    if (auto* callbacks = dynamic_cast<CallbackFamily*>(family.get())) {
      callbacks->entries.erase(id);
    }
  }
}

std::string Registry::Scrape() const {
  std::string out;
  absl::MutexLock lock(&mu_);
  for (const auto& [name, family] : families_) {
    family->Render(out);
  }
  return out;
}

CallbackHandle& CallbackHandle::operator=(CallbackHandle&& other) noexcept {
  if (this != &other) {
    Release();
    registry_ = std::exchange(other.registry_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

void CallbackHandle::Release() {
  if (registry_ != nullptr) {
    std::exchange(registry_, nullptr)->RemoveCallback(id_);
  }
}

}  // namespace baimi::observe
