// Making the secret files of an installation, with the keys that callers start with.
#ifndef BAIMI_SERVICES_SUITE_SECRETS_H_
#define BAIMI_SERVICES_SUITE_SECRETS_H_

#include <string>

#include "absl/status/status.h"
#include "common/base/random.h"

namespace baimi::suite {

// In `directory`, which exists, with owner-only rights:
//
//   master.key      the key above all data keys; back it up apart from the databases
//   page.key        seals page tokens
//   api-keys.json   hashes of the keys that callers use, with their roles
//   receipt.key     signs the receipts that callers keep; the public half is served
//   tokens/         the keys themselves, a file each: admin, clerk, unit-zhujianju, grid-yingbei,
//                   platform, miniprogram, service; hand them out and delete them here, all but
//                   service
//   complete        made last
//
// Begun again after it was cut off; a master key that is there stays.
absl::Status MakeSecrets(const std::string& directory, Rng& rng);

// Makes the receipt key of a directory that has none, as one of an earlier version has. Receipts
// that another key signed stay good under that key.
absl::Status MakeReceiptKey(const std::string& directory, Rng& rng);

// Makes the directory with its secrets, or finds them made. FAILED_PRECONDITION, naming the file,
// when only some are there: whether data hang on those is not for a program to guess.
absl::Status InitSecrets(const std::string& directory, Rng& rng);

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_SECRETS_H_
