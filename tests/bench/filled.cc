#include "tests/bench/filled.h"

#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/sql/migrate.h"

namespace baimi::bench {
namespace {

namespace fs = std::filesystem;

// Orders in one transaction of the filling.
constexpr int kBatch = 2000;

}  // namespace

double ThreadCpuMs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

Filled::~Filled() {
  std::error_code ignored;
  store_.reset();
  vault_.reset();
  keys_.reset();
  database_.reset();
  key_database_.reset();
  if (!folder_.empty()) {
    fs::remove_all(folder_, ignored);
  }
}

absl::Status Filled::Open(const std::string& uri) {
  folder_ = (fs::temp_directory_path() / "baimi-bench-XXXXXX").string();
  if (mkdtemp(folder_.data()) == nullptr) {
    return absl::UnavailableError("cannot make a temporary directory");
  }
  BAIMI_RETURN_IF_ERROR(privacy::MasterKeys::Create(folder_ + "/master.key", *rng_));
  BAIMI_ASSIGN_OR_RETURN(auto masters, privacy::MasterKeys::Load(folder_ + "/master.key"));
  BAIMI_ASSIGN_OR_RETURN(key_database_, sql::Open("sqlite:" + folder_ + "/keys.db", {}));
  BAIMI_ASSIGN_OR_RETURN(database_,
                         sql::Open(uri.empty() ? "sqlite:" + folder_ + "/ticket.db" : uri, {}));
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

std::string Filled::Unit(int n) { return absl::StrCat("counties/469030/units/u", n); }
std::string Filled::Area(int n) { return absl::StrFormat("4690301%02d%03d", n / 10, 1 + n % 10); }
std::string Filled::Category() {
  return absl::StrFormat("%02d%02d%02d", 1 + Pick(12), 1 + Pick(8), 1 + Pick(4));
}
std::string Filled::Phone(int n) { return absl::StrFormat("139%08d", n); }

ticket::store::TicketRow Filled::Order(int n, privacy::KeyId key) {
  ticket::store::TicketRow row;
  const int per_day = orders_ / kDays + 1;
  const absl::Time day = start_ + absl::Hours(24) * (n / per_day);
  const absl::Time filed = day + absl::Hours(24) * (n % per_day) / per_day;
  const bool open = n > orders_ - orders_ / 50 && Pick(10) != 0;
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
  ticket.mutable_place()->set_grid(absl::StrCat("counties/469030/grids/", area, "00", 1 + Pick(4)));
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

absl::StatusOr<std::vector<double>> Filled::Fill(
    const std::function<void(ticket::v1::Ticket&)>& change,
    const std::function<absl::Status(sql::Tx&, const ticket::v1::Ticket&)>& with) {
  std::vector<double> took_us;
  for (int from = 0; from < orders_; from += kBatch) {
    // A key for each batch: making one for each order is not what is measured here.
    BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, keys_->NewKey());
    const int to = std::min(orders_, from + kBatch);
    const absl::Time start = absl::Now();
    BAIMI_RETURN_IF_ERROR(database_->Write({}, [&](sql::Tx& tx) -> absl::Status {
      for (int n = from; n < to; ++n) {
        ticket::store::TicketRow row = Order(n, key);
        change(row.ticket);
        BAIMI_RETURN_IF_ERROR(store_->Insert(tx, row));
        BAIMI_RETURN_IF_ERROR(with(tx, row.ticket));
      }
      return absl::OkStatus();
    }));
    took_us.push_back(absl::ToDoubleMicroseconds(absl::Now() - start) / (to - from));
  }
  return took_us;
}

}  // namespace baimi::bench
