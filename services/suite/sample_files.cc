#include "services/suite/sample_files.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/json_util.h"

namespace baimi::suite {
namespace {

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::NotFoundError(
        absl::StrCat(path, ": got no file, want the sample's (--sample_dir)"));
  }
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

absl::Status ReadMessage(const std::string& path, google::protobuf::Message* message) {
  BAIMI_ASSIGN_OR_RETURN(const std::string json, ReadText(path));
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, message);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": got ", parsed.ToString(), ", want a ",
                                                   message->GetTypeName(), " as proto JSON"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SampleFiles> ReadSampleFiles(const std::string& directory) {
  SampleFiles files;
  BAIMI_ASSIGN_OR_RETURN(files.areas_csv, ReadText(directory + "/registry/areas.csv"));
  BAIMI_RETURN_IF_ERROR(ReadMessage(directory + "/registry/grids.json", &files.grids));
  BAIMI_RETURN_IF_ERROR(ReadMessage(directory + "/registry/units.json", &files.units));
  BAIMI_RETURN_IF_ERROR(ReadMessage(directory + "/registry/estates.json", &files.estates));
  BAIMI_RETURN_IF_ERROR(ReadMessage(directory + "/ticket/policy.json", &files.policy));
  BAIMI_RETURN_IF_ERROR(ReadMessage(directory + "/ticket/day.json", &files.day));
  return files;
}

}  // namespace baimi::suite
