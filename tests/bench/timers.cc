#include "tests/bench/timers.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/base/status_macros.h"
#include "common/cache/memory_cache.h"
#include "common/testing/in_process.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/ticket_service.h"
#include "tests/bench/filled.h"
#include "tests/bench/servers.h"

namespace baimi::bench {
namespace {

using ticket::v1::Ticket;

constexpr double kTargetPerSecond = 1'000;
// Between the start of the service and the first due time.
constexpr absl::Duration kLead = absl::Seconds(2);
// How long the bench waits for the last ones.
constexpr absl::Duration kPatience = absl::Minutes(5);
constexpr absl::Duration kLook = absl::Milliseconds(200);

// Runs as the machine's, from another time on.
class ShiftedClock final : public Clock {
 public:
  absl::Time Now() const override { return system_.Now() + absl::Microseconds(shift_us_.load()); }
  void Set(absl::Time now) { shift_us_ = absl::ToInt64Microseconds(now - system_.Now()); }

 private:
  SystemClock system_;
  std::atomic<int64_t> shift_us_{0};
};

// No order is filed or dispatched here.
class NoRegistry final : public ticket::api::RegistryPeer {
 public:
  absl::StatusOr<ticket::v1::Place> Locate(const Call&, const ticket::v1::Place&) override {
    return absl::UnimplementedError("no registry in this bench");
  }
  absl::StatusOr<registry::v1::ResolveUnitsResponse> ResolveUnits(const Call&,
                                                                  const std::vector<std::string>&,
                                                                  absl::string_view) override {
    return absl::UnimplementedError("no registry in this bench");
  }
};

class Timers {
 public:
  Timers(const TimersOptions& options, Report& report)
      : options_(options), report_(report), filled_(options.timers) {}

  absl::Status Run() {
    std::string uri;
    if (options_.postgres) {
      BAIMI_ASSIGN_OR_RETURN(cluster_, StartPostgres(report_));
      uri = cluster_->Uri();
    }
    BAIMI_RETURN_IF_ERROR(filled_.Open(uri));
    BAIMI_RETURN_IF_ERROR(ticket::TicketService::Migrate(filled_.database(), clock_));
    BAIMI_RETURN_IF_ERROR(Fill());
    BAIMI_RETURN_IF_ERROR(Serve());
    const int steady =
        std::min(options_.timers,
                 static_cast<int>(options_.per_second * absl::ToDoubleSeconds(options_.duration)));
    BAIMI_RETURN_IF_ERROR(MeasureRate(steady));
    return MeasureBacklog(steady, std::min(options_.timers - steady, options_.backlog));
  }

 private:
  absl::Time Due(int n) const { return first_due_ + absl::Seconds(1) * n / options_.per_second; }

  absl::Status Fill() {
    first_due_ = filled_.start() + absl::Hours(24 * (kDays + 30));
    names_.reserve(static_cast<size_t>(options_.timers));
    const auto open = [this](Ticket& ticket) {
      ticket.set_state(ticket::v1::SIGNED);
      ticket.set_etag("v1");
      ticket::v1::Clock& clock = *ticket.mutable_clocks(0);
      clock.clear_stop_time();
      clock.set_holder(ticket.assignment().lead());
      const int64_t us = absl::ToUnixMicros(Due(static_cast<int>(names_.size())));
      clock.mutable_due_time()->set_seconds(us / 1'000'000);
      clock.mutable_due_time()->set_nanos(static_cast<int32_t>(us % 1'000'000 * 1'000));
      names_.push_back(ticket.name());
    };
    return filled_.Fill(open, [](sql::Tx&, const Ticket&) { return absl::OkStatus(); }).status();
  }

  absl::Status Serve() {
    rng_ = NewSystemRng();
    cache_ = cache::NewMemoryCache({.budget = 64 << 20, .clock = &clock_});
    clock_.Set(first_due_ - absl::Hours(1));
    ticket::TicketServiceOptions options;
    options.database = &filled_.database();
    options.keys = &filled_.keys();
    options.vault = &filled_.vault();
    options.cache = cache_.get();
    options.clock = &clock_;
    options.rng = rng_.get();
    options.page_token_key = std::string(32, 'k');
    BAIMI_ASSIGN_OR_RETURN(service_,
                           ticket::TicketService::Create(options, ticket::domain::National(),
                                                         std::make_unique<NoRegistry>()));
    process_ = std::make_unique<test::InProcess>(&clock_, rng_.get(),
                                                 std::vector<std::string>{"ticketPolicy.*"});
    BAIMI_RETURN_IF_ERROR(process_->Serve(service_->Services(process_->runtime())));
    ticket::v1::CreateTicketPolicyRequest policy;
    policy.set_parent(absl::StrCat("counties/", kFilledCounty));
    *policy.mutable_ticket_policy() = ticket::domain::SamplePolicy();
    return process_->Admin()(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, policy)
        .status();
  }

  absl::StatusOr<Ticket> Load(int n) {
    const RowScope scope{.whole_county = true, .area_prefixes = {}, .units = {}};
    Ticket ticket;
    BAIMI_RETURN_IF_ERROR(filled_.database().Read({}, [&](sql::Reader& reader) -> absl::Status {
      BAIMI_ASSIGN_OR_RETURN(const ticket::store::TicketRow row,
                             filled_.store().Load(reader, names_[static_cast<size_t>(n)], scope));
      ticket = row.ticket;
      return absl::OkStatus();
    }));
    return ticket;
  }

  // Returns when the `n`-th timer is on record as run out.
  absl::Status AwaitRung(int n) {
    const absl::Time give_up = absl::Now() + kPatience;
    for (;;) {
      BAIMI_ASSIGN_OR_RETURN(const Ticket ticket, Load(n));
      if (ticket.clocks(0).has_run_out_time()) {
        return absl::OkStatus();
      }
      if (absl::Now() > give_up) {
        return absl::DeadlineExceededError(absl::StrCat("timer ", n, " did not ring"));
      }
      absl::Notification never;
      never.WaitForNotificationWithTimeout(kLook);
    }
  }

  // How late the timers [from, to) are on record, in milliseconds, sorted.
  absl::StatusOr<std::vector<double>> Lateness(int from, int to) {
    std::vector<double> late_ms;
    for (int n = from; n < to; ++n) {
      BAIMI_RETURN_IF_ERROR(AwaitRung(n));
      BAIMI_ASSIGN_OR_RETURN(const Ticket ticket, Load(n));
      const ticket::v1::Clock& clock = ticket.clocks(0);
      const double late =
          absl::ToDoubleMilliseconds(ticket::domain::FromProto(clock.run_out_time()) - Due(n));
      if (late < 0 || ticket.etag() != "v2") {
        return absl::InternalError(absl::StrCat("timer ", n, ": ", late, " ms late, etag ",
                                                ticket.etag(), ", want one step, not before"));
      }
      late_ms.push_back(late);
    }
    std::sort(late_ms.begin(), late_ms.end());
    return late_ms;
  }

  absl::Status MeasureRate(int timers) {
    clock_.Set(first_due_ - kLead);
    BAIMI_RETURN_IF_ERROR(AwaitRung(timers - 1));
    const absl::Duration took = clock_.Now() - first_due_;
    BAIMI_ASSIGN_OR_RETURN(const std::vector<double> late_ms, Lateness(0, timers));
    report_.Add("timers that came due, and rang", "1/s", timers / absl::ToDoubleSeconds(took));
    const auto at = [&](double share) {
      return late_ms[static_cast<size_t>(share * static_cast<double>(late_ms.size() - 1))];
    };
    report_.Add("lateness, p50", "ms", at(0.5));
    report_.Add("lateness, p99", "ms", at(0.99));
    report_.Add("lateness, most", "ms", late_ms.back());
    return absl::OkStatus();
  }

  // All of [from, from + timers) are overdue at one time.
  absl::Status MeasureBacklog(int from, int timers) {
    if (timers <= 0) {
      return absl::OkStatus();
    }
    clock_.Set(Due(from + timers - 1));
    const absl::Time start = absl::Now();
    BAIMI_RETURN_IF_ERROR(AwaitRung(from + timers - 1));
    Figure& rate = report_.Add("overdue timers made up for", "1/s",
                               timers / absl::ToDoubleSeconds(absl::Now() - start));
    rate.target = kTargetPerSecond;
    return Lateness(from, from + timers).status();
  }

  const TimersOptions& options_;
  Report& report_;
  ShiftedClock clock_;
  std::unique_ptr<pgtest::Cluster> cluster_;
  Filled filled_;
  absl::Time first_due_;
  std::vector<std::string> names_;
  std::unique_ptr<Rng> rng_;
  std::unique_ptr<cache::Cache> cache_;
  std::unique_ptr<ticket::TicketService> service_;
  std::unique_ptr<test::InProcess> process_;
};

}  // namespace

absl::Status RunTimers(const TimersOptions& options, Report& report) {
  return Timers(options, report).Run();
}

}  // namespace baimi::bench
