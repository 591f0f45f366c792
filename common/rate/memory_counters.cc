#include "common/rate/buckets.h"
#include "common/rate/counters.h"

namespace baimi::rate {
namespace {

class MemoryCounters final : public Counters {
 public:
  explicit MemoryCounters(const Clock* clock) : clock_(*clock) {}
  Decision Take(absl::string_view key, const Limit& limit) override {
    return buckets_.Take(key, limit, clock_.Now());
  }

 private:
  const Clock& clock_;
  internal::Buckets buckets_{/*told=*/false};
};

}  // namespace

std::unique_ptr<Counters> NewMemoryCounters(const Clock* clock) {
  return std::make_unique<MemoryCounters>(clock);
}

}  // namespace baimi::rate
