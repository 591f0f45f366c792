#include "common/testing/faults.h"

#include <vector>

#include "absl/status/statusor.h"
#include "common/testing/matchers.h"

namespace baimi::test {
namespace {

// What 100 calls gave: '.' an answer, 'e' an error before the peer, 'd' an answer that was lost.
std::string Sequence(PeerFaults& faults) {
  std::string sequence;
  for (int i = 0; i < 100; ++i) {
    bool reached = false;
    const absl::StatusOr<int> answer = faults.Wrap([&]() -> absl::StatusOr<int> {
      reached = true;
      return i;
    });
    sequence.push_back(answer.ok() ? '.' : reached ? 'd' : 'e');
  }
  return sequence;
}

TEST(PeerFaults, NoPlan_PassesEverythingOn) {
  PeerFaults faults;
  EXPECT_EQ(Sequence(faults), std::string(100, '.'));
  EXPECT_EQ(faults.injected(), 0);
}

TEST(PeerFaults, SameSeed_SameFaults) {
  const PeerFaultPlan plan{.seed = 5, .error_chance = 0.3, .drop_chance = 0.3};
  PeerFaults faults(plan);
  const std::string first = Sequence(faults);
  for (const char kind : {'.', 'e', 'd'}) {
    EXPECT_NE(first.find(kind), std::string::npos) << kind;
  }
  const int64_t injected = faults.injected();
  EXPECT_EQ(injected, 100 - std::count(first.begin(), first.end(), '.'));
  faults.SetPlan(plan);
  EXPECT_EQ(Sequence(faults), first);
  faults.SetPlan({.seed = 6, .error_chance = 0.3, .drop_chance = 0.3});
  EXPECT_NE(Sequence(faults), first);
}

TEST(PeerFaults, Error_IsThePlans) {
  PeerFaults faults({.error_chance = 1, .error = absl::DeadlineExceededError("slow")});
  EXPECT_THAT(faults.Wrap([] { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST(PeerFaults, Timeout_ComesAfterThePeerDidTheCall) {
  PeerFaults faults({.timeout_chance = 1});
  bool reached = false;
  EXPECT_THAT(faults.Wrap([&reached] {
    reached = true;
    return absl::OkStatus();
  }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(reached);
  EXPECT_EQ(faults.injected(&PeerFaultPlan::timeout_chance), 1);
}

TEST(PeerFaults, Delay_RunsBeforeThePeer) {
  std::vector<int> order;
  PeerFaults faults({.delay_chance = 1, .delay = [&order] { order.push_back(1); }});
  EXPECT_THAT(faults.Wrap([&order] {
    order.push_back(2);
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace baimi::test
