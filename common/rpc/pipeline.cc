#include "common/rpc/pipeline.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "grpcpp/server_context.h"

namespace baimi::rpc {

absl::string_view CallState::Metadata(absl::string_view key) const {
  if (local != nullptr) {
    for (const auto& [name, value] : local->metadata) {
      if (name == key) {
        return value;
      }
    }
  }
  if (context == nullptr) {
    return "";
  }
  const auto& metadata = context->client_metadata();
  const auto found = metadata.find(grpc::string_ref(key.data(), key.size()));
  return found == metadata.end() ? absl::string_view()
                                 : absl::string_view(found->second.data(), found->second.size());
}

absl::StatusOr<Pipeline> Pipeline::Create(std::vector<Stage> stages) {
  const auto position = [&](const std::string& name) {
    return std::find_if(stages.begin(), stages.end(),
                        [&](const Stage& stage) { return stage.name == name; });
  };
  for (auto stage = stages.begin(); stage != stages.end(); ++stage) {
    if (position(stage->name) != stage) {
      return absl::InvalidArgumentError(absl::StrCat("stage ", stage->name, ": got it twice"));
    }
    for (const std::string& earlier : stage->after) {
      const auto found = position(earlier);
      if (found != stages.end() && found > stage) {
        return absl::InvalidArgumentError(
            absl::StrCat("stage ", stage->name, ": got it before ", earlier, ", want it after"));
      }
    }
  }
  return Pipeline(std::move(stages));
}

absl::Status Pipeline::Admit(CallState& state) const {
  for (const Stage& stage : stages_) {
    ++state.entered;
    if (stage.admit) {
      BAIMI_RETURN_IF_ERROR(stage.admit(state));
    }
  }
  return absl::OkStatus();
}

absl::Status Pipeline::Prepare(CallState& state) const {
  for (const Stage& stage : stages_) {
    if (stage.prepare) {
      BAIMI_RETURN_IF_ERROR(stage.prepare(state));
    }
  }
  return absl::OkStatus();
}

void Pipeline::Finish(CallState& state, google::protobuf::Message* response,
                      absl::Status& status) const {
  while (state.entered > 0) {
    const Stage& stage = stages_[--state.entered];
    if (stage.finish) {
      stage.finish(state, status.ok() ? response : nullptr, status);
    }
  }
}

std::vector<std::string> Pipeline::names() const {
  std::vector<std::string> names;
  for (const Stage& stage : stages_) {
    names.push_back(stage.name);
  }
  return names;
}

}  // namespace baimi::rpc
