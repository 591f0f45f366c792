// A whole suite in the test's process: real databases in a temporary directory, real doors on free
// ports, a simulated clock, and a county of its own small enough to know by heart.
#ifndef BAIMI_TESTS_INTEGRATION_SUITE_FIXTURE_H_
#define BAIMI_TESTS_INTEGRATION_SUITE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/registry/v1/registry_service.grpc.pb.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/http/testing/client.h"
#include "common/rpc/status.h"
#include "common/testing/protos.h"
#include "grpcpp/grpcpp.h"
#include "services/suite/data_dir.h"
#include "services/suite/suite.h"
#include "tests/integration/client.h"
#include "tests/integration/suite_faults.h"

namespace baimi::integration {

inline constexpr char kCounty[] = "counties/469030";
// The grid of 珉华小区, in 营北社区 of 营根镇.
inline constexpr char kGrid[] = "counties/469030/grids/469030100003001";
inline constexpr char kLead[] = "counties/469030/units/zhujianju";

using test::FromJson;
using test::Text;

// Keys: those that every data directory starts with (admin: all, unmasked; clerk; unit-zhujianju;
// platform) and, added here, unit-chengguanju and unit-yingbei (unit
// staff), unit-yinggen (the same, who sees the township's orders), resident (public view, may read
// orders), township (hotline clerk limited to 国兴社区), hasty (clerk with two changes at once and
// one a second), blind-clerk (clerk with the public view), curious (admin who works for yinggen)
// and elsewhere (admin of county 469029).
class SuiteTest : public testing::Test {
 protected:
  SuiteTest();
  ~SuiteTest() override;

  // Before StartSuite.
  suite::SuiteOptions& options() { return options_; }
  void SetUp() override { StartSuite(); }
  // Under faults it is started again until it starts, as whoever runs it would.
  void StartSuite();
  void StopSuite() { suite_.reset(); }

  suite::Suite& suite() { return *suite_; }
  const suite::DataDir& data() const { return *data_; }
  SimulatedClock& clock() { return clock_; }
  std::string Token(const std::string& key) const;
  // Over a connection, as callers are.
  Caller As(const std::string& key) { return {door_, Token(key), persistence_.get()}; }

  // Through the door, as `key`; empty: without a key. Both kinds of clients are those of client.h.
  http::testing::ClientResponse Http(absl::string_view method, absl::string_view target,
                                     absl::string_view body = "", const std::string& key = "admin",
                                     const std::vector<http::Header>& headers = {});
  // "/metrics" and the like.
  http::testing::ClientResponse Admin(absl::string_view path);

  // A lift that stands still in 珉华小区; the catalogue gives it to zhujianju.
  static ticket::v1::CreateTicketRequest LiftRequest(absl::string_view request_id);
  ticket::v1::Ticket File(const ticket::v1::CreateTicketRequest& request);
  // Files an order and takes it up to `state`, one of the main line.
  ticket::v1::Ticket FileUpTo(ticket::v1::TicketState state);
  // The next step of the main line, as admin.
  ticket::v1::Ticket Advance(const ticket::v1::Ticket& ticket);
  ticket::v1::Ticket Get(const std::string& name, const std::string& key = "admin");

  // Last sequence of the ticket service's journal, read past the service.
  int64_t Head(absl::string_view stream = "main") const;

 private:
  void MakeCounty();
  http::testing::ClientResponse HttpOnce(absl::string_view method, absl::string_view target,
                                         absl::string_view body,
                                         const std::vector<http::Header>& headers);

  std::string path_;
  SimulatedClock clock_;
  std::unique_ptr<Rng> rng_;
  std::optional<suite::DataDir> data_;
  suite::SuiteOptions options_;
  SuiteFaults faults_;
  // Null without faults.
  const std::unique_ptr<Persistence> persistence_;
  std::unique_ptr<suite::Suite> suite_;
  std::shared_ptr<grpc::Channel> door_;
  bool county_made_ = false;
};

// A write transaction from outside on one of the suite's databases: its own writers wait.
class HeldDatabase {
 public:
  explicit HeldDatabase(const std::string& file);
  ~HeldDatabase();
  HeldDatabase(const HeldDatabase&) = delete;
  HeldDatabase& operator=(const HeldDatabase&) = delete;
  // The first column of the first row.
  int64_t Ask(const std::string& sql);
  void Release();

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace baimi::integration

#endif  // BAIMI_TESTS_INTEGRATION_SUITE_FIXTURE_H_
