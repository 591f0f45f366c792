#include "tests/integration/client.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"

namespace baimi::integration {
namespace {

using google::protobuf::FieldDescriptor;

constexpr char kDraining[] = "SERVER_DRAINING";

const FieldDescriptor* RequestIdOf(const google::protobuf::Descriptor& request) {
  return request.FindFieldByName("request_id");
}

std::string PackageOf(const google::protobuf::Message& request) {
  return request.GetDescriptor()->file()->package();
}

absl::string_view PathOf(absl::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

Persistence::Persistence()
    : contract_(transcode::Contract::FromGenerated("baimi.")),
      routes_(*transcode::RouteTable::Build(*contract_)) {}

bool Persistence::IsWorthRepeating(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return (absl::IsUnavailable(status) && reason != kDraining) || absl::IsDeadlineExceeded(status) ||
         (absl::IsAborted(status) && reason != "ETAG_MISMATCH");
}

bool Persistence::IsWorthRepeating(const http::testing::ClientResponse& answer) {
  return (answer.status == 503 || answer.status == 504) &&
         !absl::StrContains(answer.body, kDraining);
}

std::string Persistence::NewId() {
  absl::MutexLock lock(&mu_);
  return absl::StrCat("again-", ++ids_);
}

void Persistence::Name(google::protobuf::Message* request) {
  const FieldDescriptor* field = RequestIdOf(*request->GetDescriptor());
  const google::protobuf::Reflection* reflection = request->GetReflection();
  if (field != nullptr && reflection->GetString(*request, field).empty()) {
    reflection->SetString(request, field, NewId());
  }
}

std::string Persistence::PackageOf(absl::string_view method, absl::string_view target) const {
  const auto match = routes_->Find(method, PathOf(target));
  return match.ok() ? match->route->descriptor->file()->package() : "";
}

void Persistence::Name(absl::string_view method, std::string* target, std::string* body) {
  const auto match = routes_->Find(method, PathOf(*target));
  if (!match.ok() || RequestIdOf(*match->route->descriptor->input_type()) == nullptr ||
      absl::StrContains(*target, "requestId=") || absl::StrContains(*body, "\"requestId\"")) {
    return;
  }
  if (match->route->body != transcode::BodyKind::kWhole) {
    absl::StrAppend(target, absl::StrContains(*target, "?") ? "&" : "?", "requestId=", NewId());
  } else if (absl::string_view rest = *body; absl::ConsumePrefix(&rest, "{")) {
    *body = absl::StrCat("{\"requestId\":\"", NewId(), "\"", rest == "}" ? "" : ",", rest);
  }
}

int64_t Persistence::LastSeq(absl::string_view package) const {
  absl::MutexLock lock(&mu_);
  const auto found = seqs_.find(package);
  return found == seqs_.end() ? 0 : found->second;
}

void Persistence::Saw(absl::string_view package, absl::string_view seq) {
  int64_t number = 0;
  if (absl::SimpleAtoi(seq, &number)) {
    absl::MutexLock lock(&mu_);
    int64_t& last = seqs_[std::string(package)];
    last = std::max(last, number);
  }
}

void Caller::PrepareAttempt(const google::protobuf::Message& request,
                            grpc::ClientContext* context) const {
  Prepare(context);
  const int64_t seq = persistence_->LastSeq(PackageOf(request));
  if (seq > 0 && RequestIdOf(*request.GetDescriptor()) == nullptr) {
    context->AddMetadata("baimi-min-seq", absl::StrCat(seq));
  }
}

void Caller::Learn(const google::protobuf::Message& request,
                   const grpc::ClientContext& context) const {
  const auto& trailing = context.GetServerTrailingMetadata();
  if (const auto seq = trailing.find("baimi-seq"); seq != trailing.end()) {
    persistence_->Saw(PackageOf(request), {seq->second.data(), seq->second.size()});
  }
}

}  // namespace baimi::integration
