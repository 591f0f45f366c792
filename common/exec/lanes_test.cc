#include "common/exec/lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "common/exec/lane_metrics.h"

namespace baimi::exec {
namespace {

using ::testing::HasSubstr;
namespace pb = ::baimi::options::v1;

LanesOptions Small(const Clock& clock) {
  return {.interactive = {.threads = 1, .queue = 0},
          .bulk = {.threads = 1, .queue = 0},
          .background = {.threads = 1, .queue = 0},
          .admin = {.threads = 1, .queue = 0},
          .clock = &clock,
          .on_wait = {}};
}

Task Blocking(absl::Notification& entered, absl::Notification& release) {
  return {.run =
              [&] {
                entered.Notify();
                release.WaitForNotification();
              },
          .on_drop = {}};
}

TEST(Lanes, Find_OnlyLanesWithAnExecutor) {
  SimulatedClock clock(absl::UnixEpoch());
  Lanes lanes(Small(clock));
  for (const pb::Lane lane : kLanes) {
    ASSERT_NE(lanes.Find(lane), nullptr);
    EXPECT_EQ(lanes.Find(lane)->name(), LaneName(lane));
  }
  EXPECT_EQ(lanes.Find(pb::INLINE), nullptr);
  EXPECT_EQ(lanes.Find(pb::LANE_UNSPECIFIED), nullptr);
  EXPECT_EQ(lanes.Find(static_cast<pb::Lane>(99)), nullptr);
  EXPECT_EQ(LaneName(static_cast<pb::Lane>(99)), "unknown");
}

TEST(Lanes, FullLane_DoesNotHoldUpTheOthers) {
  SimulatedClock clock(absl::UnixEpoch());
  Lanes lanes(Small(clock));
  absl::Notification entered;
  absl::Notification release;
  ASSERT_EQ(lanes.Find(pb::INTERACTIVE)->TrySubmit(Blocking(entered, release)),
            Admission::kAccepted);
  entered.WaitForNotification();
  EXPECT_EQ(lanes.Find(pb::INTERACTIVE)->TrySubmit({.run = [] {}, .on_drop = {}}),
            Admission::kFull);
  for (const pb::Lane lane : {pb::BULK, pb::BACKGROUND, pb::ADMIN}) {
    absl::Notification done;
    ASSERT_EQ(lanes.Find(lane)->TrySubmit({.run = [&] { done.Notify(); }, .on_drop = {}}),
              Admission::kAccepted);
    done.WaitForNotification();
  }
  release.Notify();
  lanes.Stop(StopMode::kFinish);
  EXPECT_EQ(lanes.Find(pb::ADMIN)->TrySubmit({.run = [] {}, .on_drop = {}}), Admission::kStopped);
}

TEST(LaneMetrics, Export_ShowsRefusalsAndWaits) {
  SimulatedClock clock(absl::UnixEpoch());
  observe::Registry registry;
  LaneMetrics metrics(registry, "ticket");
  LanesOptions options = Small(clock);
  options.on_wait = metrics.WaitHook();
  Lanes lanes(options);
  metrics.Watch(lanes);
  absl::Notification entered;
  absl::Notification release;
  ASSERT_EQ(lanes.Find(pb::BULK)->TrySubmit(Blocking(entered, release)), Admission::kAccepted);
  entered.WaitForNotification();
  ASSERT_EQ(lanes.Find(pb::BULK)->TrySubmit({.run = [] {}, .on_drop = {}}), Admission::kFull);
  const std::string text = registry.Scrape();
  EXPECT_THAT(text, HasSubstr("baimi_lane_running{service=\"ticket\",lane=\"bulk\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("baimi_lane_queued{service=\"ticket\",lane=\"bulk\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("baimi_lane_refused_total{service=\"ticket\",lane=\"bulk\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("baimi_lane_wait_seconds_count{service=\"ticket\",lane=\"bulk\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("baimi_lane_refused_total{service=\"ticket\",lane=\"admin\"} 0\n"));
  release.Notify();
}

}  // namespace
}  // namespace baimi::exec
