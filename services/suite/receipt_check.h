// Checking a receipt that a caller keeps, without us: with the receipt and a published key.
#ifndef BAIMI_SERVICES_SUITE_RECEIPT_CHECK_H_
#define BAIMI_SERVICES_SUITE_RECEIPT_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/receipts.pb.h"
#include "baimi/type/v1/journal.pb.h"
#include "common/sql/database.h"

namespace baimi::suite {

struct CheckedReceipt {
  ticket::v1::ReceiptBody body = {};
  type::v1::JournalRecord record = {};
  // Hash of the record: its place in the chain, 32 bytes.
  std::string hash = {};
  std::string key_id = {};
};

// `json` is the Receipt as the API gave it, `public_key` a PEM text. INVALID_ARGUMENT when either
// is none, DATA_LOSS naming what does not fit: the signature; the record, which must be that of the
// filing or closing of the order, in its county; its hash, which must be the head's when it was the
// last record, and its place, not behind the head.
absl::StatusOr<CheckedReceipt> CheckReceipt(absl::string_view json, absl::string_view public_key);

// DATA_LOSS unless the journal in `database` still has the record, and the head of that day, where
// the receipt says. Whether the chain between is whole is what journal::Verify says.
absl::Status CheckAgainstJournal(const CheckedReceipt& receipt, sql::Database& database);

// For people; a line each.
std::string Describe(const CheckedReceipt& receipt);

}  // namespace baimi::suite

#endif  // BAIMI_SERVICES_SUITE_RECEIPT_CHECK_H_
