#include "common/text/similarity.h"

#include <algorithm>
#include <cmath>

#include "common/text/analyzer.h"

namespace baimi::text {
namespace {

struct Sums {
  double shared = 0;  // distinct tokens in both
  double dot = 0;
};

Sums Merge(const Profile& a, const Profile& b) {
  Sums sums;
  auto x = a.counts().begin();
  auto y = b.counts().begin();
  while (x != a.counts().end() && y != b.counts().end()) {
    const int order = x->first.compare(y->first);
    if (order == 0) {
      sums.shared += 1;
      sums.dot += static_cast<double>(x->second) * y->second;
    }
    x += order <= 0 ? 1 : 0;
    y += order >= 0 ? 1 : 0;
  }
  return sums;
}

double SquaredNorm(const Profile& profile) {
  double sum = 0;
  for (const auto& [token, count] : profile.counts()) {
    sum += static_cast<double>(count) * count;
  }
  return sum;
}

}  // namespace

Profile::Profile(absl::string_view text) {
  std::vector<std::string> tokens = Tokens(text);
  std::sort(tokens.begin(), tokens.end());
  for (std::string& token : tokens) {
    if (!counts_.empty() && counts_.back().first == token) {
      ++counts_.back().second;
    } else {
      counts_.emplace_back(std::move(token), 1);
    }
  }
}

double Jaccard(const Profile& a, const Profile& b) {
  if (a.empty() || b.empty()) {
    return 0;
  }
  const double shared = Merge(a, b).shared;
  return shared / (static_cast<double>(a.counts().size() + b.counts().size()) - shared);
}

double Cosine(const Profile& a, const Profile& b) {
  if (a.empty() || b.empty()) {
    return 0;
  }
  return std::min(1.0, Merge(a, b).dot / std::sqrt(SquaredNorm(a) * SquaredNorm(b)));
}

}  // namespace baimi::text
