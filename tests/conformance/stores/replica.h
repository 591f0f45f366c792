// One replica of the ticket service on a database that others share, in the test's process.
#ifndef BAIMI_TESTS_CONFORMANCE_STORES_REPLICA_H_
#define BAIMI_TESTS_CONFORMANCE_STORES_REPLICA_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/cache/memory_cache.h"
#include "common/privacy/key_ring.h"
#include "common/testing/in_process.h"
#include "common/testing/matchers.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/ticket_service.h"

namespace baimi::ticket {

// Knows 营北 and the departments of the sample policy.
class SampleRegistry final : public api::RegistryPeer {
 public:
  absl::StatusOr<v1::Place> Locate(const Call&, const v1::Place&) override {
    return domain::SamplePlace();
  }
  absl::StatusOr<registry::v1::ResolveUnitsResponse> ResolveUnits(const Call&,
                                                                  const std::vector<std::string>&,
                                                                  absl::string_view) override {
    return domain::SampleResolution();
  }
};

// The service on connections of its own, rung by hand.
class Replica {
 public:
  Replica(const std::string& uri, const std::string& keys_uri, const std::string& master,
          const Clock* clock, uint64_t seed, const ExportsOptions& exports = {},
          api::Content* attachments = nullptr, const SuperiorOptions& superior = {})
      : rng_(NewSeededRng(seed)),
        key_database_(*sql::Open(keys_uri, {})),
        keys_(*privacy::KeyRing::Open(key_database_.get(), *privacy::MasterKeys::Load(master),
                                      clock, rng_.get(), {})),
        vault_(std::make_unique<privacy::Vault>(keys_.get(), rng_.get())),
        database_(*sql::Open(uri, {})),
        cache_(cache::NewMemoryCache({.budget = 1 << 20, .clock = clock})),
        process_(clock, rng_.get(),
                 {"ticket.*", "ticketPolicy.*", "supervision.*", "exportOperation.*", "blob.*",
                  "attachment.*", "superiorTicket.*", "superiorResult.*", "superiorPlatform.*",
                  "policeLink.*"}) {
    TicketServiceOptions options;
    options.database = database_.get();
    options.keys = keys_.get();
    options.vault = vault_.get();
    options.cache = cache_.get();
    options.clock = clock;
    options.rng = rng_.get();
    options.page_token_key = std::string(32, 'k');
    options.alarms.poll = absl::InfiniteDuration();
    options.alarms.batch = 8;
    options.exports = exports;
    options.attachments = attachments;
    options.superior = superior;
    options.superior.results.poll = absl::InfiniteDuration();
    service_ =
        *TicketService::Create(options, domain::National(), std::make_unique<SampleRegistry>());
    EXPECT_THAT(process_.Serve(service_->Services(process_.runtime())), test::IsOk());
  }
  ~Replica() { service_->EndStreams(); }

  test::Caller admin() { return process_.Admin(); }
  sql::Database& database() { return *database_; }
  const privacy::Vault* vault() const { return vault_.get(); }
  int64_t MakeResults() { return service_->MakeSuperiorResults().value_or(-1); }
  int Ring() { return service_->RingAlarms().value_or(-1); }

 private:
  std::unique_ptr<Rng> rng_;
  std::unique_ptr<sql::Database> key_database_;
  std::unique_ptr<privacy::KeyRing> keys_;
  std::unique_ptr<privacy::Vault> vault_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<cache::Cache> cache_;
  std::unique_ptr<TicketService> service_;
  test::InProcess process_;
};

}  // namespace baimi::ticket

#endif  // BAIMI_TESTS_CONFORMANCE_STORES_REPLICA_H_
