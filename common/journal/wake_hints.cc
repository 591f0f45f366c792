#include "common/journal/wake_hints.h"

#include "common/journal/listeners.h"

namespace baimi::journal {
namespace {

class LocalWakeHints final : public WakeHints {
 public:
  void Publish(absl::string_view county, int64_t seq) override { listeners_.Call(county, seq); }
  std::unique_ptr<Listener> Listen(Callback callback) override {
    return listeners_.Add(std::move(callback));
  }

 private:
  internal::Listeners listeners_;
};

}  // namespace

std::unique_ptr<WakeHints> NewLocalWakeHints() { return std::make_unique<LocalWakeHints>(); }

}  // namespace baimi::journal
