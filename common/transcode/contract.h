// The services that the transcoder works from: any descriptor pool, so a gateway links no service
// code.
#ifndef BAIMI_COMMON_TRANSCODE_CONTRACT_H_
#define BAIMI_COMMON_TRANSCODE_CONTRACT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace baimi::transcode {

// Immutable and thread-safe. Descriptors handed out live as long as the contract.
class Contract {
 public:
  // Files must come before those that import them and be complete, as protoc writes them with
  // --include_imports; with --include_source_info comments become descriptions in OpenAPI.
  // INVALID_ARGUMENT names the file that does not build.
  static absl::StatusOr<std::unique_ptr<const Contract>> FromDescriptorSet(
      const google::protobuf::FileDescriptorSet& set);
  // Reads a serialised FileDescriptorSet. NOT_FOUND or INVALID_ARGUMENT names the path.
  static absl::StatusOr<std::unique_ptr<const Contract>> FromFile(const std::string& path);
  // Every service linked into this process whose full name starts with `prefix`, e.g. "baimi.".
  static std::unique_ptr<const Contract> FromGenerated(absl::string_view prefix);

  const google::protobuf::DescriptorPool& pool() const { return *pool_; }
  // By full name.
  const std::vector<const google::protobuf::ServiceDescriptor*>& services() const {
    return services_;
  }

 private:
  Contract() = default;
  void AddServices(const google::protobuf::FileDescriptor& file, absl::string_view prefix);
  void SortServices();

  std::unique_ptr<google::protobuf::DescriptorPool> owned_;
  const google::protobuf::DescriptorPool* pool_ = nullptr;
  std::vector<const google::protobuf::ServiceDescriptor*> services_;
};

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_CONTRACT_H_
