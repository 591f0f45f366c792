#include "services/gateway/gateway_process.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/process/service_program.h"
#include "common/rpc/admin.h"
#include "common/rpc/client.h"
#include "services/gateway/call.h"
#include "services/gateway/gateway.h"
#include "services/gateway/grpc_door.h"

namespace baimi::gateway {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) {
    return absl::NotFoundError(absl::StrCat("descriptors: cannot read ", path));
  }
  return content.str();
}

// Declared in the order of construction; destroyed in reverse.
class RunningGateway final : public process::Running {
 public:
  RunningGateway(ProcessOptions options, const process::Environment& environment)
      : options_(std::move(options)), environment_(environment) {}

  absl::Status Start() {
    BAIMI_RETURN_IF_ERROR(LoadContract());
    BAIMI_RETURN_IF_ERROR(OpenRouter());
    BAIMI_RETURN_IF_ERROR(OpenAdmin());
    BAIMI_RETURN_IF_ERROR(OpenHttp());
    BAIMI_RETURN_IF_ERROR(OpenGrpc());
    grpc_->SetServing(true);
    ready_ = true;
    return absl::OkStatus();
  }

  std::string Doors() const override {
    return absl::StrCat("http=", process::Door(options_.address, http_->port()),
                        " grpc=", process::Door(options_.address, grpc_->port()),
                        " admin=", process::Door(options_.address, admin_->port()));
  }

  bool Stop() override {
    ready_ = false;
    http_->Refuse();
    const absl::Time until = environment_.clock->Now() + options_.drain;
    const bool whole = grpc_->Drain(options_.drain);
    http_->Shutdown(std::max(until - environment_.clock->Now(), absl::ZeroDuration()));
    admin_->Shutdown(absl::ZeroDuration());
    return whole;
  }

 private:
  absl::Status LoadContract() {
    BAIMI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(options_.descriptors));
    google::protobuf::FileDescriptorSet set;
    if (!set.ParseFromString(bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat("descriptors: ", options_.descriptors, " holds no FileDescriptorSet"));
    }
    contract_hash_ = absl::BytesToHexString(Sha256(bytes));
    BAIMI_ASSIGN_OR_RETURN(contract_, transcode::Contract::FromDescriptorSet(set));
    return absl::OkStatus();
  }

  absl::Status OpenRouter() {
    BAIMI_ASSIGN_OR_RETURN(const auto targets, ParseUpstreams(options_.upstreams));
    std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
    rpc::ChannelOptions channel;
    channel.keepalive = options_.keepalive;
    channel.keepalive_timeout = options_.keepalive_timeout;
    for (const auto& [prefix, target] : targets) {
      channels.emplace(prefix, rpc::Connect(target, channel));
    }
    BAIMI_ASSIGN_OR_RETURN(router_,
                           Router::Create(*contract_, channels, environment_.rng, &metrics_));
    return absl::OkStatus();
  }

  absl::Status OpenAdmin() {
    rpc::AdminOptions admin;
    admin.http.address = options_.address;
    admin.http.port = options_.admin_port;
    admin.metrics = &metrics_;
    admin.ready = [this] { return ready_.load(); };
    admin.contract_hash = contract_hash_;
    BAIMI_ASSIGN_OR_RETURN(admin_, rpc::StartAdmin(admin));
    return absl::OkStatus();
  }

  absl::Status OpenHttp() {
    GatewayOptions http;
    http.http.address = options_.address;
    http.http.port = options_.http_port;
    http.metrics = &metrics_;
    http.ready = [this] { return ready_.load(); };
    BAIMI_ASSIGN_OR_RETURN(http_, Gateway::Start(http, *contract_, router_.get()));
    return absl::OkStatus();
  }

  absl::Status OpenGrpc() {
    if (!options_.secrets.directory.empty() || !options_.secrets.api_keys.empty()) {
      BAIMI_ASSIGN_OR_RETURN(authenticator_, auth::Authenticator::Load(options_.secrets.ApiKeys(),
                                                                       environment_.clock));
    }
    GrpcDoorOptions grpc;
    grpc.address = process::Door(options_.address, options_.grpc_port);
    grpc.max_calls = options_.max_calls;
    grpc.authenticator = authenticator_.get();
    grpc.contract = contract_.get();
    grpc.router = router_.get();
    grpc.metrics = &metrics_;
    grpc.clock = environment_.clock;
    BAIMI_ASSIGN_OR_RETURN(grpc_, GrpcDoor::Start(grpc));
    return absl::OkStatus();
  }

  const ProcessOptions options_;
  const process::Environment environment_;
  observe::Registry metrics_;
  std::string contract_hash_;
  std::unique_ptr<const transcode::Contract> contract_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<Router> router_;
  std::atomic<bool> ready_{false};
  std::unique_ptr<http::Server> admin_;
  std::unique_ptr<Gateway> http_;
  std::unique_ptr<GrpcDoor> grpc_;
};

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ParseUpstreams(
    const std::vector<std::string>& entries) {
  std::map<std::string, std::string> targets;
  std::string* last = nullptr;
  for (const std::string& entry : entries) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos && last != nullptr) {
      absl::StrAppend(last, ",", entry);
      continue;
    }
    const bool whole = equals != std::string::npos && equals > 0 && equals + 1 < entry.size();
    const auto added = whole ? targets.emplace(entry.substr(0, equals), entry.substr(equals + 1))
                             : std::pair(targets.end(), false);
    if (!added.second) {
      return InvalidField("upstreams", entry, "PREFIX=TARGET with each PREFIX once",
                          "前缀=地址，每个前缀一次");
    }
    last = &added.first->second;
  }
  return targets;
}

absl::StatusOr<std::unique_ptr<process::Running>> StartProcess(
    const ProcessOptions& options, const process::Environment& environment) {
  auto running = std::make_unique<RunningGateway>(options, environment);
  BAIMI_RETURN_IF_ERROR(running->Start());
  return running;
}

}  // namespace baimi::gateway
