#include "tests/bench/year.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/sql/database.h"
#include "tests/bench/county.h"
#include "tests/bench/life.h"
#include "tests/bench/recount.h"

namespace baimi::bench {
namespace {

constexpr absl::CivilDay kFirstDay(2025, 1, 1);
constexpr int kDays = 365;
// Orders still open so long after the year have no end.
constexpr int kMostDays = 3 * kDays;
// Of a day's orders, by hour: quiet nights, busy at 10 and 14 (domain.md §9).
constexpr int kByHour[] = {1, 1, 1,  1, 1, 1, 2, 4, 8, 10, 12, 8,
                           5, 6, 11, 9, 8, 6, 4, 4, 3, 3,  2,  1};

// Runs job(0) ... job(count - 1) on at most `threads` threads; the first error.
absl::Status ForEach(size_t count, size_t threads, const std::function<absl::Status(size_t)>& job) {
  std::atomic<size_t> next = 0;
  absl::Mutex mu;
  absl::Status first;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) {
      const absl::Status status = job(i);
      if (!status.ok()) {
        absl::MutexLock lock(&mu);
        first.Update(status);
        next = count;
      }
    }
  };
  std::vector<std::thread> crew;
  for (size_t i = 1; i < std::min(threads, count); ++i) {
    crew.emplace_back(work);
  }
  work();
  for (std::thread& member : crew) {
    member.join();
  }
  return first;
}

class Year {
 public:
  Year(const YearOptions& options, Report& report)
      : options_(options), report_(report), random_(options.seed) {}

  absl::Status Run() {
    BAIMI_ASSIGN_OR_RETURN(county_, County::Make(options_.sample_dir, kFirstDay));
    MakeLives();
    const absl::Time start = absl::Now();
    BAIMI_RETURN_IF_ERROR(LiveOn());
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    report_.Add("orders of the year", "orders", options_.orders);
    report_.Add("calls, refusals among them", "calls", static_cast<double>(calls_));
    report_.Add("calls made again for their deadline", "calls",
                static_cast<double>(county_->repeated()));
    report_.Add("clocks looked at when due", "clocks", static_cast<double>(rung_));
    report_.Add("the year took", "s", seconds);
    report_.Add("calls a second", "/s", static_cast<double>(calls_) / seconds);
    for (const auto& [what, count] : chronicle_.counts()) {
      report_.Add(what, "calls", static_cast<double>(count));
    }
    return Check();
  }

 private:
  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  void MakeLives() {
    const auto& samples = county_->files().day.orders();
    std::discrete_distribution<int> hours(std::begin(kByHour), std::end(kByHour));
    for (int n = 0; n < options_.orders; ++n) {
      const absl::Time filed = county_->clock().Now() + absl::Hours(24) * Draw(kDays) +
                               absl::Hours(hours(random_)) + absl::Seconds(Draw(3600));
      lives_.push_back(std::make_unique<Life>(county_.get(), &chronicle_,
                                              samples[Draw(samples.size())].ticket(), n + 1, filed,
                                              static_cast<uint32_t>(random_())));
    }
  }

  // Hour by hour: all calls of the hour, then the clocks that have run out; the figures once a day.
  absl::Status LiveOn() {
    using Due = std::pair<absl::Time, size_t>;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
    for (size_t i = 0; i < lives_.size(); ++i) {
      due.emplace(lives_[i]->next(), i);
    }
    const absl::Time begin = county_->clock().Now();
    for (int hour = 1; !due.empty(); ++hour) {
      if (hour > kMostDays * 24) {
        return absl::InternalError(absl::StrCat("got ", due.size(), " orders without an end"));
      }
      county_->clock().AdvanceTo(begin + absl::Hours(hour));
      std::vector<size_t> now;
      for (; !due.empty() && due.top().first <= county_->clock().Now(); due.pop()) {
        now.push_back(due.top().second);
      }
      BAIMI_RETURN_IF_ERROR(ForEach(now.size(), static_cast<size_t>(options_.in_flight),
                                    [&](size_t i) { return lives_[now[i]]->Step(); }));
      calls_ += static_cast<int64_t>(now.size());
      for (const size_t i : now) {
        if (lives_[i]->next() != absl::InfiniteFuture()) {
          due.emplace(lives_[i]->next(), i);
        }
      }
      BAIMI_ASSIGN_OR_RETURN(const int rung, county_->suite().RingAlarms());
      rung_ += rung;
      if (hour % (24 * 30) == 0) {
        std::fprintf(stderr, "day %d, %d calls\n", hour / 24, static_cast<int>(calls_));
      }
      if (hour % 24 == 0) {
        BAIMI_RETURN_IF_ERROR(county_->suite().CountFigures().status());
      }
    }
    return county_->suite().CountFigures().status();
  }

  absl::Status Check() {
    const absl::Time start = absl::Now();
    Recount recount;
    BAIMI_RETURN_IF_ERROR(
        ForEach(lives_.size(), static_cast<size_t>(options_.in_flight),
                [&](size_t i) { return recount.Take(*county_, lives_[i]->ticket().name()); }));
    BAIMI_RETURN_IF_ERROR(recount.Compare(*county_));
    report_.Add("events applied again", "events", static_cast<double>(recount.events()));
    report_.Add("figures compared", "figures", static_cast<double>(recount.compared()));
    BAIMI_ASSIGN_OR_RETURN(const auto database, sql::Open(county_->databases().ticket, {}));
    BAIMI_ASSIGN_OR_RETURN(const auto chains, journal::Verify(*database));
    for (const journal::ChainReport& chain : chains) {
      report_.Add(absl::StrCat("records of the chain ", chain.stream), "records",
                  static_cast<double>(chain.records));
    }
    report_.Add("the checks took", "s", absl::ToDoubleSeconds(absl::Now() - start));
    return absl::OkStatus();
  }

  const YearOptions& options_;
  Report& report_;
  std::mt19937 random_;
  std::unique_ptr<County> county_;
  Chronicle chronicle_;
  std::vector<std::unique_ptr<Life>> lives_;
  int64_t calls_ = 0;
  int64_t rung_ = 0;
};

}  // namespace

absl::Status RunYear(const YearOptions& options, Report& report) {
  return Year(options, report).Run();
}

}  // namespace baimi::bench
