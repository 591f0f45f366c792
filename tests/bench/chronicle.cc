#include "tests/bench/chronicle.h"

namespace baimi::bench {
namespace {

constexpr size_t kOpenKept = 40;

}  // namespace

void Chronicle::Open(const ticket::v1::Ticket& ticket) {
  absl::MutexLock lock(&mu_);
  std::vector<std::string>& names = open_[ticket.category()];
  names.push_back(ticket.name());
  if (names.size() > kOpenKept) {
    names.erase(names.begin());
  }
}

std::string Chronicle::OpenOne(const std::string& category, uint32_t draw) const {
  absl::MutexLock lock(&mu_);
  const auto found = open_.find(category);
  return found == open_.end() ? "" : found->second[draw % found->second.size()];
}

void Chronicle::Count(const std::string& what) {
  absl::MutexLock lock(&mu_);
  ++counts_[what];
}

std::map<std::string, int64_t> Chronicle::counts() const {
  absl::MutexLock lock(&mu_);
  return counts_;
}

}  // namespace baimi::bench
