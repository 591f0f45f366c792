#include "common/testing/in_process.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/digest.h"

namespace baimi::test {
namespace {

constexpr char kToken[] = "bmk_test-admin";

template <typename T>
T OrDie(absl::StatusOr<T> made) {
  if (!made.ok()) {
    std::fprintf(stderr, "%s\n", made.status().ToString().c_str());
    std::abort();
  }
  return *std::move(made);
}

auth::KeyTable Keys(const std::vector<std::string>& permissions) {
  return OrDie(auth::ParseKeyFile(absl::StrCat(
      R"({"roles": {"all": [")", absl::StrJoin(permissions, "\", \""),
      R"("]}, "keys": [{"id": "admin", "roles": ["all"], "counties": ["*"], "audience": "staff", )",
      R"("pii": "full", "sha256": ")", absl::BytesToHexString(Sha256(kToken)), R"("}]})")));
}

}  // namespace

InProcess::InProcess(const Clock* clock, Rng* rng, const std::vector<std::string>& permissions)
    : authenticator_(auth::Authenticator::Of(Keys(permissions), clock)) {
  exec::LanesOptions lanes;
  lanes.clock = clock;
  lanes_ = std::make_unique<exec::Lanes>(lanes);
  rpc::RuntimeOptions options;
  options.clock = clock;
  options.rng = rng;
  options.authenticator = authenticator_.get();
  options.lanes = lanes_.get();
  options.metrics = &metrics_;
  runtime_ = OrDie(rpc::Runtime::Create(options));
}

InProcess::~InProcess() {
  server_.reset();
  lanes_->Stop(exec::StopMode::kDrop);
}

absl::Status InProcess::Serve(std::vector<std::unique_ptr<rpc::Service>> services) {
  services_ = std::move(services);
  rpc::Hosted hosted{.runtime = runtime_.get()};
  for (const auto& service : services_) {
    hosted.services.push_back(service.get());
  }
  absl::StatusOr<std::unique_ptr<rpc::Server>> started = rpc::Server::Start({}, {hosted});
  if (!started.ok()) {
    return started.status();
  }
  server_ = *std::move(started);
  return absl::OkStatus();
}

Caller InProcess::Admin() { return {server_->InProcessChannel(), kToken}; }

}  // namespace baimi::test
