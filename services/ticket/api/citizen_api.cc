#include "services/ticket/api/citizen_api.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/citizen.h"
#include "services/ticket/domain/rating.h"
#include "services/ticket/domain/urge.h"
#include "services/ticket/domain/verbs.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

// Ten failures in a row, then one a minute, for an order and for a phone number; a success costs a
// sixtieth of a failure.
constexpr rate::Limit kTries = {.per_second = 1, .burst = 600};
constexpr int kFailureCosts = 60;

std::string NameOf(const Call& call, const v1::CitizenProof& proof) {
  return store::TicketName(call.county, proof.number());
}

// What tries are counted under; never a number in clear.
std::vector<std::string> KeysOf(const Call& call, const v1::CitizenProof& proof,
                                const store::TicketStore& store) {
  std::vector<std::string> keys = {absl::StrCat("citizen-order/", NameOf(call, proof))};
  if (!proof.phone().empty()) {
    keys.push_back(absl::StrCat("citizen-phone/", call.county, "/",
                                absl::BytesToHexString(store.CallerIndex(proof.phone()))));
  }
  return keys;
}

bool SameIndex(absl::string_view a, absl::string_view b) {
  return !a.empty() && !b.empty() && ConstantTimeEquals(a, b);
}

}  // namespace

absl::StatusOr<CitizenApi::Seen> CitizenApi::Find(sql::Reader& reader, const Call& call,
                                                  const v1::CitizenProof& proof) const {
  const std::string name = NameOf(call, proof);
  absl::StatusOr<store::TicketRow> row = parts_.store->Load(reader, name, call.scope);
  if (!row.ok() && !absl::IsNotFound(row.status())) {
    return row.status();
  }
  // Computed for an order that is not there too, so that the answer takes as long.
  const std::string stored =
      parts_.store->CallerIndex(row.ok() ? row->ticket.caller().phone() : "13800000000");
  const bool phone =
      proof.phone().empty() || SameIndex(stored, parts_.store->CallerIndex(proof.phone()));
  const bool code = proof.receipt_code().empty() ||
                    ConstantTimeEquals(receipts_->CodeOf(name), proof.receipt_code());
  if (!row.ok() || !phone || !code) {
    return NotFound(name);
  }
  Seen seen{*std::move(row), {}};
  seen.into = seen.row;
  if (!seen.row.ticket.merged_into().empty()) {
    BAIMI_ASSIGN_OR_RETURN(seen.into,
                           parts_.store->Load(reader, seen.row.ticket.merged_into(), call.scope));
  }
  return seen;
}

absl::Status CitizenApi::CheckTries(const Call& call, const v1::CitizenProof& proof) const {
  if (proof.phone().empty() && proof.receipt_code().empty()) {
    return InvalidField("proof", "a number alone", "a phone number or a receipt code with it",
                        "登记时的电话或回执码");
  }
  if (parts_.counters == nullptr) {
    return absl::OkStatus();
  }
  for (const std::string& key : KeysOf(call, proof, *parts_.store)) {
    const rate::Decision decision = parts_.counters->Take(key, kTries);
    if (!decision.allowed) {
      return Error(absl::StatusCode::kResourceExhausted, type::v1::ERROR_REASON_QUOTA_EXCEEDED,
                   "proof: got too many tries, want a pause", "查询过于频繁，请稍后再试")
          .RetryAfter(decision.retry_after);
    }
  }
  return absl::OkStatus();
}

void CitizenApi::Punish(const Call& call, const v1::CitizenProof& proof,
                        const absl::Status& status) const {
  if (parts_.counters == nullptr || !absl::IsNotFound(status)) {
    return;
  }
  for (const std::string& key : KeysOf(call, proof, *parts_.store)) {
    for (int i = 1; i < kFailureCosts; ++i) {
      parts_.counters->Take(key, kTries);
    }
  }
}

std::string CitizenApi::HolderName(const Call& call, const v1::Ticket& into) const {
  const std::string& lead = into.assignment().lead();
  if (lead.empty()) {
    return "";
  }
  const auto units = parts_.registry->ResolveUnits(call, {lead}, "");
  if (!units.ok()) {
    return "";
  }
  for (const registry::v1::Unit& unit : units->units()) {
    if (unit.name() == lead) {
      return unit.display_name();
    }
  }
  return "";
}

Async<v1::CitizenTicket> CitizenApi::LookUp(const Call& call,
                                            const v1::LookUpCitizenTicketRequest& request) {
  BAIMI_RETURN_IF_ERROR(CheckTries(call, request.proof()));
  Seen seen;
  std::shared_ptr<const domain::PolicyInForce> policy;
  const absl::Status read =
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(seen, Find(reader, call, request.proof()));
        BAIMI_ASSIGN_OR_RETURN(policy, parts_.policies->At(reader, call.county, call.now));
        return absl::OkStatus();
      });
  Punish(call, request.proof(), read);
  BAIMI_RETURN_IF_ERROR(read);
  const v1::Ticket& into = seen.into.ticket;
  return domain::CitizenView(seen.row.ticket, into, HolderName(call, into),
                             {call.now, call.actor, *policy});
}

Async<v1::CitizenTicket> CitizenApi::Change(const Call& call, const v1::CitizenProof& proof,
                                            Decide decide) {
  BAIMI_RETURN_IF_ERROR(CheckTries(call, proof));
  // Peers come before the transaction. What goes wrong here goes wrong there too.
  std::string holder;
  const absl::Status looked =
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const Seen seen, Find(reader, call, proof));
        holder = seen.into.ticket.assignment().lead();
        return absl::OkStatus();
      });
  Punish(call, proof, looked);
  v1::Ticket led;
  led.mutable_assignment()->set_lead(holder);
  return orders_.TransactAs<v1::CitizenTicket>(
      call,
      [this, proof, name = HolderName(call, led),
       decide = std::move(decide)](Orders::Work& work) -> absl::StatusOr<v1::CitizenTicket> {
        BAIMI_ASSIGN_OR_RETURN(Seen seen, Find(work.tx.sql(), work.tx.call(), proof));
        BAIMI_ASSIGN_OR_RETURN(const v1::Ticket after, decide(work, seen));
        return domain::CitizenView(after, after.merged_into().empty() ? after : seen.into.ticket,
                                   name, work.context);
      });
}

Async<v1::CitizenTicket> CitizenApi::Rate(const Call& call,
                                          const v1::RateCitizenTicketRequest& request) {
  v1::Callback callback;
  callback.set_rating(request.rating());
  callback.set_solved(request.solved());
  *callback.mutable_tags() = request.tags();
  callback.set_note(request.note());
  callback.set_channel(request.channel());
  return Change(call, request.proof(),
                [this, callback](Orders::Work& work, Seen& seen) -> absl::StatusOr<v1::Ticket> {
                  BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                                         domain::RateByCaller(seen.row.ticket, seen.into.ticket,
                                                              callback, work.context));
                  return orders_.Commit(work, seen.row, std::move(decision));
                });
}

Async<v1::CitizenTicket> CitizenApi::Urge(const Call& call,
                                          const v1::UrgeCitizenTicketRequest& request) {
  return Change(call, request.proof(),
                [this, channel = request.channel()](Orders::Work& work,
                                                    Seen& seen) -> absl::StatusOr<v1::Ticket> {
                  BAIMI_ASSIGN_OR_RETURN(domain::UrgeDecision urged,
                                         domain::UrgeByCaller(seen.row.ticket, seen.into.ticket,
                                                              channel, work.context));
                  if (urged.into) {
                    BAIMI_ASSIGN_OR_RETURN(seen.into.ticket,
                                           orders_.Commit(work, seen.into, *std::move(urged.into)));
                  }
                  return orders_.Commit(work, seen.row, std::move(urged.own));
                });
}

Async<v1::Receipt> CitizenApi::Receipt(const Call& call,
                                       const v1::IssueCitizenReceiptRequest& request) {
  BAIMI_RETURN_IF_ERROR(CheckTries(call, request.proof()));
  v1::Receipt receipt;
  const absl::Status read =
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const Seen seen, Find(reader, call, request.proof()));
        BAIMI_ASSIGN_OR_RETURN(
            receipt, receipts_->Issue(reader, call, seen.row.ticket.name(), request.kind()));
        return absl::OkStatus();
      });
  Punish(call, request.proof(), read);
  BAIMI_RETURN_IF_ERROR(read);
  return receipt;
}

}  // namespace baimi::ticket::api
