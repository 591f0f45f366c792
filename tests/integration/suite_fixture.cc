#include "tests/integration/suite_fixture.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/digest.h"
#include "common/journal/log.h"
#include "common/sql/database.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::integration {
namespace {

namespace fs = std::filesystem;
using registry::v1::AreaService;
using registry::v1::EstateService;
using registry::v1::GridService;
using registry::v1::UnitService;
using ticket::v1::TicketPolicyService;
using ticket::v1::TicketService;

constexpr char kAreas[] = R"csv(code,name,kind
469030000000,琼中黎族苗族自治县,县
469030100000,营根镇,镇
469030100003,营北社区,社区
469030100004,国兴社区,社区
469030102000,湾岭镇,镇
469030102201,水央村,行政村
)csv";

constexpr char kGrids[] = R"pb(
  parent: "counties/469030"
  grids {
    code: "469030100003001"
    display_name: "营北社区第一网格"
    synthetic_polygon: true
    polygon {
      outer {
        points { latitude: 19.03 longitude: 109.83 }
        points { latitude: 19.03 longitude: 109.84 }
        points { latitude: 19.04 longitude: 109.84 }
        points { latitude: 19.04 longitude: 109.83 }
      }
    }
  }
  grids { code: "469030100003002" display_name: "营北社区第二网格" }
  grids { code: "469030100004001" display_name: "国兴社区第一网格" }
  grids { code: "469030102201001" display_name: "水央村网格" }
)pb";

struct UnitRow {
  const char* id;
  const char* text;
};
constexpr UnitRow kUnits[] = {
    {"hotline", R"(display_name: "12345热线中心" kind: HOTLINE_CENTRE
                   area: "counties/469030/areas/469030000000")"},
    {"zhujianju", R"(display_name: "县住建局" kind: DEPARTMENT
                     area: "counties/469030/areas/469030000000")"},
    {"chengguanju", R"(display_name: "县城管局" kind: DEPARTMENT
                       area: "counties/469030/areas/469030000000")"},
    {"xianfuban", R"(display_name: "县政府办" kind: DEPARTMENT
                     area: "counties/469030/areas/469030000000")"},
    {"yinggen", R"(display_name: "营根镇人民政府" kind: TOWNSHIP_GOVERNMENT
                   area: "counties/469030/areas/469030100000" duty_categories: "04")"},
    {"yingbei", R"(display_name: "营北社区居委会" kind: VILLAGE_COMMITTEE
                   area: "counties/469030/areas/469030100003"
                   duty_categories: "0203" duty_categories: "0401")"},
    {"guoxing", R"(display_name: "国兴社区居委会" kind: VILLAGE_COMMITTEE
                   area: "counties/469030/areas/469030100004" duty_categories: "0401")"},
};

// Tokens of the keys that the tests add.
const std::map<std::string, std::string>& AddedKeys() {
  static const auto& keys = *new std::map<std::string, std::string>{
      {"unit-chengguanju", R"("roles": ["unit-staff"], "counties": ["*"], "audience": "staff",
          "pii": "staff", "unit": "chengguanju", "units": ["chengguanju"])"},
      {"unit-yingbei", R"("roles": ["unit-staff"], "counties": ["*"], "audience": "staff",
          "pii": "staff", "unit": "yingbei", "units": ["yingbei"])"},
      {"unit-yinggen", R"("roles": ["unit-staff"], "counties": ["*"], "audience": "staff",
          "pii": "staff", "unit": "yinggen", "units": ["yinggen"],
          "area_prefixes": ["469030100"])"},
      {"resident", R"("roles": ["reader"], "counties": ["469030"],
          "audience": "public", "pii": "public")"},
      {"township", R"("roles": ["hotline-clerk"], "counties": ["469030"], "audience": "staff",
          "pii": "staff", "unit": "hotline", "area_prefixes": ["469030100004"])"},
      {"hasty", R"("roles": ["hotline-clerk"], "counties": ["469030"], "audience": "staff",
          "pii": "staff", "unit": "hotline", "quota": {"write": {"per_second": 1, "burst": 2}})"},
      {"blind-clerk", R"("roles": ["hotline-clerk"], "counties": ["469030"], "audience": "staff",
          "pii": "public", "unit": "hotline")"},
      {"curious", R"("roles": ["suite-admin"], "counties": ["469030"], "audience": "staff",
          "pii": "staff", "unit": "yinggen")"},
      {"elsewhere", R"("roles": ["suite-admin"], "counties": ["469029"], "audience": "staff",
          "pii": "full")"}};
  return keys;
}

// Read orders as they are shown to this key.
constexpr char kAddedRoles[] = R"json(
    "reader": ["ticket.get", "ticket.list", "ticket.listEvents", "ticket.watch"],)json";

std::string AddedToken(const std::string& key) { return absl::StrCat("bmk_test-", key); }

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

void AddKeys(const std::string& path) {
  std::string rows;
  for (const auto& [id, rest] : AddedKeys()) {
    absl::StrAppend(&rows, "{\"id\": \"", id, "\", \"sha256\": \"",
                    absl::BytesToHexString(Sha256(AddedToken(id))), "\", ", rest, "},\n");
  }
  const std::string text = absl::StrReplaceAll(
      ReadAll(path), {{"\"keys\": [\n", absl::StrCat("\"keys\": [\n", rows)},
                      {"\"roles\": {", absl::StrCat("\"roles\": {", kAddedRoles)}});
  std::ofstream(path, std::ios::binary) << text;
}

std::string NewDirectory() {
  std::string path = (fs::temp_directory_path() / "baimi_integration_XXXXXX").string();
  EXPECT_NE(::mkdtemp(path.data()), nullptr);
  return path;
}

template <typename Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

}  // namespace

SuiteTest::SuiteTest()
    : path_(NewDirectory()),
      clock_(ticket::domain::At("2026-11-23 09:00")),
      rng_(NewSeededRng(469030)),
      persistence_(FaultsOfThisRun() == kNoFaults ? nullptr : std::make_unique<Persistence>()) {
  options_.http_port = 0;
  options_.node.grpc_port = 0;
  options_.node.alarm_poll = absl::InfiniteDuration();
  faults_.Apply(&options_);
}

SuiteTest::~SuiteTest() {
  suite_.reset();
  data_.reset();
  fs::remove_all(path_);
}

void SuiteTest::StartSuite() {
  if (!data_) {
    absl::StatusOr<suite::DataDir> made = suite::DataDir::Prepare(path_, *rng_);
    ASSERT_TRUE(made.ok()) << made.status();
    data_.emplace(*std::move(made));
    AddKeys(data_->File("api-keys.json"));
  }
  absl::StatusOr<std::unique_ptr<suite::Suite>> started = absl::UnknownError("never started");
  int attempts = persistence_ == nullptr ? 1 : Persistence::kAttempts;
  do {
    absl::StatusOr<process::Secrets> secrets = process::Secrets::Load(data_->secrets(), &clock_);
    ASSERT_TRUE(secrets.ok()) << secrets.status();
    started =
        suite::Suite::Start(options_, data_->databases(), *std::move(secrets), &clock_, rng_.get());
  } while (absl::IsUnavailable(started.status()) && --attempts > 0);
  ASSERT_TRUE(started.ok()) << started.status();
  suite_ = *std::move(started);
  door_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", suite_->grpc_port()),
                              grpc::InsecureChannelCredentials());
  if (!county_made_) {
    MakeCounty();
    county_made_ = true;
  }
}

void SuiteTest::MakeCounty() {
  const Caller admin = As("admin");
  auto areas = Text<registry::v1::ImportAreasRequest>(R"pb(parent: "counties/469030")pb");
  areas.set_csv(kAreas);
  const auto imported = admin(&AreaService::Stub::ImportAreas, areas);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->created(), 6);
  const auto grids =
      admin(&GridService::Stub::ImportGrids, Text<registry::v1::ImportGridsRequest>(kGrids));
  ASSERT_TRUE(grids.ok()) << grids.status();
  for (const UnitRow& row : kUnits) {
    registry::v1::CreateUnitRequest request;
    request.set_parent(kCounty);
    request.set_unit_id(row.id);
    *request.mutable_unit() = Text<registry::v1::Unit>(row.text);
    const auto unit = admin(&UnitService::Stub::CreateUnit, request);
    ASSERT_TRUE(unit.ok()) << row.id << ": " << unit.status();
  }
  const auto estate =
      admin(&EstateService::Stub::CreateEstate, Text<registry::v1::CreateEstateRequest>(R"pb(
        parent: "counties/469030"
        estate_id: "minhua"
        estate { display_name: "珉华小区" grid: "counties/469030/grids/469030100003001" }
      )pb"));
  ASSERT_TRUE(estate.ok()) << estate.status();
  ticket::v1::CreateTicketPolicyRequest policy;
  policy.set_parent(kCounty);
  *policy.mutable_ticket_policy() = ticket::domain::SamplePolicy();
  const auto in_force = admin(&TicketPolicyService::Stub::CreateTicketPolicy, policy);
  ASSERT_TRUE(in_force.ok()) << in_force.status();
}

std::string SuiteTest::Token(const std::string& key) const {
  if (key.empty()) {
    return "";
  }
  if (AddedKeys().count(key) > 0) {
    return AddedToken(key);
  }
  const absl::StatusOr<std::string> token = data_->Token(key);
  EXPECT_TRUE(token.ok()) << key << ": " << token.status();
  return token.ok() ? *token : "";
}

http::testing::ClientResponse SuiteTest::Http(absl::string_view method, absl::string_view target,
                                              absl::string_view body, const std::string& key,
                                              const std::vector<http::Header>& headers) {
  std::string named_target(target);
  std::string named_body(body);
  std::vector<http::Header> all = headers;
  if (!key.empty()) {
    all.push_back({"Authorization", "Bearer " + Token(key)});
  }
  if (!body.empty()) {
    all.push_back({"Content-Type", "application/json"});
  }
  if (persistence_ == nullptr) {
    return HttpOnce(method, target, body, all);
  }
  persistence_->Name(method, &named_target, &named_body);
  const std::string package = persistence_->PackageOf(method, target);
  if (const int64_t seq = persistence_->LastSeq(package); seq > 0 && method == "GET") {
    all.push_back({"Baimi-Min-Seq", absl::StrCat(seq)});
  }
  http::testing::ClientResponse answer;
  int attempts = Persistence::kAttempts;
  do {
    answer = HttpOnce(method, named_target, named_body, all);
  } while (Persistence::IsWorthRepeating(answer) && --attempts > 0);
  persistence_->Saw(package, answer.header("Baimi-Seq"));
  return answer;
}

http::testing::ClientResponse SuiteTest::HttpOnce(absl::string_view method,
                                                  absl::string_view target, absl::string_view body,
                                                  const std::vector<http::Header>& headers) {
  absl::StatusOr<http::testing::Client> client =
      http::testing::Client::Connect(suite_->http_port());
  EXPECT_TRUE(client.ok()) << client.status();
  absl::StatusOr<http::testing::ClientResponse> answer =
      client->Call(method, target, body, headers);
  EXPECT_TRUE(answer.ok()) << method << " " << target << ": " << answer.status();
  return answer.ok() ? *std::move(answer) : http::testing::ClientResponse{};
}

http::testing::ClientResponse SuiteTest::Admin(absl::string_view path) {
  absl::StatusOr<http::testing::Client> client =
      http::testing::Client::Connect(suite_->admin_port());
  EXPECT_TRUE(client.ok()) << client.status();
  absl::StatusOr<http::testing::ClientResponse> answer = client->Call("GET", path);
  EXPECT_TRUE(answer.ok()) << path << ": " << answer.status();
  return answer.ok() ? *std::move(answer) : http::testing::ClientResponse{};
}

ticket::v1::CreateTicketRequest SuiteTest::LiftRequest(absl::string_view request_id) {
  auto request = Text<ticket::v1::CreateTicketRequest>(R"pb(
    parent: "counties/469030"
    ticket {
      type: HELP
      channel: PHONE
      category: "020301"
      title: "电梯停运三天"
      description: "老人上下楼不便"
      caller { name: "王某某" phone: "13800138000" }
      place { address: "营根镇珉华小区3栋2单元" }
    }
  )pb");
  request.set_request_id(std::string(request_id));
  return request;
}

ticket::v1::Ticket SuiteTest::File(const ticket::v1::CreateTicketRequest& request) {
  const auto ticket = As("admin")(&TicketService::Stub::CreateTicket, request);
  EXPECT_TRUE(ticket.ok()) << ticket.status();
  return ticket.ok() ? *ticket : ticket::v1::Ticket();
}

ticket::v1::Ticket SuiteTest::Advance(const ticket::v1::Ticket& ticket) {
  using Stub = TicketService::Stub;
  const Caller admin = As("admin");
  const std::string& name = ticket.name();
  absl::StatusOr<ticket::v1::Ticket> next = absl::UnknownError("no next step");
  if (ticket.state() == ticket::v1::PENDING_DISPATCH) {
    next = admin(&Stub::DispatchTicket, Named<ticket::v1::DispatchTicketRequest>(name));
  } else if (ticket.state() == ticket::v1::DISPATCHED) {
    next = admin(&Stub::SignTicket, Named<ticket::v1::SignTicketRequest>(name));
  } else if (ticket.state() == ticket::v1::SIGNED) {
    auto request = Named<ticket::v1::ReplyTicketRequest>(name);
    request.mutable_reply()->set_result("已修复并试运行");
    request.mutable_reply()->set_caller_contacted(true);
    next = admin(&Stub::ReplyTicket, request);
  } else if (ticket.state() == ticket::v1::REPLIED) {
    auto request = Named<ticket::v1::AuditTicketRequest>(name);
    request.set_pass(true);
    next = admin(&Stub::AuditTicket, request);
  } else if (ticket.state() == ticket::v1::PENDING_CALLBACK && ticket.callbacks().empty()) {
    auto request = Named<ticket::v1::RecordCallbackRequest>(name);
    request.mutable_callback()->set_outcome(ticket::v1::REACHED);
    request.mutable_callback()->set_solved(ticket::v1::YES);
    request.mutable_callback()->set_rating(ticket::v1::SATISFIED);
    next = admin(&Stub::RecordCallback, request);
  } else if (ticket.state() == ticket::v1::PENDING_CALLBACK) {
    next = admin(&Stub::CloseTicket, Named<ticket::v1::CloseTicketRequest>(name));
  } else if (ticket.state() == ticket::v1::CLOSED) {
    next = admin(&Stub::ArchiveTicket, Named<ticket::v1::ArchiveTicketRequest>(name));
  }
  EXPECT_TRUE(next.ok()) << ticket::v1::TicketState_Name(ticket.state()) << ": " << next.status();
  return next.ok() ? *next : ticket;
}

ticket::v1::Ticket SuiteTest::FileUpTo(ticket::v1::TicketState state) {
  ticket::v1::Ticket ticket = File(LiftRequest(""));
  for (int step = 0; step < 8 && ticket.state() != state; ++step) {
    ticket = Advance(ticket);
  }
  EXPECT_EQ(ticket.state(), state);
  return ticket;
}

ticket::v1::Ticket SuiteTest::Get(const std::string& name, const std::string& key) {
  const auto ticket =
      As(key)(&TicketService::Stub::GetTicket, Named<ticket::v1::GetTicketRequest>(name));
  EXPECT_TRUE(ticket.ok()) << ticket.status();
  return ticket.ok() ? *ticket : ticket::v1::Ticket();
}

int64_t SuiteTest::Head(absl::string_view stream) const {
  absl::StatusOr<std::unique_ptr<sql::Database>> database =
      sql::Open(data_->DatabaseUri("ticket"), {});
  EXPECT_TRUE(database.ok()) << database.status();
  absl::StatusOr<int64_t> head = -1;
  const absl::Status read = (*database)->Read({}, [&](sql::Reader& reader) {
    head = journal::HeadSeq(reader, "469030", stream);
    return head.status();
  });
  EXPECT_TRUE(read.ok()) << read;
  return head.value_or(-1);
}

struct HeldDatabase::Connection {
  sqlite3* handle = nullptr;
  ~Connection() { sqlite3_close(handle); }
};

HeldDatabase::HeldDatabase(const std::string& file) : connection_(std::make_unique<Connection>()) {
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &connection_->handle, SQLITE_OPEN_READWRITE, nullptr),
            SQLITE_OK);
  sqlite3_busy_timeout(connection_->handle, 10'000);
  EXPECT_EQ(sqlite3_exec(connection_->handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr),
            SQLITE_OK);
}

HeldDatabase::~HeldDatabase() { Release(); }

int64_t HeldDatabase::Ask(const std::string& sql) {
  int64_t answer = -1;
  const auto take = [](void* out, int, char** values, char**) {
    *static_cast<int64_t*>(out) = std::strtoll(values[0], nullptr, 10);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(connection_->handle, sql.c_str(), take, &answer, nullptr), SQLITE_OK);
  return answer;
}

void HeldDatabase::Release() {
  if (connection_) {
    EXPECT_EQ(sqlite3_exec(connection_->handle, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
    connection_.reset();
  }
}

}  // namespace baimi::integration
