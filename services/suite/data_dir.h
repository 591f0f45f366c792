// The suite's data directory: databases, keys, key files. Made on first start.
#ifndef BAIMI_SERVICES_SUITE_DATA_DIR_H_
#define BAIMI_SERVICES_SUITE_DATA_DIR_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/base/random.h"

namespace baimi::suite {

// Paths and secrets of a prepared directory.
//
//   .baimi-data     marks the directory as ours
//   lock            held while a suite runs on it
//   registry.db ticket.db   one database a service
//   data-keys.db    wrapped data keys; destroyed keys make personal data unreadable for ever
//   master.key      the key above them; back it up apart from the databases
//   api-keys.json   hashes of the keys that callers use, with their roles
//   tokens/         the keys themselves, a file each, made with the directory: admin, clerk,
//                   unit-zhujianju, platform, service, replay (removed when the sample is loaded);
//                   hand them out and delete them here, all but service
//   page.key        seals page tokens
class DataDir {
 public:
  // Makes what is missing, with owner-only rights, and takes the lock. FAILED_PRECONDITION when the
  // directory holds files but not our mark, or another suite runs on it.
  static absl::StatusOr<DataDir> Prepare(const std::string& path, Rng& rng);
  DataDir(DataDir&& other) noexcept;
  DataDir& operator=(DataDir&&) = delete;
  ~DataDir();

  std::string File(const std::string& name) const { return path_ + "/" + name; }
  std::string DatabaseUri(const std::string& service) const {
    return "sqlite:" + File(service + ".db");
  }
  // The token of one of the keys made with the directory. NOT_FOUND once it was deleted.
  absl::StatusOr<std::string> Token(const std::string& id) const;
  const std::string& page_token_key() const { return page_token_key_; }
  // The key that the suite's services use among themselves.
  const std::string& service_token() const { return service_token_; }
  // True when this call of Prepare made the directory.
  bool fresh() const { return fresh_; }

 private:
  DataDir() = default;

  std::string path_;
  std::string page_token_key_;
  std::string service_token_;
  bool fresh_ = false;
  int lock_ = -1;
};

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_DATA_DIR_H_
