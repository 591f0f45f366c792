// The suite's data directory: databases, keys, key files. Made on first start.
#ifndef BAIMI_SERVICES_SUITE_DATA_DIR_H_
#define BAIMI_SERVICES_SUITE_DATA_DIR_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/base/random.h"
#include "common/process/secrets.h"

namespace baimi::suite {

// URIs.
struct Databases {
  std::string keys;
  std::string registry;
  std::string ticket;
};

// Paths of a prepared directory.
//
//   .baimi-data     marks the directory as ours
//   lock            held while a suite runs on it
//   registry.db ticket.db   one database a service
//   exports/        exported files until they are fetched; their bytes are sealed
//   attachments/    photos and other files of orders, for good; their bytes are sealed
//   data-keys.db    wrapped data keys; destroyed keys make personal data unreadable for ever
//   and the secret files of services/suite/secrets.h
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
  // All in the directory.
  Databases databases() const {
    return {.keys = DatabaseUri("data-keys"),
            .registry = DatabaseUri("registry"),
            .ticket = DatabaseUri("ticket")};
  }
  process::SecretPaths secrets() const { return {.directory = path_}; }
  // True when this call of Prepare made the directory.
  bool fresh() const { return fresh_; }

 private:
  DataDir() = default;

  std::string path_;
  bool fresh_ = false;
  int lock_ = -1;
};

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_DATA_DIR_H_
