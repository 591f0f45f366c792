#include "tests/bench/county.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/authenticator.h"
#include "common/base/status_macros.h"
#include "common/observe/log.h"
#include "grpcpp/create_channel.h"
#include "services/suite/sample_day.h"

namespace baimi::bench {

absl::StatusOr<std::unique_ptr<County>> County::Make(const std::string& sample_dir,
                                                     absl::CivilDay day) {
  std::unique_ptr<County> county(new County(day));
  BAIMI_RETURN_IF_ERROR(county->Start(sample_dir));
  return county;
}

absl::Status County::Start(const std::string& sample_dir) {
  // As `./baimi up` has it.
  observe::SetLogLevel(observe::LogLevel::kWarning);
  BAIMI_ASSIGN_OR_RETURN(files_, suite::ReadSampleFiles(sample_dir));
  BAIMI_ASSIGN_OR_RETURN(folder_, TempFolder::Make());
  BAIMI_ASSIGN_OR_RETURN(suite::DataDir data,
                         suite::DataDir::Prepare(absl::StrCat(folder_->path(), "/data"), *rng_));
  data_ = std::make_unique<suite::DataDir>(std::move(data));
  BAIMI_ASSIGN_OR_RETURN(process::Secrets secrets,
                         process::Secrets::Load(data_->secrets(), &clock_));
  const auth::NewKeyResult own = auth::NewKey(*rng_);
  BAIMI_ASSIGN_OR_RETURN(
      auth::KeyTable table,
      auth::ParseKeyFile(absl::StrCat(
          "{\"roles\": {\"all\": [\"area.*\", \"grid.*\", \"unit.*\", \"estate.*\", "
          "\"directory.*\", \"ticket.*\", \"ticketPolicy.*\"]}, \"keys\": [{\"id\": \"year\", "
          "\"sha256\": \"",
          own.sha256, "\", \"roles\": [\"all\"], \"counties\": [\"*\"], ",
          "\"audience\": \"service\", \"pii\": \"full\"}]}")));
  secrets.authenticator = auth::Authenticator::Of(std::move(table), &clock_);
  secrets.service_token = own.token;
  token_ = own.token;

  suite::SuiteOptions options{.http_port = -1};
  options.node.grpc_port = 0;
  options.node.admin_port = -1;
  options.node.alarm_poll = absl::InfiniteDuration();
  BAIMI_ASSIGN_OR_RETURN(suite_, suite::Suite::Start(options, data_->databases(),
                                                     std::move(secrets), &clock_, rng_.get()));
  const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", suite_->grpc_port()),
                                           grpc::InsecureChannelCredentials());
  stubs_ = {ticket::v1::TicketService::NewStub(channel),
            ticket::v1::RatingService::NewStub(channel)};
  suite::SampleLoader loader(channel, token_, files_, &clock_);
  BAIMI_RETURN_IF_ERROR(loader.LoadRegistry());
  return loader.LoadPolicy();
}

}  // namespace baimi::bench
