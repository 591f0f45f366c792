// Who reads what is published and works out what was withheld: by trying, not by flows.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_TESTING_ATTACKER_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_TESTING_ATTACKER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace baimi::ticket::domain {

// Whole numbers in ranges, and sums of them that are known to be 0. Looks at every number that is
// still possible, so it is exact, and slow.
class Attacker {
 public:
  struct Bounds {
    int64_t low = 0;
    int64_t high = 0;
  };

  // Returns its index.
  size_t AddNumber(int64_t low, int64_t high);
  // Pairs of index and factor, 1 or -1.
  void AddSum(std::vector<std::pair<size_t, int>> sum);

  // Knows what `other` knows too. Returns what is added to its indices.
  size_t Join(const Attacker& other);

  // Whether anything fits at all.
  bool IsPossible() const;
  // The least and the greatest value of the number that fits everything.
  Bounds BoundsOf(size_t number) const;

 private:
  // Narrows until nothing changes; false when nothing fits.
  bool Narrow(std::vector<Bounds>& bounds) const;
  bool Fits(std::vector<Bounds> bounds) const;

  std::vector<Bounds> bounds_;
  std::vector<std::vector<std::pair<size_t, int>>> sums_;
};

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_TESTING_ATTACKER_H_
