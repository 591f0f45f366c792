#include "services/grid_registry/api/county_cache.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/journal/writer.h"

namespace baimi::registry::api {
namespace {

// Puts the rows changed after `seq` over those in `rows`.
template <typename T>
absl::Status Merge(const store::Table<T>& table, sql::Reader& reader, absl::string_view county,
                   int64_t seq, domain::Rows<T>* rows) {
  return table.Changed(reader, county, seq, [&](std::string id, T row) {
    (*rows)[std::move(id)] = std::make_shared<const T>(std::move(row));
  });
}

domain::Rows<v1::Unit> OfficesOf(const domain::Rows<v1::Unit>& units) {
  domain::Rows<v1::Unit> offices;
  for (const auto& [id, unit] : units) {
    if (unit->kind() == v1::TOWNSHIP_GOVERNMENT || unit->kind() == v1::VILLAGE_COMMITTEE) {
      offices.emplace(unit->area().substr(unit->area().rfind('/') + 1), unit);
    }
  }
  return offices;
}

}  // namespace

CountyCache::CountyCache(sql::Database* database, const store::RegistryStore* store,
                         const Clock* clock, const CountyCacheOptions& options)
    : database_(database), store_(store), clock_(clock), options_(options) {}

void CountyCache::Committed(absl::string_view county, int64_t seq) {
  const std::shared_ptr<Slot> slot = SlotOf(county);
  absl::MutexLock lock(&slot->mu);
  slot->committed = std::max(slot->committed, seq);
}

std::shared_ptr<CountyCache::Slot> CountyCache::SlotOf(absl::string_view county) {
  absl::MutexLock lock(&mu_);
  std::shared_ptr<Slot>& slot = slots_[county];
  if (slot == nullptr) {
    slot = std::make_shared<Slot>();
  }
  return slot;
}

std::shared_ptr<const County> CountyCache::Fresh(Slot& slot, int64_t min_seq) {
  absl::MutexLock lock(&slot.mu);
  const bool fresh = slot.current != nullptr &&
                     slot.current->seq >= std::max(slot.committed, min_seq) &&
                     clock_->Now() - slot.checked < options_.max_age;
  return fresh ? slot.current : nullptr;
}

std::shared_ptr<const County> CountyCache::Peek(const Call& call) {
  return Fresh(*SlotOf(call.county), call.min_seq);
}

absl::StatusOr<std::shared_ptr<const County>> CountyCache::Get(const Call& call) {
  const std::shared_ptr<Slot> slot = SlotOf(call.county);
  if (auto county = Fresh(*slot, call.min_seq)) {
    return county;
  }
  absl::MutexLock refreshing(&slot->refreshing);
  if (auto county = Fresh(*slot, call.min_seq)) {
    return county;
  }
  std::shared_ptr<const County> previous;
  {
    absl::MutexLock lock(&slot->mu);
    previous = slot->current;
  }
  const absl::Time now = clock_->Now();
  BAIMI_ASSIGN_OR_RETURN(std::shared_ptr<const County> next, Refresh(call, std::move(previous)));
  absl::MutexLock lock(&slot->mu);
  slot->current = next;
  slot->checked = now;
  return next;
}

absl::StatusOr<std::shared_ptr<const County>> CountyCache::Refresh(
    const Call& call, std::shared_ptr<const County> previous) {
  const std::string& county = call.county;
  auto next = std::make_shared<County>();
  const int64_t known = previous == nullptr ? 0 : previous->seq;
  std::shared_ptr<domain::CountyRows> rows;
  BAIMI_RETURN_IF_ERROR(
      database_->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(next->seq, journal::HeadSeq(reader, county, journal::kMainStream));
        if (previous != nullptr && next->seq == known) {
          return absl::OkStatus();
        }
        rows = previous == nullptr ? std::make_shared<domain::CountyRows>()
                                   : std::make_shared<domain::CountyRows>(previous->rows());
        BAIMI_RETURN_IF_ERROR(Merge(store_->areas, reader, county, known, &rows->areas));
        BAIMI_RETURN_IF_ERROR(Merge(store_->grids, reader, county, known, &rows->grids));
        BAIMI_RETURN_IF_ERROR(Merge(store_->units, reader, county, known, &rows->units));
        return Merge(store_->estates, reader, county, known, &rows->estates);
      }));
  if (rows == nullptr) {
    return previous;
  }
  next->offices = OfficesOf(rows->units);
  BAIMI_ASSIGN_OR_RETURN(
      next->locate,
      domain::BuildLocateIndex(std::move(rows), previous == nullptr ? nullptr : &previous->locate));
  return std::shared_ptr<const County>(std::move(next));
}

}  // namespace baimi::registry::api
