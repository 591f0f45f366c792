#include "tests/bench/site.h"

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "tests/bench/grpc_load.h"

namespace baimi::bench {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(2);
constexpr char kTitle[] = "电梯停运";
constexpr char kDescription[] =
    "3栋电梯昨晚起停在五楼不动，楼上有坐轮椅的老人下不来，希望尽快修好。";
constexpr char kCaller[] = "陈阿妹";
constexpr char kPhone[] = "13900001042";
constexpr char kAddress[] = "营根镇营北社区珉华小区3栋2单元";
constexpr char kCategory[] = "010101";

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? absl::StatusOr<std::string>(text.str())
            : absl::NotFoundError(absl::StrCat(path, ": no such file"));
}

// One exchange; anything but 200 is an error.
absl::StatusOr<std::string> Exchange(http::testing::Client& client, absl::string_view method,
                                     const std::string& target, const std::string& body,
                                     const std::string& token) {
  std::vector<http::Header> headers = {{"Authorization", absl::StrCat("Bearer ", token)}};
  if (!body.empty()) {
    headers.push_back({"Content-Type", "application/json"});
  }
  BAIMI_ASSIGN_OR_RETURN(http::testing::ClientResponse answer,
                         client.Call(method, target, body, headers));
  if (answer.status != 200) {
    return absl::InternalError(absl::StrCat(method, " ", target, ": got ", answer.status, ": ",
                                            answer.body.substr(0, 500)));
  }
  return std::move(answer.body);
}

// One key makes all the load: its calls are counted, and no limit stops them.
std::vector<std::string> WithoutQuota(std::vector<std::string> arguments) {
  for (const char* name : {"read", "write"}) {
    arguments.push_back(absl::StrCat("--quota.", name, ".per_second=1000000"));
    arguments.push_back(absl::StrCat("--quota.", name, ".burst=10000000"));
  }
  return arguments;
}

}  // namespace

ticket::v1::Ticket SampleOrder() {
  ticket::v1::Ticket order;
  order.set_type(ticket::v1::HELP);
  order.set_channel(ticket::v1::PHONE);
  order.set_category(kCategory);
  order.set_title(kTitle);
  order.set_description(kDescription);
  order.mutable_caller()->set_name(kCaller);
  order.mutable_caller()->set_phone(kPhone);
  order.mutable_place()->set_address(kAddress);
  return order;
}

absl::StatusOr<std::unique_ptr<Site>> Site::NewSite() {
  auto site = std::unique_ptr<Site>(new Site());
  BAIMI_ASSIGN_OR_RETURN(site->folder_, TempFolder::Make());
  site->data_ = site->folder_->path() + "/data";
  site->prefix_ = NewUuid(*NewSystemRng()).substr(0, 8);
  return site;
}

absl::StatusOr<std::unique_ptr<Site>> Site::MakeSuite(const std::string& sample_dir,
                                                      const std::optional<Databases>& databases) {
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Site> site, NewSite());
  std::vector<std::string> more = {"--sample", "--sample_dir", sample_dir};
  if (databases) {
    more.insert(more.end(), {"--ticket.database", databases->ticket, "--registry.database",
                             databases->registry, "--keys.database", databases->keys});
  }
  BAIMI_RETURN_IF_ERROR(site->StartSuite(more));
  BAIMI_RETURN_IF_ERROR(site->ReadKeys());
  return site;
}

absl::StatusOr<std::unique_ptr<Site>> Site::MakeProcesses(const std::string& sample_dir,
                                                          const Databases& databases,
                                                          const std::string& cache) {
  BAIMI_ASSIGN_OR_RETURN(std::unique_ptr<Site> site, NewSite());
  const std::string bin = OwnFolder();
  BAIMI_RETURN_IF_ERROR(Child::Run({bin + "/baimictl", "init", "--secrets", site->data_}));
  BAIMI_RETURN_IF_ERROR(
      Child::Run({bin + "/baimi-suite", "load-sample", "--sample_dir", sample_dir, "--secrets",
                  site->data_, "--ticket.database", databases.ticket, "--registry.database",
                  databases.registry, "--keys.database", databases.keys}));
  const std::vector<std::string> common = {
      "--secrets", site->data_,           "--keys.database", databases.keys,  "--cache",
      cache,       "--log.level=WARNING", "--grpc.port=0",   "--admin.port=0"};
  std::vector<std::string> registry = {bin + "/baimi-grid-registry", "--database",
                                       databases.registry};
  registry.insert(registry.end(), common.begin(), common.end());
  BAIMI_RETURN_IF_ERROR(site->Add(WithoutQuota(std::move(registry))));
  const auto address = [&site] {
    return absl::StrCat("ipv4:127.0.0.1:", site->processes_.back().Port("grpc"));
  };
  const std::string registry_at = address();
  std::vector<std::string> ticket = {bin + "/baimi-ticket", "--database", databases.ticket,
                                     "--registry", registry_at};
  ticket.insert(ticket.end(), common.begin(), common.end());
  BAIMI_RETURN_IF_ERROR(site->Add(WithoutQuota(std::move(ticket))));
  BAIMI_RETURN_IF_ERROR(
      site->Add({bin + "/baimi-gateway", "--secrets", site->data_, "--log.level=WARNING",
                 "--http.port=0", "--grpc.port=0", "--admin.port=0", "--upstreams",
                 absl::StrCat("baimi.registry.=", registry_at, ",baimi.ticket.=", address())}));
  site->ConnectToDoor();
  BAIMI_RETURN_IF_ERROR(site->ReadKeys());
  return site;
}

absl::Status Site::ReadKeys() {
  BAIMI_ASSIGN_OR_RETURN(clerk_, ReadToken(data_ + "/tokens/clerk"));
  BAIMI_ASSIGN_OR_RETURN(unit_, ReadToken(data_ + "/tokens/unit-zhujianju"));
  return absl::OkStatus();
}

absl::Status Site::StartSuite(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {OwnFolder() + "/baimi-suite", "--data", data_,
                                        "--http.port=0", "--grpc.port=0"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  BAIMI_RETURN_IF_ERROR(Add(WithoutQuota(std::move(arguments))));
  ConnectToDoor();
  return absl::OkStatus();
}

absl::Status Site::Add(const std::vector<std::string>& arguments) {
  BAIMI_ASSIGN_OR_RETURN(Child child, Child::Start(arguments, "ready ", kPatience));
  processes_.push_back(std::move(child));
  return absl::OkStatus();
}

void Site::ConnectToDoor() { channels_ = Connect(processes_.back().Port("grpc"), 2); }

absl::Status Site::Restart() {
  channels_.clear();
  BAIMI_RETURN_IF_ERROR(processes_.back().Stop());
  processes_.clear();
  return StartSuite({});
}

double Site::ResidentMib() const {
  double sum = 0;
  for (const Child& process : processes_) {
    sum += process.ResidentMib();
  }
  return sum;
}

absl::Duration Site::CpuTime() const {
  absl::Duration sum;
  for (const Child& process : processes_) {
    sum += process.CpuTime();
  }
  return sum;
}

std::string Site::RequestId(int64_t n) const { return absl::StrCat(prefix_, "-", n); }

ticket::v1::CreateTicketRequest Site::NewOrder(int64_t n) const {
  ticket::v1::CreateTicketRequest request;
  request.set_parent(kCounty);
  request.set_request_id(RequestId(n));
  *request.mutable_ticket() = SampleOrder();
  return request;
}

absl::StatusOr<int64_t> Site::CountOrders() const {
  ticket::v1::GetTicketCountsRequest request;
  request.set_parent(kCounty);
  ticket::v1::TicketCounts counts;
  BAIMI_RETURN_IF_ERROR(CallOnce(channels_.front(),
                                 "/baimi.ticket.v1.TicketService/GetTicketCounts", clerk_, request,
                                 &counts));
  return counts.total();
}

absl::Status Site::Lifecycle(http::testing::Client& client, int64_t n) const {
  const std::string id = absl::StrCat(prefix_, "-l", n);
  BAIMI_ASSIGN_OR_RETURN(
      const std::string filed,
      Exchange(client, "POST", absl::StrCat("/v1/", kCounty, "/tickets?requestId=", id),
               absl::StrCat(R"({"type":"HELP","channel":"PHONE","category":")", kCategory,
                            R"(","title":")", kTitle, R"(","description":")", kDescription,
                            R"(","caller":{"name":")", kCaller, R"(","phone":")", kPhone,
                            R"("},"place":{"address":")", kAddress, R"("}})"),
               clerk_));
  const size_t from = filed.find(absl::StrCat(kCounty, "/tickets/"));
  if (from == std::string::npos) {
    return absl::InternalError(absl::StrCat("no name in the answer: ", filed));
  }
  const std::string name = filed.substr(from, filed.find('"', from) - from);
  const std::string body = absl::StrCat(R"({"requestId":")", id, R"(")");
  BAIMI_RETURN_IF_ERROR(
      Exchange(client, "POST", absl::StrCat("/v1/", name, ":dispatch"), body + "}", clerk_)
          .status());
  BAIMI_RETURN_IF_ERROR(
      Exchange(client, "POST", absl::StrCat("/v1/", name, ":sign"), body + "}", unit_).status());
  BAIMI_RETURN_IF_ERROR(
      Exchange(client, "POST", absl::StrCat("/v1/", name, ":reply"),
               body + R"(,"reply":{"result":"电梯已修好，已回电告知。","callerContacted":true}})",
               unit_)
          .status());
  BAIMI_ASSIGN_OR_RETURN(const std::string found,
                         Exchange(client, "GET",
                                  absl::StrCat("/v1/", kCounty, "/tickets?lead=", kLead,
                                               "&states=REPLIED&pageSize=10"),
                                  "", clerk_));
  return absl::StrContains(found, absl::StrCat(kCounty, "/tickets/"))
             ? absl::OkStatus()
             : absl::InternalError(absl::StrCat("the list is empty: ", found));
}

}  // namespace baimi::bench
