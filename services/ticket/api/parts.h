// What the handlers of the ticket service work with.
#ifndef BAIMI_SERVICES_TICKET_API_PARTS_H_
#define BAIMI_SERVICES_TICKET_API_PARTS_H_

#include <functional>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/cache/read_through.h"
#include "common/journal/feed.h"
#include "common/journal/writer.h"
#include "common/privacy/signer.h"
#include "common/rate/counters.h"
#include "common/resource/page.h"
#include "services/ticket/api/message_carrier.h"
#include "services/ticket/api/policy_cache.h"
#include "services/ticket/api/registry_peer.h"
#include "services/ticket/store/desk_store.h"
#include "services/ticket/store/exclusion_store.h"
#include "services/ticket/store/figure_store.h"
#include "services/ticket/store/notice_store.h"
#include "services/ticket/store/ruling_store.h"
#include "services/ticket/store/ticket_store.h"
#include "services/ticket/store/whistle_store.h"

namespace baimi::ticket::api {

// Everything a handler works with; all outlive it.
struct Parts {
  sql::Database* database = nullptr;
  journal::Writer* writer = nullptr;
  journal::Feed* feed = nullptr;
  privacy::KeyRing* keys = nullptr;
  privacy::Vault* vault = nullptr;
  cache::Cache* cache = nullptr;
  cache::ReadThrough* read_through = nullptr;
  const store::TicketStore* store = nullptr;
  const store::FigureStore* figures = nullptr;
  const store::ExclusionStore* exclusions = nullptr;
  const store::RulingStore* rulings = nullptr;
  const store::WhistleStore* whistles = nullptr;
  const store::DeskStore* desks = nullptr;
  const store::NoticeStore* notices = nullptr;
  PolicyCache* policies = nullptr;
  RegistryPeer* registry = nullptr;
  const resource::PageTokens* tokens = nullptr;
  // Against those who guess at other people's orders. Null: not limited.
  rate::Counters* counters = nullptr;
  // Null: no receipts are given.
  const privacy::SigningKey* receipt_key = nullptr;
  // Null: text messages wait.
  MessageCarrier* carrier = nullptr;
  // Of the watches.
  const Clock* clock = nullptr;
  absl::Duration watch_heartbeat = absl::InfiniteDuration();
  // A county's policy, and with it perhaps its calendar, is another one now. Must not block.
  std::function<void()> policy_changed = [] {};
};

// An order as the caller may see it: NOT_FOUND outside the call's scope, and for whoever acts for a
// unit that is recused (§1.10).
absl::StatusOr<store::TicketRow> LoadVisible(const Parts& parts, sql::Reader& reader,
                                             const Call& call, absl::string_view name);

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_PARTS_H_
