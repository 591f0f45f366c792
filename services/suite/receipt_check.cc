#include "services/suite/receipt_check.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/events.pb.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/journal/writer.h"
#include "common/privacy/signer.h"
#include "google/protobuf/util/json_util.h"

namespace baimi::suite {
namespace {

using ticket::v1::TicketFact;

absl::Status Differs(absl::string_view what, absl::string_view want) {
  return absl::DataLossError(absl::StrCat("receipt: ", what, ", want ", want));
}

std::string CountyOf(const std::string& ticket) {
  const std::vector<std::string> parts = absl::StrSplit(ticket, '/');
  return parts.size() == 4 ? parts[1] : "";
}

absl::Status CheckRecord(const CheckedReceipt& receipt) {
  const type::v1::JournalRecord& record = receipt.record;
  const ticket::v1::ReceiptBody& body = receipt.body;
  TicketFact fact;
  if (record.type() != TicketFact::descriptor()->full_name() ||
      !fact.ParseFromString(record.payload())) {
    return Differs("the record is none of an order", "one");
  }
  if (record.resource() != body.ticket() || record.county() != CountyOf(body.ticket())) {
    return Differs(absl::StrCat("the record is of ", record.resource()), body.ticket());
  }
  if (body.kind() == ticket::v1::RECEIPT_FILED ? !fact.has_filed() : !fact.has_closed()) {
    return Differs("the record is of another step",
                   body.kind() == ticket::v1::RECEIPT_FILED ? "the filing" : "the closing");
  }
  if (record.seq() < 1 || record.seq() > body.head_seq()) {
    return Differs(absl::StrCat("the record is number ", record.seq(), " of ", body.head_seq()),
                   "one that was there");
  }
  if (record.seq() == body.head_seq() && receipt.hash != body.head_hash()) {
    return Differs("the last record's hash is not the head's", "the same");
  }
  return absl::OkStatus();
}

std::string TimeText(int64_t micros) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixMicros(micros), ShanghaiZone());
}

}  // namespace

absl::StatusOr<CheckedReceipt> CheckReceipt(absl::string_view json, absl::string_view public_key) {
  ticket::v1::Receipt receipt;
  if (!google::protobuf::util::JsonStringToMessage(std::string(json), &receipt).ok() ||
      receipt.body().empty()) {
    return absl::InvalidArgumentError("receipt: got something else, want the JSON of a receipt");
  }
  CheckedReceipt checked;
  BAIMI_ASSIGN_OR_RETURN(checked.key_id, privacy::PublicKeyId(public_key));
  if (checked.key_id != receipt.key_id()) {
    return Differs(absl::StrCat("signed by key ", receipt.key_id()),
                   absl::StrCat("key ", checked.key_id));
  }
  BAIMI_RETURN_IF_ERROR(privacy::VerifySignature(public_key, receipt.body(), receipt.signature()));
  if (!checked.body.ParseFromString(receipt.body()) ||
      !checked.record.ParseFromString(checked.body.record()) || checked.body.version() != 1) {
    return absl::InvalidArgumentError("receipt: of a version that this program does not know");
  }
  checked.hash =
      ChainHash(checked.body.hash_algorithm(), checked.body.previous_hash(), checked.body.record());
  BAIMI_RETURN_IF_ERROR(CheckRecord(checked));
  return checked;
}

absl::Status CheckAgainstJournal(const CheckedReceipt& receipt, sql::Database& database) {
  return database.Read({}, [&](sql::Reader& reader) -> absl::Status {
    const std::string& county = receipt.record.county();
    const absl::StatusOr<journal::StoredRecord> stored =
        journal::ReadStored(reader, county, journal::kMainStream, receipt.record.seq());
    if (absl::IsNotFound(stored.status())) {
      return Differs(absl::StrCat("the journal has no record ", receipt.record.seq()), "it");
    }
    BAIMI_RETURN_IF_ERROR(stored.status());
    if (stored->bytes != receipt.body.record() ||
        stored->previous_hash != receipt.body.previous_hash()) {
      return Differs(absl::StrCat("the journal has another record ", receipt.record.seq()),
                     "the one that was signed");
    }
    const absl::StatusOr<journal::StoredRecord> head =
        journal::ReadStored(reader, county, journal::kMainStream, receipt.body.head_seq());
    if (absl::IsNotFound(head.status())) {
      return Differs(absl::StrCat("the journal has no record ", receipt.body.head_seq()), "it");
    }
    BAIMI_RETURN_IF_ERROR(head.status());
    type::v1::JournalRecord last;
    if (!last.ParseFromString(head->bytes) || ChainHash(last.hash_algorithm(), head->previous_hash,
                                                        head->bytes) != receipt.body.head_hash()) {
      return Differs(absl::StrCat("the journal had another end at ", receipt.body.head_seq()),
                     "the one that was signed");
    }
    return absl::OkStatus();
  });
}

std::string Describe(const CheckedReceipt& receipt) {
  return absl::StrCat("receipt     ", ticket::v1::ReceiptKind_Name(receipt.body.kind()), "\n",  //
                      "order       ", receipt.body.ticket(), "\n",                              //
                      "time        ", TimeText(receipt.record.time_us()), "\n",                 //
                      "record      ", receipt.record.seq(), " of ", receipt.body.head_seq(), "\n",
                      "hash        ", absl::BytesToHexString(receipt.hash), "\n", "head        ",
                      absl::BytesToHexString(receipt.body.head_hash()), "\n", "signed      ",
                      TimeText(receipt.body.sign_time_us()), " by key ", receipt.key_id, "\n");
}

}  // namespace baimi::suite
