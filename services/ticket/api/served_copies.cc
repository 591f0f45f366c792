#include "services/ticket/api/served_copies.h"

#include <utility>

#include "absl/hash/hash.h"

namespace baimi::ticket::api {

ServedCopies::Place& ServedCopies::PlaceOf(absl::string_view name, PiiView view) {
  return places_[absl::HashOf(name, static_cast<int>(view)) % places_.size()];
}

std::shared_ptr<const ServedCopy> ServedCopies::Find(absl::string_view name, PiiView view,
                                                     const cache::Value& source,
                                                     int64_t destructions, absl::Time now) {
  Place& place = PlaceOf(name, view);
  std::shared_ptr<const ServedCopy> copy;
  {
    absl::MutexLock lock(&place.mu);
    copy = place.copy;
  }
  // A value of the cache belongs to one name, so that another order's copy is never taken.
  const bool holds = copy != nullptr && copy->source == source && copy->answer->view() == view &&
                     copy->destructions == destructions && now - copy->made < kMaxAge;
  return holds ? copy : nullptr;
}

void ServedCopies::Keep(absl::string_view name, std::shared_ptr<const ServedCopy> copy) {
  if (copy->answer->view() == PiiView::kFull || copy->answer->bytes().size() > kLargest) {
    return;
  }
  Place& place = PlaceOf(name, copy->answer->view());
  absl::MutexLock lock(&place.mu);
  place.copy = std::move(copy);
}

}  // namespace baimi::ticket::api
