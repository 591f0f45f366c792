// What every row of the registry has in common: times, an etag with its version, and events that
// hold the whole row. T is Area, Grid, Unit or Estate. Pure.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_ROW_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_ROW_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "baimi/registry/v1/events.pb.h"
#include "baimi/registry/v1/resources.pb.h"
#include "common/base/error.h"
#include "common/resource/etag.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/protobuf/util/time_util.h"

namespace baimi::registry::domain {

// The version in the etag of a stored row; 0 for null.
template <typename T>
int64_t VersionOf(const T* row) {
  return row == nullptr ? 0 : resource::ParseEtag(row->etag()).value_or(0);
}

// Equal but for times and etag: an import or update that changes nothing writes nothing.
template <typename T>
bool SameContent(const T& a, T b) {
  *b.mutable_create_time() = a.create_time();
  *b.mutable_update_time() = a.update_time();
  b.set_etag(a.etag());
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

// Sets times and etag of the row that follows `current` (null: the first one).
template <typename T>
void Stamp(const T* current, absl::Time now, T* wanted) {
  const auto time =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(now));
  *wanted->mutable_create_time() = current == nullptr ? time : current->create_time();
  *wanted->mutable_update_time() = time;
  wanted->set_etag(resource::Etag(VersionOf(current) + 1));
}

inline const v1::Area& RowOf(const v1::AreaSaved& event) { return event.area(); }
inline const v1::Grid& RowOf(const v1::GridSaved& event) { return event.grid(); }
inline const v1::Unit& RowOf(const v1::UnitSaved& event) { return event.unit(); }
inline const v1::Estate& RowOf(const v1::EstateSaved& event) { return event.estate(); }

// The row after an event: replaying the journal gives the rows. INTERNAL when the event cannot
// follow `row` (null: none yet): another resource, or a version that is not the next one.
template <typename T, typename Event>
absl::StatusOr<T> Apply(const T* row, const Event& event) {
  const T& next = RowOf(event);
  if (event.created() != (row == nullptr) || VersionOf(&next) != VersionOf(row) + 1 ||
      (row != nullptr && row->name() != next.name())) {
    return Internal(absl::StrCat("event for ", next.name(), " ", next.etag(),
                                 " cannot follow version ", VersionOf(row)));
  }
  return next;
}

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_ROW_H_
