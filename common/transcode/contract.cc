#include "common/transcode/contract.h"

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor_database.h"

namespace baimi::transcode {
namespace {

class Errors final : public google::protobuf::DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& file, const std::string& element,
                const google::protobuf::Message* /*descriptor*/, ErrorLocation /*location*/,
                const std::string& message) override {
    absl::StrAppend(&text_, text_.empty() ? "" : "; ", file, ": ", element, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

void Contract::AddServices(const google::protobuf::FileDescriptor& file, absl::string_view prefix) {
  for (int i = 0; i < file.service_count(); ++i) {
    if (absl::StartsWith(file.service(i)->full_name(), prefix)) {
      services_.push_back(file.service(i));
    }
  }
}

void Contract::SortServices() {
  std::sort(services_.begin(), services_.end(),
            [](const auto* a, const auto* b) { return a->full_name() < b->full_name(); });
}

absl::StatusOr<std::unique_ptr<const Contract>> Contract::FromDescriptorSet(
    const google::protobuf::FileDescriptorSet& set) {
  auto contract = std::unique_ptr<Contract>(new Contract());
  contract->owned_ = std::make_unique<google::protobuf::DescriptorPool>();
  contract->pool_ = contract->owned_.get();
  for (const auto& file : set.file()) {
    Errors errors;
    const auto* built = contract->owned_->BuildFileCollectingErrors(file, &errors);
    if (built == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("descriptor set: ", file.name(), " does not build: ", errors.text()));
    }
    contract->AddServices(*built, "");
  }
  contract->SortServices();
  return contract;
}

absl::StatusOr<std::unique_ptr<const Contract>> Contract::FromFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(absl::StrCat("descriptor set: cannot open ", path));
  }
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromIstream(&file)) {
    return absl::InvalidArgumentError(
        absl::StrCat("descriptor set: ", path, " holds no FileDescriptorSet"));
  }
  return FromDescriptorSet(set);
}

std::unique_ptr<const Contract> Contract::FromGenerated(absl::string_view prefix) {
  auto contract = std::unique_ptr<Contract>(new Contract());
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  contract->pool_ = pool;
  std::vector<std::string> names;
  google::protobuf::DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  for (const std::string& name : names) {
    contract->AddServices(*pool->FindFileByName(name), prefix);
  }
  contract->SortServices();
  return contract;
}

}  // namespace baimi::transcode
