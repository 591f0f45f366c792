#include "common/rpc/status.h"

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace baimi::rpc {
namespace {

// gRPC's clients take 8 KiB of trailers by default and drop the whole error beyond it. The details
// go out in base64, four bytes for three; the rest is for the message and other trailers.
constexpr size_t kMaxDetails = size_t{5} << 10;

// Leaves out the last field violations until the details fit.
void Fit(google::rpc::Status* details) {
  const size_t size = details->ByteSizeLong();
  for (auto& any : *details->mutable_details()) {
    google::rpc::BadRequest bad;
    if (size <= kMaxDetails || !any.Is<google::rpc::BadRequest>() || !any.UnpackTo(&bad)) {
      continue;
    }
    const size_t others = size - any.value().size();
    while (bad.field_violations_size() > 1 && others + bad.ByteSizeLong() > kMaxDetails) {
      bad.mutable_field_violations()->RemoveLast();
    }
    any.set_value(bad.SerializeAsString());
  }
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) {
    return grpc::Status::OK;
  }
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    auto* any = details.add_details();
    any->set_type_url(std::string(type_url));
    any->set_value(std::string(payload));
  });
  Fit(&details);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      details.details_size() > 0 ? details.SerializeAsString() : "");
}

absl::Status FromGrpc(const grpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!result.ok() && details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) {
      result.SetPayload(any.type_url(), absl::Cord(any.value()));
    }
  }
  return result;
}

}  // namespace baimi::rpc
