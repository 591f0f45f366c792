// What the contract says about one method, resolved once at start.
#ifndef BAIMI_COMMON_RPC_METHOD_H_
#define BAIMI_COMMON_RPC_METHOD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/options/v1/options.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace baimi::rpc {

// Immutable, thread-safe.
class Method {
 public:
  // FAILED_PRECONDITION, naming the method, when it has no policy or the policy does not fit the
  // request type.
  static absl::StatusOr<std::unique_ptr<Method>> Resolve(
      const google::protobuf::MethodDescriptor* descriptor);

  // "/baimi.ticket.v1.TicketService/GetTicket".
  const std::string& full_name() const { return full_name_; }
  const google::protobuf::MethodDescriptor* descriptor() const { return descriptor_; }
  const options::v1::MethodPolicy& policy() const { return policy_; }
  absl::Duration default_deadline() const { return default_deadline_; }
  absl::Duration max_deadline() const { return max_deadline_; }
  bool response_has_pii() const { return response_has_pii_; }
  // Of client-streaming methods: the request's one bytes field, and how much of it a call may have.
  const google::protobuf::FieldDescriptor* content() const { return content_; }
  int64_t max_upload_bytes() const { return max_upload_bytes_; }

  // The text of the scope field ("" when a message on the way is absent).
  std::string Scope(const google::protobuf::Message& request) const;
  // "" where the request has no such field.
  std::string RequestId(const google::protobuf::Message& request) const;
  bool ValidateOnly(const google::protobuf::Message& request) const;
  // Hash of the request without its request_id and content.
  std::string Fingerprint(const google::protobuf::Message& request) const;

 private:
  Method() = default;

  const google::protobuf::MethodDescriptor* descriptor_ = nullptr;
  std::string full_name_;
  options::v1::MethodPolicy policy_;
  absl::Duration default_deadline_;
  absl::Duration max_deadline_;
  bool response_has_pii_ = false;
  std::vector<const google::protobuf::FieldDescriptor*> scope_path_;
  const google::protobuf::FieldDescriptor* request_id_ = nullptr;
  const google::protobuf::FieldDescriptor* validate_only_ = nullptr;
  const google::protobuf::FieldDescriptor* content_ = nullptr;
  int64_t max_upload_bytes_ = 0;
};

}  // namespace baimi::rpc

#endif  // BAIMI_COMMON_RPC_METHOD_H_
