#include "tests/bench/scale.h"

#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "common/sql/migrate.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::bench {
namespace {

namespace fs = std::filesystem;

constexpr char kCountyCode[] = "469030";
constexpr int kPage = 50;
// Orders in one transaction of the filling.
constexpr int kBatch = 2000;
// A year of orders, a number of units and communities as in a county of half a million people.
constexpr int kDays = 365;
constexpr int kUnits = 125;
constexpr int kCommunities = 100;
constexpr int kCallers = 200'000;
constexpr double kListTarget = 20;

// Of the calling thread so far.
double ThreadCpuMs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

class Scale {
 public:
  Scale(const ScaleOptions& options, Report& report) : options_(options), report_(report) {}
  ~Scale() {
    std::error_code ignored;
    store_.reset();
    vault_.reset();
    keys_.reset();
    database_.reset();
    key_database_.reset();
    fs::remove_all(folder_, ignored);
  }
  Scale(const Scale&) = delete;
  Scale& operator=(const Scale&) = delete;

  absl::Status Run() {
    BAIMI_RETURN_IF_ERROR(Open());
    BAIMI_RETURN_IF_ERROR(Fill());
    return Measure();
  }

 private:
  struct Kind {
    const char* name;
    std::function<void(ticket::v1::ListTicketsRequest&, std::string& phone)> filter;
  };

  absl::Status Open() {
    folder_ = (fs::temp_directory_path() / "baimi-bench-XXXXXX").string();
    if (mkdtemp(folder_.data()) == nullptr) {
      return absl::UnavailableError("cannot make a temporary directory");
    }
    BAIMI_RETURN_IF_ERROR(privacy::MasterKeys::Create(folder_ + "/master.key", *rng_));
    BAIMI_ASSIGN_OR_RETURN(auto masters, privacy::MasterKeys::Load(folder_ + "/master.key"));
    BAIMI_ASSIGN_OR_RETURN(key_database_, sql::Open("sqlite:" + folder_ + "/keys.db", {}));
    BAIMI_ASSIGN_OR_RETURN(database_, sql::Open("sqlite:" + folder_ + "/ticket.db", {}));
    BAIMI_RETURN_IF_ERROR(
        sql::Migrate(*key_database_, "privacy", privacy::KeyRingMigrations(), clock_));
    BAIMI_RETURN_IF_ERROR(
        sql::Migrate(*database_, "ticket", ticket::store::TicketMigrations(), clock_));
    BAIMI_ASSIGN_OR_RETURN(keys_, privacy::KeyRing::Open(key_database_.get(), std::move(masters),
                                                         &clock_, rng_.get(), {}));
    vault_ = std::make_unique<privacy::Vault>(keys_.get(), rng_.get());
    store_ = std::make_unique<ticket::store::TicketStore>(vault_.get());
    return absl::OkStatus();
  }

  int Pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  std::string Unit(int n) const { return absl::StrCat("counties/469030/units/u", n); }
  std::string Area(int n) const { return absl::StrFormat("4690301%02d%03d", n / 10, 1 + n % 10); }
  std::string Category() {
    return absl::StrFormat("%02d%02d%02d", 1 + Pick(12), 1 + Pick(8), 1 + Pick(4));
  }
  std::string Phone(int n) const { return absl::StrFormat("139%08d", n); }

  // The n-th order of the year. Old ones are closed or archived; of the newest 2 % most are open.
  ticket::store::TicketRow Order(int n, privacy::KeyId key) {
    ticket::store::TicketRow row;
    const int per_day = options_.orders / kDays + 1;
    const absl::Time day = start_ + absl::Hours(24) * (n / per_day);
    const absl::Time filed = day + absl::Hours(24) * (n % per_day) / per_day;
    const bool open = n > options_.orders - options_.orders / 50 && Pick(10) != 0;
    ticket::v1::Ticket& ticket = row.ticket;
    ticket.set_name(absl::StrCat("counties/469030/tickets/",
                                 absl::FormatTime("%Y%m%d", day, ShanghaiZone()),
                                 absl::StrFormat("-%06d", n % per_day + 1)));
    ticket.set_type(static_cast<ticket::v1::TicketType>(1 + Pick(7)));
    ticket.set_channel(static_cast<ticket::v1::Channel>(1 + Pick(10)));
    ticket.set_category(Category());
    ticket.set_title("电梯停运");
    ticket.set_description("3栋电梯昨晚起停在五楼不动，楼上有坐轮椅的老人下不来，希望尽快修好。");
    ticket.set_state(open ? static_cast<ticket::v1::TicketState>(4 + Pick(9))
                          : (Pick(20) == 0 ? ticket::v1::CLOSED : ticket::v1::ARCHIVED));
    const std::string area = Area(Pick(kCommunities));
    ticket.mutable_place()->set_address("营根镇营北社区珉华小区3栋2单元");
    ticket.mutable_place()->set_area("counties/469030/areas/" + area);
    ticket.mutable_place()->set_grid(
        absl::StrCat("counties/469030/grids/", area, "00", 1 + Pick(4)));
    ticket.mutable_assignment()->set_lead(Unit(Pick(kUnits)));
    ticket.mutable_caller()->set_name("陈阿妹");
    ticket.mutable_caller()->set_phone(Phone(Pick(kCallers)));
    ticket::v1::Clock& clock = *ticket.add_clocks();
    clock.set_kind(ticket::v1::HANDLE);
    clock.mutable_due_time()->set_seconds(absl::ToUnixSeconds(filed + absl::Hours(24 * 7)));
    if (!open) {
      *clock.mutable_stop_time() = clock.due_time();
    }
    ticket.mutable_create_time()->set_seconds(absl::ToUnixSeconds(filed));
    row.key = key;
    row.seq = n + 1;
    return row;
  }

  absl::Status Fill() {
    for (int from = 0; from < options_.orders; from += kBatch) {
      // A key for each batch: making one for each order is not what is measured here.
      BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, keys_->NewKey());
      const int to = std::min(options_.orders, from + kBatch);
      const absl::Time start = absl::Now();
      BAIMI_RETURN_IF_ERROR(database_->Write({}, [&](sql::Tx& tx) -> absl::Status {
        for (int n = from; n < to; ++n) {
          BAIMI_RETURN_IF_ERROR(store_->Insert(tx, Order(n, key)));
        }
        return absl::OkStatus();
      }));
      insert_us_.push_back(absl::ToDoubleMicroseconds(absl::Now() - start) / (to - from));
    }
    // What growth costs a writer: the first tenth against the last one.
    const size_t tenth = std::max<size_t>(1, insert_us_.size() / 10);
    report_.Add("insert an order, first tenth", "us",
                Median({insert_us_.begin(), insert_us_.begin() + static_cast<long>(tenth)}));
    report_.Add("insert an order, last tenth", "us",
                Median({insert_us_.end() - static_cast<long>(tenth), insert_us_.end()}));
    return absl::OkStatus();
  }

  std::vector<Kind> Kinds() {
    using Request = ticket::v1::ListTicketsRequest;
    const auto state = [this](Request& r) {
      r.add_states(static_cast<ticket::v1::TicketState>(4 + Pick(10)));
    };
    const auto lead = [this](Request& r) { r.set_lead(Unit(Pick(kUnits))); };
    const auto area = [this](Request& r) { r.set_subtree(Area(Pick(kCommunities))); };
    const auto due = [this](Request& r) {
      r.mutable_due_before()->set_seconds(
          absl::ToUnixSeconds(start_ + absl::Hours(24 * (kDays + 3))));
    };
    const auto window = [this](Request& r) {
      const absl::Time from = start_ + absl::Hours(24 * Pick(kDays));
      r.mutable_filed_from()->set_seconds(absl::ToUnixSeconds(from));
      r.mutable_filed_before()->set_seconds(absl::ToUnixSeconds(from + absl::Hours(48)));
    };
    return {
        {"newest", [](Request&, std::string&) {}},
        {"state", [=](Request& r, std::string&) { state(r); }},
        {"lead", [=](Request& r, std::string&) { lead(r); }},
        {"lead and state", [=](Request& r, std::string&) { lead(r), state(r); }},
        {"community", [=](Request& r, std::string&) { area(r); }},
        {"community and state", [=](Request& r, std::string&) { area(r), state(r); }},
        {"township",
         [this](Request& r, std::string&) {
           r.set_subtree(Area(Pick(kCommunities)).substr(0, 9) + "000");
         }},
        {"category", [this](Request& r, std::string&) { r.set_category(Category()); }},
        {"category of two digits and state",
         [=, this](Request& r, std::string&) {
           r.set_category(Category().substr(0, 2)), state(r);
         }},
        {"type and channel",
         [this](Request& r, std::string&) {
           r.set_type(static_cast<ticket::v1::TicketType>(1 + Pick(7)));
           r.set_channel(static_cast<ticket::v1::Channel>(1 + Pick(10)));
         }},
        {"due", [=](Request& r, std::string&) { due(r); }},
        {"due and lead", [=](Request& r, std::string&) { due(r), lead(r); }},
        {"two days", [=](Request& r, std::string&) { window(r); }},
        {"two days, category and channel",
         [=, this](Request& r, std::string&) {
           window(r), r.set_category(Category());
           r.set_channel(static_cast<ticket::v1::Channel>(1 + Pick(10)));
         }},
        {"caller", [this](Request&, std::string& phone) { phone = Phone(Pick(kCallers)); }},
    };
  }

  absl::Status Measure() {
    RowScope scope;
    scope.whole_county = true;
    for (const Kind& kind : Kinds()) {
      std::vector<double> took_ms;
      std::vector<double> cpu_ms;
      size_t rows = 0;
      for (int i = 0; i < options_.lists; ++i) {
        ticket::v1::ListTicketsRequest request;
        std::string phone;
        kind.filter(request, phone);
        const absl::Time start = absl::Now();
        const double cpu = ThreadCpuMs();
        BAIMI_RETURN_IF_ERROR(database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
          BAIMI_ASSIGN_OR_RETURN(
              const ticket::store::TicketPage page,
              store_->List(reader, kCountyCode, request, scope, {.limit = kPage}, phone));
          rows += page.rows.size();
          return absl::OkStatus();
        }));
        cpu_ms.push_back(ThreadCpuMs() - cpu);
        took_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
      }
      std::sort(took_ms.begin(), took_ms.end());
      std::sort(cpu_ms.begin(), cpu_ms.end());
      report_.Add(absl::StrCat("list by ", kind.name, ", p50"), "ms", took_ms[took_ms.size() / 2]);
      Figure& p99 = report_.Add(absl::StrCat("list by ", kind.name, ", p99"), "ms",
                                took_ms[took_ms.size() * 99 / 100]);
      p99.target = kListTarget;
      p99.better = Better::kLess;
      report_.Add(absl::StrCat("list by ", kind.name, ", p99 of the CPU time"), "ms",
                  cpu_ms[cpu_ms.size() * 99 / 100]);
      report_.Add(absl::StrCat("list by ", kind.name, ", orders a page"), "orders",
                  static_cast<double>(rows) / options_.lists);
    }
    return absl::OkStatus();
  }

  const ScaleOptions& options_;
  Report& report_;
  std::mt19937 random_{20261127};
  const absl::Time start_ = absl::FromCivil(absl::CivilDay(2025, 11, 1), ShanghaiZone());
  std::string folder_;
  SystemClock clock_;
  std::unique_ptr<Rng> rng_ = NewSystemRng();
  std::unique_ptr<sql::Database> key_database_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<ticket::store::TicketStore> store_;
  std::vector<double> insert_us_;
};

}  // namespace

absl::Status RunScale(const ScaleOptions& options, Report& report) {
  return Scale(options, report).Run();
}

}  // namespace baimi::bench
