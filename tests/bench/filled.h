// A ticket database with a year of orders, filled through the ticket store in this process.
#ifndef BAIMI_TESTS_BENCH_FILLED_H_
#define BAIMI_TESTS_BENCH_FILLED_H_

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/vault.h"
#include "common/sql/database.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::bench {

inline constexpr char kFilledCounty[] = "469030";
// A number of units and communities as in a county of half a million people.
inline constexpr int kDays = 365;
inline constexpr int kUnits = 125;
inline constexpr int kCommunities = 100;
inline constexpr int kCallers = 200'000;

// Of the calling thread so far.
double ThreadCpuMs();

// Gone with this object, files too.
class Filled {
 public:
  // `orders`: how many a whole year has.
  explicit Filled(int orders) : orders_(orders) {}
  ~Filled();
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;

  // An empty database: an SQLite file of its own, or `uri`.
  absl::Status Open(const std::string& uri = "");

  // Writes all orders, some thousand a transaction; `with` is run behind each in its transaction.
  // Gives microseconds an order, of each transaction.
  absl::StatusOr<std::vector<double>> Fill(
      const std::function<void(ticket::v1::Ticket&)>& change,
      const std::function<absl::Status(sql::Tx&, const ticket::v1::Ticket&)>& with);

  sql::Database& database() { return *database_; }
  privacy::KeyRing& keys() { return *keys_; }
  privacy::Vault& vault() { return *vault_; }
  const ticket::store::TicketStore& store() const { return *store_; }
  absl::Time start() const { return start_; }

  int Pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  static std::string Unit(int n);
  static std::string Area(int n);
  std::string Category();
  static std::string Phone(int n);
  // The n-th order of the year. Old ones are closed or archived; of the newest 2 % most are open.
  ticket::store::TicketRow Order(int n, privacy::KeyId key);

 private:
  const int orders_;
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
};

}  // namespace baimi::bench

#endif  // BAIMI_TESTS_BENCH_FILLED_H_
