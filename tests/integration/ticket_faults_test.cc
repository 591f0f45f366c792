// The ticket service between a database and a registry that fail at random: callers that repeat
// their request_ids get every order exactly once, and the chain stays whole.
#include <gmock/gmock.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/ticket_service.grpc.pb.h"
#include "common/cache/memory_cache.h"
#include "common/journal/log.h"
#include "common/privacy/key_ring.h"
#include "common/sql/faulty.h"
#include "common/sql/migrate.h"
#include "common/testing/faults.h"
#include "common/testing/in_process.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/testing/faulty_registry_peer.h"
#include "services/ticket/ticket_service.h"

namespace baimi::integration {
namespace {

using test::EqualsProto;
using test::IsOk;
using test::StatusIs;
using ::testing::AnyOf;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

constexpr char kCounty[] = "counties/469030";

// Knows 营北 and the departments of the sample policy.
class SampleRegistry final : public ticket::api::RegistryPeer {
 public:
  absl::StatusOr<ticket::v1::Place> Locate(const Call&, const ticket::v1::Place& place) override {
    ticket::v1::Place located = ticket::domain::SamplePlace();
    located.set_address(place.address());
    return located;
  }
  absl::StatusOr<registry::v1::ResolveUnitsResponse> ResolveUnits(const Call&,
                                                                  const std::vector<std::string>&,
                                                                  absl::string_view) override {
    return ticket::domain::SampleResolution();
  }
};

class TicketFaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    key_database_ = *sql::Open("sqlite:" + dir_.File("keys.db"), {});
    ASSERT_THAT(sql::Migrate(*key_database_, "privacy", privacy::KeyRingMigrations(), clock_),
                IsOk());
    ASSERT_THAT(privacy::MasterKeys::Create(dir_.File("master.key"), *rng_), IsOk());
    keys_ = *privacy::KeyRing::Open(key_database_.get(),
                                    *privacy::MasterKeys::Load(dir_.File("master.key")), &clock_,
                                    rng_.get(), {});
    vault_ = std::make_unique<privacy::Vault>(keys_.get(), rng_.get());
    database_ = std::make_unique<sql::FaultyDatabase>(
        *sql::Open("sqlite:" + dir_.File("ticket.db"), {}), sql::FaultPlan{});
    ASSERT_THAT(ticket::TicketService::Migrate(*database_, clock_), IsOk());
    cache_ = cache::NewMemoryCache({.budget = 1 << 20, .clock = &clock_});
    ticket::TicketServiceOptions options;
    options.database = database_.get();
    options.keys = keys_.get();
    options.vault = vault_.get();
    options.cache = cache_.get();
    options.clock = &clock_;
    options.rng = rng_.get();
    options.page_token_key = std::string(32, 'k');
    auto made = ticket::TicketService::Create(options, ticket::domain::National(),
                                              std::make_unique<ticket::testing::FaultyRegistryPeer>(
                                                  std::make_unique<SampleRegistry>(), &faults_));
    ASSERT_THAT(made, IsOk());
    service_ = *std::move(made);
    ASSERT_THAT(process_.Serve(service_->Services(process_.runtime())), IsOk());
    ticket::v1::CreateTicketPolicyRequest policy;
    policy.set_parent(kCounty);
    *policy.mutable_ticket_policy() = ticket::domain::SamplePolicy();
    ASSERT_THAT(
        process_.Admin()(&ticket::v1::TicketPolicyService::Stub::CreateTicketPolicy, policy),
        IsOk());
  }
  ~TicketFaultsTest() override { service_->EndStreams(); }

  // Repeats a call with its request_id until it is answered, as a good client does.
  template <typename Response, typename Request>
  Response Insist(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request) {
    const test::Caller admin = process_.Admin();
    for (int attempt = 0; attempt < 200; ++attempt) {
      const absl::StatusOr<Response> answer = admin(method, request);
      if (answer.ok()) {
        return *answer;
      }
      ++refusals_;
      // Whatever breaks inside, the caller is told to try again, with a reason of ours.
      EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnavailable)) << answer.status();
      EXPECT_NE(ReasonOf(answer.status()), "") << answer.status();
    }
    ADD_FAILURE() << "not answered in 200 attempts";
    return {};
  }

  Ticket FileAndDispatch(int i) {
    ticket::v1::CreateTicketRequest create = ticket::domain::SampleRequest();
    create.set_request_id(absl::StrCat("file-", i));
    const Ticket filed = Insist(&Stub::CreateTicket, create);
    ticket::v1::DispatchTicketRequest dispatch;
    dispatch.set_name(filed.name());
    dispatch.set_request_id(absl::StrCat("dispatch-", i));
    return Insist(&Stub::DispatchTicket, dispatch);
  }

  // Every order of the county, by name.
  std::map<std::string, Ticket> All() {
    std::map<std::string, Ticket> all;
    ticket::v1::ListTicketsRequest request;
    request.set_parent(kCounty);
    request.set_page_size(100);
    do {
      const auto page = process_.Admin()(&Stub::ListTickets, request);
      EXPECT_THAT(page, IsOk());
      for (const Ticket& ticket : page->tickets()) {
        all.emplace(ticket.name(), ticket);
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  void ExpectWholeAndOnce(const std::map<std::string, Ticket>& answered) {
    database_->SetPlan({});
    faults_.SetPlan({});
    const std::map<std::string, Ticket> stored = All();
    EXPECT_EQ(stored.size(), answered.size());
    for (const auto& [name, ticket] : answered) {
      const auto found = stored.find(name);
      ASSERT_TRUE(found != stored.end()) << name;
      EXPECT_EQ(found->second.etag(), ticket.etag()) << name;
      EXPECT_EQ(found->second.state(), ticket::v1::DISPATCHED);
    }
    EXPECT_THAT(journal::Verify(*database_), IsOk());
  }

  test::TempDir dir_;
  SimulatedClock clock_{ticket::domain::At("2026-11-23 09:00")};
  std::unique_ptr<Rng> rng_ = NewSeededRng(11);
  std::unique_ptr<sql::Database> key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<sql::FaultyDatabase> database_;
  std::unique_ptr<cache::Cache> cache_;
  test::PeerFaults faults_;
  std::unique_ptr<ticket::TicketService> service_;
  test::InProcess process_{&clock_, rng_.get(), {"ticket.*", "ticketPolicy.*"}};
  int refusals_ = 0;
};

TEST_F(TicketFaultsTest, Database_FailsAtRandom_EveryOrderOnce) {
  database_->SetPlan({.seed = 3,
                      .start_error = 0.05,
                      .statement_error = 0.02,
                      .commit_then_unknown = 0.1,
                      .lose_then_unknown = 0.1});
  std::map<std::string, Ticket> answered;
  for (int i = 0; i < 20; ++i) {
    const Ticket ticket = FileAndDispatch(i);
    EXPECT_TRUE(answered.emplace(ticket.name(), ticket).second) << ticket.name() << " twice";
  }
  EXPECT_GT(database_->injected(), 0);
  ExpectWholeAndOnce(answered);
}

TEST_F(TicketFaultsTest, RegistryAndDatabase_FailAtRandom_EveryOrderOnce) {
  database_->SetPlan({.seed = 4, .start_error = 0.05, .commit_then_unknown = 0.1});
  faults_.SetPlan({.seed = 4, .error_chance = 0.3, .drop_chance = 0.2});
  std::map<std::string, Ticket> answered;
  for (int i = 0; i < 20; ++i) {
    const Ticket ticket = FileAndDispatch(i);
    EXPECT_TRUE(answered.emplace(ticket.name(), ticket).second) << ticket.name() << " twice";
  }
  EXPECT_GT(faults_.injected(), 0);
  EXPECT_GT(refusals_, 0);
  ExpectWholeAndOnce(answered);
}

TEST_F(TicketFaultsTest, Registry_Gone_RefusesAndChangesNothing) {
  faults_.SetPlan({.error_chance = 1});
  ticket::v1::CreateTicketRequest create = ticket::domain::SampleRequest();
  create.set_request_id("once");
  const auto refused = process_.Admin()(&Stub::CreateTicket, create);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(refused, test::HasReason("DEPENDENCY_UNAVAILABLE"));
  EXPECT_TRUE(All().empty());
  faults_.SetPlan({});
  const auto taken = process_.Admin()(&Stub::CreateTicket, create);
  ASSERT_THAT(taken, IsOk());
  EXPECT_THAT(process_.Admin()(&Stub::CreateTicket, create),
              test::IsOkAndHolds(EqualsProto(*taken)));
}

TEST_F(TicketFaultsTest, Registry_AnswerLost_OrderIsNotFiledWithoutIt) {
  faults_.SetPlan({.drop_chance = 1});
  ticket::v1::CreateTicketRequest create = ticket::domain::SampleRequest();
  EXPECT_THAT(process_.Admin()(&Stub::CreateTicket, create),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(All().empty());
}

}  // namespace
}  // namespace baimi::integration
