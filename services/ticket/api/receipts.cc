#include "services/ticket/api/receipts.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "services/ticket/domain/recusal.h"
#include "services/ticket/domain/telling.h"

namespace baimi::ticket::api {
namespace {

constexpr int kReceiptVersion = 1;
// Of one order: some hundred times more than an order ever has.
constexpr int kMostFacts = 10'000;

absl::Status NoReceipt(absl::string_view got, absl::string_view want, absl::string_view want_zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_RECEIPT,
               absl::StrCat("receipt: got ", got, ", want ", want), want_zh);
}

bool IsOf(v1::ReceiptKind kind, const v1::TicketFact& fact) {
  return kind == v1::RECEIPT_FILED ? fact.has_filed() : fact.has_closed();
}

// The last record of the kind; 0 when there is none. The open part says which fact it is.
absl::StatusOr<int64_t> FindRecord(sql::Reader& reader, absl::string_view county,
                                   absl::string_view ticket, v1::ReceiptKind kind) {
  int64_t seq = 0;
  BAIMI_RETURN_IF_ERROR(
      journal::ReadResource(reader, county, ticket, 0, kMostFacts,
                            [&](const type::v1::JournalRecord& record) -> absl::Status {
                              v1::TicketFact fact;
                              if (!fact.ParseFromString(record.payload())) {
                                return Internal("receipt: a record does not parse");
                              }
                              seq = IsOf(kind, fact) ? record.seq() : seq;
                              return absl::OkStatus();
                            }));
  return seq;
}

}  // namespace

std::string Receipts::CodeOf(absl::string_view ticket) const {
  return absl::BytesToHexString(parts_.vault->BlindIndex("ticket.receipt", ticket));
}

absl::StatusOr<v1::Receipt> Receipts::Issue(sql::Reader& reader, const Call& call,
                                            absl::string_view ticket, v1::ReceiptKind kind) const {
  if (parts_.receipt_key == nullptr) {
    return NoReceipt("no key", "a server that has receipt.key", "服务器未配置回执密钥");
  }
  if (kind != v1::RECEIPT_FILED && kind != v1::RECEIPT_CLOSED) {
    return InvalidField("kind", "nothing", "RECEIPT_FILED or RECEIPT_CLOSED", "回执种类");
  }
  BAIMI_ASSIGN_OR_RETURN(const int64_t seq, FindRecord(reader, call.county, ticket, kind));
  if (seq == 0) {
    return NoReceipt("an order that is not closed", "one that is", "工单尚未办结，没有办结回执");
  }
  BAIMI_ASSIGN_OR_RETURN(const journal::StoredRecord stored,
                         journal::ReadStored(reader, call.county, journal::kMainStream, seq));
  BAIMI_ASSIGN_OR_RETURN(const journal::ChainEnd head,
                         journal::ReadChainEnd(reader, call.county, journal::kMainStream));
  type::v1::JournalRecord record;
  if (!record.ParseFromString(stored.bytes)) {
    return Internal("receipt: a record does not parse");
  }
  v1::ReceiptBody body;
  body.set_version(kReceiptVersion);
  body.set_kind(kind);
  body.set_ticket(std::string(ticket));
  body.set_record(stored.bytes);
  body.set_previous_hash(stored.previous_hash);
  body.set_hash_algorithm(record.hash_algorithm());
  body.set_head_seq(head.seq);
  body.set_head_hash(head.hash);
  body.set_sign_time_us(absl::ToUnixMicros(call.now));
  v1::Receipt receipt;
  receipt.set_body(body.SerializeAsString());
  receipt.set_signature(parts_.receipt_key->Sign(receipt.body()));
  receipt.set_key_id(parts_.receipt_key->id());
  receipt.set_receipt_code(CodeOf(ticket));
  return receipt;
}

Async<v1::Receipt> Receipts::Get(const Call& call, const v1::GetReceiptRequest& request) {
  v1::Receipt receipt;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow row,
                               parts_.store->Load(reader, request.name(), call.scope));
        if (domain::IsRecused(row.ticket, call.actor.unit())) {
          return NotFound(request.name());
        }
        BAIMI_ASSIGN_OR_RETURN(receipt, Issue(reader, call, request.name(), request.kind()));
        return absl::OkStatus();
      }));
  return receipt;
}

Async<v1::ReceiptKey> Receipts::GetKey(const Call&, const v1::GetReceiptKeyRequest&) {
  if (parts_.receipt_key == nullptr) {
    return NoReceipt("no key", "a server that has receipt.key", "服务器未配置回执密钥");
  }
  v1::ReceiptKey key;
  key.set_key_id(parts_.receipt_key->id());
  key.set_public_key(parts_.receipt_key->public_pem());
  return key;
}

}  // namespace baimi::ticket::api
