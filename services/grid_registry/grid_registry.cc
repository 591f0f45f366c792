#include "services/grid_registry/grid_registry.h"

#include <functional>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/resource/page.h"
#include "common/sql/migrate.h"
#include "services/grid_registry/api/registry_api.h"
#include "services/grid_registry/store/registry_store.h"

namespace baimi::grid_registry {
namespace {

// The handler of one method: `api.*method`; `fast` answers from memory when it can.
template <typename Api, typename Request, typename Response>
void Add(rpc::Service* service, absl::string_view name, Api* api,
         Async<Response> (Api::*method)(const Call&, const Request&),
         std::optional<absl::StatusOr<Response>> (Api::*fast)(const Call&,
                                                              const Request&) = nullptr) {
  rpc::FastHandler<Request, Response> from_memory;
  if (fast != nullptr) {
    from_memory = std::bind_front(fast, api);
  }
  service->Unary<Request, Response>(name, std::bind_front(method, api), std::move(from_memory));
}

// A database that hangs is one that is away.
constexpr absl::Duration kCheckWithin = absl::Seconds(5);

absl::Status CheckSchemas(sql::Database& database) {
  const sql::Options options{.deadline = SystemClock().Now() + kCheckWithin};
  BAIMI_RETURN_IF_ERROR(
      sql::CheckSchema(database, "journal", journal::JournalMigrations(), options));
  return sql::CheckSchema(database, "registry", registry::store::RegistryMigrations(), options);
}

}  // namespace

struct GridRegistry::Impl {
  explicit Impl(const Options& options)
      : database(options.database),
        pages(options.page_token_key, options.clock, options.rng),
        counties(options.database, &store, options.clock, options.cache),
        writer(journal::Writer::Create(options.database, options.vault, options.clock,
                                       options.writer)),
        areas(PartsOf(options)),
        grids(PartsOf(options)),
        units(PartsOf(options)),
        estates(PartsOf(options)),
        directory(PartsOf(options)) {
    writer->AddCommitListener(
        [this](absl::string_view county, int64_t seq) { counties.Committed(county, seq); });
  }

  // What is still queued runs in the use cases and reaches the counties.
  ~Impl() { writer.reset(); }

  registry::api::Parts PartsOf(const Options& options) {
    return {.writer = writer.get(),
            .store = &store,
            .counties = &counties,
            .pages = &pages,
            .locate = options.locate};
  }

  sql::Database* const database;
  const registry::store::RegistryStore store = {};
  const resource::PageTokens pages;
  registry::api::CountyCache counties;
  std::unique_ptr<journal::Writer> writer;
  registry::api::AreaApi areas;
  registry::api::GridApi grids;
  registry::api::UnitApi units;
  registry::api::EstateApi estates;
  registry::api::DirectoryApi directory;
};

GridRegistry::GridRegistry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GridRegistry::~GridRegistry() = default;

absl::Status GridRegistry::Migrate(sql::Database& database, const Clock& clock) {
  BAIMI_RETURN_IF_ERROR(sql::Migrate(database, "journal", journal::JournalMigrations(), clock));
  return sql::Migrate(database, "registry", registry::store::RegistryMigrations(), clock);
}

absl::StatusOr<std::unique_ptr<GridRegistry>> GridRegistry::Create(const Options& options) {
  BAIMI_RETURN_IF_ERROR(CheckSchemas(*options.database));
  return std::unique_ptr<GridRegistry>(new GridRegistry(std::make_unique<Impl>(options)));
}

absl::Status GridRegistry::HostOn(process::Node& node, sql::Database* database) {
  Options options;
  options.database = database;
  options.vault = node.vault();
  options.clock = node.clock();
  options.rng = node.rng();
  options.page_token_key = node.page_token_key();
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<GridRegistry> made, Create(options));
  return node.Host("grid_registry", std::move(made));
}

absl::Status GridRegistry::Check() { return CheckSchemas(*impl_->database); }

std::vector<std::unique_ptr<rpc::Service>> GridRegistry::Services(rpc::Runtime* runtime) {
  using registry::api::AreaApi;
  using registry::api::DirectoryApi;
  using registry::api::EstateApi;
  using registry::api::GridApi;
  using registry::api::UnitApi;
  std::vector<std::unique_ptr<rpc::Service>> services;
  const auto open = [&](absl::string_view name) {
    services.push_back(
        std::make_unique<rpc::Service>(absl::StrCat("baimi.registry.v1.", name), runtime));
    return services.back().get();
  };

  rpc::Service* service = open("AreaService");
  Add(service, "CreateArea", &impl_->areas, &AreaApi::Create);
  Add(service, "GetArea", &impl_->areas, &AreaApi::Get);
  Add(service, "ListAreas", &impl_->areas, &AreaApi::List);
  Add(service, "UpdateArea", &impl_->areas, &AreaApi::Update);
  Add(service, "ImportAreas", &impl_->areas, &AreaApi::Import);

  service = open("GridService");
  Add(service, "CreateGrid", &impl_->grids, &GridApi::Create);
  Add(service, "GetGrid", &impl_->grids, &GridApi::Get);
  Add(service, "ListGrids", &impl_->grids, &GridApi::List);
  Add(service, "UpdateGrid", &impl_->grids, &GridApi::Update);
  Add(service, "ImportGrids", &impl_->grids, &GridApi::Import);
  Add(service, "LocateGrid", &impl_->grids, &GridApi::Locate, &GridApi::LocateCached);

  service = open("UnitService");
  Add(service, "CreateUnit", &impl_->units, &UnitApi::Create);
  Add(service, "GetUnit", &impl_->units, &UnitApi::Get);
  Add(service, "ListUnits", &impl_->units, &UnitApi::List);
  Add(service, "UpdateUnit", &impl_->units, &UnitApi::Update);

  service = open("EstateService");
  Add(service, "CreateEstate", &impl_->estates, &EstateApi::Create);
  Add(service, "GetEstate", &impl_->estates, &EstateApi::Get);
  Add(service, "ListEstates", &impl_->estates, &EstateApi::List);

  service = open("DirectoryService");
  Add(service, "ResolveUnits", &impl_->directory, &DirectoryApi::ResolveUnits,
      &DirectoryApi::ResolveUnitsCached);
  return services;
}

journal::Writer& GridRegistry::writer() { return *impl_->writer; }

}  // namespace baimi::grid_registry
