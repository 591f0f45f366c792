#include "common/cache/shard.h"

#include <algorithm>
#include <utility>

namespace baimi::cache::internal {
namespace {

// Control block of the value and slot of the set, roughly.
constexpr size_t kOverhead = 48;

}  // namespace

void Shard::Unlink(Link& link) {
  link.previous->next = link.next;
  link.next->previous = link.previous;
  link.previous = link.next = &link;
}

void Shard::PushFront(Link& list, Link& link) {
  link.previous = &list;
  link.next = list.next;
  list.next->previous = &link;
  list.next = &link;
}

size_t Shard::SizeOf(absl::string_view key, const Value& value) {
  return sizeof(Entry) + kOverhead + key.size() +
         (value ? sizeof(std::string) + value->capacity() : 0);
}

Shard::Entry* Shard::Find(absl::string_view key) {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->get();
}

Value Shard::Get(absl::string_view key, int64_t min_version, absl::Time now) {
  Value expired;  // Freed after the lock, as everywhere below.
  absl::MutexLock lock(&mu_);
  Entry* entry = Find(key);
  if (entry == nullptr || entry->value == nullptr) {
    ++stats_.misses;
    return nullptr;
  }
  if (now >= entry->expires) {
    ++stats_.misses;
    expired = entry->value;
    DropValue(*entry, now);
    return nullptr;
  }
  if (entry->version < min_version) {
    ++stats_.too_old;
    return nullptr;
  }
  ++stats_.hits;
  entry->used = true;
  return entry->value;
}

void Shard::Put(absl::string_view key, Value value, int64_t version, absl::Time expires,
                absl::Time now) {
  if (SizeOf(key, value) > budget_) {
    Invalidate(key, version, now);
    return;
  }
  Value replaced;
  absl::MutexLock lock(&mu_);
  Entry* entry = Find(key);
  if (entry == nullptr ? now < fenced_until_ : now < entry->closed_until) {
    ++stats_.rejected;
    return;
  }
  if (entry != nullptr && version < entry->version) {
    const bool live = entry->value != nullptr && now < entry->expires;
    if (live || now < entry->guarded_until) {
      ++stats_.rejected;
      return;
    }
  }
  if (entry == nullptr) {
    entry = &Insert(key);
  }
  ++stats_.puts;
  replaced = entry->value;
  Assign(*entry, std::move(value));
  entry->version = version;
  entry->expires = expires;
  MakeRoom(now);
}

void Shard::Invalidate(absl::string_view key, int64_t version, absl::Time now) {
  Value replaced;
  absl::MutexLock lock(&mu_);
  ++stats_.invalidations;
  Entry* entry = Find(key);
  if (entry == nullptr) {
    entry = &Insert(key);
    entry->closed_until = fenced_until_;
  }
  const bool live = entry->value != nullptr && now < entry->expires;
  if (!live || entry->version < version) {
    replaced = entry->value;
    Assign(*entry, nullptr);
  }
  const bool binding = live || now < entry->guarded_until;
  entry->version = binding ? std::max(entry->version, version) : version;
  entry->guarded_until = now + guard_;
  MakeRoom(now);
}

void Shard::Delete(absl::string_view key) {
  Value deleted;
  absl::MutexLock lock(&mu_);
  if (Entry* entry = Find(key)) {
    deleted = entry->value;
    Erase(*entry);
  }
}

void Shard::Clear() {
  decltype(entries_) cleared;
  absl::MutexLock lock(&mu_);
  cleared.swap(entries_);
  values_.previous = values_.next = &values_;
  tombstones_.previous = tombstones_.next = &tombstones_;
  bytes_ = tombstone_bytes_ = 0;
  fenced_until_ = absl::InfinitePast();
}

void Shard::AddTo(CacheStats& stats) const {
  absl::MutexLock lock(&mu_);
  stats.hits += stats_.hits;
  stats.misses += stats_.misses;
  stats.too_old += stats_.too_old;
  stats.puts += stats_.puts;
  stats.rejected += stats_.rejected;
  stats.invalidations += stats_.invalidations;
  stats.evictions += stats_.evictions;
  stats.entries += entries_.size();
  stats.bytes += bytes_;
}

Shard::Entry& Shard::Insert(absl::string_view key) {
  auto made = std::make_unique<Entry>();
  Entry& entry = *made;
  entry.key = std::string(key);
  entries_.insert(std::move(made));
  Count(entry, true);
  PushFront(tombstones_, entry);
  return entry;
}

void Shard::Count(const Entry& entry, bool add) {
  // Unsigned arithmetic wraps, so that adding the negation subtracts.
  const size_t size = SizeOf(entry.key, entry.value);
  const size_t change = add ? size : size_t{0} - size;
  bytes_ += change;
  if (entry.value == nullptr) {
    tombstone_bytes_ += change;
  }
}

void Shard::Assign(Entry& entry, Value value) {
  Count(entry, false);
  entry.value = std::move(value);
  Count(entry, true);
  Unlink(entry);
  PushFront(entry.value == nullptr ? tombstones_ : values_, entry);
}

void Shard::Erase(Entry& entry) {
  Count(entry, false);
  Unlink(entry);
  entries_.erase(entries_.find(absl::string_view(entry.key)));
}

void Shard::DropValue(Entry& entry, absl::Time now) {
  if (now < entry.guarded_until) {
    Assign(entry, nullptr);
  } else {
    Erase(entry);
  }
}

void Shard::MakeRoom(absl::Time now) {
  while (bytes_ > budget_) {
    Entry* oldest =
        tombstones_.previous == &tombstones_ ? nullptr : static_cast<Entry*>(tombstones_.previous);
    Entry* candidate =
        values_.previous == &values_ ? nullptr : static_cast<Entry*>(values_.previous);
    const bool guards_fit = tombstone_bytes_ <= budget_ / 2;
    if (oldest != nullptr && now >= oldest->guarded_until) {
      Erase(*oldest);
    } else if (candidate != nullptr && (guards_fit || oldest == nullptr)) {
      if (std::exchange(candidate->used, false)) {
        Unlink(*candidate);
        PushFront(values_, *candidate);
        continue;
      }
      stats_.evictions += now < candidate->expires ? 1 : 0;
      DropValue(*candidate, now);
    } else {
      fenced_until_ = std::max(fenced_until_, oldest->guarded_until);
      Erase(*oldest);
    }
  }
}

}  // namespace baimi::cache::internal
