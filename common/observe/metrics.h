// Counters, gauges and histograms, and their Prometheus text form (0.0.4).
//
//   auto& served = registry.Counters("baimi_rpc_served_total", "Finished calls.",
//                                    {"method", "code"});
//   Counter& ok = served.With({method, "OK"});   // look up once, keep the reference
//   ok.Add();                                    // lock-free
//
// A series lives as long as its registry. Names and label names are checked when they are declared
// and a wrong one ends the process: they are constants of the program. Label values are free text,
// but never personal data and never ids without bound: a family holds at most max_series series and
// every further combination of values is counted in one series whose labels are all "other".
#ifndef BAIMI_COMMON_OBSERVE_METRICS_H_
#define BAIMI_COMMON_OBSERVE_METRICS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace baimi::observe {

enum class MetricKind { kCounter, kGauge, kHistogram };

// Only grows. Each on its own cache line.
class alignas(64) Counter {
 public:
  void Add(uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class alignas(64) Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  void Add(double delta) { value_.fetch_add(delta, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class alignas(64) Histogram {
 public:
  // `bounds`: inclusive upper bounds, strictly ascending and finite; a last one of +Inf is implied.
  explicit Histogram(absl::Span<const double> bounds);

  void Observe(double value);
  // In seconds.
  void Observe(absl::Duration value) { Observe(absl::ToDoubleSeconds(value)); }

  absl::Span<const double> bounds() const { return bounds_; }
  // Not cumulative; one more than bounds.
  std::vector<uint64_t> counts() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const std::vector<double> bounds_;
  const std::unique_ptr<std::atomic<uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

// 100 us to 10 s in steps of 1, 2.5, 5.
absl::Span<const double> LatencyBuckets();

namespace internal {

class FamilyBase {
 public:
  FamilyBase(MetricKind kind, absl::string_view name, absl::string_view help,
             std::vector<std::string> label_names);
  virtual ~FamilyBase() = default;
  MetricKind kind() const { return kind_; }
  const std::string& name() const { return name_; }
  const std::vector<std::string>& label_names() const { return label_names_; }
  // With HELP and TYPE; nothing while there is no series.
  void Render(std::string& out) const;

 protected:
  virtual void RenderSeries(std::string& out) const = 0;

 private:
  const MetricKind kind_;
  const std::string name_;
  const std::string help_;
  const std::vector<std::string> label_names_;
};

// Label values as a key that can be looked up without copying them.
struct LabelsHash {
  using is_transparent = void;
  size_t operator()(absl::Span<const absl::string_view> values) const;
  size_t operator()(const std::vector<std::string>& values) const;
};
struct LabelsEqual {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }
};

}  // namespace internal

// The series of one name. Thread-safe.
template <typename Metric>
class Family final : public internal::FamilyBase {
 public:
  using Make = std::function<std::unique_ptr<Metric>()>;
  Family(MetricKind kind, absl::string_view name, absl::string_view help,
         std::vector<std::string> label_names, size_t max_series, Make make)
      : FamilyBase(kind, name, help, std::move(label_names)),
        max_series_(max_series),
        make_(std::move(make)) {}

  // One value per label name, in their order; made on first use. A lookup takes a shared lock, so
  // hot paths keep the reference.
  Metric& With(absl::Span<const absl::string_view> values);
  Metric& With(std::initializer_list<absl::string_view> values) {
    return With(absl::MakeConstSpan(values.begin(), values.size()));
  }

 private:
  void RenderSeries(std::string& out) const override;

  const size_t max_series_;
  const Make make_;
  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::vector<std::string>, std::unique_ptr<Metric>, internal::LabelsHash,
                      internal::LabelsEqual>
      series_ ABSL_GUARDED_BY(mu_);
};

extern template class Family<Counter>;
extern template class Family<Gauge>;
extern template class Family<Histogram>;

using Labels = std::vector<std::pair<std::string, std::string>>;

class Registry;

// Takes its callback out of the registry when destroyed; afterwards the callback is not running and
// is not called again. Must not outlive the registry.
class [[nodiscard]] CallbackHandle {
 public:
  CallbackHandle() = default;
  CallbackHandle(CallbackHandle&& other) noexcept
      : registry_(std::exchange(other.registry_, nullptr)), id_(other.id_) {}
  CallbackHandle& operator=(CallbackHandle&& other) noexcept;
  ~CallbackHandle() { Release(); }

 private:
  friend class Registry;
  CallbackHandle(Registry* registry, uint64_t id) : registry_(registry), id_(id) {}
  void Release();

  Registry* registry_ = nullptr;
  uint64_t id_ = 0;
};

struct RegistryOptions {
  // Series per family before "other". Default: 1000.
  size_t max_series = 1000;
};

// Thread-safe. Declaring the same name again with the same kind, labels and buckets gives the same
// family (the services of one process share it); a difference ends the process.
class Registry {
 public:
  explicit Registry(RegistryOptions options = {});
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // By convention counters end in _total.
  Family<Counter>& Counters(absl::string_view name, absl::string_view help,
                            std::vector<std::string> label_names = {});
  Family<Gauge>& Gauges(absl::string_view name, absl::string_view help,
                        std::vector<std::string> label_names = {});
  // No label may be called "le".
  Family<Histogram>& Histograms(absl::string_view name, absl::string_view help,
                                std::vector<std::string> label_names,
                                absl::Span<const double> bounds);

  // A series whose value is asked for at each scrape. `kind` is a counter or a gauge. Callbacks of
  // one name have the same label names; those with equal values are added up. A callback must be
  // quick and must not use the registry.
  CallbackHandle AddCallback(MetricKind kind, absl::string_view name, absl::string_view help,
                             const Labels& labels, std::function<double()> value);

  // Everything, families by name and series by label values: a pure function of the values. Serve
  // it as kContentType.
  std::string Scrape() const;
  static constexpr absl::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  friend class CallbackHandle;
  class CallbackFamily;

  template <typename Metric>
  Family<Metric>& Declare(MetricKind kind, absl::string_view name, absl::string_view help,
                          std::vector<std::string> label_names, typename Family<Metric>::Make make);
  void RemoveCallback(uint64_t id);

  const RegistryOptions options_;
  mutable absl::Mutex mu_;
  std::map<std::string, std::unique_ptr<internal::FamilyBase>> families_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::vector<double>> bounds_ ABSL_GUARDED_BY(mu_);
  uint64_t next_callback_ ABSL_GUARDED_BY(mu_) = 1;
};

}  // namespace baimi::observe

#endif  // BAIMI_COMMON_OBSERVE_METRICS_H_
