#include "services/ticket/domain/testing_attacker.h"

#include <algorithm>
#include <utility>

namespace baimi::ticket::domain {

size_t Attacker::AddNumber(int64_t low, int64_t high) {
  bounds_.push_back({low, high});
  return bounds_.size() - 1;
}

void Attacker::AddSum(std::vector<std::pair<size_t, int>> sum) { sums_.push_back(std::move(sum)); }

size_t Attacker::Join(const Attacker& other) {
  const size_t shift = bounds_.size();
  bounds_.insert(bounds_.end(), other.bounds_.begin(), other.bounds_.end());
  for (std::vector<std::pair<size_t, int>> sum : other.sums_) {
    for (auto& [number, factor] : sum) {
      number += shift;
    }
    sums_.push_back(std::move(sum));
  }
  return shift;
}

bool Attacker::Narrow(std::vector<Bounds>& bounds) const {
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& sum : sums_) {
      // Of all but one, the rest must be able to make up for it.
      int64_t low = 0;
      int64_t high = 0;
      for (const auto& [number, factor] : sum) {
        low += factor > 0 ? bounds[number].low : -bounds[number].high;
        high += factor > 0 ? bounds[number].high : -bounds[number].low;
      }
      for (const auto& [number, factor] : sum) {
        Bounds& own = bounds[number];
        const int64_t least = low - (factor > 0 ? own.low : -own.high);
        const int64_t most = high - (factor > 0 ? own.high : -own.low);
        const Bounds allowed = factor > 0 ? Bounds{-most, -least} : Bounds{least, most};
        const Bounds now{std::max(own.low, allowed.low), std::min(own.high, allowed.high)};
        if (now.low > now.high) {
          return false;
        }
        if (now.low != own.low || now.high != own.high) {
          own = now;
          changed = true;
          break;
        }
      }
    }
  }
  return true;
}

bool Attacker::Fits(std::vector<Bounds> bounds) const {
  if (!Narrow(bounds)) {
    return false;
  }
  size_t open = bounds.size();
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (bounds[i].low < bounds[i].high &&
        (open == bounds.size() ||
         bounds[i].high - bounds[i].low < bounds[open].high - bounds[open].low)) {
      open = i;
    }
  }
  if (open == bounds.size()) {
    return true;
  }
  for (int64_t value = bounds[open].low; value <= bounds[open].high; ++value) {
    std::vector<Bounds> next = bounds;
    next[open] = {value, value};
    if (Fits(std::move(next))) {
      return true;
    }
  }
  return false;
}

bool Attacker::IsPossible() const { return Fits(bounds_); }

Attacker::Bounds Attacker::BoundsOf(size_t number) const {
  std::vector<Bounds> narrowed = bounds_;
  Narrow(narrowed);
  const auto fits = [&](int64_t value) {
    std::vector<Bounds> bounds = narrowed;
    bounds[number] = {value, value};
    return Fits(std::move(bounds));
  };
  Bounds found = narrowed[number];
  while (found.low < found.high && !fits(found.low)) {
    ++found.low;
  }
  while (found.high > found.low && !fits(found.high)) {
    --found.high;
  }
  return found;
}

}  // namespace baimi::ticket::domain
