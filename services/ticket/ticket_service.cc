#include "services/ticket/ticket_service.h"

#include <atomic>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/cache/read_through.h"
#include "common/exec/ticker.h"
#include "common/journal/log.h"
#include "common/observe/log.h"
#include "common/sql/migrate.h"
#include "services/ticket/api/citizen_api.h"
#include "services/ticket/api/cluster_api.h"
#include "services/ticket/api/desk_api.h"
#include "services/ticket/api/exclusion_api.h"
#include "services/ticket/api/grpc_services.h"
#include "services/ticket/api/intake_api.h"
#include "services/ticket/api/knowledge_api.h"
#include "services/ticket/api/notice_api.h"
#include "services/ticket/api/policy_cache.h"
#include "services/ticket/api/receipts.h"
#include "services/ticket/api/search_api.h"
#include "services/ticket/api/supervision_api.h"
#include "services/ticket/api/ticket_api.h"
#include "services/ticket/cooperation.h"
#include "services/ticket/host.h"
#include "services/ticket/line.h"
#include "services/ticket/notices.h"
#include "services/ticket/publishing.h"
#include "services/ticket/small_services.h"
#include "services/ticket/store/heat_store.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::ticket {
namespace {

// A database that hangs is one that is away.
constexpr absl::Duration kCheckWithin = absl::Seconds(5);

absl::Status CheckSchemas(sql::Database& database) {
  const sql::Options options{.deadline = SystemClock().Now() + kCheckWithin};
  BAIMI_RETURN_IF_ERROR(
      sql::CheckSchema(database, "journal", journal::JournalMigrations(), options));
  return sql::CheckSchema(database, "ticket", store::TicketMigrations(), options);
}

}  // namespace

// How soon deadlines are computed anew after that failed.
constexpr absl::Duration kRecomputeRetry = absl::Seconds(1);

struct TicketService::Impl {
  Impl(const TicketServiceOptions& options, calendar::Calendar national,
       std::unique_ptr<api::RegistryPeer> peer)
      : clock(options.clock),
        rng(options.rng),
        database(options.database),
        registry(std::move(peer)),
        store(options.vault),
        figures(options.vault),
        heat(options.vault),
        search(options.vault, options.database->dialect()),
        query(&store, &search),
        rulings(options.vault),
        whistles(options.vault),
        desks(options.vault),
        policies(&store, std::move(national)),
        tokens(options.page_token_key, options.clock, options.rng),
        read_through(options.cache, ReadThroughOptions(options)),
        hints(options.hints),
        changes(options.changes),
        feed(journal::Feed::Create(options.database, {})),
        writer(journal::Writer::Create(options.database, options.vault, options.clock,
                                       options.writer)),
        parts{.database = options.database,
              .writer = writer.get(),
              .feed = feed.get(),
              .keys = options.keys,
              .vault = options.vault,
              .cache = options.cache,
              .read_through = &read_through,
              .store = &store,
              .figures = &figures,
              .exclusions = &exclusions,
              .rulings = &rulings,
              .whistles = &whistles,
              .desks = &desks,
              .notices = &notices,
              .policies = &policies,
              .registry = registry.get(),
              .tokens = &tokens,
              .counters = options.counters,
              .receipt_key = options.receipt_key,
              .carrier = options.carrier,
              .clock = options.clock,
              .watch_heartbeat = options.watch_heartbeat,
              .policy_changed = [this] { recompute.Wake(); }},
        tickets(parts),
        policy_api(parts),
        exclusion_api(parts),
        cluster_api(parts, &heat),
        search_api(parts, &query),
        cooperation(parts),
        publishing(parts),
        desk_api(parts),
        receipts(parts),
        citizen_api(parts, &receipts),
        notice_api(parts),
        supervisions(parts),
        exports(
            parts, &query, options.rng,
            [this](const std::string& county) { return OwnCall(county, "MakeExport"); },
            options.exports, options.alarms),
        attachments(
            parts, options.attachments, options.rng,
            [this](const std::string& county) { return OwnCall(county, "DestroyBlob"); },
            options.alarms),
        intake(parts),
        knowledge(parts),
        small(parts, &tickets, &search_api),
        superior(
            parts,
            [this](const std::string& county) { return OwnCall(county, "PushSuperiorResult"); },
            options.superior, options.alarms),
        line(
            parts, [this](const std::string& county) { return OwnCall(county, "RingPoliceLink"); },
            options.alarms),
        alarms(
            options.database, options.clock,
            [this](sql::Tx& tx, absl::Time now, absl::Time until, int limit) {
              return store.LeaseAlarms(tx, now, until, limit);
            },
            [this](const journal::Alarm& alarm, journal::AlarmClock::Done done) {
              tickets.Ring(OwnCall(alarm.county, "RingAlarm"), alarm.id, std::move(done));
            },
            options.alarms),
        counting(
            options.database, store::kFiguresProjection,
            [this](sql::Tx& tx, const std::string& county,
                   absl::Span<const type::v1::JournalRecord> records) {
              return figures.Apply(tx, county, records);
            },
            options.figures),
        heating(
            options.database, store::kHeatProjection,
            [this](sql::Tx& tx, const std::string& county,
                   absl::Span<const type::v1::JournalRecord> records) {
              return heat.Apply(tx, county, records);
            },
            options.figures),
        indexing(
            options.database, store::kSearchProjection,
            [this](sql::Tx& tx, const std::string& county,
                   absl::Span<const type::v1::JournalRecord> records) {
              return search.Apply(tx, county, records);
            },
            options.search),
        noticing(
            options.database, store::kNoticesProjection,
            [this](sql::Tx& tx, const std::string& county,
                   absl::Span<const type::v1::JournalRecord> records) {
              return notice_api.Make(tx, county, records);
            },
            options.notices),
        recompute(options.recompute_every, [this] { RecomputeAgain(); }),
        retry(kRecomputeRetry, [this] {
          if (recompute_failed.exchange(false)) {
            recompute.Wake();
          }
        }) {
    writer->AddCommitListener([this](absl::string_view county, int64_t seq) {
      Wake();
      if (hints != nullptr) {
        hints->Publish(county, seq);
      }
    });
    if (options.carrier != nullptr) {
      sending.emplace(
          options.database, options.clock,
          [this](sql::Tx& tx, absl::Time now, absl::Time until, int limit) {
            return notices.Lease(tx, now, until, limit);
          },
          [this](const journal::Alarm& alarm, const journal::AlarmClock::Done& done) {
            notice_api.Ring(OwnCall(alarm.county, "SendNotice"), alarm.id, done);
          },
          options.alarms);
    }
    if (hints != nullptr) {
      listener = hints->Listen([this](absl::string_view, int64_t) { Wake(); });
    }
  }

  // What is queued is finished while everything that it uses is still there.
  ~Impl() {
    listener.reset();
    StopTimers();
    writer.reset();
  }

  void StopTimers() {
    alarms.Stop();
    exports.Stop();
    attachments.Stop();
    superior.Stop();
    line.Stop();
    if (sending) {
      sending->Stop();
    }
    counting.Stop();
    heating.Stop();
    indexing.Stop();
    noticing.Stop();
    retry.Stop();
    recompute.Stop();
  }

  // Gives provisional deadlines of every county their due time by the present calendars. Returns
  // how many orders changed.
  absl::StatusOr<int> Recompute();
  void RecomputeAgain() {
    const absl::StatusOr<int> changed = Recompute();
    if (!changed.ok()) {
      recompute_failed = true;
      observe::Log(observe::LogLevel::kWarning,
                   "deadlines were not computed anew; tried again later",
                   {{"status", changed.status()}});
    }
  }

  // A call that the service makes by itself.
  Call OwnCall(const std::string& county, absl::string_view what) const {
    Call call;
    call.actor.set_id("baimi-ticket");
    call.county = county;
    call.method = absl::StrCat("/baimi.ticket.v1.TicketService/", what);
    call.now = clock->Now();
    call.scope.whole_county = true;
    call.committed_seq = std::make_shared<std::atomic<int64_t>>(0);
    return call;
  }

  void Wake() {
    feed->Wake();
    if (changes != nullptr) {
      changes->Wake();
    }
  }

  static cache::ReadThroughOptions ReadThroughOptions(const TicketServiceOptions& options) {
    cache::ReadThroughOptions read_through;
    read_through.clock = options.clock;
    return read_through;
  }

  // Perhaps those of the parts, which end after all that uses them.
  OwnParts own;
  const Clock* const clock;
  Rng* const rng;
  sql::Database* const database;
  const std::unique_ptr<api::RegistryPeer> registry;
  const store::TicketStore store;
  const store::FigureStore figures;
  const store::HeatStore heat;
  const store::ExclusionStore exclusions{};
  const store::SearchIndex search;
  const store::SearchQuery query;
  const store::RulingStore rulings;
  const store::WhistleStore whistles;
  const store::DeskStore desks;
  const store::NoticeStore notices = {};
  api::PolicyCache policies;
  const resource::PageTokens tokens;
  cache::ReadThrough read_through;
  journal::WakeHints* const hints;
  journal::ChangeIndex* const changes;
  const std::unique_ptr<journal::Feed> feed;
  std::unique_ptr<journal::WakeHints::Listener> listener;
  std::unique_ptr<journal::Writer> writer;
  const api::Parts parts;
  api::TicketApi tickets;
  api::PolicyApi policy_api;
  api::ExclusionApi exclusion_api;
  api::ClusterApi cluster_api;
  api::SearchApi search_api;
  Cooperation cooperation;
  Publishing publishing;
  api::DeskApi desk_api;
  api::Receipts receipts;
  api::CitizenApi citizen_api;
  api::NoticeApi notice_api;
  api::SupervisionApi supervisions;
  Exports exports;
  Attachments attachments;
  api::IntakeApi intake;
  api::KnowledgeApi knowledge;
  SmallServices small;
  Superior superior;
  Line line;
  journal::AlarmClock alarms;
  // Of text messages; none without a carrier.
  std::optional<journal::AlarmClock> sending;
  journal::Projector counting;
  journal::Projector heating;
  journal::Projector indexing;
  journal::Projector noticing;
  std::atomic<bool> recompute_failed{false};
  exec::Ticker recompute;
  exec::Ticker retry;
};

TicketService::TicketService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TicketService::~TicketService() = default;

absl::Status TicketService::Migrate(sql::Database& database, const Clock& clock) {
  BAIMI_RETURN_IF_ERROR(sql::Migrate(database, "journal", journal::JournalMigrations(), clock));
  return sql::Migrate(database, "ticket", store::TicketMigrations(), clock);
}

absl::StatusOr<std::unique_ptr<TicketService>> TicketService::Create(
    const TicketServiceOptions& options, calendar::Calendar national,
    std::unique_ptr<api::RegistryPeer> registry) {
  BAIMI_RETURN_IF_ERROR(CheckSchemas(*options.database));
  return std::unique_ptr<TicketService>(
      new TicketService(std::make_unique<Impl>(options, std::move(national), std::move(registry))));
}

absl::StatusOr<TicketService*> TicketService::HostOn(process::Node& node, sql::Database* database,
                                                     std::unique_ptr<api::RegistryPeer> registry,
                                                     const HostOptions& host) {
  BAIMI_ASSIGN_OR_RETURN(calendar::Calendar national, LoadHolidays(host.holidays));
  BAIMI_ASSIGN_OR_RETURN(const process::SharedParts shared,
                         node.OpenCache("ticket", "tickets", database));
  TicketServiceOptions options;
  options.database = database;
  options.keys = node.keys();
  options.vault = node.vault();
  options.cache = shared.cache;
  options.hints = shared.hints;
  options.changes = shared.changes;
  options.clock = node.clock();
  options.rng = node.rng();
  options.page_token_key = node.page_token_key();
  options.alarms.poll = node.options().alarm_poll;
  options.watch_heartbeat = host.watch_heartbeat;
  options.counters = node.counters();
  options.receipt_key = node.receipt_key();
  BAIMI_ASSIGN_OR_RETURN(OwnParts own, OpenParts(host, &options));
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<TicketService> made,
                         Create(options, std::move(national), std::move(registry)));
  made->impl_->own = std::move(own);
  TicketService* const service = made.get();
  BAIMI_RETURN_IF_ERROR(node.Host("ticket", std::move(made)));
  return service;
}

std::vector<std::unique_ptr<rpc::Service>> TicketService::Services(rpc::Runtime* runtime) {
  std::vector<std::unique_ptr<rpc::Service>> services =
      api::GrpcServices({.tickets = &impl_->tickets,
                         .policies = &impl_->policy_api,
                         .exclusions = &impl_->exclusion_api,
                         .search = &impl_->search_api,
                         .citizen = &impl_->citizen_api,
                         .receipts = &impl_->receipts,
                         .desk = &impl_->desk_api,
                         .notices = &impl_->notice_api,
                         .supervisions = &impl_->supervisions,
                         .clusters = &impl_->cluster_api,
                         .intake = &impl_->intake,
                         .knowledge = &impl_->knowledge,
                         .cached_reads = impl_->parts.cache->in_memory()},
                        runtime);
  impl_->cooperation.AddServices(runtime, &services);
  impl_->publishing.AddServices(runtime, &services);
  impl_->exports.AddService(runtime, &services);
  impl_->attachments.AddService(runtime, &services);
  impl_->small.AddServices(runtime, &services);
  impl_->superior.AddService(runtime, &services);
  impl_->line.AddServices(runtime, &services);
  return services;
}

absl::Status TicketService::Begin() {
  BAIMI_ASSIGN_OR_RETURN(const int recomputed, impl_->Recompute());
  if (recomputed > 0) {
    observe::Log(observe::LogLevel::kInfo, "deadlines computed anew by the loaded calendar",
                 {{"orders", recomputed}});
  }
  return absl::OkStatus();
}

absl::Status TicketService::Check() { return CheckSchemas(*impl_->database); }

absl::StatusOr<int> TicketService::Impl::Recompute() {
  std::vector<std::string> counties;
  BAIMI_RETURN_IF_ERROR(database->Read({}, [&](sql::Reader& reader) -> absl::Status {
    BAIMI_ASSIGN_OR_RETURN(counties, store.Counties(reader));
    return absl::OkStatus();
  }));
  int changed = 0;
  for (const std::string& county : counties) {
    BAIMI_ASSIGN_OR_RETURN(const int some,
                           tickets.RecomputeProvisional(OwnCall(county, "RecomputeProvisional")));
    changed += some;
  }
  return changed;
}

absl::StatusOr<int64_t> TicketService::CountFigures() {
  BAIMI_RETURN_IF_ERROR(impl_->heating.CatchUp().status());
  return impl_->counting.CatchUp();
}
absl::StatusOr<int64_t> TicketService::IndexSearch() { return impl_->indexing.CatchUp(); }
absl::StatusOr<int64_t> TicketService::MakeNotices() { return impl_->noticing.CatchUp(); }
absl::StatusOr<int64_t> TicketService::MakeSuperiorResults() {
  return impl_->superior.MakeResults();
}
absl::StatusOr<int> TicketService::RingAlarms() {
  BAIMI_ASSIGN_OR_RETURN(int rang, impl_->alarms.RunDue());
  if (impl_->sending) {
    BAIMI_ASSIGN_OR_RETURN(const int sent, impl_->sending->RunDue());
    rang += sent;
  }
  BAIMI_ASSIGN_OR_RETURN(const int steps, impl_->exports.RunDue());
  BAIMI_ASSIGN_OR_RETURN(const int destroyed, impl_->attachments.RunDue());
  BAIMI_ASSIGN_OR_RETURN(const int pushed, impl_->superior.RunDue());
  BAIMI_ASSIGN_OR_RETURN(const int links, impl_->line.RunDue());
  return rang + steps + destroyed + pushed + links;
}

void TicketService::EndStreams() {
  impl_->StopTimers();
  impl_->feed->Stop();
}
journal::Writer& TicketService::writer() { return *impl_->writer; }

}  // namespace baimi::ticket
