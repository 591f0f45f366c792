// The keys above all keys, read from a file that only its owner may read.
#ifndef BAIMI_COMMON_PRIVACY_MASTER_KEYS_H_
#define BAIMI_COMMON_PRIVACY_MASTER_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/random.h"

namespace baimi::privacy {

// File: one key a line, "<id> <64 hex digits>"; ids are 1-32 of [A-Za-z0-9_-]; empty lines and
// lines that start with '#' are skipped. The first key wraps new data keys, the others only unwrap.
// The entry "index" is no wrapping key: it is the root of the blind indexes and must never change.
//
// Rotation: put a new line first, restart, run KeyRing::Rewrap, then remove the old line. After a
// destruction (KeyRing::Destroy) this is also what makes old backups of the wrapped key useless.
//
// Immutable after loading, so safe to share between threads.
class MasterKeys {
 public:
  // NOT_FOUND when absent. INVALID_ARGUMENT naming file and line (never the key) when malformed, an
  // id occurs twice, or there is no wrapping key or no "index". FAILED_PRECONDITION when the file
  // is not a regular file or its group or others may do anything with it (want mode 0600 or 0400).
  static absl::StatusOr<MasterKeys> Load(const std::string& path);

  // Makes a new file, mode 0600, with a first wrapping key "m1" and "index", synced to disk.
  // ALREADY_EXISTS when the path is taken.
  static absl::Status Create(const std::string& path, Rng& rng);

  struct Key {
    std::string id;
    std::string bytes;  // 32.
  };
  const Key& current() const { return wrapping_.front(); }
  // Null when there is no wrapping key of that id.
  const Key* Find(absl::string_view id) const;
  const std::string& index_key() const { return index_; }

 private:
  MasterKeys() = default;
  static absl::StatusOr<MasterKeys> Parse(const std::string& path, absl::string_view text);

  std::vector<Key> wrapping_;
  std::string index_;
};

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_MASTER_KEYS_H_
